"""Creation: exactly one library, or an error that says how to go on."""

import math
from dataclasses import replace

import pytest

from core import Core
from mps.creations import ATTEMPT, SPEC, STEM, failure
from pulumi_alicloud_mps.emulator.records import LibraryState
from pulumi_alicloud_mps.errors import (
    CreationUnknownError,
    MpsError,
    NameTakenError,
    QuotaReachedError,
    RefusedError,
)
from pulumi_alicloud_mps.mps.models import LibrarySpec
from pulumi_alicloud_mps.mps.presence import FRESH_SECONDS
from pulumi_alicloud_mps.operations.advice import advised
from raw_server import ok, refused


class TestNames:
    """A name proves nothing, and no name is taken twice."""

    def test_a_name_that_mps_spells_otherwise_is_taken(self, core: Core) -> None:
        """A library whose name MPS has trimmed or recoded is not doubled."""
        core.store(name="?? 1")
        failure(core, NameTakenError, replace(SPEC, name="曲库  1 "))

    @pytest.mark.parametrize("state", ["offline", "active", "paused"])
    def test_a_name_that_was_there_is_refused(self, state: LibraryState, core: Core) -> None:
        """A library that was there is neither taken over nor doubled, and the error names it."""
        stored = core.store()
        core.model.force_state(stored.id, state)
        error = failure(core, NameTakenError)
        assert f"{stored.id} (model 13, {state})" in str(error)
        assert "otherwise give this resource another `name`" in advised(error)
        assert "Nothing was created" in advised(error)
        assert core.relay.count("CreateFpShotDB") == 0

    def test_all_libraries_of_the_name_are_told(self, core: Core) -> None:
        """Where several libraries have the name, the error names each."""
        stored = [core.store(), core.store(model_id=12)]
        text = str(failure(core))
        assert all(library.id in text for library in stored)

    def test_other_names_and_regions_do_not_count(self, core: Core) -> None:
        """Libraries of another name or in another region take no name away."""
        core.store(name="Songs")
        core.store(region="cn-beijing")
        assert core.creation.create(SPEC, math.inf).name == "songs"

    @pytest.mark.parametrize("shown", ["status", "missing"])
    def test_a_deleted_library_does_not_count(self, shown: str, core: Core) -> None:
        """The name of a deleted library is free, also while MPS still lists it."""
        core.change(deleted_libraries=shown)
        core.model.force_state(core.store().id, "deleted")
        assert core.creation.create(SPEC, math.inf).name == "songs"

    def test_a_library_with_a_delete_job_does_not_count(self, core: Core) -> None:
        """The name of a library that is being deleted is free already."""
        core.model.submit_delete_job(core.store(), "", "")
        assert core.creation.create(SPEC, math.inf).name == "songs"

    def test_a_library_deleted_in_this_run_does_not_count(self, core: Core) -> None:
        """A replacement can take the name of the library that this run has deleted."""
        first = core.creation.create(SPEC, math.inf)
        core.presence.forget(first.fp_db_id)
        assert core.presence.was_deleted(first.fp_db_id)
        second = core.creation.create(SPEC, math.inf)
        assert second.fp_db_id != first.fp_db_id
        assert not core.presence.was_deleted(second.fp_db_id)
        assert core.relay.count("CreateFpShotDB") == 2

    def test_a_second_resource_does_not_get_the_name(self, core: Core) -> None:
        """Two resources of one program can't have one name, be it settled by the first or not."""
        first = core.creation.create(SPEC, math.inf)
        error = failure(core, NameTakenError, replace(SPEC, description="other"))
        assert first.fp_db_id in str(error)
        assert core.relay.count("CreateFpShotDB") == 1

    def test_a_second_resource_does_not_get_the_name_meanwhile(self, core: Core) -> None:
        """A name is taken from the moment that its creation begins."""
        errors: list[MpsError] = []
        core.relay.lose("CreateFpShotDB", 1, lambda: errors.append(failure(core)))
        core.creation.create(SPEC, math.inf)
        assert "a library of the same name is already being created" in str(errors[0])
        assert core.relay.count("CreateFpShotDB") == 1

    def test_a_refused_creation_frees_the_name(self, core: Core) -> None:
        """A name that MPS refused to create a library of can be tried again."""
        core.relay.answer("CreateFpShotDB", 1, refused("QuotaExceeded.FpShotDB"))
        failure(core, QuotaReachedError)
        assert core.creation.create(SPEC, math.inf).name == "songs"

    def test_a_name_that_is_taken_during_the_run_is_refused(self, core: Core) -> None:
        """A library that somebody made since the last creation is neither doubled nor taken."""
        core.creation.create(replace(SPEC, name="talks"), math.inf)
        stored = core.store()
        core.clock.sleep(FRESH_SECONDS + 0.1)
        error = failure(core, NameTakenError)
        assert stored.id in str(error)
        assert core.relay.count("CreateFpShotDB") == 1


