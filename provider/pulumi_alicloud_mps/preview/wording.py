"""How changes are counted and named in the comment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .changes import Action, Change, Drift, StackPreview
from .fate import is_let_go
from .markdown import code
from .values import described, model_words

_DONE = {
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.FORGET: "no longer read",
    Action.CREATE: "created",
    Action.ADOPT: "adopted",
    Action.IMPORT: "imported",
    Action.UPDATE: "updated",
}
_LET_GO = "let go"
SYMBOLS = {
    Action.REPLACE: "+-",
    Action.DELETE: "-",
    Action.FORGET: "<",
    Action.CREATE: "+",
    Action.ADOPT: "=",
    Action.IMPORT: "=",
    Action.UPDATE: "~",
}


def plural(count: int, noun: str, several: str) -> str:
    """Count something."""
    return f"{count} {noun if count == 1 else several}"


def libraries_counted(*previews: StackPreview) -> str:
    """Count libraries by what happens to them; empty where nothing does."""
    done = [
        _LET_GO if is_let_go(item, one) else _DONE[item.action]
        for one in previews
        for item in one.libraries
        if not one.taker(item)
    ]
    counted = _counted(done)
    count, _, rest = counted.partition(" ")
    return f"{plural(int(count), 'library', 'libraries')} {rest}" if counted else ""


def others_counted(changes: Iterable[Change]) -> str:
    """Count other resources likewise."""
    return _counted(_DONE[change.action] for change in changes)


def _counted(done: Iterable[str]) -> str:
    counts = Counter(done)
    order = [*_DONE.values(), _LET_GO]
    return ", ".join(f"{counts[word]} {word}" for word in order if counts[word])


def drifts_counted(preview: StackPreview) -> str:
    """Count what is not as the state says."""
    libraries = [drift for drift in preview.drifts if drift.is_library]
    others = [drift for drift in preview.drifts if not drift.is_library]
    parts = [
        _drifts(libraries, "library", "libraries"),
        _drifts(others, "other resource", "other resources"),
    ]
    if preview.unnamed_drifts:
        more = plural(preview.unnamed_drifts, "more resource", "more resources")
        parts.append(f"{more} changed")
    return ", ".join(part for part in parts if part)


def _drifts(drifts: list[Drift], noun: str, several: str) -> str:
    gone = sum(drift.gone for drift in drifts)
    changed = len(drifts) - gone
    parts = []
    if gone:
        parts.append(f"{plural(gone, noun, several)} gone")
    if changed:
        parts.append(f"{changed} changed" if gone else f"{plural(changed, noun, several)} changed")
    return ", ".join(parts)


def library_words(change: Change) -> str:
    """Name a library: its kind, name, region and ID."""
    words = f"{model_words(change.either('model_id'))} library {shown(change, 'name')}"
    if region := shown(change, "region"):
        words += f" in {region}"
    return f"{words}, FpDBId {code(change.fp_db_id)}" if change.fp_db_id else words


def shown(change: Change, name: str) -> str:
    """Show a property of the library that is there, else of the one that will be."""
    value = change.either(name)
    return "" if value is None else described(name, value)
