"""The clock that all waiting goes by, until the process stops; tests pass their own."""

from __future__ import annotations

import threading
import time

from .errors import StoppedError

_STOP_INTERVAL = 0.5


class Clock:
    """The machine's own monotonic clock, until `stopping` is set."""

    def __init__(self, stopping: threading.Event | None = None) -> None:
        self._stopping = stopping or threading.Event()

    def now(self) -> float:
        """Return the time in seconds from an arbitrary start."""
        return time.monotonic()

    def check(self) -> None:
        """Raise `StoppedError` if nothing new may be started any more."""
        if self._stopping.is_set():
            raise StoppedError

    def sleep(self, seconds: float) -> None:
        """Sleep for that time; raise `StoppedError` if it is cut short."""
        if self._stopping.wait(seconds):
            raise StoppedError

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait for that time, or until the condition (which is held) is notified.

        Raises `StoppedError` if nothing may be awaited any more.
        """
        self.check()
        # Nobody notifies the condition of a stop.
        condition.wait(min(seconds, _STOP_INTERVAL))
