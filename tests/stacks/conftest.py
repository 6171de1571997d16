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


@pytest.fixture(scope="session")
def without_gc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for PYTHONPATH that saves a tenth of each command.

    So much of it is Python's search for garbage, at the start and at the end of processes that
    live for a second.
    """
    folder = tmp_path_factory.mktemp("python")
    (folder / "sitecustomize.py").write_text(
        "import atexit, gc\n\ngc.disable()\natexit.register(gc.freeze)\n", encoding="utf-8"
    )
    return folder


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
def new_stack(emulator: Emulator, tmp_path: Path, without_gc: Path) -> Iterator[StackMaker]:
    """Return a maker of stacks on that MPS; what their commands leave running is ended."""
    made: list[PulumiStack] = []

    def make(folder: str = "project", **fields: str) -> PulumiStack:
        stack = PulumiStack(
            tmp_path / folder,
            config={
                "alicloud-mps:endpoint": emulator.url,
                "alicloud-mps:region": "cn-shanghai",
            },
            environment={
                "ALICLOUD_ACCESS_KEY": LOCAL_ACCESS_KEY_ID,
                "ALICLOUD_SECRET_KEY": LOCAL_ACCESS_KEY_SECRET,
                "PYTHONPATH": str(without_gc),
            },
            **fields,
        )
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.close()


@pytest.fixture
def stack(new_stack: StackMaker) -> PulumiStack:
    """Return a stack on that MPS."""
    return new_stack()
