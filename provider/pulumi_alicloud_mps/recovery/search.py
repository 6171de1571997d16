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
from pulumi_alicloud_mps.state.journal import CreateJournal, EntryFile

from .pending import CLEAR, PendingCreate

Found = dict[PendingCreate, Library | None]
"""What attempts have made, or None; of those of one resource the newest comes first."""


class LibrarySearch:
    """Looks for what attempts created, among the libraries that the state does not hold.

    Args:
        exported: The state.
        service_of: Gives the account of a provider, by the reference that resources have to it.
        journal: What this machine knows of the creates that MPS was asked for.
        confirmed: The IDs of libraries that somebody has confirmed to be this stack's.
        clock: The time that the search goes by.
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
        # What a program only reads (`FpShotDB.get`) belongs to nobody for that.
        self._held_ids = {item.id for item in self._held if not item.external}
        for item in self._held:
            self._held_ids.update(predecessors_in(item.outputs))
        self._service_of = service_of
        self._journal = journal
        self._confirmed = confirmed
        self._clock = clock
        self._last_look: dict[tuple[str, str], list[Library]] = {}

    def made_by(self, pending: Sequence[PendingCreate]) -> Found:
        """Return what each of them created.

        What is not found is looked for during some seconds: MPS may be late to list it, or the
        process that was killed late to end.

        Raises:
            CreationUnknownError: Nothing certain can be said of one of them.
            MpsError: MPS could not be asked.
        """
        for attempt in pending:
            with _keys_of_the_state(attempt):
                note = self.note(attempt)
            if other := note.other_account():
                raise AccountMismatchError.of(
                    f"{attempt.urn}: it was requested with account",
                    other,
                    note.account_id,
                    f", or {CLEAR}",
                )
        started = self._clock.now()
        # Without a note, as on another machine, MPS may have been asked a moment ago.
        asked_ago = {attempt: self.note(attempt).unanswered_for() or 0 for attempt in pending}
        siblings = {attempt: self._siblings(attempt) for attempt in pending}

        def look() -> Found:
            self._last_look.clear()
            found: Found = {}
            for attempt in pending:
                with _keys_of_the_state(attempt):
                    found[attempt] = self._found(attempt)
            return found

        found = search(look, lambda found: started + _longest(found, asked_ago), self._clock)
        for attempt, library in found.items():
            if library is None:
                self._check_listing(attempt, siblings[attempt])
        _leave_to_one(found)
        made = {library.fp_db_id for library in found.values() if library}
        if unused := {*self._confirmed} - made:
            raise CreationUnknownError(
                f"--confirm: no pending create could have created {', '.join(sorted(unused))};"
                " nothing was recovered"
            )
        return found

    def listed(self, attempt: PendingCreate) -> list[Library]:
        """Return what the last look has listed in the region of an attempt."""
        place = (attempt.resource.provider, attempt.region)
        if place not in self._last_look:
            try:
                self._last_look[place] = self._libraries(attempt).listed()
            except ListingError as error:
                raise _not_told(attempt, "MPS lists libraries only by ID") from error
        return self._last_look[place]

    def note(self, attempt: PendingCreate) -> EntryFile:
        """Return what this machine may have noted of an attempt, with the account of today."""
        account_id = self._service_of(attempt.resource.provider).account_id(attempt.region)
        name = str(attempt.inputs.name)
        return self._journal.of(attempt.urn, attempt.region, name, account_id)

    def _found(self, attempt: PendingCreate) -> Library | None:
        spec, adopted = attempt.spec, attempt.inputs.adopt
        look_up = self._libraries(attempt).look_up
        # The library that is being replaced is not adopted again: another one was made then.
        if adopted and adopted not in self._held_ids:
            library = look_up(adopted)
            return None if library is None or spec.differences(library) else library
        with suppress(NotListedError):
            answered = self._answered(attempt)
            if answered and (not spec.stem or same_text(spec.name, answered.name)):
                return answered
        # By their IDs, since List may hide just these, or not tell their names.
        confirmed = [
            replace(library, name=library.name or spec.name)
            for key in self._confirmed
            if (library := look_up(key))
        ]
        candidates = self._named(attempt, confirmed) or self._named(attempt, self.listed(attempt))
        if not candidates:
            return None
        note = self.note(attempt)
        proven = [item for item in candidates if item.fp_db_id in self._confirmed] or [
            item for item in candidates if spec.stem or note.may_have_made(item.fp_db_id)
        ]
        library, *others = proven or candidates
        if others:
            ids = ", ".join(item.fp_db_id for item in [library, *others])
            raise CreationUnknownError(
                f"{attempt.urn}: {1 + len(others)} libraries in {attempt.region} have its"
                f" name ({ids}); find out which one is this stack's, and run"
                " `alicloud-mps recover --confirm` with its ID; if none is, choose another `name`,"
                f" and {CLEAR}"
            )
        if not spec.stem and (differences := spec.differences(library)):
            replaces = any(item.urn == attempt.urn for item in self._held)
            way = "adopt it as another resource" if replaces else "set `adopt` to its ID"
            raise CreationUnknownError(
                f"{attempt.urn}: {library} has its name, but its {', its '.join(differences)};"
                f" find out whose it is, and {way} or choose another `name`, and {CLEAR}"
            )
        if not proven:
            raise CreationUnknownError(
                f"{attempt.urn}: {library} matches its name, but nothing here shows that this"
                " stack requested it before the run was interrupted: it may not be yours;"
                f" if it is this stack's, run `alicloud-mps recover --confirm {library.fp_db_id}`,"
                f" otherwise choose another `name`, and {CLEAR}"
            )
        return library

    def _named(self, attempt: PendingCreate, libraries: Sequence[Library]) -> list[Library]:
        """Return those that have its name and belong to no other resource."""
        named = [
            library
            for library in libraries
            if same_text(str(attempt.inputs.name), library.name)
            and library.fp_db_id not in self._held_ids
        ]
        return self._libraries(attempt).alive(named)

    def _answered(self, attempt: PendingCreate) -> Library | None:
        """Return the library that MPS answered with, unless the state has it or it is gone.

        Raises:
            NotListedError: MPS does not list it, and may not have done so yet.
        """
        made = self.note(attempt).made()
        if made is None or made in self._held_ids:
            return None
        return self._libraries(attempt).find(made, listed=False)

    def _is_gone(self, attempt: PendingCreate, fp_db_id: str) -> bool:
        """Whether MPS itself says so; that it lists none of that ID, any host would say."""
        with suppress(NotListedError):
            return self._libraries(attempt).find(fp_db_id, listed=False) is None
        return False

    def _libraries(self, attempt: PendingCreate) -> Libraries:
        return self._service_of(attempt.resource.provider).libraries(attempt.region)

    def _siblings(self, attempt: PendingCreate) -> list[str]:
        """Return the IDs of the account's libraries in the region, as the state has them.

        Today's credentials have to be those of the account of what the same provider has made.
        """
        provider = attempt.resource.provider
        service, found = self._service_of(provider), []
        for item in self._held:
            same, account_id = item.provider == provider, item.outputs.get("account_id")
            if same:
                service.check_account(account_id, attempt.region)
            ours = same or account_id == service.account_id(attempt.region)
            # What was replaced before this create is gone, and may be so for long.
            there = not item.pending_replacement or item.retain_on_delete
            if ours and there and item.outputs.get("region") == attempt.region:
                found.append(item.id)
        return found

    def _check_listing(self, attempt: PendingCreate, siblings: Sequence[str]) -> None:
        """Believe a listing without the library only if it has all that are known to be there.

        That List without IDs lists all, or anything, is not documented.
        """
        try:
            self._answered(attempt)
        except NotListedError:
            made = self.note(attempt).made()
            raise _not_told(attempt, f"MPS returned {made} but does not list it") from None
        listed = {library.fp_db_id: library for library in self.listed(attempt)}
        for library in listed.values():
            nameless = not library.name and library.fp_db_id not in self._held_ids
            if nameless and not attempt.spec.differences(library):
                raise _not_told(attempt, f"MPS does not return the name of {library}")
        for fp_db_id in siblings:
            if fp_db_id not in listed and (known := self._libraries(attempt).look_up(fp_db_id)):
                raise _not_told(attempt, f"{known} is not listed either")
        if siblings and not any(key in listed or self._is_gone(attempt, key) for key in siblings):
            unknown = f"MPS does not know {siblings[0]} either, although the state has it"
            raise _not_told(attempt, f"{unknown}: check the endpoint")
        if not listed and self.note(attempt).unanswered_for() is not None:
            raise _not_told(attempt, "MPS lists nothing at all")


def _longest(found: Found, asked_ago: Mapping[PendingCreate, float]) -> float:
    """Return for how many seconds what is missing is looked for."""
    made, longest = set[str](), 0.0
    for attempt, library in found.items():
        if library:
            made.add(attempt.urn)
        elif attempt.urn in made:
            # A later attempt for the same resource has listed the region before it asked MPS.
            longest = max(longest, SEARCH_SECONDS)
        else:
            longest = max(longest, SEARCH_SECONDS, NOT_LISTED_GRACE - asked_ago[attempt])
    return longest


@contextmanager
def _keys_of_the_state(attempt: PendingCreate) -> Iterator[None]:
    """Name the cause where keys of an explicit provider, which only the state has, are too old."""
    try:
        yield
    except RefusedError as error:
        if attempt.resource.has_default_provider or not error.blames_keys:
            raise
        raise SettingsError(
            f"{attempt.urn}: {error}. These are its provider's keys from the last `pulumi up`:"
            " if they have changed since, run `pulumi up`, which renews them even if it fails, then"
            " run this command again"
        ) from error


def _not_told(attempt: PendingCreate, reason: str) -> CreationUnknownError:
    # Only a generated name is known to be no secret.
    name = f" ({attempt.spec.name})" if attempt.spec.stem else ""
    return CreationUnknownError(
        f"{attempt.urn}: can't determine whether a library with its name{name} was created in"
        f" {attempt.region} ({reason}); look for it at MPS: if it is there, run `alicloud-mps"
        f" recover --confirm` with its ID; otherwise {CLEAR}"
    )


def _leave_to_one(found: Found) -> None:
    """Leave each library to one attempt alone: the newest of those of its resource."""
    owners: dict[str, PendingCreate] = {}
    for attempt, library in found.items():
        owner = owners.setdefault(library.fp_db_id, attempt) if library else attempt
        if owner.urn != attempt.urn:
            raise CreationUnknownError(
                f"{owner.urn} and {attempt.urn} may both have created {library}; set `adopt` of"
                " one of them to its ID"
            )
        if owner is not attempt:
            found[attempt] = None
