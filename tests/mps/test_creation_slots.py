"""Places: MPS makes ten video libraries at a time, for whoever asks."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from clocks import CountingClock, FakeClock
from connections import Connections
from core import Core
from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.emulator import Fault
from pulumi_alicloud_mps.emulator.records import FaultEffect, NewLibrary
from pulumi_alicloud_mps.errors import (
    QuotaReachedError,
    RefusedError,
    StoppedError,
    WaitTimeoutError,
)
from pulumi_alicloud_mps.mps.creation_slots import (
    THROTTLED,
    VIDEO_CREATIONS,
    WAITING,
    CreationSlots,
)
from pulumi_alicloud_mps.mps.models import LibrarySpec
from pulumi_alicloud_mps.mps.retry import TRIES
from raw_server import RawServer, by_action, ok, refused

VIDEO = LibrarySpec("clips", 12)
AUDIO = LibrarySpec("songs", 13)
NOTHING_LISTED = ok(FpShotDBList={"FpShotDB": []})


def slots_by(clock: Clock) -> CreationSlots:
    """Return slots of a region whose MPS nobody asks."""
    with Connections(clock) as connections:
        return CreationSlots(connections.client("http://127.0.0.1:1"), clock)


class Full:
    """Places that are all taken."""

    def __init__(self, clock: Clock) -> None:
        self.slots = slots_by(clock)
        self._taken = [ExitStack() for _ in range(VIDEO_CREATIONS)]
        for one in self._taken:
            one.enter_context(self.slots.slot(VIDEO, math.inf))

    def free_one(self, *_: object) -> None:
        """Give one slot back."""
        if self._taken:
            self._taken.pop().close()


class TestPlaces:
    """What this process makes itself."""

    def test_ten_are_made_at_once(self, clock: FakeClock) -> None:
        """Ten video libraries wait for nobody."""
        Full(clock)
        assert clock.pauses == []

    def test_the_next_one_waits_for_a_slot(self, clock: FakeClock) -> None:
        """The eleventh waits until one of the ten is done, and says so meanwhile."""
        full, told = Full(clock), list[str]()
        clock.on_pause = full.free_one
        with full.slots.slot(VIDEO, math.inf, lambda status, _: told.append(status)):
            assert told == [WAITING]

    def test_a_failure_gives_the_slot_back(self, clock: FakeClock) -> None:
        """A creation that fails makes room for the next."""
        slots = slots_by(clock)
        for _ in range(VIDEO_CREATIONS + 1):
            with pytest.raises(ZeroDivisionError), slots.slot(VIDEO, math.inf):
                raise ZeroDivisionError
        assert clock.pauses == []

    def test_the_deadline_ends_the_wait(self, clock: FakeClock) -> None:
        """A create without a slot in time fails with the reason, and holds up no other."""
        full, start = Full(clock), clock.now()
        with pytest.raises(WaitTimeoutError) as caught, full.slots.slot(VIDEO, start + 90):
            pytest.fail("there was no slot")
        assert str(caught.value) == (
            "timed out waiting 90 s for a creation slot: MPS creates at most 10 video libraries at"
            " a time in each region; nothing was created"
        )
        assert clock.now() == start + 90
        full.free_one()
        with full.slots.slot(VIDEO, clock.now()):
            assert clock.now() == start + 90

    def test_other_models_need_no_slot(self, clock: FakeClock) -> None:
        """MPS documents no limit for audio, text and images."""
        full = Full(clock)
        for model in (11, 13, 14):
            with full.slots.slot(LibrarySpec("songs", model), clock.now()):
                assert clock.pauses == []

    def test_first_come_first_served(self) -> None:
        """Places are given away in the order in which they were asked for."""
        clock = CountingClock()
        full, order = Full(clock), list[int]()

        def make(number: int) -> None:
            with full.slots.slot(VIDEO, math.inf):
                order.append(number)

        with ThreadPoolExecutor(5) as pool:
            for number in range(5):
                pool.submit(make, number)
                clock.until_waiting(number + 1)
            full.free_one()
        assert order == [0, 1, 2, 3, 4]

    def test_a_stop_reaches_all_who_wait(self) -> None:
        """A Ctrl-C ends the wait for a slot, and nothing is created."""
        stopping = threading.Event()
        full = Full(Clock(stopping))

        def make() -> None:
            with full.slots.slot(VIDEO, math.inf):
                pytest.fail("there was no slot")

        with ThreadPoolExecutor(5) as pool:
            waiting = [pool.submit(make) for _ in range(5)]
            stopping.set()
            errors = [one.exception() for one in waiting]
        assert {type(error) for error in errors} == {StoppedError}


class TestTakenByOthers:
    """What others make in the same region."""

    @pytest.fixture(autouse=True)
    def others(self, core: Core) -> None:
        """Somebody else makes as many as MPS takes."""
        for number in range(VIDEO_CREATIONS):
            core.model.create_library(NewLibrary(f"other-{number}"))

    def test_their_end_is_waited_for(self, core: Core) -> None:
        """A Create that MPS refuses while others' libraries are made is repeated until it works."""
        told = list[str]()
        made = core.libraries.create(
            VIDEO, core.clock.now() + 60, on_progress=lambda status, _: told.append(status)
        )
        assert set(told) == {WAITING}
        named = [item.id for item in core.model.libraries() if item.name == "clips"]
        assert named == [made.fp_db_id]

    def test_the_deadline_ends_it(self, core: Core) -> None:
        """If no slot comes free in time, the error has MPS's own reason."""
        for library in core.model.libraries():
            core.model.force_state(library.id, "active")
            core.model.create_library(NewLibrary("late"), FaultEffect(activation_seconds=600))
        deadline = core.clock.now() + 60
        with pytest.raises(WaitTimeoutError, match=r"timed out waiting 60 s .*LimitExceeded"):
            core.libraries.create(VIDEO, deadline)
        assert core.clock.now() == deadline

    def test_other_refusals_are_final(self, core: Core) -> None:
        """What a code explains, such as a quota, is not waited for."""
        core.relay.answer("CreateFpShotDB", 1, refused("QuotaExceeded.FpShotDB"))
        with pytest.raises(QuotaReachedError, match="higher quota"):
            core.libraries.create(VIDEO, core.clock.now() + 60)
        assert core.relay.count("CreateFpShotDB") == 1
        assert len(core.model.libraries()) == VIDEO_CREATIONS

    def test_other_models_do_not_wait(self, core: Core) -> None:
        """A refusal of an audio library has nothing to do with slots."""
        core.relay.answer("CreateFpShotDB", 1, refused("Strange"))
        with pytest.raises(RefusedError, match="Strange"):
            core.libraries.create(AUDIO, core.clock.now() + 60)
        assert core.relay.count("CreateFpShotDB") == 1


