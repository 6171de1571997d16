"""How fast calls go out: well below what MPS takes, and slower if it throttles."""

from __future__ import annotations

import math
import threading
from collections import defaultdict

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import NoTurnError

from .access import AT_ONCE, CALLS_PER_SECOND

_SLOWEST = 0.1
_RECOVERY = 60.0
_LAST_LOOK = 5.0
_LONGEST_SLEEP = 1.0
_TINY = 1e-6


class RateLimiter:
    """Releases calls in the order in which they came; safe to share between threads.

    Each operation has a rate of its own, as it has at MPS. After a pause up to 40 calls go at once,
    or those of one second if these are fewer; no second has more than these and the rate.
    Throttling halves the operation's rate, down to a tenth; a minute brings it back.

    `calls_per_second` is the rate of all operations together; by default each has 50.
    """

    def __init__(self, clock: Clock, calls_per_second: float | None = None) -> None:
        shared = calls_per_second and _Pace(clock, calls_per_second)
        self._lock = threading.Lock()
        self._paces = defaultdict[str, _Pace](lambda: shared or _Pace(clock, CALLS_PER_SECOND))

    def acquire(self, action: str, deadline: float) -> float:
        """Wait until the next call may go, and return that moment.

        Even a call whose deadline is now, such as the last look of a wait, gets five seconds.

        Raises:
            NoTurnError: Its turn would come after the deadline.
            StoppedError: This process is to stop.
        """
        return self._pace(action).acquire(action, deadline)

    def slow_down(self, action: str, sent_at: float) -> None:
        """Record that a call that went out at that moment was throttled."""
        self._pace(action).slow_down(sent_at)

    def _pace(self, action: str) -> _Pace:
        with self._lock:
            return self._paces[action]


class _Pace:
    """Every call takes a numbered ticket; the highest number that may go grows at the rate."""

    def __init__(self, clock: Clock, calls_per_second: float) -> None:
        self._clock = clock
        self._fastest = calls_per_second
        self._rate = calls_per_second
        self._at_once = max(1.0, min(AT_ONCE, calls_per_second))
        self._lock = threading.Lock()
        self._tickets = 0
        self._called = self._at_once
        self._looked_at = clock.now()
        self._slowed_at = -math.inf

    def acquire(self, action: str, deadline: float) -> float:
        until = max(deadline, self._clock.now() + _LAST_LOOK)
        with self._lock:
            self._advance()
            ticket = self._tickets + 1
            # Before the ticket is taken: an unused one would hold up the others.
            self._refuse_late(action, (ticket - self._called) / self._rate, until)
            self._tickets = ticket
        while (pause := self._pause(ticket)) > _TINY:
            self._refuse_late(action, pause, until)
            # Looked at again in between, since the rate may have changed.
            self._clock.sleep(min(pause, _LONGEST_SLEEP))
        return self._clock.now()

    def slow_down(self, sent_at: float) -> None:
        with self._lock:
            # Calls that went out before the last change say nothing about the rate since then.
            if sent_at > self._slowed_at:
                self._advance()
                self._rate = max(self._rate / 2, self._fastest * _SLOWEST)
                self._slowed_at = self._looked_at

    def _refuse_late(self, action: str, pause: float, until: float) -> None:
        if self._clock.now() + pause > until:
            detail = f"rate limit: would wait {pause:.0f} s, past the deadline"
            raise NoTurnError(action, detail, transient=True)

    def _pause(self, ticket: int) -> float:
        with self._lock:
            self._advance()
            return (ticket - self._called) / self._rate

    def _advance(self) -> None:
        now = self._clock.now()
        passed, self._looked_at = now - self._looked_at, now
        self._rate = min(self._rate + passed * self._fastest / _RECOVERY, self._fastest)
        self._called = min(self._called + passed * self._rate, self._tickets + self._at_once)
