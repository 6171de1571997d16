"""The rate: calls stay below what the account may make, and give way when MPS throttles."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from clocks import FakeClock
from core import Core
from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.emulator import EmulatorSettings, Fault
from pulumi_alicloud_mps.errors import NoTurnError, StoppedError
from pulumi_alicloud_mps.mps.access import AT_ONCE, CALLS_PER_SECOND
from pulumi_alicloud_mps.mps.rate_limiter import RateLimiter
from pulumi_alicloud_mps.mps.retry import TRIES
from pulumi_alicloud_mps.operations.advice import advised

BURST = 300
"""Calls that want to go at once."""

FIRST = int(AT_ONCE)
"""Calls that do."""

ACCOUNTS_RATE = EmulatorSettings().calls_per_second
"""Calls of one operation that MPS takes from an account in a second."""


def departures(rate: RateLimiter, calls: int) -> list[float]:
    """Take turns for so many calls, and return when each of them went."""
    return [rate.acquire("ListFpShotDB", math.inf) for _ in range(calls)]


def throttle(rate: RateLimiter) -> None:
    """Have a call throttled."""
    rate.slow_down("ListFpShotDB", rate.acquire("ListFpShotDB", math.inf))


def pace(rate: RateLimiter) -> float:
    """Return how many calls go in a second once the first have gone, which go at once."""
    moments = departures(rate, FIRST + 11)[FIRST:]
    return 10 / (moments[-1] - moments[0])


class TestPace:
    """What this process allows itself."""

    def test_a_few_calls_go_at_once(self, clock: FakeClock) -> None:
        """Some calls after a pause wait for nothing, and as many more after the next."""
        rate = RateLimiter(clock)
        for _ in range(2):
            start = clock.now()
            assert departures(rate, FIRST) == [start] * FIRST
            clock.time += 1

    def test_a_burst_stays_below_the_accounts_rate(self, clock: FakeClock) -> None:
        """In no second do more calls go than the rate and the first ones, and not fewer either."""
        moments = departures(RateLimiter(clock), BURST)
        assert moments[-1] - moments[0] == pytest.approx((BURST - FIRST) / CALLS_PER_SECOND)
        busiest = max(sum(at <= other < at + 1 for other in moments) for at in moments)
        assert busiest <= CALLS_PER_SECOND + FIRST < ACCOUNTS_RATE

    def test_each_operation_has_a_rate_of_its_own(self, clock: FakeClock) -> None:
        """Calls of one operation wait for no calls of another, and throttled ones slow only it."""
        rate = RateLimiter(clock)
        start = departures(rate, FIRST)[0]
        rate.slow_down("ListFpShotDB", start)
        moments = [rate.acquire("SubmitFpDBDeleteJob", math.inf) for _ in range(FIRST + 1)]
        assert moments[-2] == start
        assert moments[-1] == pytest.approx(start + 1 / CALLS_PER_SECOND)

    def test_a_rate_of_the_users_is_for_all_operations(self, clock: FakeClock) -> None:
        """Who allows five calls a second gets five in all."""
        rate = RateLimiter(clock, calls_per_second=5)
        start = departures(rate, 5)[-1]
        assert rate.acquire("SubmitFpDBDeleteJob", math.inf) == pytest.approx(start + 1 / 5)

    @pytest.mark.parametrize(("rate", "first"), [(5.0, 5), (0.5, 1)])
    def test_a_low_rate_has_a_small_burst(self, rate: float, first: int, clock: FakeClock) -> None:
        """Who allows few calls a second gets no more at once either, but one."""
        moments = departures(RateLimiter(clock, calls_per_second=rate), first + 1)
        assert moments[:first] == [moments[0]] * first
        assert moments[first] == pytest.approx(moments[0] + 1 / rate)

    def test_idle_time_saves_nothing_up(self, clock: FakeClock) -> None:
        """After an hour without calls no more go at once than after a second."""
        rate = RateLimiter(clock)
        clock.time += 3600
        moments = departures(rate, FIRST + 1)
        assert moments[-2] < moments[-1]

    def test_a_turn_after_the_deadline_is_not_waited_for(self, clock: FakeClock) -> None:
        """A call whose turn would come too late fails at once, and the error says what to do."""
        rate = RateLimiter(clock, calls_per_second=0.1)
        departures(rate, 1)
        start = clock.now()
        with pytest.raises(NoTurnError) as caught:
            rate.acquire("ListFpShotDB", start + 5)
        assert "would wait 10 s, past the deadline; try again with fewer" in advised(caught.value)
        assert clock.now() == start

    def test_a_turn_that_is_not_waited_for_costs_nobody_time(self, clock: FakeClock) -> None:
        """However many calls come too late for a turn, the next one goes as if they had not."""
        rate = RateLimiter(clock, calls_per_second=0.1)
        start = departures(rate, 1)[-1]
        for _ in range(100):
            with pytest.raises(NoTurnError):
                rate.acquire("ListFpShotDB", start)
        assert rate.acquire("ListFpShotDB", math.inf) == pytest.approx(start + 10)

    def test_a_last_look_gets_its_turn(self, clock: FakeClock) -> None:
        """A call at the very deadline still waits five seconds for its turn."""
        rate = RateLimiter(clock)
        start = departures(rate, FIRST + 30)[-1]
        assert start <= rate.acquire("ListFpShotDB", start) <= start + 5


class TestAdaptation:
    """What MPS allows at the moment."""

    def test_throttling_halves_the_rate(self, clock: FakeClock) -> None:
        """After a call was throttled, half as many go in the same time."""
        rate = RateLimiter(clock)
        clock.time += 1
        sent_at = rate.acquire("ListFpShotDB", math.inf)
        rate.slow_down("ListFpShotDB", sent_at)
        assert pace(rate) == pytest.approx(CALLS_PER_SECOND / 2, rel=0.05)

    def test_one_burst_is_one_sign(self, clock: FakeClock) -> None:
        """Calls that went out before the rate was lowered do not lower it again."""
        rate = RateLimiter(clock)
        for sent_at in departures(rate, 10):
            rate.slow_down("ListFpShotDB", sent_at)
        assert pace(rate) == pytest.approx(CALLS_PER_SECOND / 2, rel=0.05)

    def test_it_never_stands_still(self, clock: FakeClock) -> None:
        """However often calls are throttled, a tenth of the rate remains."""
        rate = RateLimiter(clock)
        for _ in range(50):
            throttle(rate)
            clock.time += 0.01
        assert pace(rate) >= CALLS_PER_SECOND / 10

    def test_it_recovers_within_a_minute(self, clock: FakeClock) -> None:
        """Without throttling the full rate is back after a minute, and not at once."""
        rate = RateLimiter(clock)
        for _ in range(50):
            throttle(rate)
            clock.time += 0.01
        slow = pace(rate)
        clock.time += 60
        assert slow < CALLS_PER_SECOND / 2
        assert pace(rate) == pytest.approx(CALLS_PER_SECOND)


def test_a_stop_reaches_all_who_wait_for_their_turn() -> None:
    """A Ctrl-C ends every wait for a turn."""
    stopping = threading.Event()
    clock = Clock(stopping)
    rate = RateLimiter(clock, calls_per_second=0.01)
    departures(rate, 1)
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(rate.acquire, "ListFpShotDB", math.inf) for _ in range(20)]
        stopping.set()
        errors = [turn.exception() for turn in waiting]
    assert {type(error) for error in errors} == {StoppedError}


class TestThrottledMps:
    """An MPS that counts calls, or says so."""

    def test_throttled_reads_are_outlasted(self, core: Core) -> None:
        """Far more throttled attempts than other failures are allowed don't fail a read."""
        core.emulator.set_faults([_throttled(calls=list(range(1, 3 * TRIES)))])
        deadline = core.clock.now() + 1200
        assert core.client(core.emulator.url).list_libraries(None, deadline).libraries == {}
        assert core.clock.now() < deadline


def _throttled(calls: list[int]) -> Fault:
    return Fault(action="*", calls=calls, kind="error", code="Throttling.User")
