"""The poller: few calls for many waiters, growing intervals, and an end by the deadline."""

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

import pytest

import pulumi_alicloud_mps.mps.poller as poller_module
from clocks import CountingClock, FakeClock, HeldClock
from host_process import eventually
from pulumi_alicloud_mps.errors import (
    MpsError,
    RefusedError,
    StoppedError,
    ThrottledError,
    UnexpectedStateError,
    WaitInterruptedError,
    WaitTimeoutError,
)
from pulumi_alicloud_mps.mps.models import IDS_PER_CALL
from pulumi_alicloud_mps.mps.poller import (
    FIRST_LOOK_DELAY,
    LONGEST_INTERVAL,
    SHORTEST_INTERVAL,
    SPREAD,
    Poller,
    WaitCondition,
    interval,
)

THROTTLED = ThrottledError("ListFpShotDB", "too fast", transient=True)
DENIED = RefusedError("ListFpShotDB", "not you", code="Forbidden")


def goal(key: str) -> WaitCondition[str]:
    """Wait for the answer `active`; `paused` is the wrong way."""

    def reached(answer: str | None) -> bool:
        if answer == "paused":
            raise UnexpectedStateError(f"{key} is paused", answer)
        return answer == "active"

    return WaitCondition(
        key,
        subject=f"library {key}",
        reached=reached,
        status=lambda answer: answer or "not listed",
        situation="not active yet",
    )


