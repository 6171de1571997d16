"""An emulator in memory with a clock that stands still, and a client of it."""

from collections.abc import Iterator

import pytest

from emulator.calls import Client, Clock
from pulumi_alicloud_mps.emulator import Emulator


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Iterator[Emulator]:
    """Run an emulator with default settings."""
    with Emulator(clock=clock) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator, clock: Clock) -> Client:
    """Return a client that signs with the default keys."""
    return Client(emulator.url, clock)
