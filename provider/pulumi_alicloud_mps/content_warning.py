"""The warning about the content that a replacement would lose.

The provider logs it in diff. The comment on a preview reads the mark in it, since the engine
passes on nothing else about what a library holds; the words around the mark may change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .mps.models import FileCount

LONGEST_REASON = 400
"""Maximum length, in characters, of the reason why files could not be counted."""

_MARK = re.compile(r"\[mps-files (?:(?P<files>[0-9]+)(?P<more>\+?)|\?)\](?: (?P<reason>.+))?")


def content_warning(fp_db_id: str, found: FileCount | str, *, forced: bool) -> str:
    """Return the warning: what is lost, and a mark that `preview-comment` and the docs know.

    Pulumi repeats the first line in the resource's row, and shows the others once. `found` is the
    content, or why it could not be counted; `forced` is the state's `force_destroy`.
    """
    if found == FileCount(0):
        return f"empty: nothing is lost\nreplacing {fp_db_id} loses no files [mps-files 0]"
    # The engine does not pass `retain_on_delete` to diff.
    outcome = "destroys them" if forced else "is refused"
    line = f"replacing {fp_db_id} {outcome} if retain_on_delete is off"
    if isinstance(found, FileCount):
        more = "" if found.complete else "+"
        return f"holds {found}\n{line} [mps-files {found.files}{more}]"
    reason = " ".join(found.split())
    if len(reason) > LONGEST_REASON:
        reason = f"{reason[: LONGEST_REASON - 1]}…"
    return f"may hold files\n{line}\n[mps-files ?] {reason}"


@dataclass(frozen=True)
class ContentReport:
    """How many files such a warning says a library holds, or the reason why it can't say."""

    count: FileCount | None = None
    reason: str | None = None


def read_content(message: str) -> ContentReport | None:
    """Read a message; None if it is about something else."""
    found = _MARK.search(message)
    if found is None:
        return None
    if found["files"] is None:
        return ContentReport(reason=found["reason"])
    return ContentReport(FileCount(int(found["files"]), complete=not found["more"]))
