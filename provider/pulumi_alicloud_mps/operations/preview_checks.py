"""What create would refuse, told before anything is done."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.errors import ApiError, LibraryError, SettingsError
from pulumi_alicloud_mps.mps.service import Service

from .call import one_line
from .preview_budget import PreviewBudget, Unanswered
from .properties import Properties

_SAME_NAME = (
    "name: is that of another resource in {region}, too ({first}), and the second of them can't be"
    " created; give each a name of its own"
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
