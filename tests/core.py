"""The core of the package before an emulator, which lives by the same clock."""

import time
from dataclasses import replace
from functools import cached_property
from typing import Any

from clocks import FakeClock
from connections import KEYS, REGION, Connections
from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings, MpsModel
from pulumi_alicloud_mps.emulator.records import LibraryRecord, NewLibrary
from pulumi_alicloud_mps.mps.access import Access
from pulumi_alicloud_mps.mps.creation import Creation
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.presence import Presence
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.endpoint import parse_endpoint
from relay import Relay


def emulator_by(clock: FakeClock) -> Emulator:
    """Return an emulator that lives by that clock, from now on."""
    start = time.time() - clock.now()
    # Time stands still between the pauses, so every call would fall into the same second.
    settings = EmulatorSettings(calls_per_second=0, quota=50)
    return Emulator(settings=settings, clock=lambda: start + clock.now())


class Core(Connections):
    """Whatever of the core a test asks for; an emulator and a relay begin when they are needed."""

    clock: FakeClock

    @cached_property
    def emulator(self) -> Emulator:
        """An emulator."""
        return self.enter_context(emulator_by(self.clock))

    @property
    def model(self) -> MpsModel:
        """What the emulator has."""
        return self.emulator.model

    @cached_property
    def relay(self) -> Relay:
        """A relay before it."""
        return self.enter_context(Relay(self.emulator.url))

    @cached_property
    def presence(self) -> Presence:
        """The judge behind the relay, who has seen nothing so far."""
        return Presence(self.client(self.relay.url), REGION, self.clock)

    @cached_property
    def libraries(self) -> Libraries:
        """The libraries behind the relay."""
        return self.libraries_at(self.relay.url)

    @cached_property
    def creation(self) -> Creation:
        """Creation in one region, through the relay."""
        return Creation(self.presence)

    def service(
        self,
        url: str | None = None,
        clock: Clock | None = None,
        **settings: Any,  # noqa: ANN401 - any setting
    ) -> Service:
        """Return a service at a URL, by default at the emulator, and by the clock of the test."""
        if "endpoint" not in settings:
            settings["endpoint"] = parse_endpoint(url or self.emulator.url)
        access = Access(**{"credentials": lambda: KEYS, **settings})
        service = Service(access, clock or self.clock)
        self.callback(service.close)
        return service

    def store(self, **changes: Any) -> LibraryRecord:  # noqa: ANN401 - any field
        """Put a library into MPS, as somebody else would."""
        new = NewLibrary("songs", model_id=13, description="licensed")
        return self.model.create_library(replace(new, **changes))

    def change(self, **settings: object) -> None:
        """Change settings of the emulator."""
        self.model.settings = self.model.settings.changed(settings)
