"""How much libraries hold, for diffs: within seconds, or not at all."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_alicloud_mps.mps.clock import Clock
from pulumi_alicloud_mps.mps.errors import AccountMismatchError, NotListedError, RefusedError
from pulumi_alicloud_mps.mps.models import FileCount

from .host import one_line

SECONDS = 5.0
"""For so long, in all, one process begins calls to count: the engine compares one resource after
the other."""

Count = Callable[[float], "FileCount | None"]
"""Counts until a time of the clock; None where the library is gone."""

_SPENT = f"counting others took {SECONDS:.0f} seconds already"
_BLANK = "MPS lists none, and says that there are more"


class Counting:
    """Counts what libraries hold, and does not try again in a region where that failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, str] = {}
        self._left = SECONDS

    def ask(self, region: str, count: Count) -> FileCount | str | None:
        """Return what a library holds, or why that is not known; None where there is nothing."""
        failure = self._failures.get(region) or ("" if self._left > 0 else _SPENT)
        if failure:
            return failure
        began = self._clock.now()
        try:
            found = count(began + self._left)
        except Exception as error:  # noqa: BLE001 - a diff goes on, whatever it is
            return self._failed(region, error)
        finally:
            self._left -= self._clock.now() - began
        if found is None or found == FileCount(0):
            return None
        return found if found.files else _BLANK

    def _failed(self, region: str, error: Exception) -> str:
        reason = one_line(error)
        if not _is_of_one_library(error):
            self._failures[region] = reason
        return reason


def _is_of_one_library(error: Exception) -> bool:
    if isinstance(error, RefusedError):
        return error.blames_parameters
    return isinstance(error, (AccountMismatchError, NotListedError))
