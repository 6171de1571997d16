"""Creating a library exactly once, at a service without client tokens.

Names are all there is to go by. One that is unique to the attempt proves that a library is ours;
any other proves nothing, since two programs may want the same one, and what proves something is
when a library appeared. So the libraries of the region are listed before a Create; one of the same
name, or of another attempt to create the same resource, is refused, and one that appeared after a
Create without an answer is ours.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    CreationUnknownError,
    MpsError,
    NameTakenError,
    NotListedError,
    OutcomeUnknownError,
    QuotaReachedError,
    RefusedError,
    ThrottledError,
)

from .listing_cache import ListingCache
from .models import Library, LibrarySpec, same_text
from .poller import ProgressCallback, ignore
from .presence import Presence
from .unanswered import UnansweredCreate, search

if TYPE_CHECKING:
    from .client import MpsClient

NOT_LISTED_GRACE = 60.0
"""How long a new library may be missing from List, in seconds: MPS does not document that it lists
at once what it created."""

EARLIER = "waiting for what an earlier run may have created"


class Note:
    """What is kept of a create when its process is killed; this one keeps nothing."""

    def record_request(self) -> None:
        """Record that MPS is about to be asked."""

    def record_response(self, fp_db_id: str) -> None:
        """Record what was created."""

    def record_unknown_outcome(self) -> None:
        """Record that this run ends without knowing whether MPS has created one."""

    def clear(self) -> None:
        """Forget the create: MPS has created nothing."""

    def unanswered_for(self) -> float | None:
        """Return how many seconds ago MPS was asked, if nothing is known of an answer."""

    def made(self) -> str | None:
        """Return the library that MPS has answered with."""

    def location(self) -> str:
        """Return where it is kept, for whoever removes it."""
        return ""


NO_NOTE = Note()


@dataclass(frozen=True)
class _Attempt:
    """What `Creation.create` is given."""

    spec: LibrarySpec
    deadline: float
    replaced: frozenset[str]
    note: Note
    notice: ProgressCallback


class Creation:
    """Creates libraries in one region, and remembers which it has created and which deleted."""

    def __init__(self, client: MpsClient, region: str, clock: Clock, presence: Presence) -> None:
        self._client = client
        self._presence = presence
        self._region = region
        self._clock = clock
        self._listing = ListingCache(client, clock)
        self._lock = threading.Lock()
        self._made: dict[str, Library] = {}
        self._deleted: set[str] = set()
        self._names: set[str] = set()
        self._unsettled: set[str] = set()

    def create(
        self,
        spec: LibrarySpec,
        deadline: float,
        replaced: Collection[str] = (),
        note: Note = NO_NOTE,
        notice: ProgressCallback = ignore,
    ) -> Library:
        """Create a library and return it as MPS answers: not active yet.

        Args:
            spec: What to create.
            deadline: When to give up, in the clock's time.
            replaced: The IDs of libraries that this one may be meant to replace, now or before.
            note: Keeps what a run that is killed would forget.
            notice: Called while the library of such a run may yet appear.

        Raises:
            NameTakenError: A library of that name, or of another attempt, exists already.
            QuotaReachedError: The account may have no more libraries.
            CreationUnknownError: The answer got lost, and looking for the library settled nothing.
            StoppedError: This process is to stop; MPS was not asked.
            ApiError: MPS refused, or could not be reached.
        """
        attempt = _Attempt(spec, deadline, frozenset(replaced), note, notice)
        with self._claimed(spec.name):
            self._refuse_made(attempt)
            self._await_earlier(attempt)
            before = self._listing.recent(deadline)
            self._refuse_unsettled(attempt, before)
            self._refuse_taken(attempt, before or {})
            self._clock.check()
            note.record_request()
            try:
                library = self._client.create_library(spec, deadline)
            except OutcomeUnknownError as error:
                with self._lock:
                    self._unsettled.add(spec.name)
                    known = None if before is None else {*before, *self._made}
                lost = UnansweredCreate(spec, self._region, known, error)
                try:
                    library = lost.resolve(self._client, self._clock, deadline)
                except MpsError:
                    note.record_unknown_outcome()
                    raise
            except MpsError as error:
                # Of any other kind, such as keys that have expired: nothing was made.
                note.clear()
                if isinstance(error, RefusedError) and not isinstance(error, ThrottledError):
                    self._look_into(error, deadline)
                raise
            with self._lock:
                self._made[library.fp_db_id] = library
                self._unsettled.discard(spec.name)
            note.record_response(library.fp_db_id)
            return library

    def _refuse_made(self, attempt: _Attempt) -> None:
        """Refuse to create beside what an earlier run has created, even if it is not listed."""
        note, made = attempt.note, attempt.note.made()
        if made is None or made in attempt.replaced:
            return
        try:
            library = self._presence.find(made, attempt.deadline, listed=False)
        except NotListedError:
            raise NameTakenError(
                f"an earlier run created library {made} for this resource, and MPS does not list"
                " it: it may be too new or gone",
                "made before, not listed",
                location=note.location(),
            ) from None
        if library is None:
            note.clear()
            return
        raise _taken(attempt.spec, f"an earlier run created library {made} for this resource.")

    def _refuse_unsettled(self, attempt: _Attempt, before: Mapping[str, Library] | None) -> None:
        """Refuse to create beside what an interrupted run may have created under another name."""
        spec = attempt.spec
        asked_for = [
            library
            for key, library in (before or {}).items()
            if spec.was_asked_for(library)
            and key not in attempt.replaced
            and not self.was_deleted(key)
        ]
        made = self.alive(asked_for, attempt.deadline)
        if made or (before is None and spec.earlier):
            raise unsettled(self._region, [library.fp_db_id for library in made])

    def _await_earlier(self, attempt: _Attempt) -> None:
        """Wait for a library that an interrupted run may have created."""
        asked_ago = attempt.note.unanswered_for()
        if asked_ago is None:
            return
        started = self._clock.now()
        certain = started + NOT_LISTED_GRACE - asked_ago
        if started >= certain:
            return

        def appeared() -> bool:
            self._listing.forget()
            listed = self._listing.recent(attempt.deadline) or {}
            others = (library for key, library in listed.items() if key not in attempt.replaced)
            if any(attempt.spec.may_have_made(library) for library in others):
                return True
            attempt.notice(EARLIER, self._clock.now() - started)
            return False

        until = min(certain, attempt.deadline)
        found = search(appeared, lambda found: -math.inf if found else until, self._clock)
        if not found and until < certain:
            raise CreationUnknownError(
                f"a run that was interrupted {asked_ago:.0f} s ago had asked MPS for a library"
                f" of this name in {self._region}, which may yet appear",
                "may yet appear",
            )

    def _look_into(self, refusal: RefusedError, deadline: float) -> None:
        # If MPS has carried out what it refused, the next listing shows it.
        self._listing.forget()
        if not refusal.over_quota:
            return
        # MPS does not tell the quota itself; and where List wants IDs, it may answer with none.
        spent_on: Mapping[str, Library] = {}
        with suppress(MpsError):
            spent_on = self._listing.recent(deadline) or {}
        are = "is 1 library" if len(spent_on) == 1 else f"are {len(spent_on)} libraries"
        if not spent_on:
            raise QuotaReachedError(str(refusal)) from refusal
        raise QuotaReachedError(f"{refusal}; there {are} in {self._region}", "counted") from refusal

    def named(self, name: str, deadline: float) -> list[Library]:
        """Return the libraries of the name, except those that are being deleted."""
        listed = self._listing.recent(deadline) or {}
        return self.alive(
            [item for item in listed.values() if same_text(name, item.name)], deadline
        )

    def forget(self, fp_db_id: str) -> None:
        """Remember that a library was deleted: its name is free again."""
        with self._lock:
            self._deleted.add(fp_db_id)

    def was_deleted(self, fp_db_id: str) -> bool:
        """Whether this process deleted that library."""
        with self._lock:
            return fp_db_id in self._deleted

    @contextmanager
    def _claimed(self, name: str) -> Iterator[None]:
        with self._lock:
            if name in self._names:
                raise NameTakenError(
                    "another resource of this program is creating a library of the same name;"
                    " give each a name of its own"
                )
            if name in self._unsettled:
                raise CreationUnknownError(
                    f"it is unknown whether a library of this name was created in {self._region} a"
                    " moment ago, and the create was not retried",
                    "unanswered",
                )
            self._names.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._names.discard(name)

    def _refuse_taken(self, attempt: _Attempt, before: Mapping[str, Library]) -> None:
        spec, replaced = attempt.spec, attempt.replaced
        with self._lock:
            taken = [
                library
                for key, library in {**before, **self._made}.items()
                if spec.may_have_made(library) and key not in self._deleted
            ]
        if spec.stem:
            taken = [library for library in taken if library.fp_db_id not in replaced]
        taken = self.alive(taken, attempt.deadline)
        if not taken:
            return
        if replaced.issuperset(library.fp_db_id for library in taken):
            ids = ", ".join(library.fp_db_id for library in taken)
            raise NameTakenError(
                f"the library that is replaced ({ids}) is kept and has the same name",
                "replaced and kept",
            )
        found = ", ".join(
            f"{item.fp_db_id} (model {item.model_id}, {item.state})" for item in taken
        )
        if spec.stem:
            named = ", ".join(repr(library.name) for library in taken)
            raise _taken(
                spec,
                f"{self._region} has a library that was created for this resource, as its name"
                f" {named} shows: {found}.",
                "made before",
            )
        raise _taken(
            spec,
            f"a library of the same name already exists in {self._region}: {found}; the name alone"
            " does not prove that it belongs to this resource.",
        )

    def alive(self, found: Sequence[Library], deadline: float = math.inf) -> list[Library]:
        """Return those that no delete job is ending."""
        if not found:
            return []
        ending = {job.fp_db_id for job in self._client.delete_jobs(deadline=deadline) if job.ends}
        return [library for library in found if library.fp_db_id not in ending]


def unsettled(region: str, fp_db_ids: Sequence[str] = ()) -> CreationUnknownError:
    """Return the refusal to create beside what an interrupted run may have created.

    Args:
        region: Where that create asked for a library.
        fp_db_ids: The libraries that have the name which it asked for.
    """
    named = f" (whose name {' and '.join(fp_db_ids)} has)" if fp_db_ids else ""
    return CreationUnknownError(
        f"a create of this resource in {region}{named} was interrupted and is not settled yet",
        "interrupted",
    )


def _taken(spec: LibrarySpec, found: str, situation: str = "taken") -> NameTakenError:
    return NameTakenError(found, situation, other="a" if spec.stem else "another")
