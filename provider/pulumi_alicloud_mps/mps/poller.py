"""One poller for everything that is awaited in a region.

One of the waiting threads asks for all of them, up to ten IDs a call, and the others sleep until it
has an answer. So no call is made when no thread waits, and no thread outlives the wait. Only the
threads that an answer is for are woken, and the one that asks next.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    MpsError,
    StoppedError,
    WaitInterruptedError,
    WaitTimeoutError,
)

from .models import IDS_PER_CALL

T = TypeVar("T")

SHORTEST_INTERVAL = 0.4
LONGEST_INTERVAL = 10.0
FIRST_LOOK_DELAY = 0.2
"""Seconds that the first look of a wait is put off while others wait: more may join the call."""

SPREAD = 0.05
"""Seconds by which a wait may take longer than another one of its kind has taken."""

_GROWTH = 0.12
_JITTER = 0.1

ProgressCallback = Callable[[str, float], None]
"""Called with the status and the seconds waited, after every look."""


def interval(waited: float) -> float:
    """Return the seconds from one look to the next, by the seconds waited so far.

    A fixed share of the time waited, except at first: what takes 3 s is noticed within
    0.4 s, and 20 minutes cost about 150 looks.
    """
    length = min(max(SHORTEST_INTERVAL, waited * _GROWTH), LONGEST_INTERVAL)
    return length * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret


def ignore(status: str, waited: float) -> None:
    """Ignore progress."""


@dataclass(frozen=True)
class WaitCondition(Generic[T]):
    """What is waited for.

    Attributes:
        key: The ID to ask for.
        reached: Whether this answer (None if the ID was not listed) ends the wait; raises
            `WaitError` or `LibraryError` if it can't be reached any more.
        status: The word for an answer.
        situation: What happened if the time is up, see `MpsError`.
    """

    key: str
    subject: str
    reached: Callable[[T | None], bool]
    status: Callable[[T | None], str]
    situation: str


@dataclass
class _Wait(Generic[T]):
    goal: WaitCondition[T]
    started: float
    deadline: float
    due: float
    changed: threading.Condition
    looks: int = 0
    asked: bool = False
    answer: T | None = None
    failure: MpsError | None = None


class Poller(Generic[T]):
    """Asks for many keys at once, at intervals that grow with the time waited.

    What is created together is ready together: once a wait has ended, the others get a look when
    they have lasted as long. Until then their calls take turns, so that the first end is noticed
    soon.
    """

    def __init__(self, fetch: Callable[[Sequence[str]], Mapping[str, T]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._waits: list[_Wait[T]] = []
        self._asker: _Wait[T] | None = None
        self._looked_at = -math.inf
        self._shortest = math.inf

    def wait(
        self, goal: WaitCondition[T], deadline: float, on_progress: ProgressCallback = ignore
    ) -> T | None:
        """Wait until the goal is reached, with a last look at the deadline; return that answer.

        Raises:
            WaitTimeoutError: The deadline came first.
            WaitInterruptedError: This process is to stop.
            MpsError: Whatever `goal.reached` raises, or a call that failed for good.
        """
        now = self._clock.now()
        wait = _Wait(goal, now, deadline, due=now, changed=threading.Condition(self._lock))
        with self._lock:
            if self._waits:
                wait.due = min(now + FIRST_LOOK_DELAY, max(deadline, now))
            self._waits.append(wait)
            if self._asker:
                self._asker.changed.notify()
        last: str | None = None
        try:
            while True:
                # Read once: another waiter's call may bring the next answer at any time.
                answer, failure = self._await_answer(wait, last)
                if failure is None:
                    last = goal.status(answer)
                    on_progress(last, self._clock.now() - wait.started)
                    if goal.reached(answer):
                        self._learn_from(wait)
                        return answer
                elif not failure.transient:
                    raise failure
                self._check_time(wait, last, failure)
        finally:
            with self._lock:
                self._waits.remove(wait)

    def _await_answer(self, wait: _Wait[T], last: str | None) -> tuple[T | None, MpsError | None]:
        with self._lock:
            wait.asked = False
            try:
                while not wait.asked:
                    if self._asker:
                        self._clock.wait(wait.changed, LONGEST_INTERVAL)
                    else:
                        self._take_part(wait)
                # The thread that asked has to stop; the look itself did not fail.
                if isinstance(wait.failure, StoppedError):
                    raise wait.failure
            except StoppedError:
                raise WaitInterruptedError(
                    f"the wait for {wait.goal.subject} was interrupted after"
                    f" {self._clock.now() - wait.started:.0f} s ({last or 'not checked yet'})",
                    last,
                    wait.goal.situation,
                ) from None
            finally:
                waiting = [other for other in self._waits if not other.asked]
                if waiting and not self._asker:
                    min(waiting, key=lambda other: other.due).changed.notify()
            return wait.answer, wait.failure

    def _take_part(self, wait: _Wait[T]) -> None:
        """Ask, or sleep until the next look is due."""
        self._asker = wait
        try:
            pause = self._next_look() - self._clock.now()
            if pause > 0:
                self._clock.wait(wait.changed, pause)
            else:
                self._ask()
        finally:
            self._asker = None

    def _next_look(self) -> float:
        """Return when the next look is due; the calls of a round are some time apart."""
        due = min(wait.due for wait in self._waits)
        calls = math.ceil(len(self._waits) / IDS_PER_CALL)
        if calls == 1 or self._shortest < math.inf:
            return due
        in_turn = self._looked_at + SHORTEST_INTERVAL / calls
        return max(due, min(in_turn, *(wait.deadline for wait in self._waits)))

    def _ask(self) -> None:
        """Look once for all that are due, and fill the call with those that come next."""
        batch = sorted(self._waits, key=lambda wait: wait.due)[:IDS_PER_CALL]
        self._looked_at = self._clock.now()
        answers: Mapping[str, T] = {}
        failure: MpsError | None = None
        self._lock.release()
        try:
            answers = self._fetch([wait.goal.key for wait in batch])
        except MpsError as error:
            failure = error
        finally:
            self._lock.acquire()
            now = self._clock.now()
            for wait in batch:
                wait.asked = True
                wait.failure = failure
                wait.answer = answers.get(wait.goal.key)
                wait.looks += 1
                later = min(now + interval(now - wait.started), wait.deadline)
                # At the deadline that was the last look, however late its thread takes the answer.
                wait.due = later if now < wait.deadline else math.inf
                self._expect(wait, now)
                wait.changed.notify()

    def _learn_from(self, ended: _Wait[T]) -> None:
        # What was ready at the first look, such as an earlier run's library, proves nothing.
        if ended.looks > 1:
            with self._lock:
                now = self._clock.now()
                self._shortest = min(self._shortest, now - ended.started)
                for wait in self._waits:
                    self._expect(wait, now)
                if self._asker:
                    self._asker.changed.notify()

    def _expect(self, wait: _Wait[T], now: float) -> None:
        expected = wait.started + self._shortest + SPREAD
        if now < expected < wait.due:
            wait.due = expected

    def _check_time(self, wait: _Wait[T], last: str | None, failure: MpsError | None) -> None:
        now = self._clock.now()
        if now < wait.deadline:
            return
        goal, waited = wait.goal, f"{now - wait.started:.0f} s"
        why = f" (the last check failed: {failure})" if failure else ""
        state = f"is still {last} after" if last else "could not be checked for"
        raise WaitTimeoutError(
            f"{goal.subject} {state} {waited}{why}", last, goal.situation
        ) from failure
