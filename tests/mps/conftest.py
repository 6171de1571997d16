"""An emulator, a relay before it, and a clock of which both sides live."""

from collections.abc import Iterator

import pytest

from connections import REGION, Connections
from fake_clock import FakeClock, emulator_by
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.mps.creation import Creation
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.presence import Presence
from relay import Relay


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves when something waits."""
    return FakeClock()


@pytest.fixture
def connections(clock: FakeClock) -> Iterator[Connections]:
    """Ways into the core, closed at the end."""
    with Connections(clock) as opened:
        yield opened


@pytest.fixture
def emulator(clock: FakeClock) -> Iterator[Emulator]:
    """An emulator that lives by the clock of the test."""
    with emulator_by(clock) as running:
        yield running


@pytest.fixture
def relay(emulator: Emulator) -> Iterator[Relay]:
    """A relay before the emulator."""
    with Relay(emulator.url) as running:
        yield running


@pytest.fixture
def libraries(relay: Relay, connections: Connections) -> Libraries:
    """The libraries behind the relay."""
    return connections.libraries(relay.url)


@pytest.fixture
def creation(relay: Relay, connections: Connections, clock: FakeClock) -> Creation:
    """Creation in one region, through the relay."""
    client = connections.client(relay.url)
    return Creation(client, REGION, clock, Presence(client, REGION, clock))
