"""The comment: one or several stacks, in as much as fits into a comment."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from . import text
from .markdown import block, code, marker, quoted, row
from .plan import Change, ContentOutcome, StackPreview
from .read import PreviewError
from .schema import Diagnostic
from .truncate import LIMIT, Section, truncated

# The weights of the sections: the lowest is left out first.
_OTHERS, _WARNINGS, _ERRORS, _LIBRARIES, _DRIFTS, _ALERTS = range(1, 7)

_COMMIT_LENGTH = 12
_SAYS_NOTHING = {"preview failed", "refresh failed", "destroy failed"}
_ALERT_KINDS = {
    ContentOutcome.DESTROYED: "CAUTION",
    ContentOutcome.REFUSED: "WARNING",
    ContentOutcome.DELETED_IF_EMPTY: "WARNING",
}


def comment(
    previews: Sequence[StackPreview], *, limit: int = LIMIT, commit: str = "", url: str = ""
) -> str:
    """Return the comment as Markdown, of up to `limit` characters.

    `url` is where the whole previews are, such as the log of a workflow's run.

    Raises:
        PreviewError: Not even the summaries fit.
    """
    owners = list(dict.fromkeys(item.owner for item in previews))
    above = [text.overview(previews, len(owners))] if len(previews) > 1 else []
    below = [line for line in [text.footer(commit[:_COMMIT_LENGTH], url)] if line]
    # On one line, the last one: a workflow finds the comment by it.
    below.append("".join(marker(owner) for owner in owners))
    first, *rest = [
        *_fixed(above),
        *(part for item in previews for part in _stack(item, limit // 2 // len(previews))),
    ]
    ending = _fixed(below)
    whole = truncated([first, *rest, *ending], limit)
    if whole is None:
        raise PreviewError(f"{len(previews)} previews are too many for {limit} characters")
    if whole != truncated([first, *rest, *ending], sys.maxsize):
        notice = _fixed([text.shortened_notice(url)])
        whole = truncated([first, *notice, *rest, *ending], limit) or whole
    return f"{whole}\n"


def _fixed(lines: Sequence[str]) -> list[Section]:
    return [Section(None, [line]) for line in lines]


def _stack(preview: StackPreview, room: int) -> list[Section]:
    errors = [_message(item) for item in preview.errors if item.text not in _SAYS_NOTHING]
    found = [
        _summary(preview),
        Section(_ERRORS, errors, notice=text.MORE_ERRORS.format) if errors else None,
        *_alerts(preview, room),
        _drifts(preview),
        _table(_LIBRARIES, text.LIBRARY_COLUMNS, map(text.library_row, preview.libraries)),
        _others(preview),
        _warnings(preview),
    ]
    return [section for section in found if section]


def _summary(preview: StackPreview) -> Section:
    if preview.errors:
        sign = "❌ "
    elif preview.has_losses or any(drift.urn.is_library for drift in preview.drifts):
        sign = "⚠️ "
    else:
        sign = "" if preview.has_changes or preview.is_drift_unknown else "✅ "
    title, rest = f"### {sign}{text.title(preview)}", text.summary(preview)
    return Section(None, [title, "", rest] if rest else [title])


def _alerts(preview: StackPreview, room: int) -> list[Section]:
    """Return a block for each library that is replaced or deleted, or a line for lack of room."""
    changes = [change for change in preview.libraries if change.needs_alert]
    blocks: list[str] = []
    for change in changes:
        alert = _alert(change, folded=len(changes) > 1)
        room -= len(alert)
        if room < 0:
            break
        blocks.append(alert)
    found = _fixed(blocks)
    if rest := changes[len(blocks) :]:
        lines = [text.alert_line(change) for change in rest]
        head = [text.MORE_LIBRARIES.format(text.plural(len(rest), "library")), ""]
        found.append(Section(_ALERTS, lines, head, notice=f"- {text.MORE}".format))
    return found


def _alert(change: Change, *, folded: bool) -> str:
    ways = [f"- {change.urn.spelled(way)}" for way in text.alternatives(change)]
    lines = [f"[!{_ALERT_KINDS.get(change.outcome, 'NOTE')}]", *text.alert(change)]
    if ways and folded:
        summary = f"<summary>{text.WHAT_TO_DO}</summary>"
        lines += ["", "<details>", summary, "", *ways, "", "</details>"]
    elif ways:
        lines += [f"- **{text.WHAT_TO_DO}**:", *(f"  {way}" for way in ways)]
    return quoted("\n".join(lines))


def _others(preview: StackPreview) -> Section | None:
    head = ["<details>", f"<summary>{text.others_counted(preview.others)}</summary>", ""]
    rows = map(text.other_row, preview.others)
    return _table(_OTHERS, text.OTHER_COLUMNS, rows, head, ["", "</details>"])


def _drifts(preview: StackPreview) -> Section | None:
    head, tail = [text.DRIFT_TITLE, ""], []
    if any(drift.gone and drift.urn.is_library for drift in preview.drifts):
        tail += ["", text.GONE_LIBRARY]
    if preview.unnamed_drifts:
        tail += ["", text.UNNAMED_DRIFT]
        if not preview.drifts:
            return Section(_DRIFTS, [], head, tail)
    return _table(_DRIFTS, text.DRIFT_COLUMNS, map(text.drift_row, preview.drifts), head, tail)


def _table(
    weight: int,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    head: Sequence[str] = (),
    tail: Sequence[str] = (),
) -> Section | None:
    """Return a table of rows, if there are any."""

    def left_out(count: int) -> str:
        return row([text.MORE.format(count), *[""] * (len(columns) - 1)])

    lines = [*map(row, rows)]
    titles = [row(columns), f"|{' --- |' * len(columns)}"]
    return Section(weight, lines, [*head, *titles], tail, left_out) if lines else None


def _warnings(preview: StackPreview) -> Section | None:
    # Those about a library with an alert are in it.
    alerts = {change.urn for change in preview.libraries if change.needs_alert}
    shown = (item for item in preview.warnings if item.urn not in alerts)
    # The engine says where a plugin comes from each time it uses it.
    messages = list(dict.fromkeys(map(_message, shown)))
    head = ["<details>", f"<summary>{text.plural(len(messages), 'warning')}</summary>", ""]
    return Section(_WARNINGS, messages, head, ["</details>"]) if messages else None


def _message(item: Diagnostic) -> str:
    name = f"{code(item.urn.name)}:\n\n" if item.urn else ""
    return f"{name}{block(item.text)}\n"