class TestAttempts:
    """A generated name shows which libraries other attempts to create the resource have made."""

    EARLIER = f"{STEM}00000000"

    def test_what_an_earlier_attempt_made_is_refused(self, core: Core) -> None:
        """No second library is made beside it, and the error names it and the ways on."""
        stored = core.store(name=self.EARLIER)
        error = failure(core, NameTakenError, ATTEMPT)
        for part in (stored.id, self.EARLIER, "`alicloud-mps recover`", "`adopt`", "a `name`"):
            assert part in advised(error)
        assert core.relay.count("CreateFpShotDB") == 0

    def test_what_is_replaced_is_none(self, core: Core) -> None:
        """A library that is replaced and kept, now or earlier, is no hindrance to the next one."""
        kept = frozenset(core.store(name=self.EARLIER).id for _ in range(2))
        spec = replace(ATTEMPT, replaced=kept)
        assert core.creation.create(spec, math.inf).name == ATTEMPT.name

    @pytest.mark.parametrize("spec", [SPEC, ATTEMPT])
    def test_what_an_interrupted_create_asked_for_is_refused(
        self, spec: LibrarySpec, core: Core
    ) -> None:
        """What the state knows of earlier attempts holds, whatever their names were."""
        stored = core.store(name="sogns")
        spec = replace(spec, earlier=frozenset({"sogns", "films"}))
        error = failure(core, spec=spec)
        assert type(error) is CreationUnknownError
        assert f"in cn-shanghai (found under its name: {stored.id}) is not recovered" in str(error)
        spec = replace(spec, replaced=frozenset({stored.id}))
        assert core.creation.create(spec, math.inf).name == spec.name

    def test_an_interrupted_create_needs_a_listing(self, core: Core) -> None:
        """Where MPS does not list, nothing is made beside what it may have made."""
        core.change(list_without_ids="refused")
        error = failure(core, spec=replace(SPEC, earlier=frozenset({"sogns"})))
        assert "an interrupted create of this library in cn-shanghai is not" in str(error)
        assert core.relay.count("CreateFpShotDB") == 0

    @pytest.mark.parametrize("name", ["songs", "songs-3f2a9c1", "songs-0000000-5b20d7e4"])
    def test_other_resources_are_none(self, name: str, core: Core) -> None:
        """A library of another resource with the same logical name is no hindrance."""
        core.store(name=name)
        assert core.creation.create(ATTEMPT, math.inf).name == ATTEMPT.name


class TestQuota:
    """Only a refusal shows the quota, so its error says all that is known."""

    @pytest.mark.parametrize(
        ("there", "told"), [(1, "there is 1 library in cn-shanghai"), (5, "there are 5 libraries")]
    )
    def test_what_it_is_spent_on_is_told(self, there: int, told: str, core: Core) -> None:
        """The error says how many libraries there are, and the ways out."""
        for number in range(there):
            core.store(name=f"films-{number}")
        core.model.force_state(core.store(name="gone").id, "deleted")
        core.change(quota=there)
        error = failure(core, QuotaReachedError)
        assert "CreateFpShotDB was refused: QuotaExceeded" in str(error)
        assert "delete a library that is no longer needed, or request a higher quota" in str(error)
        assert told in str(error)
        assert advised(error).endswith("(see `alicloud-mps libraries`)")

    @pytest.mark.parametrize("answer", [refused("Forbidden.RAM"), ok()])
    def test_without_a_listing_no_number_is_told(self, answer: bytes, core: Core) -> None:
        """Where MPS lists nothing, the refusal stands alone."""
        core.change(quota=0)
        core.relay.answer("ListFpShotDB", 2, answer)
        error = failure(core, QuotaReachedError)
        assert "there" not in str(error)

    def test_another_refusal_is_told_as_it_is(self, core: Core) -> None:
        """Nothing is counted for a refusal that has another reason."""
        core.relay.answer("CreateFpShotDB", 1, refused("Forbidden.RAM"))
        failure(core, RefusedError)
        assert core.relay.count("ListFpShotDB") == 1
