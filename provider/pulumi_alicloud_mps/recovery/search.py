"""Finding the libraries that creates made which were cut off, and what proves whose they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pulumi_alicloud_mps.mps.clock import Clock
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE
from pulumi_alicloud_mps.mps.errors import (
    AccountMismatchError,
    CreationUnknownError,
    NotListedError,
    RefusedError,
)
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library, LibrarySpec, same_text
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.mps.unanswered import SEARCH_SECONDS
from pulumi_alicloud_mps.state.journal import CreateJournal, JournalEntry
from pulumi_alicloud_mps.state.pulumi_cli import Deployment

from .pending import PendingCreate, held_libraries

ServiceOf = Callable[[str], Service]
"""Gives the account that a provider calls, by the reference that resources have to it."""

_LOOK_EVERY = 1.0
_CLEAR = "clear the pending create with `pulumi refresh --clear-pending-creates`"
_BY_HAND = f"look for it at MPS; set `adopt` to its ID if it is there, and {_CLEAR}"


@dataclass(frozen=True)
class Evidence:
    """What proves that a library is this stack's.

    Attributes:
        record: What this machine knows of the creates that MPS was asked for.
        taken: The IDs of libraries of which somebody says so who knows.
    """

    record: CreateJournal
    taken: Collection[str] = ()


class LibrarySearch:
    """Looks for what attempts made, among the libraries that the state does not hold."""

    def __init__(
        self, exported: Deployment, service_of: ServiceOf, evidence: Evidence, clock: Clock
    ) -> None:
        self._held = held_libraries(exported)
        self._held_ids = {item.get("id") for item in self._held}
        self._service_of = service_of
        self._evidence = evidence
        self._clock = clock

    def made_by(self, pending: Sequence[PendingCreate]) -> list[Library | None]:
        """Return what each of them made, or None."""
        for attempt in pending:
            self._check_account(attempt)
        until = self._clock.now() + max(map(self._search_seconds, pending), default=0)
        siblings = [self._siblings(attempt) for attempt in pending]
        while True:
            found = [self._found(attempt) for attempt in pending]
            if all(found) or self._clock.now() >= until:
                break
            self._clock.sleep(_LOOK_EVERY)
        for attempt, library, known in zip(pending, found, siblings, strict=True):
            if library is None:
                self._check_listing(attempt, known)
        return _once(pending, found)

    def _note(self, attempt: PendingCreate) -> JournalEntry:
        account_id = self._service_of(attempt.provider).account_id(attempt.region)
        name = str(attempt.inputs.name)
        return self._evidence.record.of(attempt.urn, attempt.region, name, account_id)

    def _check_account(self, attempt: PendingCreate) -> None:
        note = self._note(attempt)
        if other := note.other_account():
            raise AccountMismatchError(
                f"{attempt.urn}: MPS was asked for it by account {other}, and the credentials in"
                f" use belong to {note.account_id}; use credentials of {other}, or {_CLEAR}"
            )

    def _search_seconds(self, attempt: PendingCreate) -> float:
        asked_ago = self._note(attempt).unanswered_for()
        left = 0 if asked_ago is None else NOT_LISTED_GRACE - asked_ago
        return max(SEARCH_SECONDS, left)

    def _found(self, attempt: PendingCreate) -> Library | None:
        spec, adopted = attempt.inputs.spec(attempt.urn), attempt.inputs.adopt
        # The library that is being replaced is not adopted again: another one was made then.
        if adopted and adopted not in self._held_ids:
            library = self._libraries(attempt).look_up(adopted)
            return None if library is None or spec.differences(library) else library
        with suppress(NotListedError):
            answered = self._answered(attempt)
            if answered and (not spec.stem or same_text(spec.name, answered.name)):
                return answered
        candidates = [
            library
            for library in self._named(attempt, spec.name)
            if library.fp_db_id not in self._held_ids
        ]
        proven = self._proven(attempt, spec, candidates)
        found = proven or candidates
        if len(found) > 1:
            ids = ", ".join(library.fp_db_id for library in found)
            raise CreationUnknownError(
                f"{attempt.urn}: {len(found)} libraries in {attempt.region} have its"
                f" name ({ids}); find out which one is this stack's, and run"
                " `alicloud-mps recover --confirm` with its ID; if none is, choose another `name`,"
                f" and {_CLEAR}"
            )
        if found and not spec.stem and (differences := spec.differences(found[0])):
            raise CreationUnknownError(
                f"{attempt.urn}: {found[0]} has its name, but its {', its '.join(differences)};"
                " find out whose it is, and set `adopt` to its ID or choose another `name`, and"
                f" {_CLEAR}"
            )
        if found and not proven:
            raise CreationUnknownError(
                f"{attempt.urn}: {found[0]} matches its name, but nothing here shows that MPS"
                " was asked for it before the run was cut off, so that it may be somebody else's;"
                f" if it is this stack's, run `alicloud-mps recover --confirm {found[0].fp_db_id}`,"
                f" else choose another `name`, and {_CLEAR}"
            )
        return found[0] if found else None

    def _proven(
        self, attempt: PendingCreate, spec: LibrarySpec, candidates: Sequence[Library]
    ) -> list[Library]:
        """Return those that are taken; else those that the attempt may well have made."""
        note = self._note(attempt)
        taken = [item for item in candidates if item.fp_db_id in self._evidence.taken]
        return taken or [
            item for item in candidates if spec.stem or note.may_have_made(item.fp_db_id)
        ]

    def _answered(self, attempt: PendingCreate) -> Library | None:
        """Return the library that MPS answered with, unless the state has it or it is gone.

        Raises:
            NotListedError: MPS does not list it, and may not have done so yet.
        """
        made = self._note(attempt).made()
        if made is None or made in self._held_ids:
            return None
        return self._libraries(attempt).find(made, listed=False)

    def _libraries(self, attempt: PendingCreate) -> Libraries:
        return self._service_of(attempt.provider).libraries(attempt.region)

    def _named(self, attempt: PendingCreate, name: str) -> list[Library]:
        try:
            return self._libraries(attempt).named(name)
        except RefusedError as error:
            if not error.blames_parameters:
                raise
            raise _not_told(attempt, str(error)) from error

    def _siblings(self, attempt: PendingCreate) -> list[str]:
        """Return the IDs of what the same provider has made in the region, as the state has it.

        Raises:
            AccountMismatchError: Today's credentials belong to another account than those.
        """
        found = []
        for entry in self._held:
            outputs = entry.get("outputs", {})
            if (entry["provider"], outputs.get("region")) == (attempt.provider, attempt.region):
                service = self._service_of(attempt.provider)
                service.libraries_of(outputs.get("account_id"), attempt.region)
                found.append(entry["id"])
        return found

    def _check_listing(self, attempt: PendingCreate, siblings: Sequence[str]) -> None:
        """Believe a listing without the library only if it has one that is known to be there.

        That List without IDs lists all, or anything, is not documented.
        """
        try:
            self._answered(attempt)
        except NotListedError:
            made = self._note(attempt).made()
            raise _not_told(attempt, f"MPS answered with {made}, and does not list it") from None
        unlisted = None
        for fp_db_id in siblings:
            known = self._libraries(attempt).look_up(fp_db_id)
            if known and self._named(attempt, known.name):
                return
            unlisted = known or unlisted
        if unlisted:
            raise _not_told(attempt, f"{unlisted} is not listed either")
        asked = self._note(attempt).unanswered_for() is not None
        if asked and not self._libraries(attempt).listed():
            raise _not_told(attempt, "MPS lists nothing at all")


def _not_told(attempt: PendingCreate, reason: str) -> CreationUnknownError:
    return CreationUnknownError(
        f"{attempt.urn}: whether a library of its name was made in"
        f" {attempt.region} can't be told ({reason}); {_BY_HAND}"
    )


def _once(
    pending: Sequence[PendingCreate], found: Sequence[Library | None]
) -> list[Library | None]:
    """Give each library to one attempt alone: the newest of those of its resource."""
    owners: dict[str, PendingCreate] = {}
    for attempt, library in zip(pending, found, strict=True):
        owner = owners.setdefault(library.fp_db_id, attempt) if library else attempt
        if library and owner.urn != attempt.urn:
            raise CreationUnknownError(
                f"{owner.urn} and {attempt.urn} may both have made {library}; set `adopt` of one of"
                " them to its ID"
            )
    return [
        library if library and owners[library.fp_db_id] is attempt else None
        for attempt, library in zip(pending, found, strict=True)
    ]
