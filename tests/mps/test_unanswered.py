"""A Create whose answer is lost: its library is found, or the error says how to go on."""

import math
from dataclasses import replace

import pytest

from connections import KEYS, REGION
from core import Core
from mps.creations import ATTEMPT, SPEC, Kept, failure
from pulumi_alicloud_mps.errors import (
    CreationUnknownError,
    MpsError,
    NameTakenError,
    RefusedError,
    SettingsError,
    ThrottledError,
)
from pulumi_alicloud_mps.mps.access import Credentials
from pulumi_alicloud_mps.mps.client import MpsClient
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE, SEARCH_SECONDS, Creation
from pulumi_alicloud_mps.mps.presence import FRESH_SECONDS, Presence
from pulumi_alicloud_mps.operations.advice import advised
from raw_server import Answer, Fault, refused


class TestLostAnswers:
    """A Create whose answer is lost."""

    def test_a_later_listing_does_not_hide_the_library(self, core: Core) -> None:
        """What another creation has listed meanwhile is not taken for older than this Create."""

        def create_another() -> None:
            core.clock.sleep(FRESH_SECONDS + 0.1)
            core.creation.create(replace(SPEC, name="talks"), math.inf)

        core.relay.lose("CreateFpShotDB", 1, create_another)
        assert core.creation.create(SPEC, math.inf).name == "songs"
        assert core.relay.count("CreateFpShotDB") == 2

    @pytest.mark.parametrize("how", ["lost", "cut off", "fault"])
    def test_the_library_is_found(self, how: str, core: Core) -> None:
        """A library whose Create got no usable answer is taken over, and not made twice."""
        spoilt = {
            "lost": lambda _: Fault.CLOSE,
            "cut off": lambda answer: answer[:-9],
            "fault": lambda _: refused("InternalError", status=500),
        }
        core.relay.alter("CreateFpShotDB", 1, spoilt[how])
        library = core.creation.create(SPEC, math.inf)
        (stored,) = core.model.libraries()
        assert library.fp_db_id == stored.id
        assert core.relay.count("CreateFpShotDB") == 1

    def test_a_name_of_the_attempt_is_proof(self, core: Core) -> None:
        """What has the generated name was made by this Create, whatever was there before."""
        core.store()
        core.relay.answer("ListFpShotDB", 1, refused("InvalidParameter"))
        core.relay.lose("CreateFpShotDB", 1)
        assert core.creation.create(ATTEMPT, math.inf).name == ATTEMPT.name
        assert core.relay.count("CreateFpShotDB") == 1

    def test_a_late_library_is_found(self, core: Core) -> None:
        """A library that appears only some seconds after its Create is found."""
        core.relay.answer("CreateFpShotDB", 1, Fault.CLOSE)

        def appear(_: float) -> None:
            if len(core.clock.pauses) == 5:
                core.store()

        core.clock.on_pause = appear
        library = core.creation.create(SPEC, math.inf)
        assert [library.fp_db_id] == [stored.id for stored in core.model.libraries()]

    def test_a_library_that_does_not_appear_stays_unknown(self, core: Core) -> None:
        """Where nothing appears, the outcome is called unknown, and nothing is created again."""
        core.relay.answer("CreateFpShotDB", 1, Fault.CLOSE)
        start = core.clock.now()
        error = failure(core, CreationUnknownError)
        assert SEARCH_SECONDS <= core.clock.now() - start <= SEARCH_SECONDS + 2
        unknown = "no library of this name appeared in cn-shanghai, and the create was not retried"
        assert unknown in str(error)
        assert "set `adopt` to its ID" in advised(error)
        assert core.relay.count("CreateFpShotDB") == 1

    def test_an_unknown_outcome_is_not_tried_again(self, core: Core) -> None:
        """After an unknown outcome, no library of that name is created in the same run."""
        core.relay.answer("CreateFpShotDB", 1, Fault.CLOSE)
        failure(core)
        error = failure(core, CreationUnknownError)
        assert "of this name" in str(error)
        assert core.relay.count("CreateFpShotDB") == 1
        assert core.creation.create(replace(SPEC, name="talks"), math.inf).name == "talks"

    def test_the_request_id_is_told(self, core: Core) -> None:
        """An unknown outcome names the request, for a ticket at MPS."""
        core.relay.answer("CreateFpShotDB", 1, refused("InternalError", status=500))
        assert "(RequestId REQUEST-NO)" in str(failure(core))

    @pytest.mark.parametrize(
        "other",
        [{"model_id": 12}, {"description": ""}, {"name": "talks"}, {"region": "cn-beijing"}],
    )
    def test_another_library_is_not_taken_over(self, other: dict[str, object], core: Core) -> None:
        """A library that appears with other settings is not the one that was asked for."""
        core.relay.answer("CreateFpShotDB", 1, Fault.CLOSE)

        def appear(_: float) -> None:
            if not core.model.libraries():
                core.store(**other)

        core.clock.on_pause = appear
        failure(core, CreationUnknownError)
        assert len(core.model.libraries()) == 1

    def test_a_deleted_library_is_not_taken_over(self, core: Core) -> None:
        """A library that is deleted already when it appears is of no use."""

        def delete() -> None:
            core.model.force_state(core.model.libraries()[0].id, "deleted")

        core.relay.lose("CreateFpShotDB", 1, delete)
        failure(core, CreationUnknownError)

    def test_an_older_library_is_not_taken_over(self, core: Core) -> None:
        """A library of this run that is being deleted is not mistaken for its replacement."""
        first = core.creation.create(SPEC, math.inf)
        core.presence.forget(first.fp_db_id)
        core.relay.lose("CreateFpShotDB", 2)
        second = core.creation.create(SPEC, math.inf)
        assert second.fp_db_id == core.model.libraries()[1].id

    def test_two_candidates_are_both_named(self, core: Core) -> None:
        """Where two libraries appear that could be it, none is taken, and both are named."""
        core.relay.lose("CreateFpShotDB", 1, core.store)
        error = failure(core, CreationUnknownError)
        assert all(stored.id in str(error) for stored in core.model.libraries())
        assert "find out which one is yours" in str(error)
        assert core.relay.count("CreateFpShotDB") == 1

    @pytest.mark.parametrize("listing", ["none", "refused"])
    def test_without_a_listing_it_stays_unknown(self, listing: str, core: Core) -> None:
        """Where MPS lists nothing without IDs, a lost answer can't be settled, and that is said."""
        core.change(list_without_ids=listing)
        core.relay.lose("CreateFpShotDB", 1)
        error = failure(core, CreationUnknownError)
        assert "of this name" in str(error)
        assert core.relay.count("CreateFpShotDB") == 1

    def test_a_search_that_fails_leaves_it_unknown(self, core: Core) -> None:
        """If the search for the library fails too, the error has both failures."""
        core.relay.lose("CreateFpShotDB", 1)
        core.relay.answer("ListFpShotDB", 2, refused("Forbidden.RAM", status=403))
        error = failure(core, CreationUnknownError)
        assert "CreateFpShotDB got no usable answer" in str(error)
        assert "ListFpShotDB was refused: Forbidden.RAM" in str(error)

    def test_a_search_survives_failures_in_passing(self, core: Core) -> None:
        """A look for the library that fails in passing is repeated."""
        core.relay.lose("CreateFpShotDB", 1)
        for number in (2, 3):
            core.relay.answer("ListFpShotDB", number, refused("Throttling"))
        assert core.creation.create(SPEC, math.inf).name == "songs"
        assert core.relay.count("CreateFpShotDB") == 1

    def test_throttling_is_no_lost_answer(self, core: Core) -> None:
        """A Create that was refused for the rate of calls alone is not looked for."""
        core.relay.answer("CreateFpShotDB", 1, refused("Throttling.User"))
        failure(core, ThrottledError)
        assert core.relay.actions == ["ListFpShotDB", "CreateFpShotDB"]
        assert core.creation.create(SPEC, math.inf).name == "songs"

    def test_keys_that_run_out_hide_nothing(self, core: Core) -> None:
        """If expired credentials prevent the search, the error reports the lost Create."""
        expired = False

        def keys() -> Credentials:
            if expired:
                raise SettingsError("credentials: the default chain gave none")
            return KEYS

        def expire() -> None:
            nonlocal expired
            expired = True

        core.relay.lose("CreateFpShotDB", 1, expire)
        client = core.client(core.relay.url, keys)
        creation = Creation(Presence(client, REGION, core.clock))
        with pytest.raises(CreationUnknownError, match=r"of this name.*the default chain gave"):
            creation.create(SPEC, math.inf)


