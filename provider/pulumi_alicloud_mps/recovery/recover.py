"""Recovering interrupted creates: the libraries that they created are added to the state.

A process that is killed during a create leaves a pending create in the stack's state, and at MPS
perhaps a library that no state knows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import CreationUnknownError, MpsError, StackStateError
from pulumi_alicloud_mps.mps.models import Library, LibraryState
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.properties import NEVER_ACTIVE, outputs_of, predecessors_in
from pulumi_alicloud_mps.settings.reader import read_settings
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import (
    NATIVE_LIBRARY_TYPE,
    PROVIDER_KEY,
    Deployment,
    Resource,
    is_secret,
    parts_of,
)
from pulumi_alicloud_mps.state.edit import completed
from pulumi_alicloud_mps.state.journal import CreateJournal, JournalFile
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue, StackState

from .pending import CLEAR, PendingCreate, pending_creates
from .search import LibrarySearch


@dataclass(frozen=True)
class RecoveryResult:
    """What a create has led to.

    Attributes:
        library: What was created in that account and region, or None.
        listed: How many libraries MPS lists there, if none was created.
        current: Whether the state has a library for the resource.
        superseded: Whether it has another one than the one created.
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
        name = parts_of(self.urn).name
        if self.library is None:
            way = "the state already has one" if self.current else "the next `pulumi up` creates it"
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


def recover_stack(
    state: StackState, *, dry_run: bool = False, confirmed: Collection[str] = ()
) -> tuple[list[RecoveryResult], Path | None]:
    """Recover what the pending creates of a stack created, or show what would be recovered.

    Returns:
        What became of each, and the copy of the state as it was before, if it was changed.

    Raises:
        MpsError: As `recover`, or the state can't be read or written; it is as it was then.
    """
    exported = state.exported()
    if not any(item.is_library for item in exported.creating):
        return [], None
    clear = state.exported(show_secrets=True)
    with ExitStack() as opened:

        @cache
        def service_of(provider: str) -> Service:
            settings = clear.settings_of(provider)
            if PROVIDER_NAME not in settings:
                # The state's copy of the stack's configuration may be older.
                settings = state.configuration()
            service = Service(read_settings(settings.get, os.environ).open())
            opened.callback(service.close)
            return service

        journal, clock = CreateJournal(Path.cwd()), Clock()
        search = LibrarySearch(exported, service_of, journal, confirmed, clock)
        try:
            recovered, results, journal_entries = recover(exported, clear, search)
        except MpsError as error:
            # It names properties as the programs of the libraries do that are pending.
            if {item.type for item in exported.creating} == {NATIVE_LIBRARY_TYPE}:
                error.args = (in_camel_case(str(error)),)
            raise
    if dry_run:
        return results, None
    try:
        copy = state.change(exported, with_default_provider(recovered, state.config_values))
    except StackStateError as error:
        found = "".join(f"; {item}" for item in results if item.library)
        raise StackStateError(f"{error}{found}") from error
    for journal_entry in journal_entries:
        # For a later create it would be proof, though this one requested the library.
        journal_entry.clear()
    return results, copy


