"""A recent listing of a region, which proves that a library is new."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import RefusedError, ThrottledError

from .models import Library

if TYPE_CHECKING:
    from .client import MpsClient

FRESH_SECONDS = 2.0
"""The maximum age, in seconds, of a listing that a creation relies on.

Creations that begin together share one; a name that somebody else takes within this time is not
noticed."""


class ListingCache:
    """The libraries of one region, listed again when the listing is too old."""

    def __init__(self, client: MpsClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._libraries: Mapping[str, Library] | None = None
        self._listed_at = -math.inf
        self._generation = 0

    def recent(self, deadline: float) -> Mapping[str, Library] | None:
        """Return the libraries by ID, at most `FRESH_SECONDS` old, without deleted ones.

        None where MPS wants IDs, which it does not document.

        Raises:
            ApiError: They could not be listed.
        """
        # Asked for before the call: what is made meanwhile may be missing in the answer.
        now = self._clock.now()
        with self._lock:
            if now - self._listed_at <= FRESH_SECONDS:
                return self._libraries
            doubts = self._generation
        # Without the lock, on which a Ctrl-C would not reach those who wait; the client makes one
        # call for all of them.
        libraries = self._list(deadline)
        with self._lock:
            if now > self._listed_at and doubts == self._generation:
                self._libraries, self._listed_at = libraries, now
        return libraries

    def forget(self) -> None:
        """List again the next time: the listing has turned out to be doubtful."""
        with self._lock:
            self._listed_at = -math.inf
            self._generation += 1

    def _list(self, deadline: float) -> Mapping[str, Library] | None:
        try:
            listing = self._client.list_libraries(deadline=deadline)
        except ThrottledError:
            raise
        except RefusedError as error:
            if not error.blames_parameters:
                raise
            return None
        return {key: library for key, library in listing.libraries.items() if not library.gone}
