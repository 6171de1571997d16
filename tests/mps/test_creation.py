"""Creation: exactly one library, or an error that says how to go on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from connections import REGION, Connections
from fake_clock import FakeClock
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.records import Library as Stored
from pulumi_alicloud_mps.emulator.records import LibraryState, NewLibrary
from pulumi_alicloud_mps.mps.creation import SEARCH_SECONDS, Creation
from pulumi_alicloud_mps.mps.errors import (
    CreationUnknownError,
    MpsError,
    NameTakenError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)
from pulumi_alicloud_mps.mps.models import LibrarySpec
from raw_server import Fault, refused
from relay import Relay

SPEC = LibrarySpec("songs", 13, None, "licensed")


@pytest.fixture
def creation(relay: Relay, connections: Connections, clock: FakeClock) -> Creation:
    """Creation in one region, through the relay."""
    return Creation(connections.client(relay.url), REGION, clock)


def store(emulator: Emulator, **changes: Any) -> Stored:  # noqa: ANN401 - any field
    """Put a library like the one of SPEC into MPS, as somebody else would."""
    new = NewLibrary("songs", model_id=13, description="licensed")
    return emulator.model.create_library(replace(new, **changes))


def change(emulator: Emulator, **settings: object) -> None:
    """Change settings of the emulator."""
    emulator.model.settings = emulator.model.settings.changed(settings)


def failure(creation: Creation, spec: LibrarySpec = SPEC) -> MpsError:
    """Create a library, and return how that fails."""
    with pytest.raises(MpsError) as caught:
        creation.create(spec, math.inf)
    return caught.value


class TestNames:
    """A name proves nothing, and no name is taken twice."""

    def test_a_free_name_is_used(self, creation: Creation, emulator: Emulator) -> None:
        """A library is created as asked, and returned as MPS answers: not active yet."""
        library = creation.create(SPEC, math.inf)
        (stored,) = emulator.model.libraries()
        assert (library.fp_db_id, library.state) == (stored.id, "offline")
        assert SPEC.differences(library) == []

    @pytest.mark.parametrize("state", ["offline", "active", "paused"])
    def test_a_name_that_was_there_is_refused(
        self, state: LibraryState, creation: Creation, emulator: Emulator, relay: Relay
    ) -> None:
        """A library that was there is neither taken over nor doubled, and the error names it."""
        stored = store(emulator)
        emulator.model.force_state(stored.id, state)
        error = failure(creation)
        assert type(error) is NameTakenError
        assert f"{stored.id} (model 13, {state})" in str(error)
        assert "`adopt`" in str(error)
        assert "nothing was created" in str(error)
        assert relay.count("CreateFpShotDB") == 0

    def test_all_libraries_of_the_name_are_told(
        self, creation: Creation, emulator: Emulator
    ) -> None:
        """Where several libraries have the name, the error names each."""
        stored = [store(emulator), store(emulator, model_id=12)]
        text = str(failure(creation))
        assert all(library.id in text for library in stored)

    def test_other_names_and_regions_do_not_count(
        self, creation: Creation, emulator: Emulator
    ) -> None:
        """Libraries of another name or in another region take no name away."""
        store(emulator, name="Songs")
        store(emulator, region="cn-beijing")
        assert creation.create(SPEC, math.inf).name == "songs"

    @pytest.mark.parametrize("shown", ["status", "missing"])
    def test_a_deleted_library_does_not_count(
        self, shown: str, creation: Creation, emulator: Emulator
    ) -> None:
        """The name of a deleted library is free, also while MPS still lists it."""
        change(emulator, deleted_libraries=shown)
        emulator.model.force_state(store(emulator).id, "deleted")
        assert creation.create(SPEC, math.inf).name == "songs"

    def test_a_library_with_a_delete_job_does_not_count(
        self, creation: Creation, emulator: Emulator
    ) -> None:
        """The name of a library that is being deleted is free already."""
        emulator.model.submit_delete_job(store(emulator), "", "")
        assert creation.create(SPEC, math.inf).name == "songs"

    def test_a_library_deleted_in_this_run_does_not_count(
        self, creation: Creation, relay: Relay
    ) -> None:
        """A replacement can take the name of the library that this run has deleted."""
        first = creation.create(SPEC, math.inf)
        creation.forget(first.fp_db_id)
        assert creation.was_deleted(first.fp_db_id)
        second = creation.create(SPEC, math.inf)
        assert second.fp_db_id != first.fp_db_id
        assert not creation.was_deleted(second.fp_db_id)
        assert relay.count("CreateFpShotDB") == 2

    def test_a_second_resource_does_not_get_the_name(
        self, creation: Creation, relay: Relay
    ) -> None:
        """Two resources of one program can't have one name, be it settled by the first or not."""
        first = creation.create(SPEC, math.inf)
        error = failure(creation, replace(SPEC, description="other"))
        assert type(error) is NameTakenError
        assert first.fp_db_id in str(error)
        assert relay.count("CreateFpShotDB") == 1

    def test_a_second_resource_does_not_get_the_name_meanwhile(
        self, creation: Creation, relay: Relay
    ) -> None:
        """A name is taken from the moment that its creation begins."""
        errors: list[MpsError] = []
        relay.lose("CreateFpShotDB", 1, lambda: errors.append(failure(creation)))
        creation.create(SPEC, math.inf)
        assert "another resource of this program" in str(errors[0])
        assert relay.count("CreateFpShotDB") == 1

    def test_a_refused_creation_frees_the_name(self, creation: Creation, relay: Relay) -> None:
        """A name that MPS refused to create a library of can be tried again."""
        relay.answer("CreateFpShotDB", 1, refused("QuotaExceeded.FpShotDB"))
        assert type(failure(creation)) is RefusedError
        assert creation.create(SPEC, math.inf).name == "songs"

    def test_the_region_is_listed_once(self, creation: Creation, relay: Relay) -> None:
        """Any number of creations takes one listing of the region's libraries."""
        for number in range(3):
            creation.create(replace(SPEC, name=f"songs-{number}"), math.inf)
        assert relay.actions == ["ListFpShotDB", *["CreateFpShotDB"] * 3]


