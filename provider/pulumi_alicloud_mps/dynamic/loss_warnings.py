"""Warnings on the rows of libraries whose replacement would lose their content."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pulumi

from pulumi_alicloud_mps.lost_content import Loss
from pulumi_alicloud_mps.mps.models import FileCount
from pulumi_alicloud_mps.mps.service import Service

from .engine import engine_log
from .properties import Properties, was_listed
from .quick_calls import QuickCalls, Unanswered

_BLANK = "MPS lists none, and says that there are more"


class LossWarnings:
    """Warns of replacements, of each once; never fails, and hardly delays."""

    def __init__(self, service: Callable[[], Service], calls: QuickCalls) -> None:
        self._service = service
        self._calls = calls
        self._lock = threading.Lock()
        self._warned: set[tuple[str, str]] = set()

    def warn(
        self, urn: str, fp_db_id: str, olds: Properties, news: Properties, replaces: Sequence[str]
    ) -> None:
        """Warn of a replacement, unless its library is known to be empty or gone."""
        # Diff has found the library gone where it lets `adopt` replace it.
        if "adopt" in replaces or not self._is_first(urn, fp_db_id):
            return
        found = self._calls.ask(
            str(olds.get("region")), lambda deadline: self._count(fp_db_id, olds, deadline)
        )
        if found is not None and found != FileCount(0):
            unknown = [name for name in replaces if pulumi.contains_unknowns(news.get(name))]
            loss = Loss(fp_db_id, replaces, unknown, olds.get("force_destroy") is True)
            engine_log.warning(loss.warning(_known(found)), urn)

    def _is_first(self, urn: str, fp_db_id: str) -> bool:
        with self._lock:
            first = (urn, fp_db_id) not in self._warned
            self._warned.add((urn, fp_db_id))
        return first

    def _count(self, fp_db_id: str, olds: Properties, deadline: float) -> FileCount | None:
        libraries = self._service().libraries_of(
            olds.get("account_id"), str(olds.get("region")), deadline
        )
        return libraries.count_files(fp_db_id, deadline, listed=was_listed(olds))


def _known(found: FileCount | Unanswered) -> FileCount | str:
    if isinstance(found, Unanswered):
        return found.reason
    return found if found.files else _BLANK
