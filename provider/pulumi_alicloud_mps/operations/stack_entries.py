"""Which resource has which library in the stack's state: none may belong to two."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import ContradictionError, DeletionRefusedError, StackStateError
from pulumi_alicloud_mps.state.deployment import (
    Deployment,
    Resource,
    parts_of,
    regardless_of_front,
    stack_of,
)
from pulumi_alicloud_mps.state.pulumi_cli import READ_SECONDS, StackState

SHARED_SECONDS = 1.0
"""Deletions that begin within this time share one export. What this process adopts meanwhile is
known without it, and another process of the run has adopted before deletions begin."""

_UNREADABLE = (
    "another resource of the stack may manage it, and the stack's state can't be read; make `pulumi"
    " stack export` work in the project's folder (`pulumi` on PATH, `pulumi login`, `pulumi stack"
    " select`), then run the same command again. If you can't fix that, `pulumi state"
    " delete` removes the resource from the state, and the library stays at MPS"
)


class StackEntries:
    """The libraries in the stack's state, as creates and deletions have to know them."""

    def __init__(self, read: Callable[[str, str | None], Deployment], clock: Clock) -> None:
        """Take the function that reads the state in which a resource, by its URN, has that ID."""
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._shared: dict[str, tuple[Future[Deployment], float]] = {}
        self._released: set[tuple[str, str, bool]] = set()

    def read(self, fp_db_id: str, urn: str) -> Future[Deployment]:
        """Begin to read the state, or share what others have just begun."""
        return self._share("deletions", SHARED_SECONDS, urn, fp_db_id)

    def held_by(self, urn: str, fp_db_id: str | None = None) -> Sequence[Resource]:
        """Return the current entries of a resource, of one library or all; without a state none.

        If there are several states, `fp_db_id` identifies the one that has the resource.
        """
        with suppress(StackStateError):
            managed = self._begin(urn, fp_db_id).result().managed
            return [item for item in managed if item.urn == urn and fp_db_id in {None, item.id}]
        return ()

    def awaits_replacement(self, fp_db_id: str, urn: str) -> bool:
        """Whether the engine has removed a resource's library, and has yet to create another.

        With `retain_on_delete` the library still exists. False if the state can't be read.
        """
        return any(item.pending_replacement for item in self.held_by(urn, fp_db_id))

    def is_of_another_provider(self, fp_db_id: str, urn: str, name: str) -> bool:
        """Whether the state has a resource's library under another provider than the named one.

        Without a name, that is the default one. If the state can't be read, nothing is deleted.
        """
        exported = self._share("replacements", math.inf, urn, fp_db_id)
        with suppress(StackStateError):
            for item in exported.result().managed:
                if (item.urn, item.id) == (urn, fp_db_id) and item.provider:
                    same = parts_of(item.provider_urn).name == name
                    return not (same if name else item.has_default_provider)
        return False

    def begin_create(self, urn: str) -> Future[Deployment]:
        """Begin to read the state as it was before this process created anything.

        Later reads would show nothing more of earlier runs, so all creates share it.
        """
        return self._share("creates", math.inf, urn)

    def earlier_attempts(self, urn: str, name: str | None) -> Collection[tuple[str, str]]:
        """Return the other names that a resource's pending creates requested, each with its region.

        A program may have changed name, region and front since, and `pulumi stack rename` the URN.
        If the state can't be read there are none.
        """
        resource = regardless_of_front(urn)
        attempts = set()
        with suppress(StackStateError):
            for item in self.begin_create(urn).result().creating:
                asked_for = item.inputs.get("name")
                # A secret name can't be read.
                if regardless_of_front(item.urn) == resource and isinstance(asked_for, str):
                    region = item.inputs["region"]
                    # All that is known of a secret region is that it was requested.
                    there = region if isinstance(region, str) else "a secret region"
                    attempts.add((asked_for, there))
        return {attempt for attempt in attempts if attempt[0] != name}

    def deleted_after(self, urn: str) -> Sequence[Resource]:
        """Return what the engine deletes once the create of this resource has replaced it.

        Leaves out what it may delete whatever that holds, and what another entry also has. Empty if
        the state can't be read.
        """
        with suppress(StackStateError):
            # The shared state mostly has nothing. What it has may be deleted by now, also by the
            # process of another provider.
            if _deleted_after(self.begin_create(urn).result(), urn):
                return _deleted_after(self._begin(urn).result(), urn)
        return ()

    def has_successor(self, fp_db_id: str, urn: str, exported: Future[Deployment]) -> bool:
        """Whether the library which is to be deleted under this URN has its successor already."""
        mine = _under(urn, _entries(exported.result(), fp_db_id))
        return bool(mine) and all(entry.delete for entry in mine)

    def kept_for(self, fp_db_id: str, urn: str, exported: Future[Deployment]) -> str | None:
        """Return the entry for which the library is kept when this one is removed, if there is one.

        If both are removed in one run, the second finds no other, and deletes.

        Raises:
            DeletionRefusedError: The state can't be read.
            ContradictionError: The other one has only its `force_destroy` on this one, which
                adopted the library.
        """
        try:
            state = exported.result()
            if [entry.urn for entry in _entries(state, fp_db_id)] != [urn]:
                # As it is once it has this deletion, beside those that began before.
                state = self._begin(urn, fp_db_id).result()
        except StackStateError as error:
            raise DeletionRefusedError(
                f"library {fp_db_id} was not deleted ({error}): {_UNREADABLE}"
            ) from error
        entries, going = _entries(state, fp_db_id), _deleted_before(state, urn)
        with self._lock:
            mine = min(
                _under(urn, entries),
                key=lambda entry: (_identity(entry) in self._released, not entry.delete),
            )
            others = [
                entry
                for entry in entries
                if _identity(entry) not in {_identity(mine), *self._released}
                and not entry.delete
                and not (entry.urn in going and _leaves(entry, [mine]))
            ]
            if not others:
                return None
            if not _leaves(mine, others):
                raise ContradictionError(
                    f"library {fp_db_id} was not deleted: {others[0].urn} also manages it and has"
                    " `force_destroy` set, which would destroy its content; remove one of the two"
                    " from the state with `pulumi state delete`"
                )
            self._released.add(_identity(mine))
            return others[0].urn

    def _share(
        self, use: str, seconds: float, urn: str, fp_db_id: str | None = None
    ) -> Future[Deployment]:
        """Begin to read the state for one use, or share what has begun so many seconds ago."""
        with self._lock:
            now = self._clock.now()
            exported, began = self._shared.get(use, (None, now))
            if exported is None or now - began > seconds:
                exported = self._begin(urn, fp_db_id)
                self._shared[use] = exported, now
            return exported

    def _begin(self, urn: str, fp_db_id: str | None = None) -> Future[Deployment]:
        return self._thread.submit(self._read, urn, fp_db_id)


