"""What a preview asks MPS for: refusals and losses, told before anything is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pulumi_alicloud_mps.content_warning import content_warning
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.clock import Clock
from pulumi_alicloud_mps.mps.errors import (
    AccountMismatchError,
    ApiError,
    LibraryError,
    NotListedError,
    RefusedError,
    SettingsError,
)
from pulumi_alicloud_mps.mps.models import FileCount, FpModel
from pulumi_alicloud_mps.mps.service import Service

from .call import Messages, one_line
from .properties import Properties

T = TypeVar("T")

SECONDS = 5.0
"""For so long, in all, one process begins such calls: the engine checks and compares one resource
after the other."""

_SPENT = f"the {SECONDS:.0f} s preview budget is used up"


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


_BLANK = "MPS lists none, and says that there are more"
_TEXT = "MPS does not document that it lists what a text library holds"


class ContentWarnings:
    """Warns of replacements, of each once; never fails, and hardly delays."""

    def __init__(
        self, service: Callable[[], Service], calls: PreviewBudget, messages: Messages
    ) -> None:
        self._service = service
        self._calls = calls
        self._messages = messages
        self._lock = threading.Lock()
        self._warned: set[tuple[str, str]] = set()

    def warn(self, urn: str, fp_db_id: str, olds: Properties, replaces: Sequence[str]) -> None:
        """Warn of a replacement, or say that its library is empty; nothing where it is gone."""
        # Diff has found the library gone where it lets `adopt` replace it.
        if "adopt" in replaces or not self._is_first(urn, fp_db_id):
            return
        found = self._calls.ask(
            str(olds.get("region")), lambda deadline: self._count(fp_db_id, olds, deadline)
        )
        if found is None:
            return
        known = _known(found, olds.get("model_id"))
        text = content_warning(fp_db_id, known, forced=olds.get("force_destroy") is True)
        say = self._messages.info if known == FileCount(0) else self._messages.warning
        say(text, urn)

    def _is_first(self, urn: str, fp_db_id: str) -> bool:
        with self._lock:
            first = (urn, fp_db_id) not in self._warned
            self._warned.add((urn, fp_db_id))
        return first

    def _count(self, fp_db_id: str, olds: Properties, deadline: float) -> FileCount | None:
        libraries = self._service().libraries_of(
            olds.get("account_id"), str(olds.get("region")), deadline
        )
        return libraries.count_files(fp_db_id, deadline)


def _known(found: FileCount | Unanswered, model_id: object) -> FileCount | str:
    if isinstance(found, Unanswered):
        return found.reason
    if found.files:
        return found
    if model_id == FpModel.TEXT:
        return _TEXT
    return found if found.complete else _BLANK


_SAME_NAME = (
    "name: is already used by {first} in {region}; the second create would fail. Give each resource"
    " its own name"
)


class PreviewChecks:
    """Foresees refusals, as warnings: what changes until then may yet prevent them."""

    def __init__(self, service: Callable[[], Service], calls: PreviewBudget) -> None:
        self._service = service
        self._calls = calls
        self._lock = threading.Lock()
        self._claims: dict[tuple[str, str], str] = {}
        self._unasked: dict[str, str] = {}

    def same_name(self, urn: str, values: Properties) -> list[str]:
        """Tell that two resources of the program want one name."""
        region = values.get("region")
        if not urn or not region or not values.get("name"):
            return []
        with self._lock:
            first = self._claims.setdefault((region, values["name"]), urn)
        # The name itself may be a secret.
        return [] if first == urn else [_SAME_NAME.format(first=first, region=region)]

    def silent_region(self, fp_db_id: str, home: str, region: object) -> None:
        """Refuse to move a library where nobody answers, as its content would be lost for nothing.

        Where nobody can be asked, a preview goes on, and a deletion asks.

        Raises:
            SettingsError: The region does not answer, while the library's own one does.
        """
        if not isinstance(region, str):
            return

        def reach(name: str) -> str:
            found = self._calls.ask(
                name,
                lambda deadline: self._service().libraries(name).reach(fp_db_id, deadline),
            )
            return found.reason if isinstance(found, Unanswered) else ""

        if reach(home):
            self._unasked[fp_db_id] = region
        elif reason := reach(region):
            raise _no_region(region, home, reason)

    def unasked_region(self, fp_db_id: str, home: str, deadline: float) -> None:
        """Ask a region before a deletion where a preview could not.

        Raises:
            SettingsError: It does not answer.
        """
        if region := self._unasked.get(fp_db_id):
            try:
                self._service().libraries(region).reach(fp_db_id, deadline)
            except (ApiError, SettingsError) as error:
                raise _no_region(region, home, str(error)) from error

    def no_adoption(self, fp_db_id: str, inputs: Inputs) -> list[str]:
        """Tell that the library to adopt is not there, or another one than the program says."""
        region = str(inputs.region)

        def compare(deadline: float) -> str:
            libraries = self._service().libraries_of(None, region, deadline)
            try:
                libraries.adopt(fp_db_id, inputs.spec(), deadline)
            except LibraryError as error:
                return one_line(error)
            return ""

        found = self._calls.ask(region, compare)
        if isinstance(found, Unanswered):
            found = f"adopt: {fp_db_id} was not compared with the program ({found.reason})"
        return [found] if found else []


def _no_region(region: str, home: str, reason: str) -> SettingsError:
    return SettingsError(
        f"region: {region} does not answer ({reason}); the library stays in {home}; correct the"
        " region, or try again when it answers"
    )
