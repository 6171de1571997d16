"""When a provider's process stops before its work is done: on Ctrl-C, and without its engine."""

from __future__ import annotations

import os
import threading

from pulumi_alicloud_mps.clock import Clock, SystemClock

from .engine import engine_address, watch
from .host import on_cancel

GRACE = 3.0
"""Seconds that calls in flight get when the engine is gone. Nobody is left to take their result;
what they made at MPS, the next `pulumi up` finds by its name."""


def stoppable_clock() -> Clock:
    """Return a clock that stops on the first Ctrl-C, or when the CLI was killed.

    Waiting then ends early, and nothing new is asked of MPS. Without an engine the process ends,
    too.
    """
    stopping = threading.Event()

    def end() -> None:
        stopping.set()
        threading.Event().wait(GRACE)
        # The interpreter's own way out would wait for every thread of the host.
        os._exit(1)

    on_cancel(stopping.set)
    watch(engine_address, end)
    return SystemClock(stopping)