class TestListing:
    """What is not known before the Create."""

    @pytest.mark.parametrize(
        ("code", "status", "kind"),
        [
            ("Forbidden.RAM", 403, RefusedError),
            ("InternalError", 500, OutcomeUnknownError),
            ("Throttling.User", 400, ThrottledError),
        ],
    )
    def test_without_a_listing_nothing_is_created(
        self, code: str, status: int, kind: type[MpsError], creation: Creation, relay: Relay
    ) -> None:
        """Where the listing fails, it is not known whether the name is free: nothing is created."""
        for number in range(1, 9):
            relay.answer("ListFpShotDB", number, refused(code, status=status))
        assert type(failure(creation)) is kind
        assert relay.count("CreateFpShotDB") == 0

    def test_nothing_is_created_when_mps_is_out_of_reach(
        self, creation: Creation, relay: Relay
    ) -> None:
        """Where no connection can be made, that is what the error says."""
        relay.close()
        assert type(failure(creation)) is NotSentError

    @pytest.mark.parametrize("listing", ["none", "refused"])
    def test_a_listing_that_is_not_offered_is_done_without(
        self, listing: str, creation: Creation, emulator: Emulator
    ) -> None:
        """Where MPS lists nothing without IDs, which is undocumented, libraries are made still."""
        change(emulator, list_without_ids=listing)
        assert creation.create(SPEC, math.inf).name == "songs"


