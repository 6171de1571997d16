"""A Create whose answer is lost: its library is found, or the error says how to go on."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from fake_clock import FakeClock
from mps.creations import SPEC, change, failure, store
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.mps.creation import Creation
from pulumi_alicloud_mps.mps.errors import CreationUnknownError
from pulumi_alicloud_mps.mps.lost_create import SEARCH_SECONDS
from pulumi_alicloud_mps.mps.region_listing import FRESH_SECONDS
from raw_server import Fault, refused
from relay import Relay


class TestLostAnswers:
    """A Create whose answer is lost."""

    def test_a_later_listing_does_not_hide_the_library(
        self, creation: Creation, relay: Relay, clock: FakeClock
    ) -> None:
        """What another creation has listed meanwhile is not taken for older than this Create."""

        def create_another() -> None:
            clock.sleep(FRESH_SECONDS + 0.1)
            creation.create(replace(SPEC, name="talks"), math.inf)

        relay.lose("CreateFpShotDB", 1, create_another)
        assert creation.create(SPEC, math.inf).name == "songs"
        assert relay.count("CreateFpShotDB") == 2

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
