"""The time that waiting goes by, so that tests can give their own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from threading import Condition


class Clock(Protocol):
    """Seconds that only grow, and two ways to let them pass."""

    def now(self) -> float:
        """Tell the time in seconds from an arbitrary start."""

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""

    def wait(self, condition: Condition, seconds: float) -> None:
        """Let that time pass, or less where the condition (which is held) is notified."""


class SystemClock:
    """The machine's own monotonic clock."""

    def now(self) -> float:
        """Tell the time in seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        time.sleep(seconds)

    def wait(self, condition: Condition, seconds: float) -> None:
        """Let that time pass, or less where the condition is notified."""
        condition.wait(seconds)
