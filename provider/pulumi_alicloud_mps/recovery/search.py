"""Finding the libraries that interrupted runs created, and what proves whose they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    CreationUnknownError,
    ListingError,
    NotListedError,
    RefusedError,
    SettingsError,
)
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE, SEARCH_SECONDS, search
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library, same_text
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.properties import predecessors_in
from pulumi_alicloud_mps.state.deployment import Deployment
from pulumi_alicloud_mps.state.journal import CreateJournal, JournalFile

from .pending import CLEAR, PendingCreate

SearchResult = dict[PendingCreate, Library | None]
"""The library of each create, or None; of those of one resource the newest comes first."""


class LibrarySearch:
    """Looks for the libraries of pending creates, among those that the state does not hold.

    `service_of` gives the account of a provider, by the reference that resources have to it;
    `confirmed` are the IDs of libraries that somebody has confirmed to be this stack's.
    """

    def __init__(
        self,
        exported: Deployment,
        service_of: Callable[[str], Service],
        journal: CreateJournal,
        confirmed: Collection[str],
        clock: Clock,
    ) -> None:
        self._held = exported.libraries
        # A program that only reads a library (`FpShotDB.get`) does not own it.
        self._held_ids = {item.id for item in self._held if not item.external}
        for item in self._held:
            self._held_ids.update(predecessors_in(item.outputs))
        self._service_of = service_of
        self._journal = journal
        self._confirmed = confirmed
        self._clock = clock
        self._last_look: dict[tuple[str, str], list[Library]] = {}

    def made_by(self, pending: Sequence[PendingCreate]) -> SearchResult:
        """Return what each of them created.

        What is not found is looked for again for some seconds: MPS may list it late, or the killed
        process may end late.

        Raises:
            CreationUnknownError: Nothing certain can be said of one of them.
            MpsError: MPS could not be asked.
        """
        for create in pending:
            with _keys_of_the_state(create):
                journal_entry = self.journal_entry(create)
            if other := journal_entry.other_account():
                subject = f"{create.urn}: it was requested with account"
                account_id = journal_entry.account_id
                raise AccountMismatchError.of(subject, other, account_id, f", or {CLEAR}")
        started = self._clock.now()
        # Without a journal entry, as on another machine, MPS may have been asked a moment ago.
        asked_ago = {create: self.journal_entry(create).unanswered_for() or 0 for create in pending}
        siblings = {create: self._siblings(create) for create in pending}

        def look() -> SearchResult:
            self._last_look.clear()
            found: SearchResult = {}
            for create in pending:
                with _keys_of_the_state(create):
                    found[create] = self._found(create)
            return found

        found = search(look, lambda found: started + _longest(found, asked_ago), self._clock)
        for create, library in found.items():
            if library is None:
                self._check_listing(create, siblings[create])
        _leave_to_one(found)
        made = {library.fp_db_id for library in found.values() if library}
        if unused := {*self._confirmed} - made:
            raise CreationUnknownError(
                f"--confirm: no pending create could have created {', '.join(sorted(unused))};"
                " nothing was recovered"
            )
        return found

    def listed(self, create: PendingCreate) -> list[Library]:
        """Return what the last look has listed in the region of a create."""
        provider_and_region = (create.resource.provider, create.region)
        if provider_and_region not in self._last_look:
            try:
                self._last_look[provider_and_region] = self._libraries(create).listed()
            except ListingError as error:
                raise _undetermined(create, "MPS lists libraries only by ID") from error
        return self._last_look[provider_and_region]

    def journal_entry(self, create: PendingCreate) -> JournalFile:
        """Return the journal entry of a create with the account of today; it may not be there."""
        account_id = self._service_of(create.resource.provider).account_id(create.region)
        name = str(create.inputs.name)
        return self._journal.of(create.urn, create.region, name, account_id)

    def _found(self, create: PendingCreate) -> Library | None:
        spec, adopted = create.spec, create.inputs.adopt
        look_up = self._libraries(create).look_up
        # The library that is being replaced is not adopted again: another one was created then.
        if adopted and adopted not in self._held_ids:
            library = look_up(adopted)
            return None if library is None or spec.differences(library) else library
        with suppress(NotListedError):
            answered = self._answered(create)
            if answered and (not spec.stem or same_text(spec.name, answered.name)):
                return answered
        # By their IDs, since List may hide just these, or leave their names out.
        confirmed = [
            replace(library, name=library.name or spec.name)
            for key in self._confirmed
            if (library := look_up(key))
        ]
        candidates = self._named(create, confirmed) or self._named(create, self.listed(create))
        if not candidates:
            return None
        journal_entry = self.journal_entry(create)
        proven = [item for item in candidates if item.fp_db_id in self._confirmed] or [
            item for item in candidates if spec.stem or journal_entry.may_have_made(item.fp_db_id)
        ]
        library, *others = proven or candidates
        if others:
            ids = ", ".join(item.fp_db_id for item in [library, *others])
            raise CreationUnknownError(
                f"{create.urn}: {1 + len(others)} libraries in {create.region} have its"
                f" name ({ids}); find out which one is this stack's, and run"
                " `alicloud-mps recover --confirm` with its ID; if none is, choose another `name`,"
                f" and {CLEAR}"
            )
        if not spec.stem and (differences := spec.differences(library)):
            replaces = any(item.urn == create.urn for item in self._held)
            way = "adopt it as another resource" if replaces else "set `adopt` to its ID"
            raise CreationUnknownError(
                f"{create.urn}: {library} has its name, but its {', its '.join(differences)};"
                f" find out whose it is, and {way} or choose another `name`, and {CLEAR}"
            )
        if not proven:
            raise CreationUnknownError(
                f"{create.urn}: {library} matches its name, but nothing here shows that this"
                " stack requested it before the run was interrupted: it may not be yours;"
                f" if it is this stack's, run `alicloud-mps recover --confirm {library.fp_db_id}`,"
                f" otherwise choose another `name`, and {CLEAR}"
            )
        return library

    def _named(self, create: PendingCreate, libraries: Sequence[Library]) -> list[Library]:
        """Return those that have its name and belong to no other resource."""
        named = [
            library
            for library in libraries
            if same_text(str(create.inputs.name), library.name)
            and library.fp_db_id not in self._held_ids
        ]
        return self._libraries(create).alive(named)

    def _answered(self, create: PendingCreate) -> Library | None:
        """Return the library that MPS answered with, unless the state has it or it is gone.

        Raises:
            NotListedError: MPS does not list it, and may not have done so yet.
        """
        made = self.journal_entry(create).made()
        if made is None or made in self._held_ids:
            return None
        return self._libraries(create).find(made, listed=False)

    def _libraries(self, create: PendingCreate) -> Libraries:
        return self._service_of(create.resource.provider).libraries(create.region)

    def _siblings(self, create: PendingCreate) -> list[str]:
        """Return the IDs of the account's libraries in the region, as the state has them.

        Today's credentials have to be for the account of what the same provider has created.
        """
        provider = create.resource.provider
        service, found = self._service_of(provider), []
        for item in self._held:
            same, account_id = item.provider == provider, item.outputs.get("account_id")
            if same:
                service.check_account(account_id, create.region)
            ours = same or account_id == service.account_id(create.region)
            # What was replaced before this create is gone, and may be so for long.
            there = not item.pending_replacement or item.retain_on_delete
            if ours and there and item.outputs.get("region") == create.region:
                found.append(item.id)
        return found

    def _check_listing(self, create: PendingCreate, siblings: Sequence[str]) -> None:
        """Believe a listing without the library only if it has all that are known to be there.

        MPS does not document that List without IDs lists all, or anything.
        """
        try:
            self._answered(create)
        except NotListedError:
            made = self.journal_entry(create).made()
            raise _undetermined(create, f"MPS returned {made} but does not list it") from None
        libraries = self._libraries(create)
        listed = {library.fp_db_id: library for library in self.listed(create)}
        for library in listed.values():
            nameless = not library.name and library.fp_db_id not in self._held_ids
            if nameless and not create.spec.differences(library):
                raise _undetermined(create, f"MPS does not return the name of {library}")
        for fp_db_id in siblings:
            if fp_db_id not in listed and (known := libraries.look_up(fp_db_id)):
                raise _undetermined(create, f"{known} is not listed either")
        if siblings and not any(key in listed or libraries.is_deleted(key) for key in siblings):
            unknown = f"MPS does not know {siblings[0]} either, although the state has it"
            raise _undetermined(create, f"{unknown}: check the endpoint")
        if not listed and self.journal_entry(create).unanswered_for() is not None:
            raise _undetermined(create, "MPS lists nothing at all")


def _longest(found: SearchResult, asked_ago: Mapping[PendingCreate, float]) -> float:
    """Return for how many seconds what is missing is looked for."""
    made, longest = set[str](), 0.0
    for create, library in found.items():
        if library:
            made.add(create.urn)
        elif create.urn in made:
            # A later create of the same resource has listed the region before it asked MPS.
            longest = max(longest, SEARCH_SECONDS)
        else:
            longest = max(longest, SEARCH_SECONDS, NOT_LISTED_GRACE - asked_ago[create])
    return longest


@contextmanager
def _keys_of_the_state(create: PendingCreate) -> Iterator[None]:
    """Name the cause where keys of an explicit provider, which only the state has, are too old."""
    try:
        yield
    except RefusedError as error:
        if create.resource.has_default_provider or not error.blames_keys:
            raise
        raise SettingsError(
            f"{create.urn}: {error}. These are its provider's keys from the last `pulumi up`:"
            " if they have changed since, run `pulumi up`, which renews them even if it fails, then"
            " run this command again"
        ) from error


def _undetermined(create: PendingCreate, reason: str) -> CreationUnknownError:
    # Only a generated name is known to be no secret.
    name = f" ({create.spec.name})" if create.spec.stem else ""
    return CreationUnknownError(
        f"{create.urn}: can't determine whether a library with its name{name} was created in"
        f" {create.region} ({reason}); look for it at MPS: if it is there, run `alicloud-mps"
        f" recover --confirm` with its ID; otherwise {CLEAR}"
    )


def _leave_to_one(found: SearchResult) -> None:
    """Leave each library to one create alone: the newest of its resource."""
    owners: dict[str, PendingCreate] = {}
    for create, library in found.items():
        owner = owners.setdefault(library.fp_db_id, create) if library else create
        if owner.urn != create.urn:
            raise CreationUnknownError(
                f"{owner.urn} and {create.urn} may both have created {library}; set `adopt` of"
                " one of them to its ID"
            )
        if owner is not create:
            found[create] = None
