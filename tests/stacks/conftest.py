"""Stacks on an emulator that activates at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    Emulator,
    EmulatorSettings,
)
from pulumi_stack import PulumiStack

StackMaker = Callable[..., PulumiStack]

either_front = pytest.mark.parametrize("stack", ["dynamic", "native"], indirect=True)
"""Has a test hold for the libraries of both providers."""

OTHER_KEY = "other"
OTHER_SECRET = "hunter2"
"""The keys that the MPS of another account takes."""


# Python's search for garbage is a tenth of a command, as its processes live for a second. And the
# SDK's program, which waits for the engine at its end, at times misses the SIGINT by which the
# engine ends it after an error: it would be killed 5 s later.
_SITECUSTOMIZE = """
import atexit, gc, signal, sys
gc.disable()
atexit.register(gc.freeze)
if any("pulumi-language-python-exec" in part for part in sys.orig_argv):
    signal.signal(signal.SIGINT, signal.SIG_DFL)
"""


@pytest.fixture(scope="session")
def quick_start_and_end(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for PYTHONPATH that spares the commands what is not tested."""
    folder = tmp_path_factory.mktemp("python")
    (folder / "sitecustomize.py").write_text(_SITECUSTOMIZE, encoding="utf-8")
    return folder


@pytest.fixture
def other() -> Iterator[ControlApi]:
    """Serve the MPS of another account, which takes other keys."""
    settings = EmulatorSettings(
        activation_seconds=0.1,
        deletion_seconds=0.1,
        access_key_id=OTHER_KEY,
        access_key_secret=OTHER_SECRET,
    )
    with Emulator(settings=settings) as running:
        yield ControlApi(running.url)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Serve an MPS of this test alone."""
    settings = EmulatorSettings(activation_seconds=0.1, deletion_seconds=0.1)
    with Emulator(settings=settings) as running:
        yield running


@pytest.fixture
def mps(emulator: Emulator) -> ControlApi:
    """Look behind that MPS's API."""
    return ControlApi(emulator.url)


@pytest.fixture
def new_stack(
    emulator: Emulator, tmp_path: Path, quick_start_and_end: Path
) -> Iterator[StackMaker]:
    """Return a maker of stacks on that MPS; what their commands leave running is ended."""
    made: list[PulumiStack] = []

    def make(folder: str = "project", *, native: bool = False, **fields: str) -> PulumiStack:
        stack = PulumiStack(
            tmp_path / folder,
            config={
                "alicloud-mps:endpoint": emulator.url,
                "alicloud-mps:region": "cn-shanghai",
            },
            environment={
                "ALICLOUD_ACCESS_KEY": LOCAL_ACCESS_KEY_ID,
                "ALICLOUD_SECRET_KEY": LOCAL_ACCESS_KEY_SECRET,
                "PYTHONPATH": str(quick_start_and_end),
            },
            native=native,
            **fields,
        )
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(new_stack: StackMaker, request: pytest.FixtureRequest) -> PulumiStack:
    """Return a stack on that MPS; see `either_front`."""
    return new_stack(native=getattr(request, "param", "dynamic") == "native")


@pytest.fixture
def native_stack(new_stack: StackMaker) -> PulumiStack:
    """Return a stack on that MPS whose libraries are those of the native provider."""
    return new_stack(native=True)
