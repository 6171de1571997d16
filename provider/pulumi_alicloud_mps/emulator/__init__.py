"""A local MPS: the media fingerprint actions over real signed HTTP, for tests and first steps.

* :mod:`.server`: ``Emulator``, which runs in a thread of this process.
* :mod:`.settings`: ``EmulatorSettings``, and the key pair that it accepts by default.
* :mod:`.faults`: ``Fault``, one rule of what goes wrong, and ``read_faults`` for JSON.
* :mod:`.store`: ``DatabaseError``, and the SQLite file that processes can share.

A request comes in by ``server`` and ``connections``, and goes to ``control`` (the control API),
``page`` (for people) or ``service``. That reads calls (``requests``), admits them (``auth``),
carries them out (``actions``) on the state (``store``, ``records``), and answers (``responses``);
``faults`` and ``quirks`` change the responses.
"""

from .faults import Fault, FaultError, read_faults
from .server import Emulator
from .settings import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    EmulatorSettings,
    EmulatorSettingsError,
)
from .store import DatabaseError, MpsModel

__all__ = [
    "LOCAL_ACCESS_KEY_ID",
    "LOCAL_ACCESS_KEY_SECRET",
    "DatabaseError",
    "Emulator",
    "EmulatorSettings",
    "EmulatorSettingsError",
    "Fault",
    "FaultError",
    "MpsModel",
    "read_faults",
]
