"""A note, on this machine, of each create that MPS was asked for.

A run that was killed before it asked leaves the same pending create behind as one that was killed
after, and somebody else's library may have the name that it wanted.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from .mps.local import own_folder, own_path

_FOLDER = "asked"


class CreateRecord:
    """The notes of one project: small files in a folder of its own, which git ignores.

    A note is empty until MPS has answered, and has the library's ID then.
    """

    def __init__(self, directory: Path) -> None:
        """Keep the notes of the project that `directory` belongs to."""
        self._directory = directory

    def note(self, urn: str, region: str, name: str) -> None:
        """Note that MPS is about to be asked; where nothing can be written, go on without."""
        self._write(urn, region, name, "")

    def answered(self, urn: str, region: str, name: str, fp_db_id: str) -> None:
        """Note what was made, so that no later library passes for it."""
        self._write(urn, region, name, fp_db_id)

    def clear(self, urn: str, region: str, name: str) -> None:
        """Forget a create whose library is gone."""
        with suppress(OSError):
            self._path(urn, region, name).unlink(missing_ok=True)

    def asked(self, urn: str, region: str, name: str, fp_db_id: str) -> bool:
        """Whether MPS was asked and may have made that library, as far as this machine knows."""
        try:
            made = self._path(urn, region, name).read_text(encoding="utf-8")
        except OSError:
            return False
        return made in {"", fp_db_id}

    def _write(self, urn: str, region: str, name: str, fp_db_id: str) -> None:
        with suppress(OSError):
            own_folder(self._directory)
            path = self._path(urn, region, name)
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(fp_db_id, encoding="utf-8")

    def _path(self, urn: str, region: str, name: str) -> Path:
        # Not in clear, since a stack may have made the name a secret.
        key = hashlib.sha256(json.dumps([urn, region, name]).encode()).hexdigest()
        return own_path(self._directory) / _FOLDER / key[:32]
