"""The libraries of one account in one region: found, created, awaited, deleted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    ContradictionError,
    LibraryNotFoundError,
    RefusedError,
    UnexpectedStateError,
)

from .client import MpsClient
from .creation import NO_JOURNAL, NOT_LISTED_GRACE, Creation, JournalEntry
from .creation_slots import CreationSlots
from .deletion import Deletion
from .models import IDS_PER_CALL, NOT_LISTED, Action, FileCount, Library, LibrarySpec, LibraryState
from .poller import Poller, ProgressCallback, WaitCondition, ignore
from .presence import Presence, unmentioned
from .retry import retrying, was_not_sent

_NEVER_ACTIVE = {LibraryState.PAUSED.value, LibraryState.DELETED.value}


class Libraries(Presence):
    """The libraries of one account in one region; safe to share between threads."""

    def __init__(self, client: MpsClient, region: str, clock: Clock) -> None:
        super().__init__(client, region, clock)
        self._creation = Creation(self)
        self._deletion = Deletion(self)
        self._slots = CreationSlots(client, clock)
        self.slot = self._slots.slot
        self._states = Poller(self._look, clock)

    def listed(
        self, fp_db_ids: Sequence[str] | None = None, deadline: float = math.inf
    ) -> list[Library]:
        """Return the libraries of these IDs, in their order; without IDs all that MPS lists.

        Raises:
            LibraryNotFoundError: Some of the IDs don't exist.
            ListingError: MPS does not list without IDs.
            ApiError: A call failed, or its answer does not mention an ID.
        """
        if fp_db_ids is None:
            return list(self.list_all(deadline).values())
        wanted = list(dict.fromkeys(fp_db_ids))
        found: dict[str, Library] = {}
        gone: list[str] = []
        for start in range(0, len(wanted), IDS_PER_CALL):
            batch = wanted[start : start + IDS_PER_CALL]
            listing = self.look(batch, deadline)
            found |= listing.libraries
            gone += filter(listing.denies, batch)
        if gone:
            raise LibraryNotFoundError.of(self.region, *gone)
        if missing := [key for key in wanted if key not in found]:
            raise unmentioned(*missing)
        return [found[key] for key in wanted]

    def create(
        self,
        spec: LibrarySpec,
        deadline: float,
        journal_entry: JournalEntry = NO_JOURNAL,
        on_progress: ProgressCallback = ignore,
    ) -> Library:
        """Create a library, exactly once; see `Creation.create`, as soon as MPS accepts it."""

        def create() -> Library:
            # All of it again: a name that was free before a pause may be taken after it.
            retry = retrying(was_not_sent(Action.CREATE), self.clock, deadline)
            return retry(self._creation.create, spec, deadline, journal_entry, on_progress)

        return self._slots.create_when_accepted(create, spec, deadline, on_progress)

    def existing(self, fp_db_id: str, spec: LibrarySpec, deadline: float = math.inf) -> Library:
        """Return an existing library that is what `spec` says (Config can't be compared).

        Raises:
            LibraryNotFoundError: There is none of that ID in the region.
            ContradictionError: It differs.
        """
        library = self.look_up(fp_db_id, deadline)
        if library is None:
            raise LibraryNotFoundError.of(self.region, fp_db_id, situation="none of that ID")
        if differences := spec.differences(library):
            raise ContradictionError(
                f"{library} does not match: its {', its '.join(differences)}", "differs"
            )
        return library

    def delete(
        self,
        known: Library,
        *,
        force: bool,
        deadline: float,
        on_progress: ProgressCallback = ignore,
    ) -> None:
        """Delete a library, see `find` and `Deletion.delete`; one that is gone is no error.

        `known` is what the caller knows of it: whether it was listed, and its model, in case MPS
        does not say.
        """
        library = self._to_delete(known, deadline)
        if library is not None:
            self._deletion.delete(library, force=force, deadline=deadline, on_progress=on_progress)
        self.forget(known.fp_db_id)

    def check_deletion(self, known: Library, deadline: float) -> None:
        """Refuse what `delete` would refuse without `force`."""
        library = self._to_delete(known, deadline)
        if library is not None:
            self._deletion.check(library, deadline)

    def _to_delete(self, known: Library, deadline: float) -> Library | None:
        library = self.find(known.fp_db_id, deadline, listed=known.known_listed)
        return library and replace(library, model_id=library.model_id or known.model_id)

    def count_files(self, fp_db_id: str, deadline: float) -> FileCount | None:
        """Count the media of a library, see `MpsClient.count_files`; None if it is deleted.

        Raises:
            ApiError: They could not be counted.
        """
        try:
            return self.client.count_files(fp_db_id, deadline)
        except RefusedError as error:
            if error.blames_parameters and self.is_deleted(fp_db_id, deadline):
                return None
            raise

    def wait_until_active(
        self, library: Library, deadline: float, on_progress: ProgressCallback = ignore
    ) -> Library:
        """Wait until MPS calls the library active, and return it then.

        A state that MPS does not document may mean the same: it is accepted if it lasts.

        Raises:
            WaitTimeoutError: It was not active by the deadline.
            UnexpectedStateError: It was paused or deleted, or is not listed.
        """
        until = self.clock.now() + NOT_LISTED_GRACE

        def reached(seen: Library | None) -> bool:
            waited_long = self.clock.now() > until
            if seen is None and waited_long:
                raise _unexpected(library, NOT_LISTED)
            if seen is None or seen.state == LibraryState.OFFLINE.value:
                return False
            if seen.state in _NEVER_ACTIVE:
                raise _unexpected(seen, seen.state)
            return seen.state == LibraryState.ACTIVE.value or waited_long

        goal = WaitCondition[Library](
            library.fp_db_id,
            subject=str(library),
            reached=reached,
            status=lambda seen: seen.state if seen else NOT_LISTED,
            situation="not active yet",
        )
        return self._states.wait(goal, deadline, on_progress) or library

    def _look(self, fp_db_ids: Sequence[str]) -> dict[str, Library]:
        # Sent once: the poller itself retries a look that fails.
        return self.look(fp_db_ids, self.clock.now()).libraries


def _unexpected(library: Library, state: str) -> UnexpectedStateError:
    return UnexpectedStateError(f"{library} is {state} and will not become active", state, state)
