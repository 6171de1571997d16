"""A Pulumi command under observation: its time, its provider's memory, its creations."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pulumi_stack import PulumiStack

UP = ("up", "--yes", "--skip-preview")
DESTROY = ("destroy", "--yes", "--skip-preview")
REFRESH = ("refresh", "--yes", "--skip-preview", "--expect-no-changes")
PREVIEW = ("preview", "--expect-no-changes")

_LONGEST = 1200
_LOOK_EVERY = 0.05
_FOLLOW_EVERY = 0.005
_CREATE = "/pulumirpc.ResourceProvider/Create"


def run(stack: PulumiStack, *arguments: str) -> float:
    """Run a command that must succeed, and return the seconds that it took."""
    start = time.perf_counter()
    outcome = stack.start(*arguments).outcome(_LONGEST)
    seconds = time.perf_counter() - start
    outcome.succeeded()
    return seconds


@dataclass
class Memory:
    """The most memory that a provider's process of a stack has had, in MiB."""

    peak: float = 0.0


@contextmanager
def memory_of(stack: PulumiStack) -> Iterator[Memory]:
    """Watch the memory of a stack's provider; by /proc, and so on Linux only."""
    memory = Memory()

    def look() -> None:
        for pid in stack.providers():
            # It may have ended by now.
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
                peak = next(line for line in lines if line.startswith("VmHWM:"))
                memory.peak = max(memory.peak, int(peak.split()[1]) / 1024)

    with _repeated(look, _LOOK_EVERY):
        yield memory


@contextmanager
def creations_of(stack: PulumiStack) -> Iterator[dict[str, float]]:
    """Note when the creation of each ID returned to the engine.

    The engine logs its RPCs when they end, but without the time: that is when the line is there.
    """
    log = stack.folder / "rpc.log"
    log.touch()
    stack.environment["PULUMI_DEBUG_GRPC"] = str(log)
    returned: dict[str, float] = {}
    with log.open(encoding="utf-8") as lines:
        rest = ""

        def look() -> None:
            nonlocal rest
            now = time.time()
            *whole, rest = (rest + lines.read()).split("\n")
            for line in whole:
                entry = json.loads(line)
                if entry["method"] == _CREATE and entry.get("response"):
                    returned.setdefault(entry["response"]["id"], now)

        with _repeated(look, _FOLLOW_EVERY):
            yield returned
    del stack.environment["PULUMI_DEBUG_GRPC"]


@contextmanager
def _repeated(look: Callable[[], None], every: float) -> Iterator[None]:
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(every):
            look()
        look()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
