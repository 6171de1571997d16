"""Calls that a preview can do without: they are answered within seconds, or left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pulumi_alicloud_mps.mps.clock import Clock
from pulumi_alicloud_mps.mps.errors import AccountMismatchError, NotListedError, RefusedError

from .call import one_line

T = TypeVar("T")

SECONDS = 5.0
"""For so long, in all, one process begins such calls: the engine checks and compares one resource
after the other."""

_SPENT = f"asking for others took {SECONDS:.0f} seconds already"


@dataclass(frozen=True)
class Unanswered:
    """Why there is no answer."""

    reason: str


class PreviewBudget:
    """Makes calls in time, and does not try again in a region where one failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, Unanswered] = {}
        self._left = SECONDS

    def ask(self, region: str, call: Callable[[float], T]) -> T | Unanswered:
        """Return what a call returns, which is told when to give up, in the clock's time."""
        if failure := self._failures.get(region):
            return failure
        if self._left <= 0:
            return Unanswered(_SPENT)
        began = self._clock.now()
        try:
            return call(began + self._left)
        except Exception as error:  # noqa: BLE001 - the preview goes on, whatever it is
            failure = Unanswered(one_line(error))
            if not _is_of_one_library(error):
                self._failures[region] = failure
            return failure
        finally:
            self._left -= self._clock.now() - began


def _is_of_one_library(error: Exception) -> bool:
    if isinstance(error, RefusedError):
        return error.blames_parameters
    return isinstance(error, (AccountMismatchError, NotListedError))
