"""The libraries that a probe has made: found again after it was killed, and deleted."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import DeletionRefusedError, RefusedError
from pulumi_alicloud_mps.mps.client import MpsClient
from pulumi_alicloud_mps.mps.deletion import Deletion
from pulumi_alicloud_mps.mps.models import UNKNOWN, FpModel, Library
from pulumi_alicloud_mps.mps.presence import Presence
from pulumi_alicloud_mps.state.project_folder import own_folder, own_path

PREFIX = "alicloud-mps-probe-"
"""What the names of all libraries of probes begin with."""

MODEL = int(FpModel.AUDIO)
"""What they are made for."""

LONGEST = 20 * 60.0
"""For so many seconds a probe waits for anything."""

LASTING = 60.0
"""So many seconds what MPS does not document has to last."""

LOOK_EVERY = 1.0

_WAYS_OUT = (
    "`alicloud-mps probe --clean` deletes it when it is empty; if MPS does not have it either,"
    " remove its ID from `.alicloud-mps/probe-…`"
)


def new_name() -> str:
    """Return a name that no library has; of letters that MPS may recode, and blanks to trim."""
    return f"{PREFIX}{secrets.token_hex(4)}  ü "


class OwnLibraries:
    """Keeps the IDs of what was made in a file of the folder, until it is deleted."""

    def __init__(self, client: MpsClient, region: str, clock: Clock, directory: Path) -> None:
        self._client = client
        self._clock = clock
        self._presence = Presence(client, region, clock)
        self._deletion = Deletion(client, clock, self._presence)
        self._directory = directory
        self._path = own_path(directory) / f"probe-{region}"

    def add(self, fp_db_id: str) -> None:
        """Take note of a library."""
        own_folder(self._directory)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{fp_db_id}\n")

    def noted(self) -> list[str]:
        """Return what was noted and not deleted."""
        with suppress(OSError):
            return self._path.read_text(encoding="utf-8").split()
        return []

    def clean(self) -> list[str]:
        """Delete all that probes have left in the region, as far as it is known or listed."""
        found = dict.fromkeys(self.noted())
        with suppress(RefusedError):
            listed = self._client.list_libraries(deadline=self._clock.now() + LASTING).libraries
            own = [item for item in listed.values() if item.name.startswith(PREFIX)]
            found |= dict.fromkeys(item.fp_db_id for item in own if not item.gone)
        for fp_db_id in found:
            self.delete(fp_db_id)
        self._path.unlink(missing_ok=True)
        return list(found)

    def delete(self, fp_db_id: str) -> list[str]:
        """Delete a library, as any is deleted, and return the statuses of its job.

        Raises:
            DeletionRefusedError: Somebody has put media into it.
        """
        words: dict[str, None] = {}
        until = self._clock.now() + LONGEST
        if not self._presence.is_deleted(fp_db_id, until):
            library = Library(fp_db_id, PREFIX, MODEL, UNKNOWN)

            def notice(status: str, _: float) -> None:
                words[status] = None

            try:
                self._deletion.delete(library, force=False, deadline=until, notice=notice)
            except DeletionRefusedError as error:
                raise DeletionRefusedError(f"{error}. {_WAYS_OUT}") from error
        return list(words)
