"""The account at an emulated MPS that the stacks of this folder live in, seen from behind."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from typing_extensions import Self

from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings, Fault
from pulumi_alicloud_mps.emulator.records import Library, LibraryState, NewLibrary

REGION = "cn-shanghai"
KEY = "LTAI5tReliability"
SECRET = "s3cret/of+the=matrix"
TOKEN = "CAIS/sts+token=of=the=matrix"

ACTIVATION = 0.04
DELETION = 0.03
"""Seconds, short for a test and long enough to be met by a second look."""

_SETTINGS = EmulatorSettings(
    activation_seconds=ACTIVATION,
    deletion_seconds=DELETION,
    quota=1000,
    calls_per_second=0,
    access_key_id=KEY,
    access_key_secret=SECRET,
    security_token=TOKEN,
)


class Account:
    """The libraries of one account, the calls made to it, and the faults that calls meet."""

    def __init__(self) -> None:
        self._emulator = Emulator(settings=_SETTINGS)
        self._model = self._emulator.model

    def __enter__(self) -> Self:
        self._emulator.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._emulator.close()

    @property
    def config(self) -> dict[str, str]:
        """The configuration of a stack."""
        values = {
            "endpoint": self._emulator.url,
            "region": REGION,
            "accessKey": KEY,
            "secretKey": SECRET,
            "securityToken": TOKEN,
        }
        return {f"alicloud-mps:{key}": value for key, value in values.items()}

    @property
    def alive(self) -> dict[str, Library]:
        """The libraries that are not deleted, by ID."""
        now = self._model.clock()
        found = {library.id: library for library in self._model.libraries()}
        return {key: library for key, library in found.items() if library.state(now) != "deleted"}

    @property
    def dying(self) -> set[str]:
        """The libraries that a delete job is about to end."""
        return {key for key, library in self.alive.items() if library.deleted_at is not None}

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls since the last reset."""
        # Not by the control API, which is refused where a fault refuses connections.
        return [dict(call) for call in self._emulator._service.requests]

    def reset(self, **settings: object) -> None:
        """Forget everything, and have other settings than usual."""
        self.spoil([])
        self._emulator._service.reset()
        self._model.settings = self._model.settings.changed(settings)

    def settle(self, **settings: object) -> None:
        """Change settings, and leave everything else as it is."""
        self._model.settings = self._model.settings.changed(settings)

    def spoil(self, faults: Sequence[Fault]) -> None:
        """Have these faults, and only these."""
        self._emulator.set_faults(faults)

    def make(self, name: str, model_id: int = 12, description: str = "") -> str:
        """Make a library behind the stack's back; return its ID."""
        new = NewLibrary(name, REGION, model_id, description=description)
        library = self._model.create_library(new)
        self._model.force_state(library.id, "active")
        return library.id

    def fill(self, fp_db_id: str) -> None:
        """Put fingerprints into a library."""
        self._model.add_files(self.alive[fp_db_id], 3)

    def put(self, fp_db_id: str, state: LibraryState) -> None:
        """Put a library into a state."""
        self._model.force_state(fp_db_id, state)

    def activate_later(self, fp_db_id: str) -> None:
        """Have a library become active after the usual time."""
        timer = threading.Timer(ACTIVATION, self._model.force_state, (fp_db_id, "active"))
        timer.daemon = True
        timer.start()