class TestLostAnswers:
    """A Create whose answer is lost."""

    @pytest.mark.parametrize("how", ["lost", "cut off", "fault"])
    def test_the_library_is_found(
        self, how: str, creation: Creation, relay: Relay, emulator: Emulator
    ) -> None:
        """A library whose Create got no usable answer is taken over, and not made twice."""
        spoilt = {
            "lost": lambda _: Fault.CLOSE,
            "cut off": lambda answer: answer[:-9],
            "fault": lambda _: refused("InternalError", status=500),
        }
        relay.alter("CreateFpShotDB", 1, spoilt[how])
        library = creation.create(SPEC, math.inf)
        (stored,) = emulator.model.libraries()
        assert library.fp_db_id == stored.id
        assert relay.count("CreateFpShotDB") == 1

    def test_a_late_library_is_found(
        self, creation: Creation, relay: Relay, emulator: Emulator, clock: FakeClock
    ) -> None:
        """A library that appears only some seconds after its Create is found."""
        relay.answer("CreateFpShotDB", 1, Fault.CLOSE)

        def appear(_: float) -> None:
            if len(clock.pauses) == 5:
                store(emulator)

        clock.on_pause = appear
        library = creation.create(SPEC, math.inf)
        assert [library.fp_db_id] == [stored.id for stored in emulator.model.libraries()]

    def test_a_library_that_does_not_appear_stays_unknown(
        self, creation: Creation, relay: Relay, clock: FakeClock
    ) -> None:
        """Where nothing appears, the outcome is called unknown, and nothing is created again."""
        relay.answer("CreateFpShotDB", 1, Fault.CLOSE)
        start = clock.now()
        error = failure(creation)
        assert type(error) is CreationUnknownError
        assert SEARCH_SECONDS <= clock.now() - start <= SEARCH_SECONDS + 2
        assert (
            "no library named 'songs' appeared in cn-shanghai, and none was created again"
            in str(error)
        )
        assert "none was created again" in str(error)
        assert "set `adopt` to its ID" in str(error)
        assert relay.count("CreateFpShotDB") == 1

    def test_an_unknown_outcome_is_not_tried_again(self, creation: Creation, relay: Relay) -> None:
        """After an unknown outcome, no library of that name is created in the same run."""
        relay.answer("CreateFpShotDB", 1, Fault.CLOSE)
        failure(creation)
        error = failure(creation)
        assert type(error) is CreationUnknownError
        assert "'songs'" in str(error)
        assert relay.count("CreateFpShotDB") == 1
        assert creation.create(replace(SPEC, name="talks"), math.inf).name == "talks"

    def test_the_request_id_is_told(self, creation: Creation, relay: Relay) -> None:
        """An unknown outcome names the request, for a ticket at MPS."""
        relay.answer("CreateFpShotDB", 1, refused("InternalError", status=500))
        assert "(RequestId REQUEST-NO)" in str(failure(creation))

    @pytest.mark.parametrize(
        "other",
        [{"model_id": 12}, {"description": ""}, {"name": "talks"}, {"region": "cn-beijing"}],
    )
    def test_another_library_is_not_taken_over(
        self,
        other: dict[str, object],
        creation: Creation,
        relay: Relay,
        emulator: Emulator,
        clock: FakeClock,
    ) -> None:
        """A library that appears with other settings is not the one that was asked for."""
        relay.answer("CreateFpShotDB", 1, Fault.CLOSE)

        def appear(_: float) -> None:
            if not emulator.model.libraries():
                store(emulator, **other)

        clock.on_pause = appear
        assert type(failure(creation)) is CreationUnknownError
        assert len(emulator.model.libraries()) == 1

    def test_a_deleted_library_is_not_taken_over(
        self, creation: Creation, relay: Relay, emulator: Emulator
    ) -> None:
        """A library that is deleted already when it appears is of no use."""

        def delete() -> None:
            emulator.model.force_state(emulator.model.libraries()[0].id, "deleted")

        relay.lose("CreateFpShotDB", 1, delete)
        assert type(failure(creation)) is CreationUnknownError

    def test_an_older_library_is_not_taken_over(
        self, creation: Creation, relay: Relay, emulator: Emulator
    ) -> None:
        """A library of this run that is being deleted is not mistaken for its replacement."""
        first = creation.create(SPEC, math.inf)
        creation.forget(first.fp_db_id)
        relay.lose("CreateFpShotDB", 2)
        second = creation.create(SPEC, math.inf)
        assert second.fp_db_id == emulator.model.libraries()[1].id

    def test_two_candidates_are_both_named(
        self, creation: Creation, relay: Relay, emulator: Emulator
    ) -> None:
        """Where two libraries appear that could be it, none is taken, and both are named."""
        relay.lose("CreateFpShotDB", 1, lambda: store(emulator))
        error = failure(creation)
        assert type(error) is CreationUnknownError
        assert all(stored.id in str(error) for stored in emulator.model.libraries())
        assert "find out whose they are" in str(error)
        assert relay.count("CreateFpShotDB") == 1

    @pytest.mark.parametrize("listing", ["none", "refused"])
    def test_without_a_listing_it_stays_unknown(
        self, listing: str, creation: Creation, relay: Relay, emulator: Emulator
    ) -> None:
        """Where MPS lists nothing without IDs, a lost answer can't be settled, and that is said."""
        change(emulator, list_without_ids=listing)
        relay.lose("CreateFpShotDB", 1)
        error = failure(creation)
        assert type(error) is CreationUnknownError
        assert "'songs'" in str(error)
        assert relay.count("CreateFpShotDB") == 1

    def test_a_search_that_fails_leaves_it_unknown(self, creation: Creation, relay: Relay) -> None:
        """Where looking for the library fails too, the error tells both failures."""
        relay.lose("CreateFpShotDB", 1)
        relay.answer("ListFpShotDB", 2, refused("Forbidden.RAM", status=403))
        error = failure(creation)
        assert type(error) is CreationUnknownError
        assert "CreateFpShotDB got no usable answer" in str(error)
        assert "ListFpShotDB was refused: Forbidden.RAM" in str(error)

    def test_a_search_survives_failures_in_passing(self, creation: Creation, relay: Relay) -> None:
        """A look for the library that fails in passing is repeated."""
        relay.lose("CreateFpShotDB", 1)
        for number in (2, 3):
            relay.answer("ListFpShotDB", number, refused("Throttling"))
        assert creation.create(SPEC, math.inf).name == "songs"
        assert relay.count("CreateFpShotDB") == 1

    def test_throttling_is_no_lost_answer(self, creation: Creation, relay: Relay) -> None:
        """A Create that was refused for the rate of calls alone is simply sent again."""
        for number in (1, 2):
            relay.answer("CreateFpShotDB", number, refused("Throttling.User"))
        assert creation.create(SPEC, math.inf).name == "songs"
        assert relay.count("CreateFpShotDB") == 3
        assert relay.count("ListFpShotDB") == 1
