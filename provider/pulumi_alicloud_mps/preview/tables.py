"""The tables: libraries, other resources, and what changed outside of Pulumi."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_alicloud_mps.mps.models import LibraryState

from .changes import Action, Change, Drift, StackPreview
from .fate import fate_note, is_at_stake
from .fitting import Section
from .markdown import code, header, row
from .values import described, model_words
from .wording import SYMBOLS, others_counted, plural, shown

# What is cut first has the least: see `Section`.
_OTHERS, _LIBRARIES, _DRIFTS = 1, 4, 5

_KINDS = {"add": "+", "delete": "-", "update": "~"}
_MOST_PATHS = 6
_ACTIVE = (None, LibraryState.ACTIVE.value)

_GONE = (
    "A library that is gone has lost its content. The next `pulumi up` after a refresh creates an"
    " empty one in its place, unless the resource leaves the program."
)
_UNNAMED = (
    "The engine counts more changed resources than it names: `pulumi refresh --preview-only --diff`"
    " shows them, and so does this comment where the preview runs with"
    " `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true`."
)


def libraries(preview: StackPreview) -> Section | None:
    """Return the table of libraries that something would happen to."""
    rows = [
        row(
            [
                _plan(change),
                code(change.urn.name),
                shown(change, "name"),
                model_words(change.either("model_id")),
                shown(change, "region"),
                code(change.fp_db_id) if change.fp_db_id else "",
                _note(change, preview),
            ]
        )
        for change in preview.libraries
    ]
    names = ["Plan", "Resource", "Library", "Model", "Region", "FpDBId", "Info"]
    return Section(_LIBRARIES, rows, header(names), notice=_left_out(7)) if rows else None


def _plan(change: Change) -> str:
    return f"`{SYMBOLS[change.action]}` {change.action.value}"


def _note(change: Change, preview: StackPreview) -> str:
    if is_at_stake(change):
        return fate_note(change, preview)
    state = change.before("state")
    parts = [] if state in _ACTIVE else [f"is {described('state', state)}{_then(state)}"]
    if change.action is Action.UPDATE:
        parts += [
            f"{code(path)}: {described(path, change.before(path))} →"
            f" {described(path, change.after(path))}"
            for path, _ in change.kinds[:_MOST_PATHS]
        ]
    parts += ["its content is not guarded (`force_destroy`)"] if change.unguards else []
    return "; ".join(parts)


def _then(state: object) -> str:
    waits = state == LibraryState.OFFLINE.value
    return ": `pulumi up` goes on waiting" if waits else ": `pulumi up` fails until it is active"


def others(preview: StackPreview) -> Section | None:
    """Return the folded table of the other resources, in the words of Pulumi's CLI."""
    rows = [
        row([code(change.urn.type), code(change.urn.name), _plan(change), _paths(change)])
        for change in preview.others
    ]
    words = plural(len(rows), "other resource", "other resources")
    head = [
        "<details>",
        f"<summary>{words}: {others_counted(preview.others)}</summary>",
        "",
        *header(["Type", "Name", "Plan", "Info"]),
    ]
    return Section(_OTHERS, rows, head, ["", "</details>"], _left_out(4)) if rows else None


def _paths(change: Change) -> str:
    """Name the properties that differ; their values are other providers' to know."""
    paths = [f"{_KINDS.get(kind.partition('-')[0], '~')}{path}" for path, kind in change.kinds]
    listed = code(",".join(paths[:_MOST_PATHS]))
    more = f" and {len(paths) - _MOST_PATHS} more" if len(paths) > _MOST_PATHS else ""
    parts = [f"diff: {listed}{more}"] if paths else []
    if change.action is Action.REPLACE and change.reasons:
        parts.append(f"because of {code(','.join(change.reasons))}")
    return "; ".join(parts)


def drifts(preview: StackPreview) -> Section | None:
    """Return the table of what is not as the state says."""
    if not preview.drifts and not preview.unnamed_drifts:
        return None
    rows = [
        row([code(drift.urn.name), _kind(drift), code(drift.old.id), _found(drift)])
        for drift in preview.drifts
    ]
    table = header(["Resource", "Type", "ID", "Found"]) if rows else []
    tail = []
    if any(drift.gone and drift.is_library for drift in preview.drifts):
        tail += ["", _GONE]
    if preview.unnamed_drifts:
        tail += ["", _UNNAMED]
    head = ["**Changed outside of Pulumi**", "", *table]
    return Section(_DRIFTS, rows, head, tail, _left_out(4))


def _kind(drift: Drift) -> str:
    model = model_words(drift.old.outputs.get("model_id"))
    return f"{model} library" if drift.is_library else code(drift.urn.type)


def _found(drift: Drift) -> str:
    if drift.new is None:
        return "**gone**"
    old, new = drift.old.outputs, drift.new.outputs
    parts = [
        f"{code(name)}: {described(name, old.get(name))} → {described(name, new.get(name))}"
        if drift.is_library
        else code(name)
        for name in drift.changed[:_MOST_PATHS]
    ]
    return ", ".join(parts) or "changed"


def _left_out(columns: int) -> Callable[[int], str]:
    return lambda count: row([f"*… {count} more …*", *[""] * (columns - 1)])
