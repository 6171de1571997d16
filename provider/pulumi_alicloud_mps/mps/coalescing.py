"""One call for all requests that are made at the same time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import ApiError

R = TypeVar("R")

JOIN_SECONDS = 0.03
"""Seconds that a call waits for another request to join, if there were several a moment ago."""

_LONGEST_JOIN_SECONDS = 0.25

_BUSY_SECONDS = 1.0
_SAME_DEADLINE = 1.0
_LONGEST_WAIT = 10.0


@dataclass
class _Batch(Generic[R]):
    """The requests that one call answers."""

    deadline: float
    latest: float
    changed: threading.Condition
    until: float = -math.inf
    keys: dict[str, None] = field(default_factory=dict)
    done: bool = False
    answer: R | None = None
    error: BaseException | None = None


class RequestCoalescer(Generic[R]):
    """Gathers requests made at the same time; the first caller makes one call for all.

    A lone caller does not wait.

    Args:
        call: Asks for some keys, until a deadline; the answer is the same for all of them.
        most: How many different keys one call may have.
        lasting: Whether the answer never changes. If it may, it goes only to callers that asked
            before the call began.
    """

    def __init__(
        self,
        call: Callable[[Sequence[str], float], R],
        clock: Clock,
        most: float = math.inf,
        *,
        lasting: bool = False,
    ) -> None:
        self._call = call
        self._clock = clock
        self._most = most
        self._lasting = lasting
        self._lock = threading.Lock()
        self._open: _Batch[R] | None = None
        self._asking = 0
        self._busy_until = clock.now()

    def ask(self, key: str, deadline: float) -> R:
        """Return an answer that covers this key.

        Raises:
            StoppedError: This process has to stop, during the wait for others.
            MpsError: Whatever the call raises.
        """
        batch, first = self._join(key, deadline)
        try:
            if first:
                self._lead(batch)
            with self._lock:
                while not batch.done:
                    self._clock.wait(batch.changed, _LONGEST_WAIT)
        finally:
            with self._lock:
                self._asking -= 1
        if batch.error is None:
            return cast("R", batch.answer)
        # One bad key must not spoil the others' answers.
        if len(batch.keys) > 1 and isinstance(batch.error, ApiError) and not batch.error.transient:
            return self._call([key], deadline)
        raise batch.error

    def _join(self, key: str, deadline: float) -> tuple[_Batch[R], bool]:
        with self._lock:
            now = self._clock.now()
            if self._asking:
                self._busy_until = now + _BUSY_SECONDS
            self._asking += 1
            batch = self._open
            fits = batch is not None and (
                (deadline == batch.deadline or abs(deadline - batch.deadline) <= _SAME_DEADLINE)
                and (key in batch.keys or len(batch.keys) < self._most)
            )
            if batch is None or not fits:
                changed = threading.Condition(self._lock)
                batch = self._open = _Batch[R](deadline, now + _LONGEST_JOIN_SECONDS, changed)
            batch.keys[key] = None
            if now < self._busy_until:
                batch.until = min(now + JOIN_SECONDS, batch.latest)
            if len(batch.keys) >= self._most:
                self._open = None
                batch.changed.notify_all()
            return batch, not fits

    def _lead(self, batch: _Batch[R]) -> None:
        """Wait for others to join, and make the call for all."""
        try:
            if not self._lasting:
                with self._lock:
                    while self._open is batch and (left := batch.until - self._clock.now()) > 0:
                        self._clock.wait(batch.changed, left)
                    self._close(batch)
            batch.answer = self._call(list(batch.keys), batch.deadline)
        # Whatever it is: the others must not wait forever.
        except BaseException as error:  # noqa: BLE001
            batch.error = error
        with self._lock:
            self._close(batch)
            batch.done = True
            batch.changed.notify_all()

    def _close(self, batch: _Batch[R]) -> None:
        if self._open is batch:
            self._open = None
