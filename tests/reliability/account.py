"""The account at an emulated MPS that the stacks of this folder live in, seen from behind."""

from collections.abc import Sequence
from typing import Any, Self

from clocks import WallClock
from control_api import Behind
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings, Fault
from pulumi_alicloud_mps.emulator.faults import FaultScript
from pulumi_alicloud_mps.emulator.records import LibraryRecord, LibraryState, NewLibrary

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
    video_creations=0,
    access_key_id=KEY,
    access_key_secret=SECRET,
    security_token=TOKEN,
)


# In seconds, for a connection and for an answer. Where some never come, each is waited for so long.
_PATIENCE = "20"
_PATIENCE_IN_SILENCE = "0.4"


class Account(Behind):
    """The libraries of one account, the calls made to it, and the faults that calls meet."""

    def __init__(self) -> None:
        self._time = WallClock(stands=lambda: False)
        self.emulator = Emulator(settings=_SETTINGS, clock=self._time)
        self._model = self.emulator.model
        self._silent = False

    def __enter__(self) -> Self:
        self.emulator.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.emulator.close()

    @property
    def config(self) -> dict[str, str]:
        """The configuration of a stack, for one command."""
        values = {
            "endpoint": self.emulator.url,
            "region": REGION,
            "accessKey": KEY,
            "secretKey": SECRET,
            "securityToken": TOKEN,
            "connectTimeout": _PATIENCE,
            "readTimeout": _PATIENCE_IN_SILENCE if self._silent else _PATIENCE,
        }
        return {f"alicloud-mps:{key}": value for key, value in values.items()}

    @property
    def alive(self) -> dict[str, LibraryRecord]:
        """The libraries that are not deleted, by ID."""
        now = self._model.clock()
        found = {library.id: library for library in self._model.libraries()}
        return {key: library for key, library in found.items() if library.state(now) != "deleted"}

    @property
    def dying(self) -> set[str]:
        """The libraries that a delete job is about to end."""
        return {key for key, library in self.alive.items() if library.deleted_at is not None}

    @property
    def lasting(self) -> set[str]:
        """The libraries that are not deleted, and that no delete job is about to end.

        Told from one look: between two of them a job may end, and its library be neither.
        """
        return {key for key, library in self.alive.items() if library.deleted_at is None}

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls since the last reset."""
        # Not by the control API, which is refused where a fault refuses connections.
        return [dict(call) for call in self.emulator._service.requests]

    def reset(self, **settings: object) -> None:
        """Forget everything, and have other settings than usual."""
        self.spoil([])
        self.emulator._service.reset()
        self._model.settings = self._model.settings.changed(settings)

    def settle(self, **settings: object) -> None:
        """Change settings, and leave everything else as it is."""
        self._model.settings = self._model.settings.changed(settings)

    @property
    def met(self) -> int:
        """How many calls have met the first of the faults."""
        return next((int(str(rule["fired"])) for rule in self._script.to_dict()), 0)

    def spoil(self, faults: Sequence[Fault], after: str | None = None) -> None:
        """Have these faults, and only these.

        Args:
            faults: What goes wrong.
            after: From the next call of that action on, or at once if it is empty, MPS's time
                stands still until the first fault has met a call: how often something is looked
                at is no matter of time then.
        """
        self._time.stands = lambda: False
        self._silent = any(fault.kind == "hang" for fault in faults)
        self.emulator.set_faults(faults)
        before = len(self.calls)

        def stands() -> bool:
            called = not after or any(call["Action"] == after for call in self.calls[before:])
            return called and not self.met

        if after is not None:
            self._time.stands = stands

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
        """Have a library be offline, and become active after the usual time."""
        later = self._time() + ACTIVATION
        self.rewrite(fp_db_id, active_at=later, forced_at=later, forced_state="active")

    @property
    def hidden(self) -> set[str]:
        """The libraries that are there, and not listed yet."""
        now = self._time()
        return {key for key, library in self.alive.items() if library.listed_at > now}

    def show(self, fp_db_id: str) -> None:
        """List a library that was not listed so far."""
        self.rewrite(fp_db_id, listed_at=0)

    @property
    def _script(self) -> FaultScript:
        return self.emulator._service.script
