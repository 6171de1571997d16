"""Time that runs faster than the machine's, in the host and in the tests alike."""

import threading

from pulumi_alicloud_mps.mps.clock import SystemClock

SPEED = 50
"""So many seconds of the provider's time pass in a real one."""


class FastClock(SystemClock):
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
