"""What is said on the rows of libraries that would be replaced: what they hold."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from pulumi_alicloud_mps.content_warning import content_warning
from pulumi_alicloud_mps.mps.models import FileCount, FpModel
from pulumi_alicloud_mps.mps.service import Service

from .call import Messages
from .preview_budget import PreviewBudget, Unanswered
from .properties import Properties

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
