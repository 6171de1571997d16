"""The process that serves a provider: how many calls at once, and how it loads."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

THREADS = 512
"""Calls that one process serves at once; threads are only started for calls that are there, and
each create that waits takes one."""

_NO_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"


@contextmanager
def quick_loading() -> Iterator[None]:
    """Import without what only takes time: each command waits for it.

    What is loaded stays, so garbage collection skips it, now and later: that took a tenth of a
    preview of 500 libraries. Our models need no plugins of pydantic, and the search for these reads
    every installed distribution; models of others still have theirs.
    """
    before = os.environ.get(_NO_PLUGINS)
    os.environ[_NO_PLUGINS] = "__all__"
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
        if before is None:
            del os.environ[_NO_PLUGINS]
        else:
            os.environ[_NO_PLUGINS] = before
