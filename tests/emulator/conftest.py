"""An emulator in memory with a clock that stands still, and a client of it."""

from collections.abc import Iterator

import pytest

from clocks import WallClock
from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Emulator


@pytest.fixture
def clock() -> WallClock:
    """Return a clock that stands still."""
    return WallClock()


@pytest.fixture
def emulator(clock: WallClock) -> Iterator[Emulator]:
    """Run an emulator with default settings."""
    with Emulator(clock=clock) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator, clock: WallClock) -> Client:
    """Return a client that signs with the default keys."""
    return Client(emulator.url, clock)