def test_a_refusal_without_a_cause_is_final(core: Core) -> None:
    """If nothing is being made, a refusal is tried once more and then reported."""
    answers = by_action(ListFpShotDB=NOTHING_LISTED, CreateFpShotDB=refused("Strange"))
    with RawServer(answers) as server:
        with pytest.raises(RefusedError, match="Strange"):
            core.libraries_at(server.url).create(VIDEO, core.clock.now() + 60)
        assert server.count("CreateFpShotDB") == 2


class TestThrottling:
    """MPS refuses Creates for the rate of calls."""

    def test_it_is_outlasted(self, core: Core) -> None:
        """More refusals than other failures may have don't fail it; the name is looked at again."""
        many = list(range(1, 3 * TRIES))
        code = "Throttling.User"
        core.emulator.set_faults(
            [Fault(action="CreateFpShotDB", calls=many, kind="error", code=code)]
        )
        told = list[str]()
        core.libraries_at(core.relay.url).create(
            AUDIO, core.clock.now() + 1200, on_progress=lambda status, _: told.append(status)
        )
        assert set(told) == {THROTTLED}
        assert 3 <= core.relay.count("ListFpShotDB") <= core.relay.count("CreateFpShotDB")
        assert len(core.model.libraries()) == 1

    def test_the_deadline_ends_it(self, core: Core) -> None:
        """Throttling that lasts is reported at the deadline as what it is."""
        answers = by_action(ListFpShotDB=NOTHING_LISTED, CreateFpShotDB=refused("Throttling"))
        deadline = core.clock.now() + 300
        with RawServer(answers) as server:
            with pytest.raises(RefusedError, match="Throttling"):
                core.libraries_at(server.url).create(AUDIO, deadline)
            assert server.count("CreateFpShotDB") > TRIES
        assert deadline - 10 < core.clock.now() <= deadline
