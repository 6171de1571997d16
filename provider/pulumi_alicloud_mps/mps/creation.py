"""Creating a library exactly once, at a service without client tokens.

Names are all there is to go by. One that is unique to the attempt proves that a library is ours;
any other proves nothing, since two callers may want the same one: then the only proof is when a
library appeared. So the libraries of the region are listed before a Create; one of the same
name, or of another attempt to create the same library, is refused, and one that appeared after a
Create without an answer is ours.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    CreationUnknownError,
    MpsError,
    NameTakenError,
    NotListedError,
    OutcomeUnknownError,
    QuotaReachedError,
    RefusedError,
    StoppedError,
    ThrottledError,
)

from .models import Library, LibrarySpec, same_text
from .poller import ProgressCallback, ignore
from .presence import Presence

NOT_LISTED_GRACE = 60.0
"""How long a new library may be missing from List, in seconds: MPS does not document that it lists
at once what it created."""

SEARCH_SECONDS = 15.0
"""How long to look for the library of a Create without an answer, in seconds."""

EARLIER = "looking for a library from an earlier run"

_SEARCH_INTERVAL = 1.0

T = TypeVar("T")


class JournalEntry:
    """What outlives the process that requests a library; this base class keeps nothing."""

    def record_request(self) -> None:
        """Record that MPS is about to be asked."""

    def record_response(self, fp_db_id: str) -> None:
        """Record what was created."""

    def record_unknown_outcome(self) -> None:
        """Record that this run ends without knowing whether MPS has created one."""

    def clear(self) -> None:
        """Forget the create: MPS has created nothing."""

    def unanswered_for(self) -> float | None:
        """Return how many seconds ago MPS was asked, if no answer is known."""

    def made(self) -> str | None:
        """Return the ID of the library that MPS returned."""

    def location(self) -> str:
        """Return where the entry is, for a user who has to remove it."""
        return ""


NO_JOURNAL = JournalEntry()


def search(look: Callable[[], T], until: Callable[[T], float], clock: Clock) -> T:
    """Look once a second for what MPS may be late to list; return what the last look has found.

    `until` returns when to end the search, by what was found, in the clock's time.
    """
    while clock.now() < until(found := look()):
        clock.sleep(_SEARCH_INTERVAL)
    return found


class Creation:
    """Creates libraries in one region, and remembers which it has created."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence
        self._client = presence.client
        self._region = presence.region
        self._clock = presence.clock
        self._listing = presence.listing
        self._lock = threading.Lock()
        self._made: dict[str, Library] = {}
        self._names: set[str] = set()
        self._unanswered: set[str] = set()

    def create(
        self,
        spec: LibrarySpec,
        deadline: float,
        journal_entry: JournalEntry = NO_JOURNAL,
        on_progress: ProgressCallback = ignore,
    ) -> Library:
        """Create a library and return it as MPS answers: not active yet.

        `journal_entry` keeps what a killed run would forget; `on_progress` is called while the
        library of such a run may yet appear.

        Raises:
            NameTakenError: A library of that name, or of another attempt, exists already.
            QuotaReachedError: The account may have no more libraries.
            CreationUnknownError: The answer was lost, and the search was inconclusive.
            StoppedError: This process is to stop; MPS was not asked.
            ApiError: MPS refused, or could not be reached.
        """
        with self._claimed(spec.name):
            self._refuse_made(spec, deadline, journal_entry)
            self._await_earlier(spec, deadline, journal_entry, on_progress)
            before = self._listing.recent(deadline)
            self._refuse_unrecovered(spec, deadline, before)
            self._refuse_taken(spec, deadline, before or {})
            self._clock.check()
            journal_entry.record_request()
            try:
                library = self._client.create_library(spec, deadline)
            except OutcomeUnknownError as error:
                with self._lock:
                    self._unanswered.add(spec.name)
                    known = None if before is None else {*before, *self._made}
                try:
                    library = self._find_made(spec, deadline, known, str(error))
                except MpsError:
                    journal_entry.record_unknown_outcome()
                    raise
            except MpsError as error:
                # An error of any other kind, such as expired keys: nothing was created.
                journal_entry.clear()
                if isinstance(error, RefusedError) and not isinstance(error, ThrottledError):
                    self._look_into(error, deadline)
                raise
            with self._lock:
                self._made[library.fp_db_id] = library
                self._unanswered.discard(spec.name)
            journal_entry.record_response(library.fp_db_id)
            return library

    def _refuse_made(self, spec: LibrarySpec, deadline: float, journal_entry: JournalEntry) -> None:
        """Refuse to create beside what an earlier run has created, even if it is not listed."""
        made = journal_entry.made()
        if made is None or made in spec.replaced:
            return
        try:
            library = self._presence.find(made, deadline, listed=False)
        except NotListedError:
            raise NameTakenError(
                f"an earlier run created library {made}, but MPS does not list it: it may be too"
                " new or gone",
                "made before, not listed",
                location=journal_entry.location(),
            ) from None
        if library is None:
            journal_entry.clear()
            return
        raise _taken(spec, f"an earlier run created library {made}.")

    def _refuse_unrecovered(
        self, spec: LibrarySpec, deadline: float, before: Mapping[str, Library] | None
    ) -> None:
        """Refuse to create beside what an interrupted run may have created under another name."""
        asked_for = [
            library
            for key, library in (before or {}).items()
            if any(same_text(name, library.name) for name in spec.earlier)
            and key not in spec.replaced
        ]
        made = self._presence.alive(asked_for, deadline)
        if made or (before is None and spec.earlier):
            raise not_recovered(self._region, [library.fp_db_id for library in made])

    def _await_earlier(
        self,
        spec: LibrarySpec,
        deadline: float,
        journal_entry: JournalEntry,
        on_progress: ProgressCallback,
    ) -> None:
        """Wait for a library that an interrupted run may have created."""
        asked_ago = journal_entry.unanswered_for()
        if asked_ago is None:
            return
        started = self._clock.now()
        certain = started + NOT_LISTED_GRACE - asked_ago
        if started >= certain:
            return

        def appeared() -> bool:
            self._listing.forget()
            listed = self._listing.recent(deadline) or {}
            others = (library for key, library in listed.items() if key not in spec.replaced)
            if any(spec.may_have_made(library) for library in others):
                return True
            on_progress(EARLIER, self._clock.now() - started)
            return False

        until = min(certain, deadline)
        found = search(appeared, lambda found: -math.inf if found else until, self._clock)
        if not found and until < certain:
            raise CreationUnknownError(
                f"an interrupted run requested a library of this name in {self._region}"
                f" {asked_ago:.0f} s ago, which may still appear",
                "may yet appear",
            )

    def _look_into(self, refusal: RefusedError, deadline: float) -> None:
        # If MPS has carried out what it refused, the next listing shows it.
        self._listing.forget()
        if not refusal.over_quota:
            return
        # MPS does not report the quota itself; and where List requires IDs, it may return none.
        spent_on: Mapping[str, Library] = {}
        with suppress(MpsError):
            spent_on = self._listing.recent(deadline) or {}
        if not spent_on:
            raise QuotaReachedError(str(refusal)) from refusal
        are = "is 1 library" if len(spent_on) == 1 else f"are {len(spent_on)} libraries"
        raise QuotaReachedError(f"{refusal}; there {are} in {self._region}", "counted") from refusal

    @contextmanager
    def _claimed(self, name: str) -> Iterator[None]:
        with self._lock:
            if name in self._names:
                raise NameTakenError(
                    "a library of the same name is already being created; give each its own name"
                )
            if name in self._unanswered:
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

    def _refuse_taken(
        self, spec: LibrarySpec, deadline: float, before: Mapping[str, Library]
    ) -> None:
        with self._lock:
            known = {**before, **self._made}
        ignored = spec.replaced if spec.stem else ()
        taken = [
            library
            for key, library in known.items()
            if spec.may_have_made(library) and key not in ignored
        ]
        taken = self._presence.alive(taken, deadline)
        if not taken:
            return
        ids = [library.fp_db_id for library in taken]
        if spec.replaced.issuperset(ids):
            raise NameTakenError(
                f"the library that is replaced ({', '.join(ids)}) is kept and has the same name",
                "replaced and kept",
            )
        found = ", ".join(
            f"{item.fp_db_id} (model {item.model_id}, {item.state})" for item in taken
        )
        if spec.stem:
            named = ", ".join(repr(library.name) for library in taken)
            raise _taken(
                spec,
                f"{self._region} has a library from another attempt to create this one, as its name"
                f" {named} shows: {found}.",
                "made before",
            )
        raise _taken(
            spec,
            f"a library of the same name already exists in {self._region}: {found}; the name alone"
            " does not prove whose it is.",
        )

    def _find_made(
        self, spec: LibrarySpec, deadline: float, known: Collection[str] | None, lost: str
    ) -> Library:
        """Return the one library that has appeared since a Create without an answer.

        `known` are those libraries that it can't have created, if they are known; `lost` says what
        became of the call.

        Raises:
            CreationUnknownError: There is none in time, or more than one, or MPS does not list.
        """
        where = f"a library of this name in {self._region}"

        def unknown(detail: str) -> CreationUnknownError:
            detail = f"{lost}; {detail}, and the create was not retried"
            return CreationUnknownError(detail, "unanswered")

        if known is None and not spec.stem:
            raise unknown(
                f"the libraries in {self._region} could not be listed beforehand, so whether it"
                " created a library of this name is unknown"
            )
        until = min(self._clock.now() + SEARCH_SECONDS, deadline)

        def appeared() -> list[Library]:
            listed = self._client.list_libraries(deadline=until).libraries
            new = [library for key, library in listed.items() if key not in (known or ())]
            new = [library for library in new if not library.gone]
            if spec.stem:
                return [library for library in new if same_text(spec.name, library.name)]
            return [library for library in new if not spec.differences(library)]

        try:
            found = search(appeared, lambda found: -math.inf if found else until, self._clock)
        except StoppedError:
            raise unknown(f"the search for {where} was interrupted") from None
        # An error of any kind, such as expired credentials: the Create may have created a library.
        except MpsError as failure:
            detail = f"whether it created {where} can't be determined ({failure})"
            raise unknown(detail) from failure
        if not found:
            raise unknown(f"no library of this name appeared in {self._region}")
        if len(found) > 1:
            ids = ", ".join(library.fp_db_id for library in found)
            raise CreationUnknownError(
                f"{lost}; {len(found)} libraries of this name appeared in {self._region} ({ids}):"
                " find out which one is yours",
                "several appeared",
            )
        return found[0]


def not_recovered(region: str, fp_db_ids: Sequence[str] = ()) -> CreationUnknownError:
    """Return the refusal to create beside what an interrupted run may have created.

    `fp_db_ids` are the libraries of the region that have the name which that run requested.
    """
    named = f" (found under its name: {' and '.join(fp_db_ids)})" if fp_db_ids else ""
    return CreationUnknownError(
        f"an interrupted create of this library in {region}{named} is not recovered yet",
        "interrupted",
    )


def _taken(spec: LibrarySpec, found: str, situation: str = "taken") -> NameTakenError:
    return NameTakenError(found, situation, other="a" if spec.stem else "another")
