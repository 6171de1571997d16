"""An emulator, a relay before it, and a clock of which both sides live."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from connections import Connections
from fake_clock import FakeClock
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
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
    start = time.time() - clock.now()
    # Time stands still between the pauses, so every call would fall into the same second.
    settings = EmulatorSettings(calls_per_second=0, quota=50)
    with Emulator(settings=settings, clock=lambda: start + clock.now()) as running:
        yield running


@pytest.fixture
def relay(emulator: Emulator) -> Iterator[Relay]:
    """A relay before the emulator."""
    with Relay(emulator.url) as running:
        yield running
