"""A local MPS: the media fingerprint actions over real signed HTTP, for tests and first steps.

* :mod:`.server`: ``Emulator``, which runs in a thread of this process.
* :mod:`.settings`: ``EmulatorSettings``, and the key pair that it accepts by default.
* :mod:`.fault_rules`: ``Fault``, one rule of what goes wrong, and ``read_faults`` for JSON.
* :mod:`.database`: ``DatabaseError``, and the SQLite file that processes can share.

Behind them: ``app`` (HTTP, at the port of a ``listener``), ``control`` (the control API) and
``page`` (for people), closed to foreign web pages by ``origins``. They stand on ``service``, which
reads calls (``requests``), admits them (``auth``, by ``signature`` or ``header_signature``),
carries them out (``actions``, ``arguments``) on the state (``model``, ``records``), and answers
(``responses``, ``errors``). ``fault_script`` says
which call meets which fault; ``fault_responses`` and ``network_faults`` spoil the response.
"""

from .database import DatabaseError
from .fault_rules import Fault, FaultError, read_faults
from .model import MpsModel
from .server import Emulator
from .settings import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    EmulatorSettings,
    EmulatorSettingsError,
)

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
