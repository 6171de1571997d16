"""pytest fixtures for stacks with media fingerprint libraries, without an account.

The fixtures are opt-in. Load them in the top-level conftest.py with
`pytest_plugins = ["pulumi_alicloud_mps.testing"]`. They need pytest 8 or newer, which this package
does not require.

* :mod:`.mocks`: ``MpsMocks``, which runs a program without an engine, in milliseconds.
* :mod:`.emulator`: ``MpsEmulator``, an MPS that a test can look into and change.
* :mod:`.stacks`: ``StackMaker``, which runs a program with the Pulumi CLI on that MPS.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings

from .emulator import MpsEmulator
from .mocks import InvalidInputsError, MpsMocks
from .stacks import StackMaker

__all__ = [
    "InvalidInputsError",
    "MpsEmulator",
    "MpsMocks",
    "StackMaker",
    "mps_emulator",
    "mps_mocks",
    "mps_stack",
]


@pytest.fixture
def mps_mocks() -> MpsMocks:
    """Mocks that replace the engine for the test."""
    mocks = MpsMocks()
    mocks.install()
    return mocks


@pytest.fixture
def mps_emulator() -> Iterator[MpsEmulator]:
    """Serve an empty MPS for the test, which creates and deletes in a tenth of a second."""
    settings = EmulatorSettings(activation_seconds=0.1, deletion_seconds=0.1)
    with Emulator(settings=settings) as running:
        yield MpsEmulator(running.url)


@pytest.fixture
def mps_stack(mps_emulator: MpsEmulator, tmp_path: Path) -> StackMaker:
    """Make stacks on that MPS, with their state in the test's `tmp_path`."""
    return StackMaker(mps_emulator, tmp_path / "mps-stacks")
