"""A note, on this machine, of each create that MPS was asked for.

A run that was killed before it asked leaves the same pending create behind as one that was killed
after, and somebody else's library may have the name that it wanted.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from .mps.local import OWN_FOLDER, own_folder, project_folder

_FOLDER = "asked"


class CreateRecord:
    """The notes of one project: empty files in a folder of its own, which git ignores."""

    def __init__(self, directory: Path) -> None:
        """Keep the notes of the project that `directory` belongs to."""
        self._directory = directory

    def note(self, urn: str, region: str, name: str) -> None:
        """Note that MPS is about to be asked; where nothing can be written, go on without."""
        with suppress(OSError):
            own_folder(self._directory)
            path = self._path(urn, region, name)
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o600)

    def clear(self, urn: str, region: str, name: str) -> None:
        """Forget a create whose library is gone."""
        with suppress(OSError):
            self._path(urn, region, name).unlink(missing_ok=True)

    def asked(self, urn: str, region: str, name: str) -> bool:
        """Whether MPS was asked, as far as this machine knows."""
        return self._path(urn, region, name).is_file()

    def _path(self, urn: str, region: str, name: str) -> Path:
        # Not in clear, since a stack may have made the name a secret.
        key = hashlib.sha256(json.dumps([urn, region, name]).encode()).hexdigest()
        return project_folder(self._directory) / OWN_FOLDER / _FOLDER / key[:32]
