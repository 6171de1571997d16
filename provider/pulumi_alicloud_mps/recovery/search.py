"""Finding the libraries that interrupted runs created, and what proves whose they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    CreationUnknownError,
    ListingError,
    NotListedError,
    RefusedError,
    SettingsError,
)
from pulumi_alicloud_mps.mps.creation import NOT_LISTED_GRACE
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library, LibrarySpec, same_text
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.mps.unanswered import SEARCH_SECONDS, search
from pulumi_alicloud_mps.operations.properties import predecessors_in
from pulumi_alicloud_mps.state.deployment import Deployment
from pulumi_alicloud_mps.state.journal import CreateJournal, JournalEntry

from .pending import CLEAR, PendingCreate

ServiceOf = Callable[[str], Service]
"""Gives the account that a provider calls, by the reference that resources have to it."""

_BY_HAND = (
    "look for it at MPS: if it is there, run `alicloud-mps recover --confirm` with its ID; else"
    f" {CLEAR}"
)


@dataclass(frozen=True)
class Evidence:
    """What proves that a library is this stack's.

    Attributes:
        record: What this machine knows of the creates that MPS was asked for.
        confirmed: The IDs of libraries that somebody has confirmed to be this stack's.
    """

    record: CreateJournal
    confirmed: Collection[str] = ()


class LibrarySearch:
    """Looks for what attempts created, among the libraries that the state does not hold."""

    def __init__(
        self, exported: Deployment, service_of: ServiceOf, evidence: Evidence, clock: Clock
    ) -> None:
        self._held = exported.libraries
        # What a program only reads (`FpShotDB.get`) belongs to nobody for that.
        self._held_ids = {item.id for item in self._held if not item.external}
        for item in self._held:
            self._held_ids.update(predecessors_in(item.outputs))
        self._service_of = service_of
        self._evidence = evidence
        self._clock = clock
        self._last_look: dict[tuple[str, str], list[Library]] = {}

    def made_by(self, pending: Sequence[PendingCreate]) -> list[Library | None]:
        """Return what each of them created, or None."""
        for attempt in pending:
            with _keys_of_the_state(attempt):
                note = self.note(attempt)
            if other := note.other_account():
                raise AccountMismatchError(
                    f"{attempt.urn}: it was requested with account {other}, but the current"
                    f" credentials are for account {note.account_id}; use credentials for {other},"
                    f" or {CLEAR}"
                )
        started = self._clock.now()
        # Without a note, as on another machine, MPS may have been asked a moment ago.
        asked_ago = [self.note(attempt).unanswered_for() or 0 for attempt in pending]
        seconds = [max(SEARCH_SECONDS, NOT_LISTED_GRACE - ago) for ago in asked_ago]
        siblings = [self._siblings(attempt) for attempt in pending]

        def look() -> list[Library | None]:
            self._last_look.clear()
            found = []
            for attempt in pending:
                with _keys_of_the_state(attempt):
                    found.append(self._found(attempt))
            return found

        found = search(look, lambda found: started + _longest(pending, found, seconds), self._clock)
        for attempt, library, known in zip(pending, found, siblings, strict=True):
            if library is None:
                self._check_listing(attempt, known)
        return _once(pending, found)

    def listed(self, attempt: PendingCreate) -> list[Library]:
        """Return what the last look has listed in the region of an attempt."""
        place = (attempt.provider, attempt.region)
        if place not in self._last_look:
            try:
                self._last_look[place] = self._libraries(attempt).listed()
            except ListingError as error:
                raise _not_told(attempt, "MPS lists libraries by their IDs only") from error
        return self._last_look[place]

    def note(self, attempt: PendingCreate) -> JournalEntry:
        """Return what this machine may have noted of an attempt."""
        account_id = self._service_of(attempt.provider).account_id(attempt.region)
        name = str(attempt.inputs.name)
        return self._evidence.record.of(attempt.urn, attempt.region, name, account_id)

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
        look_up = self._libraries(attempt).look_up
        # By their IDs, since List may hide just these, or not tell their names.
        confirmed = [
            replace(library, name=library.name or spec.name)
            for key in self._evidence.confirmed
            if (library := look_up(key))
        ]
        candidates = self._named(attempt, confirmed) or self._named(attempt, self.listed(attempt))
        proven = self._proven(attempt, spec, candidates)
        found = proven or candidates
        if len(found) > 1:
            ids = ", ".join(library.fp_db_id for library in found)
            raise CreationUnknownError(
                f"{attempt.urn}: {len(found)} libraries in {attempt.region} have its"
                f" name ({ids}); find out which one is this stack's, and run"
                " `alicloud-mps recover --confirm` with its ID; if none is, choose another `name`,"
                f" and {CLEAR}"
            )
        if found and not spec.stem and (differences := spec.differences(found[0])):
            replaces = any(item.urn == attempt.urn for item in self._held)
            way = "adopt it as another resource" if replaces else "set `adopt` to its ID"
            raise CreationUnknownError(
                f"{attempt.urn}: {found[0]} has its name, but its {', its '.join(differences)};"
                f" find out whose it is, and {way} or choose another `name`, and {CLEAR}"
            )
        if found and not proven:
            raise CreationUnknownError(
                f"{attempt.urn}: {found[0]} matches its name, but nothing here shows that this"
                " stack requested it before the run was interrupted: it may not be yours;"
                f" if it is this stack's, run `alicloud-mps recover --confirm {found[0].fp_db_id}`,"
                f" else choose another `name`, and {CLEAR}"
            )
        return found[0] if found else None

    def _named(self, attempt: PendingCreate, libraries: Sequence[Library]) -> list[Library]:
        """Return those that have its name and belong to no other resource."""
        named = [
            library
            for library in libraries
            if same_text(str(attempt.inputs.name), library.name)
            and library.fp_db_id not in self._held_ids
        ]
        return self._libraries(attempt).alive(named)

    def _proven(
        self, attempt: PendingCreate, spec: LibrarySpec, candidates: Sequence[Library]
    ) -> list[Library]:
        """Return those that are confirmed; else those that the attempt may well have created."""
        note = self.note(attempt)
        confirmed = [item for item in candidates if item.fp_db_id in self._evidence.confirmed]
        return confirmed or [
            item for item in candidates if spec.stem or note.may_have_made(item.fp_db_id)
        ]

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
        return self._service_of(attempt.provider).libraries(attempt.region)

    def _siblings(self, attempt: PendingCreate) -> list[str]:
        """Return the IDs of the account's libraries in the region, as the state has them.

        Raises:
            AccountMismatchError: Today's credentials belong to another account than that of what
                the same provider has made.
        """
        found = []
        for item in self._held:
            same, account_id = item.provider == attempt.provider, item.outputs.get("account_id")
            service = self._service_of(attempt.provider)
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
        spec = attempt.inputs.spec(attempt.urn)
        for library in self.listed(attempt):
            nameless = not library.name and library.fp_db_id not in self._held_ids
            if nameless and not spec.differences(library):
                raise _not_told(attempt, f"MPS does not return the name of {library}")
        listed = {library.fp_db_id for library in self.listed(attempt)}
        for fp_db_id in siblings:
            if fp_db_id not in listed and (known := self._libraries(attempt).look_up(fp_db_id)):
                raise _not_told(attempt, f"{known} is not listed either")
        if siblings and not any(key in listed or self._is_gone(attempt, key) for key in siblings):
            unknown = f"MPS does not know {siblings[0]} either, which the state has there"
            raise _not_told(attempt, f"{unknown}: check the endpoint")
        asked = self.note(attempt).unanswered_for() is not None
        if asked and not listed:
            raise _not_told(attempt, "MPS lists nothing at all")


def _longest(
    pending: Sequence[PendingCreate], found: Sequence[Library | None], seconds: Sequence[float]
) -> float:
    """Return for how many seconds what is missing is looked for."""
    made, longest = set[str](), 0.0
    for attempt, library, wanted in zip(pending, found, seconds, strict=True):
        if library:
            made.add(attempt.urn)
        else:
            # A later attempt for the same resource has listed the region before it asked MPS.
            longest = max(longest, SEARCH_SECONDS if attempt.urn in made else wanted)
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
            f"{attempt.urn}: {error}. These are its provider's keys of the last `pulumi up`: if"
            " they were replaced since, run `pulumi up`, which may fail and renews them, then this"
            " command again"
        ) from error


def _not_told(attempt: PendingCreate, reason: str) -> CreationUnknownError:
    spec = attempt.inputs.spec(attempt.urn)
    # Only a generated name is known to be no secret.
    name = f" ({spec.name})" if spec.stem else ""
    return CreationUnknownError(
        f"{attempt.urn}: can't determine whether a library with its name{name} was created in"
        f" {attempt.region} ({reason}); {_BY_HAND}"
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
                f"{owner.urn} and {attempt.urn} may both have created {library}; set `adopt` of"
                " one of them to its ID"
            )
    return [
        library if library and owners[library.fp_db_id] is attempt else None
        for attempt, library in zip(pending, found, strict=True)
    ]
