"""A local MPS: the media fingerprint actions over real signed HTTP, for tests and first steps.

* :mod:`.server`: ``Emulator``, which runs in a thread of this process.
* :mod:`.settings`: ``EmulatorSettings``, and the key pair that it accepts by default.
* :mod:`.fault_rules`: ``Fault``, one rule of what goes wrong, and ``read_faults`` for JSON.
* :mod:`.store`: ``DatabaseError``, and the SQLite file that processes can share.

Behind them: ``http`` (routes, port and origins), ``control`` (the control API) and ``page`` (for
people). They stand on ``service``, which reads calls (``requests``), admits them (``auth``, by
``signature`` or ``header_signature``), carries them out (``actions``) on the state (``store``,
``records``), and answers (``responses``, ``errors``). ``fault_rules`` say which call meets which
fault; ``fault_responses``, ``network_faults`` and ``quirks`` change the response.
"""

from .fault_rules import Fault, FaultError, read_faults
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
