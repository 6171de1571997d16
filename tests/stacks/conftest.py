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
def new_stack(emulator: Emulator, tmp_path: Path) -> Iterator[StackMaker]:
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