class AskersClock(HeldClock):
    """Lets time pass at once for the one who is to ask; the others wait to be woken."""

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Let time pass only for a wait that ends by itself."""
        if seconds == LONGEST_INTERVAL:
            super().wait(condition, seconds)
        else:
            self.time += seconds


class Source:
    """Answers what a test sets, and remembers what it was asked for."""

    def __init__(self, answer: Callable[[int], str | MpsError]) -> None:
        self.calls: list[list[str]] = []
        self.at: list[float] = []
        self.clock: FakeClock | None = None
        self._answer = answer

    def __call__(self, keys: Sequence[str]) -> dict[str, str]:
        """Answer one call for some keys."""
        self.calls.append(list(keys))
        if self.clock:
            self.at.append(self.clock.now())
        answer = self._answer(len(self.calls))
        if isinstance(answer, MpsError):
            raise answer
        return dict.fromkeys(keys, answer)


def script(*answers: str | MpsError) -> Source:
    """Answer each call in turn; the last answer is for ever."""
    return Source(lambda number: answers[min(number, len(answers)) - 1])


class TestAlone:
    """One waiter."""

    def test_what_is_so_already_costs_one_call(self, clock: FakeClock) -> None:
        """What has been reached is found at the first look, at once."""
        source = script("active")
        assert Poller(source, clock).wait(goal("a"), math.inf) == "active"
        assert source.calls == [["a"]]
        assert clock.pauses == []

    def test_every_answer_is_noticed(self, clock: FakeClock) -> None:
        """Each wait gets every status with the time waited."""
        seen: list[tuple[str, float]] = []
        poller = Poller(script("offline", "offline", "active"), clock)
        poller.wait(goal("a"), math.inf, lambda status, waited: seen.append((status, waited)))
        assert [status for status, _ in seen] == ["offline", "offline", "active"]
        assert [waited for _, waited in seen] == [0, clock.pauses[0], sum(clock.pauses)]

    def test_intervals_grow_within_bounds(self, clock: FakeClock) -> None:
        """The pauses begin short, grow with the time waited, and stay below ten seconds or so."""
        source = script("offline")
        with pytest.raises(WaitTimeoutError):
            Poller(source, clock).wait(goal("a"), clock.now() + 1200)
        assert clock.pauses[0] <= SHORTEST_INTERVAL * 1.1
        assert min(clock.pauses[:-1]) >= SHORTEST_INTERVAL * 0.9
        assert LONGEST_INTERVAL * 0.9 < max(clock.pauses) <= LONGEST_INTERVAL * 1.1
        assert len(source.calls) < 170

    @pytest.mark.parametrize("duration", [1, 3, 30, 80])
    def test_the_end_is_noticed_soon(self, duration: float, clock: FakeClock) -> None:
        """What takes a while is noticed within a seventh of that while, and in few calls."""
        start = clock.now()
        source = Source(lambda _: "active" if clock.now() >= start + duration else "offline")
        Poller(source, clock).wait(goal("a"), math.inf)
        assert clock.now() - start <= duration + max(SHORTEST_INTERVAL * 1.1, duration * 0.16)
        assert len(source.calls) < 55

    def test_the_deadline_ends_it(self, clock: FakeClock) -> None:
        """A wait ends at its deadline, after a last look, and says status and time."""
        source = script("offline")
        source.clock = clock
        deadline = clock.now() + 60
        with pytest.raises(WaitTimeoutError) as caught:
            Poller(source, clock).wait(goal("a"), deadline)
        assert str(caught.value) == "library a is still offline after 60 s"
        assert caught.value.situation == "not active yet"
        assert caught.value.last == "offline"
        assert clock.now() == source.at[-1] == deadline

    def test_a_past_deadline_allows_one_look(self, clock: FakeClock) -> None:
        """A wait that begins too late still looks once, and succeeds if all is well."""
        source = script("active")
        assert Poller(source, clock).wait(goal("a"), clock.now() - 1) == "active"

    def test_failures_in_passing_are_survived(self, clock: FakeClock) -> None:
        """A look that fails in passing does not end the wait, and is no status."""
        seen: list[str] = []
        poller = Poller(script(THROTTLED, "offline", THROTTLED, THROTTLED, "active"), clock)
        poller.wait(goal("a"), math.inf, lambda status, _: seen.append(status))
        assert seen == ["offline", "active"]

    def test_a_failure_for_good_ends_it(self, clock: FakeClock) -> None:
        """A look that can't succeed any more ends the wait with its own error."""
        source = script("offline", DENIED)
        with pytest.raises(RefusedError, match="not you"):
            Poller(source, clock).wait(goal("a"), math.inf)
        assert len(source.calls) == 2

    def test_a_failure_at_the_deadline_is_told(self, clock: FakeClock) -> None:
        """The end of a wait says what was wrong with the last look, beside the last status."""
        source = Source(lambda number: "offline" if number < 5 else THROTTLED)
        with pytest.raises(WaitTimeoutError, match=r"still offline after 20 s .*too fast"):
            Poller(source, clock).wait(goal("a"), clock.now() + 20)

    def test_a_library_that_was_never_seen_has_no_status(self, clock: FakeClock) -> None:
        """Where every look failed, no status is made up."""
        with pytest.raises(WaitTimeoutError) as caught:
            Poller(script(THROTTLED), clock).wait(goal("a"), clock.now() + 20)
        assert caught.value.last is None
        assert "not listed" not in str(caught.value)
        assert "library a could not be checked for 20 s" in str(caught.value)
        assert "too fast" in str(caught.value)

    def test_a_wrong_way_ends_it(self, clock: FakeClock) -> None:
        """A status from which the goal can't be reached ends the wait."""
        with pytest.raises(UnexpectedStateError, match="a is paused"):
            Poller(script("offline", "paused"), clock).wait(goal("a"), math.inf)

    def test_nobody_asks_when_nobody_waits(self, clock: FakeClock) -> None:
        """After the last waiter has left, no thread is left and nothing is asked."""
        before = set(threading.enumerate())
        source = script("active")
        poller = Poller(source, clock)
        poller.wait(goal("a"), math.inf)
        with pytest.raises(UnexpectedStateError):
            Poller(script("paused"), clock).wait(goal("b"), math.inf)
        assert set(threading.enumerate()) <= before
        assert len(source.calls) == 1
        poller.wait(goal("c"), math.inf)
        assert source.calls[1:] == [["c"]]


@pytest.mark.parametrize(
    ("waited", "expected"), [(0, 0.4), (2, 0.4), (10, 1.2), (50, 6), (100, 10), (5000, 10)]
)
def test_an_interval_is_a_share_of_the_time_waited(waited: float, expected: float) -> None:
    """The next look comes after 12 % of the time waited, give or take."""
    lengths = [interval(waited) for _ in range(200)]
    assert expected * 0.9 <= min(lengths) < expected < max(lengths) <= expected * 1.1