def read_state(urn: str, fp_db_id: str | None) -> Deployment:
    """Return the state of the stack in which this resource has this library, or any.

    The selected stack may be another one (`--stack`), and a stack of that name may exist in another
    organization: the entry itself identifies it.

    Raises:
        StackStateError: No state that can be read has such an entry.
    """
    if not urn:
        raise StackStateError("the resource's URN is not known")
    named = parts_of(urn).stack
    reasons = []
    for stack in (None, named):
        state = StackState(stack, seconds=READ_SECONDS)
        try:
            exported = state.exported()
        except StackStateError as error:
            reasons.append(str(error))
            continue
        held = exported.managed
        if fp_db_id is None:
            found = any(item.urn == urn for item in [*held, *exported.creating])
        else:
            found = bool(_under(urn, [item for item in held if item.id == fp_db_id]))
        if found:
            return exported
        reasons.append("the state does not have the resource")
    selected, other = reasons
    raise StackStateError(
        selected
        if selected == other
        else f"the selected stack: {selected}; the stack {named}: {other}"
    )


def _identity(entry: Resource) -> tuple[str, str, bool]:
    # The state may have been read again since.
    return entry.urn, entry.id, entry.delete


def _under(urn: str, entries: Sequence[Resource]) -> Sequence[Resource]:
    """Return the entries of one library that the engine means by a URN.

    What is replaced under an alias is deleted under its old URN, but the state has it under the new
    one as soon as its successor exists.
    """
    return [entry for entry in entries if entry.urn == urn] or [
        entry for entry in entries if entry.delete and stack_of(entry.urn) == stack_of(urn)
    ]


def _entries(exported: Deployment, fp_db_id: str) -> list[Resource]:
    # What waits for its replacement has been deleted.
    return [
        item for item in exported.managed if item.id == fp_db_id and not item.pending_replacement
    ]


def _deleted_before(exported: Deployment, urn: str) -> list[str]:
    """Return what the engine was deleting already when it began to delete this resource.

    If several go at the same time, perhaps in the processes of several providers, the last one
    deletes: the engine records each deletion in the state before it requests it.
    """
    deleted = [item.urn for item in exported.deleting]
    return deleted[: deleted.index(urn)] if urn in deleted else []


def _deleted_after(exported: Deployment, urn: str) -> Sequence[Resource]:
    held = exported.managed
    old = [item for item in held if item.urn == urn]
    ids = Counter(item.id for item in held) if old else {}
    return [
        item
        for item in old
        if ids[item.id] == 1
        and not (item.delete or item.pending_replacement or item.retain_on_delete)
        and not _forced(item)
    ]


def _leaves(entry: Resource, others: Sequence[Resource]) -> bool:
    """Whether an entry may leave the library to these, and does not just undo its own guard."""
    guards = _adopted(entry) and not _forced(entry)
    return not guards or any(_adopted(other) or not _forced(other) for other in others)


def _adopted(entry: Resource) -> bool:
    return entry.outputs.get("adopt") == entry.id


def _forced(entry: Resource) -> bool:
    return entry.outputs.get("force_destroy") is True
