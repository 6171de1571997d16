"""Finding the library that a Create without an answer may have created."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    CreationUnknownError,
    MpsError,
    OutcomeUnknownError,
    StoppedError,
)

from .models import Library, LibrarySpec, same_text

if TYPE_CHECKING:
    from .client import MpsClient

SEARCH_SECONDS = 15.0
"""How long to look for the library of a Create without an answer, in seconds."""

_INTERVAL = 1.0

T = TypeVar("T")


def search(look: Callable[[], T], until: Callable[[T], float], clock: Clock) -> T:
    """Look once a second for what MPS may be late to list; return what the last look has found.

    Args:
        look: Looks.
        until: Tells, of what was found, until when the search goes on, in the clock's time.
        clock: The time that it goes by.
    """
    while clock.now() < until(found := look()):
        clock.sleep(_INTERVAL)
    return found


@dataclass(frozen=True)
class UnansweredCreate:
    """A Create whose outcome is not known.

    Attributes:
        spec: What was to be created.
        region: Where.
        known: The IDs of the libraries that it can't have made; None where that is not known.
        error: What became of the call.
    """

    spec: LibrarySpec
    region: str
    known: Collection[str] | None
    error: OutcomeUnknownError

    def resolve(self, client: MpsClient, clock: Clock, deadline: float) -> Library:
        """Return the one library that has appeared since, with its name and settings.

        Raises:
            CreationUnknownError: There is none in time, or more than one, or MPS does not list.
        """
        if self.known is None and not self.spec.stem:
            raise self._unknown(
                f"what was in {self.region} before could not be listed, so it is unknown whether it"
                f" created a library of this name, and the create was not retried"
            )
        try:
            until = min(clock.now() + SEARCH_SECONDS, deadline)
            found = search(
                lambda: self._appeared(client, until),
                lambda found: -math.inf if found else until,
                clock,
            )
        except StoppedError:
            raise self._unknown(
                f"the search for a library of this name in {self.region} was"
                f" interrupted, and the create was not retried"
            ) from None
        if not found:
            raise self._unknown(
                f"no library of this name appeared in {self.region}, and the create was not retried"
            )
        if len(found) > 1:
            ids = ", ".join(library.fp_db_id for library in found)
            raise self._unknown(
                f"{len(found)} libraries of this name appeared in {self.region}"
                f" ({ids}): find out whose they are",
                "several appeared",
            )
        return found[0]

    def _appeared(self, client: MpsClient, until: float) -> list[Library]:
        try:
            listing = client.list_libraries(deadline=until)
        except StoppedError:
            raise
        # Of any kind, such as credentials that have expired: the Create may have made a library.
        except MpsError as failure:
            raise self._unknown(
                f"whether it created a library of this name in {self.region} can't be determined"
                f" ({failure}), and the create was not retried"
            ) from failure
        return [
            library
            for key, library in listing.libraries.items()
            if key not in (self.known or ()) and not library.gone and self._made(library)
        ]

    def _made(self, library: Library) -> bool:
        if self.spec.stem:
            return same_text(self.spec.name, library.name)
        return not self.spec.differences(library)

    def _unknown(self, detail: str, situation: str = "unanswered") -> CreationUnknownError:
        return CreationUnknownError(f"{self.error}; {detail}", situation)
