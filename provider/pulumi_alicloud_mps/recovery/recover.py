"""Recovering interrupted creates: the libraries that they created are added to the state.

A process that is killed during a create leaves a note in the stack's state, and at MPS perhaps a
library that no state knows.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pulumi_alicloud_mps.clock import Clock, SystemClock
from pulumi_alicloud_mps.errors import CreationUnknownError, MpsError, StackStateError
from pulumi_alicloud_mps.mps.models import Library, LibraryState
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.properties import (
    NEVER_ACTIVE,
    outputs_of,
    predecessors_in,
)
from pulumi_alicloud_mps.settings.reader import read_settings
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import (
    NATIVE_LIBRARY_TYPE,
    Deployment,
    Properties,
    logical_name,
)
from pulumi_alicloud_mps.state.journal import CreateJournal, JournalEntry
from pulumi_alicloud_mps.state.pulumi_cli import StackState

from .pending import (
    CLEAR,
    PendingCreate,
    RecoveredLibrary,
    pending_creates,
    recovered_state,
    with_default_provider,
    with_references_of_today,
)
from .search import Evidence, LibrarySearch, ServiceOf


@dataclass(frozen=True)
class RecoveryResult:
    """What became of a create.

    Attributes:
        urn: The resource.
        account_id: The account that was looked into.
        region: The region that was looked into.
        library: What was made, or None.
        listed: How many libraries MPS lists there, where none was made.
        current: Whether the state has a library for the resource, where none was made.
        superseded: Whether it has another one than what was made.
    """

    urn: str
    account_id: str
    region: str
    library: Library | None = None
    listed: int | None = None
    current: bool = False
    superseded: bool = False

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "urn": self.urn,
            "account_id": self.account_id,
            "region": self.region,
            "listed": self.listed,
            "fp_db_id": self.library and self.library.fp_db_id,
            "state": self.library and self.library.state,
            "superseded": self.superseded,
        }

    def __str__(self) -> str:
        name = logical_name(self.urn)
        if self.library is None:
            way = "the state has one" if self.current else "the next `pulumi up` creates it"
            listed = f"{self.listed or 'no'} {'library' if self.listed == 1 else 'libraries'}"
            others = ", none of them from this create" if self.listed else ""
            return (
                f"{name}: no library was created: account {self.account_id} lists {listed} in"
                f" {self.region}{others}; {way}"
            )
        found = f"{name}: found {self.library}, which is {self.library.state}"
        if self.superseded:
            found += (
                "; superseded by a newer library, and the next `pulumi up` deletes it unless it"
                " holds fingerprints"
            )
        return found


@dataclass(frozen=True)
class Recovery:
    """What was recovered, and the copy of the state as it was before, if it was changed."""

    results: list[RecoveryResult]
    copy: Path | None = None


def recover_stack(
    state: StackState, *, dry_run: bool = False, confirmed: Collection[str] = ()
) -> Recovery:
    """Recover what the pending creates of a stack created, or show what would be recovered.

    Raises:
        MpsError: As `recover`, or the state can't be read or written; it is as it was then.
    """
    exported = state.exported()
    if not any(item.is_library for item in exported.creating):
        return Recovery([])
    clear = state.exported(show_secrets=True)
    evidence = Evidence(CreateJournal(Path.cwd()), confirmed)
    with ExitStack() as opened, _spelled_for(exported):

        @cache
        def service_of(provider: str) -> Service:
            settings = clear.settings_of(provider)
            if PROVIDER_NAME not in settings:
                # The state's copy of the stack's configuration may be older.
                settings = state.configuration()
            service = Service(read_settings(settings.get, os.environ).open())
            opened.callback(service.close)
            return service

        recovered, outcomes, notes = recover(exported, clear, service_of, evidence)
    if dry_run:
        return Recovery(outcomes)
    try:
        copy = state.change(exported, with_default_provider(recovered, state.config_values))
    except StackStateError as error:
        found = "".join(f"; {item}" for item in outcomes if item.library)
        raise StackStateError(f"{error}{found}") from error
    for note in notes:
        # Of a later create it would prove what this one has asked for.
        note.clear()
    return Recovery(outcomes, copy)


@contextmanager
def _spelled_for(exported: Deployment) -> Iterator[None]:
    """Have an error name properties as the programs of the libraries do that are pending."""
    try:
        yield
    except MpsError as error:
        if {item.type for item in exported.creating} == {NATIVE_LIBRARY_TYPE}:
            error.args = (in_camel_case(str(error)),)
        raise


def recover(
    exported: Deployment,
    clear: Deployment,
    service_of: ServiceOf,
    evidence: Evidence,
    clock: Clock | None = None,
) -> tuple[Deployment, list[RecoveryResult], list[JournalEntry]]:
    """Settle the creates of libraries that are pending in a stack's state.

    What is not found is looked for during some seconds: MPS may be late to list it, or the process
    that was killed late to end.

    Args:
        exported: The state.
        clear: The same with its secrets in clear, which are only compared.
        service_of: The account, by the settings of a provider of the state.
        evidence: What proves that a library is this stack's.
        clock: The clock of the search.

    Returns:
        The state without these creates and with what they made, what became of each, and what this
        machine has noted of them, which is to be forgotten with them.

    Raises:
        CreationUnknownError: Nothing certain can be said of one of them.
        StackStateError: Creates of other resources are pending, which an import would forget.
        MpsError: MPS could not be asked.
    """
    pending = with_references_of_today(exported, pending_creates(exported, clear))
    search = LibrarySearch(exported, service_of, evidence, clock or SystemClock())
    found = search.made_by(pending)
    if unused := set(evidence.confirmed) - {library.fp_db_id for library in found if library}:
        raise CreationUnknownError(
            f"--confirm: no pending create could have created {', '.join(sorted(unused))}; nothing"
            " was recovered"
        )
    only_read = {item.urn for item in exported.libraries if item.external}
    for attempt, library in zip(pending, found, strict=True):
        if library and attempt.urn in only_read:
            raise CreationUnknownError(
                f"{attempt.urn}: found {library}, but the program reads a library under this name"
                f" (`FpShotDB.get`), and the state can hold only one of the two: {CLEAR}. To manage"
                " that library, then declare the resource with `adopt` set to its ID (with `name`"
                " and `model_id`) in place of `FpShotDB.get`"
            )
    accounts = [service_of(item.provider).account_id(item.region) for item in pending]
    made = [
        RecoveredLibrary(attempt, library, _outputs(exported, attempt, library, account_id))
        for attempt, library, account_id in zip(pending, found, accounts, strict=True)
        if library
    ]
    recovered = recovered_state(exported, made)
    doomed = {item.id for item in recovered.libraries if item.delete}
    current = {
        item.urn for item in recovered.resources if not (item.delete or item.pending_replacement)
    }
    fruitful = {item.attempt.urn for item in made}
    results: list[RecoveryResult] = []
    for attempt, library, account_id in zip(pending, found, accounts, strict=True):
        result = RecoveryResult(attempt.urn, account_id, attempt.region, library)
        if library:
            results.append(replace(result, superseded=library.fp_db_id in doomed))
        elif attempt.urn not in fruitful:
            # Of several that made none, only the newest is told of.
            fruitful.add(attempt.urn)
            listed = len(search.listed(attempt))
            results.append(replace(result, listed=listed, current=attempt.urn in current))
    return recovered, results, [search.note(attempt) for attempt in pending]


def _outputs(
    exported: Deployment, attempt: PendingCreate, library: Library, account_id: str
) -> Properties:
    entries = (item for item in exported.resources if item.urn == attempt.urn)
    replaced = next((item for item in entries if not item.delete), None)
    predecessors = predecessors_in(replaced.outputs) if replaced else []
    if replaced and (replaced.retain_on_delete or not replaced.pending_replacement):
        predecessors.append(replaced.id)
    outputs = outputs_of(attempt.inputs, library, account_id, predecessors)
    # Nobody has seen it become active, so that the next `pulumi up` has to wait for that.
    known = {LibraryState.ACTIVE.value, LibraryState.OFFLINE.value}
    return outputs if library.state in known else {**outputs, NEVER_ACTIVE: True}
