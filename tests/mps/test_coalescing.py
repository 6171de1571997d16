"""Shared calls: whoever asks at the same time is served by one call, with the same answers."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from clocks import FakeClock, HeldClock
from pulumi_alicloud_mps.errors import MpsError, OutcomeUnknownError, RefusedError, StoppedError
from pulumi_alicloud_mps.mps.coalescing import JOIN_SECONDS, RequestCoalescer

MOST = 10
BUSY = OutcomeUnknownError("ListFpShotDB", "HTTP 503", transient=True)
BAD_KEY = RefusedError("ListFpShotDB", "bad ID", code="InvalidParameter")

Answer = dict[str, str]


class Together:
    """Asks for keys at the same time: after a first call has begun, and before it ends.

    Args:
        answer: Answers a call for some keys.
        lasting: Whether answers never change.
    """

    def __init__(
        self, answer: Callable[[Sequence[str]], Answer] | None = None, *, lasting: bool = False
    ) -> None:
        self.calls: list[list[str]] = []
        self.clock = HeldClock()
        self._answer = answer or (lambda keys: {key: key.upper() for key in keys})
        self._begun, self._hold = threading.Event(), threading.Event()
        self._shared = RequestCoalescer(self._call, self.clock, MOST, lasting=lasting)

    def ask(self, *keys: str, deadlines: Sequence[float] = ()) -> list[Future[Answer]]:
        """Ask for these keys, and return what became of each."""
        ends = deadlines or [math.inf] * len(keys)
        with ThreadPoolExecutor(len(keys) + 1) as pool:
            pool.submit(self._shared.ask, "first", math.inf)
            assert self._begun.wait(20)
            asked = []
            for number, (key, end) in enumerate(zip(keys, ends, strict=True)):
                asked.append(pool.submit(self._shared.ask, key, end))
                self._until_asking(number + 2)
            self._hold.set()
            self.clock.time += JOIN_SECONDS
        assert self.calls.pop(0) == ["first"]
        return asked

    def _call(self, keys: Sequence[str], deadline: float) -> Answer:
        del deadline
        self.calls.append(list(keys))
        self._begun.set()
        # Nobody is answered before all have asked.
        assert self._hold.wait(20)
        return self._answer(keys)

    def _until_asking(self, number: int) -> None:
        end = time.monotonic() + 20
        while self._shared._asking < number:  # nothing else tells who has joined
            assert time.monotonic() < end
            time.sleep(0.001)


def names(count: int) -> list[str]:
    """Return so many keys."""
    return [f"k{number:02}" for number in range(count)]


def test_whoever_comes_alone_is_served_at_once(clock: FakeClock) -> None:
    """One question after the other is one call each, without a pause."""
    calls: list[list[str]] = []
    shared = RequestCoalescer(lambda keys, _: calls.append(list(keys)), clock, MOST)
    for key in "abc":
        shared.ask(key, math.inf)
    assert calls == [["a"], ["b"], ["c"]]
    assert clock.pauses == []


@pytest.mark.parametrize(
    ("keys", "sizes"),
    [(names(3), [3]), (names(10), [10]), (names(25), [5, 10, 10]), (names(1) * 12, [1])],
)
def test_who_asks_at_the_same_time_shares_a_call(keys: list[str], sizes: list[int]) -> None:
    """No call asks for more than ten, or for one twice; each finds its answer."""
    together = Together()
    asked = together.ask(*keys)
    assert sorted(map(len, together.calls)) == sizes
    assert {key for call in together.calls for key in call} == set(keys)
    assert [answer.result()[key] for key, answer in zip(keys, asked, strict=True)] == [
        key.upper() for key in keys
    ]


def test_an_answer_is_never_older_than_its_question() -> None:
    """A question that comes while a call is under way is answered by the next one."""
    together = Together()
    together.ask("first")
    assert together.calls == [["first"]]


def test_what_never_changes_is_asked_for_once() -> None:
    """A question with a lasting answer waits for the call that is under way."""
    together = Together(lasting=True)
    asked = together.ask("first", "first", "other")
    assert together.calls == []
    assert [answer.result() for answer in asked] == [{"first": "FIRST"}] * 3


def test_a_failure_in_passing_is_everybodys() -> None:
    """A call that failed in passing, and was repeated as often as it may be, fails for all."""
    together = Together(_failing(BUSY))
    asked = together.ask(*names(4))
    assert [answer.exception() for answer in asked] == [BUSY] * 4
    assert len(together.calls) == 1


def test_a_bad_key_spoils_no_other_answer() -> None:
    """Where MPS refuses a call for good, each asks for itself: the others get their answers."""

    def answer(keys: Sequence[str]) -> Answer:
        if "k01" in keys:
            raise BAD_KEY
        return dict.fromkeys(keys, "fine")

    together = Together(answer)
    asked = together.ask(*names(3))
    assert [one.exception() for one in asked] == [None, BAD_KEY, None]
    assert asked[0].result() == {"k00": "fine"}
    assert together.calls[0] == names(3)
    assert sorted(together.calls[1:]) == [["k00"], ["k01"], ["k02"]]


def test_a_broken_call_leaves_nobody_waiting() -> None:
    """Even what no call should raise reaches everybody."""
    error = ZeroDivisionError("a bug")
    asked = Together(_failing(error)).ask(*names(3))
    assert [answer.exception() for answer in asked] == [error] * 3


def test_a_short_deadline_binds_nobody_else() -> None:
    """Who has less time than the others makes a call of its own."""
    together = Together()
    together.ask("a", "b", "c", "d", deadlines=[2000, 2000.5, 1010, 2000])
    assert sorted(map(sorted, together.calls)) == [["a", "b"], ["c"], ["d"]]


def test_a_stop_reaches_all_who_wait() -> None:
    """A Ctrl-C ends the wait of all that others make a call for, and of those who linger."""
    stopping, hold, begun = threading.Event(), threading.Event(), threading.Event()

    def call(keys: Sequence[str], deadline: float) -> None:
        del keys, deadline
        begun.set()
        assert hold.wait(20)

    shared = RequestCoalescer(call, HeldClock(stopping), MOST)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(shared.ask, "first", math.inf)
        assert begun.wait(20)
        others = [pool.submit(shared.ask, key, math.inf) for key in names(4)]
        stopping.set()
        errors = [other.exception(20) for other in others]
        hold.set()
    assert {type(error) for error in errors} == {StoppedError}
    assert first.exception() is None


def _failing(error: Exception) -> Callable[[Sequence[str]], Answer]:
    def answer(keys: Sequence[str]) -> Answer:
        if keys == ["first"]:
            return {}
        raise error

    return answer


@pytest.mark.parametrize("error", [BUSY, BAD_KEY])
def test_a_failure_alone_is_not_repeated(error: MpsError, clock: FakeClock) -> None:
    """Who asked alone gets the failure of the only call."""
    calls: list[Sequence[str]] = []

    def call(keys: Sequence[str], deadline: float) -> None:
        del deadline
        calls.append(keys)
        raise error

    with pytest.raises(type(error)):
        RequestCoalescer(call, clock, MOST).ask("a", math.inf)
    assert calls == [["a"]]
