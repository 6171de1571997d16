"""The warning that a replacement loses a library's content.

The provider writes it in diff; the comment on a preview reads it again in what the engine writes,
which tells nothing else of what a library holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .mps.models import FileCount

_NOT_COUNTED = ". Its files could not be counted: "
_TOLD = re.compile(
    r"library \S+ (?:holds (?P<least>at least )?(?P<files>[0-9,]+) files?|may hold files);"
    rf" replacing it .*? Ways out: .*?(?:{re.escape(_NOT_COUNTED)}(?P<reason>.*))?"
)


@dataclass(frozen=True)
class Loss:
    """A replacement, as far as diff can know it.

    Attributes:
        fp_db_id: The library that is replaced.
        changed: The inputs that make the replacement.
        unknown: Those of them that are not known yet, and may stay as they are.
        force_destroy: Whether `force_destroy` is in the state.
    """

    fp_db_id: str
    changed: Sequence[str]
    unknown: Sequence[str]
    force_destroy: bool

    def warning(self, found: FileCount | str) -> str:
        """Say what is lost, how, and the ways out, in one line.

        Args:
            found: What the library holds, or why that could not be counted.
        """
        counted = isinstance(found, FileCount)
        holds = f"holds {found}" if counted else "may hold files"
        return (
            f"library {self.fp_db_id} {holds}; replacing it {self._cause()}"
            f" {self._outcome(counted=counted)}. Ways out: {self._ways()}"
            f"{'' if counted else f'{_NOT_COUNTED}{found}'}"
        )

    def _cause(self) -> str:
        certain = [name for name in self.changed if name not in self.unknown]
        if certain:
            return f"for {_listed(certain)}"
        return f"(if {_listed(self.unknown)}, not known yet, will change)"

    def _outcome(self, *, counted: bool) -> str:
        # Diff is not told of `retain_on_delete`.
        kept = "the state has `retain_on_delete`"
        if self.force_destroy:
            return f"destroys them unless {kept}, since it has `force_destroy`"
        empty = "" if counted else "it is empty or "
        return f"is refused unless {empty}{kept}, since it has no `force_destroy`"

    def _ways(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.changed)
        beside = "" if {"name", "region"} & set(self.changed) else " with another `name`"
        guard = "False` to guard it" if self.force_destroy else "True` to lose it"
        return (
            f"`ignore_changes=[{names}]` to keep it; `retain_on_delete=True`{beside} to keep it"
            f" beside a new one, or `force_destroy={guard}, each applied before this change"
        )


@dataclass(frozen=True)
class Told:
    """What a warning tells of a library's content.

    Attributes:
        count: How much there is, where it was counted.
        reason: Else why it was not.
    """

    count: FileCount | None = None
    reason: str | None = None


def told(warning: str) -> Told | None:
    """Read a warning again; None where it is about something else."""
    found = _TOLD.fullmatch(warning)
    if found is None:
        return None
    if found["files"] is None:
        return Told(reason=found["reason"])
    files = int(found["files"].replace(",", ""))
    return Told(FileCount(files, complete=found["least"] is None))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
