"""The libraries that a probe has made: found again after it was killed, and deleted."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from pulumi_alicloud_mps.mps.client import MpsClient
from pulumi_alicloud_mps.mps.clock import Clock
from pulumi_alicloud_mps.mps.errors import DeletionRefusedError, RefusedError
from pulumi_alicloud_mps.mps.local import own_folder, own_path
from pulumi_alicloud_mps.mps.models import DeleteJobStatus

PREFIX = "alicloud-mps-probe-"
"""What the names of all libraries of probes begin with."""

LONGEST = 20 * 60.0
"""For so many seconds a probe waits for anything."""

LASTING = 60.0
"""So many seconds what MPS does not document has to last."""

LOOK_EVERY = 1.0


def new_name() -> str:
    """Return a name that no library has; of letters that MPS may recode, and blanks to trim."""
    return f"{PREFIX}{secrets.token_hex(4)}  ü "


class OwnLibraries:
    """Keeps the IDs of what was made in a file of the folder, until it is deleted."""

    def __init__(self, client: MpsClient, region: str, clock: Clock, directory: Path) -> None:
        self._client = client
        self._region = region
        self._clock = clock
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
        """Delete a library and return the statuses that its job went through.

        Raises:
            DeletionRefusedError: Somebody has put media into it.
        """
        until = self._clock.now() + LONGEST
        try:
            if self._client.has_files(fp_db_id, until):
                raise DeletionRefusedError(f"library {fp_db_id} holds fingerprints; it was left")
            job_id = self._client.submit_delete_job(fp_db_id, until)
        except RefusedError as error:
            # One that is gone is no error.
            if error.blames_parameters:
                return []
            raise
        return self._await(fp_db_id, job_id, until)

    def _await(self, fp_db_id: str, job_id: str, until: float) -> list[str]:
        words: dict[str, float] = {}
        while True:
            jobs = self._client.delete_jobs([job_id], until)
            now = self._clock.now()
            word = jobs[0].status if jobs else "not listed"
            words.setdefault(word, now)
            if word in {DeleteJobStatus.SUCCESS.value, DeleteJobStatus.FAIL.value}:
                return list(words)
            documented = bool(jobs) and jobs[0].pending
            lasts = now - words[word] >= LASTING or self._is_gone(fp_db_id, until)
            if (not documented and lasts) or now >= until:
                return list(words)
            self._clock.sleep(LOOK_EVERY)

    def _is_gone(self, fp_db_id: str, until: float) -> bool:
        library = self._client.list_libraries([fp_db_id], until).libraries.get(fp_db_id)
        return library is not None and library.gone