def test_the_next_wait_gets_a_look_when_the_last_one_ended(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes as long as the library before is noticed then, wherever its looks fall."""
    lengths = iter([*[1.0] * 4, *[0.8] * 5])
    monkeypatch.setattr(poller_module, "interval", lambda _: next(lengths))
    looks: list[float] = []

    def fetch(keys: Sequence[str]) -> dict[str, str]:
        looks.append(clock.now() - started)
        return dict.fromkeys(keys, "active" if looks[-1] > 2.9 else "offline")

    poller = Poller(fetch, clock)
    for key in "ab":
        started = clock.now()
        poller.wait(goal(key), math.inf)
    assert looks == pytest.approx([0, 1, 2, 3, 0, 0.8, 1.6, 2.4, 3 + SPREAD])


class TestTogether:
    """Many waiters, each in a thread of its own."""

    def test_who_waits_longer_learns_from_who_has_ended(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The next look at the others moves to when they will have lasted as long."""
        monkeypatch.setattr(poller_module, "interval", lambda _: 10.0)
        clock, calls = HeldClock(), list[list[str]]()

        def fetch(keys: Sequence[str]) -> dict[str, str]:
            calls.append(sorted(keys))
            active = {3: ["a"], 4: ["b"]}.get(len(calls), [])
            return dict.fromkeys(active, "active")

        poller = Poller(fetch, clock)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(poller.wait, goal("a"), math.inf)
            clock.until_waiting(1)
            clock.time += 5
            second = pool.submit(poller.wait, goal("b"), math.inf)
            clock.until_waiting(2)
            clock.time = 1005 + FIRST_LOOK_DELAY
            eventually(lambda: len(calls) == 2)
            clock.time += 10
            assert first.result() == "active"
            clock.time = 1005 + 15.2 + SPREAD
            assert second.result() == "active"
        assert calls == [["a"], ["a", "b"], ["a", "b"], ["b"]]

    def poll(
        self, keys: Sequence[str], later: Callable[[Sequence[str]], dict[str, str]]
    ) -> tuple[list[list[str]], dict[str, Future[str | None]]]:
        """Wait for all keys at once: the first look lasts until all of them wait, and is empty."""
        clock, calls = CountingClock(), list[list[str]]()

        def fetch(asked: Sequence[str]) -> dict[str, str]:
            calls.append(list(asked))
            if len(calls) > 1:
                return later(asked)
            clock.until_waiting(len(keys) - 1)
            return {}

        poller = Poller(fetch, clock)
        deadline = clock.now() + 60
        with ThreadPoolExecutor(len(keys)) as pool:
            waits = {key: pool.submit(poller.wait, goal(key), deadline) for key in keys}
        return calls, waits

    def test_25_waiters_take_three_calls(self) -> None:
        """A round for 25 waiters takes three calls, none of which asks for more than ten."""
        keys = [f"k{number:02}" for number in range(25)]
        calls, waits = self.poll(keys, lambda asked: dict.fromkeys(asked, "active"))
        assert all(wait.result() == "active" for wait in waits.values())
        # The first call was for one of them only.
        assert {key for call in calls[1:4] for key in call} | {calls[0][0]} == set(keys)
        assert max(map(len, calls)) == IDS_PER_CALL
        assert len(calls) <= 5

    def test_the_calls_of_a_round_take_turns(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Until one has ended, many are asked for evenly, so that the first end is noticed soon."""
        monkeypatch.setattr(poller_module, "interval", lambda _: SHORTEST_INTERVAL)
        clock, looks = AskersClock(), list[float]()

        def fetch(asked: Sequence[str]) -> dict[str, str]:
            if not looks:
                clock.until_waiting(19)
            looks.append(clock.now() - 1000)
            return dict.fromkeys(asked, "active") if looks[-1] > 1 else {}

        poller = Poller(fetch, clock)
        with ThreadPoolExecutor(20) as pool:
            for key in range(20):
                pool.submit(poller.wait, goal(str(key)), math.inf)
        assert looks[:6] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])

    def test_the_last_looks_at_a_deadline_take_no_turns(self) -> None:
        """At a deadline everybody gets a last look, however many they are."""
        clock, looks = HeldClock(), list[float]()

        def fetch(_: Sequence[str]) -> dict[str, str]:
            if not looks:
                clock.until_waiting(19)
            looks.append(clock.now())
            return {}

        poller = Poller(fetch, clock)
        with ThreadPoolExecutor(20) as pool:
            waits = [pool.submit(poller.wait, goal(str(key)), 1000.1) for key in range(20)]
            eventually(lambda: len(looks) == 1)
            clock.time = 1000.1
            done, _ = wait(waits, timeout=10)
            clock.time += LONGEST_INTERVAL
        assert len(done) == 20

    def test_who_is_slow_to_end_is_not_asked_for_again(self) -> None:
        """A wait that has had its last look costs no more calls, however long it takes to end."""
        clock, source, goes_on = HeldClock(), Source(lambda _: "offline"), threading.Event()
        poller = Poller(source, clock)

        def hold_up(*_: object) -> None:
            goes_on.wait(20)

        with ThreadPoolExecutor(2) as pool:
            late = pool.submit(poller.wait, goal("late"), 1000, hold_up)
            eventually(lambda: len(source.calls) == 1)
            other = pool.submit(poller.wait, goal("other"), 1010)
            try:
                clock.until_waiting(1)
            finally:
                goes_on.set()
                assert isinstance(late.exception(), WaitTimeoutError)
                clock.time = 1010
            assert isinstance(other.exception(), WaitTimeoutError)
        assert source.calls == [["late"], ["other"]]

    def test_those_who_come_one_after_another_share_a_call(self) -> None:
        """Who comes while others wait is looked at with whoever comes a moment later."""
        clock, source = HeldClock(), script("offline", "active")
        poller = Poller(source, clock)
        with ThreadPoolExecutor(3) as pool:
            for waiting, key in enumerate("abc", start=1):
                pool.submit(poller.wait, goal(key), math.inf)
                clock.until_waiting(waiting)
            assert source.calls == [["a"]]
            clock.time += FIRST_LOOK_DELAY
        assert list(map(sorted, source.calls)) == [["a"], ["a", "b", "c"]]

    def test_one_failure_disturbs_nobody(self) -> None:
        """A waiter whose library went the wrong way leaves the others waiting in peace."""
        keys = [f"k{number}" for number in range(5)]
        states = {**dict.fromkeys(keys, "active"), "k3": "paused"}
        _, waits = self.poll(keys, lambda asked: {key: states[key] for key in asked})
        assert isinstance(waits.pop("k3").exception(), UnexpectedStateError)
        assert [wait.result() for wait in waits.values()] == ["active"] * 4

    def test_a_failed_call_is_told_to_all_it_was_for(self) -> None:
        """A look that fails for good ends the waits of all whom it was for."""

        def denied(_: Sequence[str]) -> dict[str, str]:
            raise DENIED

        _, waits = self.poll(["a", "b", "c"], denied)
        assert [wait.exception() for wait in waits.values()] == [DENIED] * 3

    def test_a_broken_notice_disturbs_nobody(self) -> None:
        """Even a waiter that breaks down itself leaves the others in peace."""
        clock = CountingClock()
        rounds: list[int] = []

        def fetch(keys: Sequence[str]) -> dict[str, str]:
            rounds.append(len(keys))
            if len(rounds) == 1:
                clock.until_waiting(1)
            return dict.fromkeys(keys, "active" if len(rounds) > 2 else "offline")

        def broken(status: str, waited: float) -> None:
            raise ZeroDivisionError(f"{status} after {waited}")

        poller = Poller(fetch, clock)
        with ThreadPoolExecutor(2) as pool:
            bad = pool.submit(poller.wait, goal("a"), math.inf, broken)
            good = pool.submit(poller.wait, goal("b"), math.inf)
        assert isinstance(bad.exception(), ZeroDivisionError)
        assert good.result() == "active"

    def test_the_answer_that_reached_the_goal_is_returned(self) -> None:
        """A later look of another waiter does not change what a waiter has judged."""
        clock = CountingClock()
        looked_again = threading.Event()
        calls: list[list[str]] = []

        def fetch(keys: Sequence[str]) -> dict[str, str]:
            calls.append(list(keys))
            if len(calls) == 1:
                return {"a": "active"}
            if "a" in keys:
                looked_again.set()
            return {} if len(calls) < 4 else {"b": "active"}

        def slowly(answer: str | None) -> bool:
            assert looked_again.wait(20)
            return answer == "active"

        poller = Poller(fetch, clock)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(poller.wait, replace(goal("a"), reached=slowly), math.inf)
            second = pool.submit(poller.wait, goal("b"), math.inf)
        assert (first.result(), second.result()) == ("active", "active")


def test_a_stop_during_a_look_ends_the_wait(clock: FakeClock) -> None:
    """A Ctrl-C during a call is reported as the interruption of this very wait."""

    def stopped(_: Sequence[str]) -> dict[str, str]:
        raise StoppedError

    with pytest.raises(WaitInterruptedError, match="was interrupted after 0 s"):
        Poller(stopped, clock).wait(goal("a"), math.inf)
