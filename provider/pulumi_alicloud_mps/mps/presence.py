"""Whether a library still exists: decided in one place for every caller that would forget it.

MPS says in three ways that a library is gone. The state `deleted` is proof, and so is a delete job
that has succeeded. NonExistIds is also what a host says that knows none of our libraries, such as
that of another region behind a custom domain, and what one bad replica may say: it is proof only if
it lasts, and if the same answer lists another library of ours.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    ApiError,
    ListingError,
    NotListedError,
    OutcomeUnknownError,
    RefusedError,
)

from .models import IDS_PER_CALL, Action, DeleteJob, Library, LibraryState, Listing, same_text

if TYPE_CHECKING:
    from .client import MpsClient

CONFIRM_SECONDS = 3.0
"""Seconds after which NonExistIds has to be confirmed."""

FRESH_SECONDS = 2.0
"""The maximum age, in seconds, of a listing that a creation relies on.

Creations that begin together share one; a name that somebody else takes within this time is not
noticed."""

_ALIVE = {LibraryState.ACTIVE.value, LibraryState.OFFLINE.value}


class ListingCache:
    """The libraries of one region, listed again when the listing is too old."""

    def __init__(self, list_all: Callable[[float], Mapping[str, Library]], clock: Clock) -> None:
        self._list_all = list_all
        self._clock = clock
        self._lock = threading.Lock()
        self._libraries: Mapping[str, Library] | None = None
        self._listed_at = -math.inf
        self._generation = 0

    def recent(self, deadline: float) -> Mapping[str, Library] | None:
        """Return the libraries by ID, at most `FRESH_SECONDS` old, without deleted ones.

        None if MPS wants IDs, which it does not document.

        Raises:
            ApiError: They could not be listed.
        """
        # From before the call: what is created meanwhile may be missing from the answer.
        now = self._clock.now()
        with self._lock:
            if now - self._listed_at <= FRESH_SECONDS:
                return self._libraries
            generation = self._generation
        # Without the lock: a Ctrl-C would not reach the threads that wait for it. The client makes
        # one call for all of them.
        try:
            libraries = self._list_all(deadline)
        except ListingError:
            libraries = None
        with self._lock:
            if now > self._listed_at and generation == self._generation:
                self._libraries, self._listed_at = libraries, now
        return libraries

    def forget(self) -> None:
        """List again the next time: the listing has turned out to be doubtful."""
        with self._lock:
            self._listed_at = -math.inf
            self._generation += 1


class Presence:
    """Looks libraries of one region up by their IDs; safe to share between threads.

    It remembers which of them were listed, and which were deleted.
    """

    def __init__(self, client: MpsClient, region: str, clock: Clock) -> None:
        self.client = client
        self.region = region
        self.clock = clock
        self.listing = ListingCache(self.list_all, clock)
        self._lock = threading.Lock()
        self._witnesses: dict[str, None] = {}
        self._deleted: set[str] = set()

    def look(self, fp_db_ids: Sequence[str], deadline: float) -> Listing:
        """Look libraries up; those that are listed are witnesses from now on."""
        listing = self.client.list_libraries(fp_db_ids, deadline)
        with self._lock:
            for key, library in listing.libraries.items():
                self._witnesses.pop(key, None)
                if not library.gone:
                    self._witnesses[key] = None
        return listing

    def list_all(self, deadline: float = math.inf) -> dict[str, Library]:
        """Return all that MPS lists by ID, without what it calls deleted.

        Raises:
            ListingError: MPS does not list without IDs.
            ApiError: The call failed.
        """
        try:
            listing = self.client.list_libraries(deadline=deadline)
        except RefusedError as error:
            if not error.blames_parameters:
                raise
            raise ListingError(
                f"MPS lists the libraries of {self.region} only by ID; pass the IDs ({error})"
            ) from error
        return {key: library for key, library in listing.libraries.items() if not library.gone}

    def look_up(self, fp_db_id: str, deadline: float = math.inf) -> Library | None:
        """Look up a library for a caller that fails without it; None if none is listed.

        Raises:
            ApiError: The call failed, or its answer says neither.
        """
        library = _library_in(fp_db_id, self.look([fp_db_id], deadline))
        return None if library is None or library.gone else library

    def find(
        self, fp_db_id: str, deadline: float = math.inf, *, listed: bool = True
    ) -> Library | None:
        """Look up a library for a caller that forgets it; None only if it is proven to be gone.

        `listed` is whether MPS is known to have listed it. If it never did, NonExistIds
        proves nothing, since MPS may list a new library late.

        Raises:
            NotListedError: It is not listed, and nothing proves that it is gone.
            ApiError: The call failed, or its answer says neither.
        """
        library = _library_in(fp_db_id, self.look([fp_db_id], deadline))
        if library is not None and library.state in _ALIVE:
            return library
        if library is not None and library.gone:
            return None
        jobs = self._jobs(fp_db_id, deadline)
        if any(job.has_deleted for job in jobs):
            return None
        if library is not None:
            return library
        if not listed:
            raise NotListedError(
                f"MPS does not list {fp_db_id} and has not done so since it was created: it may be"
                " too new or gone; nothing was changed",
                "never listed",
            )
        # A job of it proves, as well as another library does, that this is the right place.
        return self._confirmed(fp_db_id, deadline, known=not all(job.failed for job in jobs))

    def is_deleted(self, fp_db_id: str, deadline: float = math.inf) -> bool:
        """Whether MPS calls it deleted, or a job has deleted it; NonExistIds alone is no answer."""
        library = _library_in(fp_db_id, self.look([fp_db_id], deadline))
        if library is not None:
            return library.gone
        return any(job.has_deleted for job in self._jobs(fp_db_id, deadline))

    def named(self, name: str, deadline: float) -> list[Library]:
        """Return the libraries that a Create of that name would meet, as far as MPS lists them."""
        listed = self.listing.recent(deadline) or {}
        found = [library for library in listed.values() if same_text(name, library.name)]
        return self.alive(found, deadline)

    def alive(self, found: Sequence[Library], deadline: float = math.inf) -> list[Library]:
        """Return those that no delete job is ending and that this process has not deleted."""
        found = [library for library in found if not self.was_deleted(library.fp_db_id)]
        if not found:
            return []
        ending = {job.fp_db_id for job in self.client.delete_jobs(deadline=deadline) if job.ends}
        return [library for library in found if library.fp_db_id not in ending]

    def forget(self, fp_db_id: str) -> None:
        """Remember that a library was deleted, or found gone by a deletion: its name is free."""
        with self._lock:
            self._deleted.add(fp_db_id)

    def was_deleted(self, fp_db_id: str) -> bool:
        """Whether this process deleted that library, or found it gone when it was about to."""
        with self._lock:
            return fp_db_id in self._deleted

    def _confirmed(self, fp_db_id: str, deadline: float, *, known: bool) -> Library | None:
        self.clock.sleep(CONFIRM_SECONDS)
        with self._lock:
            others = [key for key in reversed(self._witnesses) if key != fp_db_id]
        others = others[: IDS_PER_CALL - 1]
        listing = self.look([fp_db_id, *others], deadline)
        library = _library_in(fp_db_id, listing)
        if library is not None:
            return None if library.gone else library
        if known or any(key in listing.libraries for key in others):
            return None
        seen, situation = "no other library was looked up to compare", "no other is listed"
        if others:
            seen, situation = f"nor does it list {others[0]}", "no longer listed"
        raise NotListedError(
            f"MPS does not list {fp_db_id} in {self.region} (NonExistIds, twice), {seen}, and no"
            " delete job of it has succeeded. That does not prove that it is gone; nothing was"
            " changed",
            situation,
        )

    def _jobs(self, fp_db_id: str, deadline: float) -> list[DeleteJob]:
        """Return its delete jobs, as far as MPS lists them."""
        try:
            jobs = self.client.delete_jobs(deadline=deadline)
        except ApiError:
            return []
        return [job for job in jobs if job.fp_db_id == fp_db_id]


def unmentioned(*fp_db_ids: str) -> OutcomeUnknownError:
    """Return the error for an answer that does not mention a requested ID."""
    ids = ", ".join(fp_db_ids)
    return OutcomeUnknownError(Action.LIST, f"the answer does not mention {ids}")


def _library_in(fp_db_id: str, listing: Listing) -> Library | None:
    library = listing.libraries.get(fp_db_id)
    if library is None and fp_db_id not in listing.missing:
        raise unmentioned(fp_db_id)
    return library
