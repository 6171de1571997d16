"""A clock that moves only when something waits."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.mps.clock import SystemClock


@dataclass
class FakeClock:
    """Lets time pass at once, for one thread; remembers each pause, and tells of it first."""

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


def emulator_by(clock: FakeClock) -> Emulator:
    """Return an emulator that lives by that clock, from now on."""
    start = time.time() - clock.now()
    # Time stands still between the pauses, so every call would fall into the same second.
    settings = EmulatorSettings(calls_per_second=0, quota=50)
    return Emulator(settings=settings, clock=lambda: start + clock.now())


class CountingClock(SystemClock):
    """The real clock, which knows how many threads are waiting at a condition."""

    def __init__(self) -> None:
        super().__init__()
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


class SteppedClock(CountingClock):
    """A clock for several threads that stands still until it is set."""

    time = 1000.0

    def now(self) -> float:
        """Tell the time."""
        return self.time