def recover(
    exported: Deployment, clear: Deployment, search: LibrarySearch
) -> tuple[Deployment, list[RecoveryResult], list[JournalFile]]:
    """Recover what the pending creates of a state have created, as far as a search finds it.

    Nothing that `clear` has decrypted gets into the state: it is only compared.

    Returns:
        The state without these creates and with what they created, what became of each, and their
        journal entries, which are to be forgotten with them.

    Raises:
        CreationUnknownError: The program only reads what one of them created (`FpShotDB.get`).
        MpsError: As `pending_creates`, or `LibrarySearch.made_by`.
    """
    found = search.made_by(pending_creates(exported, clear))
    only_read = {item.urn for item in exported.libraries if item.external}
    for create, library in found.items():
        if library and create.urn in only_read:
            raise CreationUnknownError(
                f"{create.urn}: found {library}, but the program reads a library under this name"
                f" (`FpShotDB.get`), and the state can hold only one of the two: {CLEAR}. To manage"
                " that library, then declare the resource with `adopt` set to its ID (with `name`"
                " and `model_id`) in place of `FpShotDB.get`"
            )
    journal_entries = {create: search.journal_entry(create) for create in found}
    made = [
        _recovered_resource(exported, create, library, journal_entries[create].account_id)
        for create, library in found.items()
        if library
    ]
    recovered = _recovered_state(exported, made)
    doomed = {item.id for item in recovered.libraries if item.delete}
    current = {
        item.urn for item in recovered.resources if not (item.delete or item.pending_replacement)
    }
    reported = {item.urn for item in made}
    results: list[RecoveryResult] = []
    for create, library in found.items():
        # If several created none, only the newest is reported.
        if library is None and create.urn in reported:
            continue
        reported.add(create.urn)
        result = RecoveryResult(
            create.urn,
            journal_entries[create].account_id,
            create.region,
            library,
            listed=None if library else len(search.listed(create)),
            current=create.urn in current,
            superseded=library is not None and library.fp_db_id in doomed,
        )
        results.append(result)
    return recovered, results, [*journal_entries.values()]


def _recovered_resource(
    exported: Deployment, create: PendingCreate, library: Library, account_id: str
) -> Resource:
    """Return a create's library in that account, as the state is to have it."""
    replaced = _current(exported.resources, create.urn)
    predecessors = predecessors_in(replaced.outputs) if replaced else []
    if replaced and (replaced.retain_on_delete or not replaced.pending_replacement):
        predecessors.append(replaced.id)
    outputs = outputs_of(create.inputs, library, account_id, predecessors)
    if library.state not in {LibraryState.ACTIVE.value, LibraryState.OFFLINE.value}:
        # Nobody has seen it become active, so the next `pulumi up` has to wait for that.
        outputs[NEVER_ACTIVE] = True
    known = {key: value for key, value in outputs.items() if value is not None}
    # What is secret in the inputs stays encrypted in the outputs.
    inputs = create.resource.inputs.items()
    same = {key: value for key, value in inputs if is_secret(value) or key == PROVIDER_KEY}
    return create.resource.changed(id=library.fp_db_id, outputs={**known, **same})


def _recovered_state(exported: Deployment, made: Iterable[Resource]) -> Deployment:
    """Return the state without pending operations, and with what they created (newest first).

    It is added as the engine would have: what depends on a resource has to come after it.
    """
    resources = [*exported.resources]
    recovered: set[str] = set()
    for resource in made:
        old = _current(resources, resource.urn)
        if old is None:
            resources.append(resource)
        elif old.pending_replacement:
            resources[resources.index(old)] = resource
        elif resource.urn not in recovered and old.modified and old.modified == resource.modified:
            # It was to replace just this one, before that is deleted.
            resources[resources.index(old)] = resource
            resources.append(old.changed(delete=True))
        else:
            # Nobody may have asked for its content to be destroyed by the time that this is done;
            # and what no resource ever had is not kept, where no state would know of it.
            outputs = {**resource.outputs, "force_destroy": False}
            resources.append(resource.changed(outputs=outputs, retain_on_delete=False, delete=True))
        recovered.add(resource.urn)
    return exported.with_resources(resources).without_pending()


def _current(resources: Iterable[Resource], urn: str) -> Resource | None:
    return next((item for item in resources if item.urn == urn and not item.delete), None)


def with_default_provider(
    recovered: Deployment, config: Callable[[], Mapping[str, ConfigValue]]
) -> Deployment:
    """Return the state with the provider of what was put there, if a `destroy` has taken it."""
    references = {item.reference for item in recovered.resources}
    for library in recovered.libraries:
        if library.provider not in references:
            return completed(recovered, library.provider, config())
    return recovered
