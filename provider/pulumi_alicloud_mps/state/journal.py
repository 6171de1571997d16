"""The journal, on this machine, of the creates that were requested from MPS.

A run that was killed before its request leaves the same pending create as one that was killed
after, and somebody else's library may have the name that it requested.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pulumi_alicloud_mps.mps.creation import JournalEntry
from pulumi_alicloud_mps.names import stem_in
from pulumi_alicloud_mps.state.deployment import regardless_of_front
from pulumi_alicloud_mps.state.project_folder import own_folder, own_path

_FOLDER = "asked"
_UNRESOLVED = "unresolved"


class CreateJournal:
    """The entries of the project that `directory` belongs to: small files, which git ignores.

    `warn` is called, once, if they can't be written.
    """

    def __init__(self, directory: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        self._directory = directory
        self._warn = warn
        self._warned = False

    def of(self, urn: str, region: str, name: str, account_id: str) -> JournalFile:
        """Return the journal entry of one resource's create with that account; it may not be there.

        All creates of a resource whose names were generated have one journal entry.
        """
        # Not in clear, since the name may be a secret.
        wanted = [regardless_of_front(urn), region, stem_in(name, urn) or name]
        key = hashlib.sha256(json.dumps(wanted).encode()).hexdigest()
        return JournalFile(self, self._folder / key[:32], account_id)

    def of_library(self, urn: str, outputs: Mapping[str, Any]) -> JournalFile:
        """Return the journal entry of the create that a library is from, by its outputs."""
        region, name, account_id = (str(outputs.get(k)) for k in ("region", "name", "account_id"))
        return self.of(urn, region, name, account_id)

    def forget_made(self, urn: str, outputs: Mapping[str, Any], fp_db_id: str) -> None:
        """Forget the create of a library, which the state has by now."""
        # Mostly there are none. This run's are left out: it creates after its diffs and reads.
        if self._had_entries:
            journal_entry = self.of_library(urn, outputs)
            if journal_entry.made() == fp_db_id:
                journal_entry.clear()

    def write(self, path: Path, text: str) -> None:
        """Write a journal entry; if it can't be written there is none."""
        try:
            if not self._folder.is_dir():
                own_folder(self._directory)
                self._folder.mkdir(exist_ok=True)
            # As a whole: what was known stays if this is killed, or the disk is full.
            written = path.with_suffix(".new")
            written.touch(mode=0o600)
            written.write_text(text, encoding="utf-8")
            written.replace(path)
        except OSError as error:
            if self._warned:
                return
            self._warned = True
            self._warn(
                f"the journal of creates can't be written in {self._folder.parent}"
                f" ({error.strerror or 'unknown reason'}): if this run is killed, a library"
                " whose `name` the program sets will need `alicloud-mps recover --confirm`"
            )

    @cached_property
    def _had_entries(self) -> bool:
        with suppress(OSError):
            return any(self._folder.iterdir())
        return False

    @cached_property
    def _folder(self) -> Path:
        return own_path(self._directory) / _FOLDER


@dataclass(frozen=True)
class JournalFile(JournalEntry):
    """A file with the account that asked, and, once MPS has answered, the library's ID."""

    journal: CreateJournal
    path: Path
    account_id: str

    def record_request(self) -> None:
        """Record that MPS is about to be asked."""
        self._write("")

    def record_response(self, fp_db_id: str) -> None:
        """Record what was created, so that no later library is mistaken for it."""
        self._write(fp_db_id)

    def record_unknown_outcome(self) -> None:
        """Record that the run ends with an error, without knowing whether MPS has created one.

        The engine keeps no pending create of it, so it proves nothing for a later one.
        """
        self._write(_UNRESOLVED)

    def clear(self) -> None:
        """Forget the create: MPS refused it, or its library is gone."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def may_have_made(self, fp_db_id: str) -> bool:
        """Whether an interrupted run had asked MPS, and may have created that library."""
        return self._read() in {(self.account_id, ""), (self.account_id, fp_db_id)}

    def made(self) -> str | None:
        """Return the ID of the library that MPS returned, if that account was asked."""
        account_id, fp_db_id = self._read() or ("", "")
        known = account_id == self.account_id and fp_db_id not in {"", _UNRESOLVED}
        return fp_db_id if known else None

    def location(self) -> str:
        """Return the path of the file."""
        return str(self.path)

    def other_account(self) -> str | None:
        """Return the account of the create, if it is not the current one."""
        found = self._read()
        return found[0] if found and found[0] != self.account_id else None

    def unanswered_for(self) -> float | None:
        """Return how many seconds ago MPS was asked, if no answer is known."""
        try:
            asked_at = self.path.stat().st_mtime
        except OSError:
            return None
        # If the clock was set back since, the next run would wait for years.
        unanswered = self._read() in {(self.account_id, ""), (self.account_id, _UNRESOLVED)}
        return max(0.0, time.time() - asked_at) if unanswered else None

    def _read(self) -> tuple[str, str] | None:
        try:
            account_id, _, fp_db_id = self.path.read_text(encoding="utf-8").partition("\n")
        except OSError:
            return None
        return account_id, fp_db_id

    def _write(self, fp_db_id: str) -> None:
        self.journal.write(self.path, f"{self.account_id}\n{fp_db_id}")
