"""Clocks: those that the core goes by, and those of an emulator, in seconds since the epoch."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi_alicloud_mps.clock import Clock


@dataclass
class FakeClock(Clock):
    """Lets time pass at once, for one thread; remembers each pause, and announces it first."""

    time: float = 1000.0
    pauses: list[float] = field(default_factory=list)
    on_pause: Callable[[float], None] = lambda _: None

    def now(self) -> float:
        """Tell the time."""
        return self.time

    def check(self) -> None:
        """Let everything go on."""

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        self.pauses.append(seconds)
        self.on_pause(seconds)
        self.time += seconds

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Let time pass; nobody else is there to notify."""
        del condition
        self.sleep(seconds)


class CountingClock(Clock):
    """The real clock, which knows how many threads are waiting at a condition."""

    def __init__(self, stopping: threading.Event | None = None) -> None:
        super().__init__(stopping)
        self._changed = threading.Condition()
        self._waiting = 0

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait as the real clock does, and be counted meanwhile."""
        self._count(1)
        try:
            super().wait(condition, seconds)
        finally:
            self._count(-1)

    def until_waiting(self, threads: int) -> None:
        """Block until so many threads wait at the same time."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._waiting >= threads, timeout=60)

    def _count(self, step: int) -> None:
        with self._changed:
            self._waiting += step
            self._changed.notify_all()


class HeldClock(CountingClock):
    """Stands still until it is set, for several threads; its waits are moments of real time."""

    time = 1000.0

    def now(self) -> float:
        """Tell the time."""
        return self.time

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Wait for a moment, however long it is meant to be."""
        super().wait(condition, min(seconds, 0.01))


SPEED = 50
"""So many seconds of the provider's time pass in a real one."""


class FastClock(Clock):
    """The machine's clock, `SPEED` times as fast."""

    def now(self) -> float:
        """Tell the time in seconds."""
        return super().now() * SPEED

    def sleep(self, seconds: float) -> None:
        """Let that time pass."""
        super().sleep(seconds / SPEED)

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        """Let that time pass, or less where the condition is notified."""
        super().wait(condition, seconds / SPEED)


class WallClock:
    """MPS's time, which stands still until it is advanced.

    Attributes:
        stands: Whether it stands still at the moment; else it is the machine's time.
    """

    def __init__(self, stands: Callable[[], bool] = lambda: True) -> None:
        self.now = float(int(time.time()))
        self.stands = stands

    def __call__(self) -> float:
        """Return the moment, in seconds since the epoch."""
        if not self.stands():
            self.now = time.time()
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