class TestEarlierRuns:
    """A run that was cut off may have asked MPS for the same library a moment ago."""

    @pytest.mark.parametrize("late", [0, 40])
    def test_its_library_is_not_doubled(self, late: int, core: Core) -> None:
        """What MPS lists late is waited for, and refused by its ID then."""
        start = core.clock.now()

        def appear(_: float) -> None:
            if core.clock.now() >= start + late and not core.model.libraries():
                core.store()

        core.clock.on_pause = appear
        with pytest.raises(NameTakenError) as caught:
            core.creation.create(SPEC, math.inf, journal_entry=Kept(5))
        assert core.model.libraries()[0].id in str(caught.value)
        assert core.relay.count("CreateFpShotDB") == 0

    def test_it_is_waited_for_a_minute(self, core: Core) -> None:
        """Where nothing appears within a minute of the first Create, there is none."""
        start, kept = core.clock.now(), Kept(5)
        library = core.creation.create(SPEC, math.inf, journal_entry=kept)
        assert NOT_LISTED_GRACE - 5 <= core.clock.now() - start <= NOT_LISTED_GRACE
        assert kept.told == ["asking", library.fp_db_id]

    def test_a_short_time_is_not_enough(self, core: Core) -> None:
        """Where the deadline comes first, nothing is created, and the error says why."""
        with pytest.raises(CreationUnknownError, match="may still appear"):
            core.creation.create(SPEC, core.clock.now() + 10, journal_entry=Kept(5))

    def test_an_old_one_is_not_waited_for(self, core: Core) -> None:
        """What was asked for long ago would be listed by now."""
        core.creation.create(SPEC, math.inf, journal_entry=Kept(NOT_LISTED_GRACE + 1))
        assert core.clock.pauses == []

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (refused("QuotaExceeded"), "clear"),
            (refused("Throttling"), "clear"),
            (Fault.CLOSE, "unresolved"),
        ],
    )
    def test_only_what_may_have_been_made_leaves_a_note(
        self, answer: Answer, told: str, core: Core
    ) -> None:
        """What was refused was not made; of a lost answer it is noted that nothing is known."""
        kept = Kept(None)
        core.relay.answer("CreateFpShotDB", 1, answer)
        with pytest.raises(MpsError):
            core.creation.create(SPEC, math.inf, journal_entry=kept)
        assert kept.told == ["asking", told]

    def test_what_was_not_sent_leaves_no_note(
        self, core: Core, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where an error comes before the call, such as of keys that vanish, nothing was made."""

        def fail(*_: object) -> None:
            raise SettingsError("no keys")

        kept = Kept(None)
        monkeypatch.setattr(MpsClient, "create_library", fail)
        with pytest.raises(SettingsError):
            core.creation.create(SPEC, math.inf, journal_entry=kept)
        assert kept.told == ["asking", "clear"]

    def test_a_refusal_is_looked_into(self, core: Core) -> None:
        """Should MPS refuse what it has carried out, a second attempt meets the library."""
        core.relay.alter("CreateFpShotDB", 1, lambda _: refused("Odd"))
        failure(core, RefusedError)
        failure(core, NameTakenError)
        assert len(core.model.libraries()) == 1
