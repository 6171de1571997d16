"""The sections of the comment that are about one stack."""

from __future__ import annotations

from . import tables
from .changes import StackPreview
from .digest import Diagnostic, Urn
from .fate import is_at_stake, losses
from .fitting import Section
from .markdown import block, code
from .stakes import stakes
from .wording import drifts_counted, libraries_counted, others_counted, plural

_WARNINGS, _ERRORS = 2, 3
_TELLS_NOTHING = {"preview failed", "refresh failed", "destroy failed"}


def sections(preview: StackPreview, room: int) -> list[Section]:
    """Return all that is to say about a stack.

    Args:
        preview: The preview of the stack.
        room: How many characters the blocks about single libraries may take.
    """
    found = [
        _summary(preview),
        _errors(preview),
        *stakes(preview, room),
        tables.drifts(preview),
        tables.libraries(preview),
        tables.others(preview),
        _warnings(preview),
    ]
    return [section for section in found if section]


def _summary(preview: StackPreview) -> Section:
    drift = "Drift of " if preview.drift_only else ""
    title = f"### {_sign(preview)}{drift}{code(preview.owner)}: {_headline(preview)}"
    rest = " ".join(part for part in (_until_failure(preview), _rest(preview)) if part)
    return Section(None, [title, "", rest] if rest else [title])


def _sign(preview: StackPreview) -> str:
    if preview.errors:
        return "❌ "
    if losses(preview) or any(drift.is_library for drift in preview.drifts):
        return "⚠️ "
    return "" if preview.has_changes or preview.is_drift_unknown else "✅ "


def _headline(preview: StackPreview) -> str:
    if preview.errors:
        return "the preview failed"
    if preview.is_drift_unknown:
        return "unknown, as nothing was refreshed"
    counted = [libraries_counted(preview), drifts_counted(preview)]
    said = "; ".join(part for part in counted if part)
    if said or preview.drift_only:
        return said or "none"
    return "no library changes" if preview.has_changes else "no changes"


def _until_failure(preview: StackPreview) -> str:
    libraries = libraries_counted(preview)
    return f"Planned until then: {libraries}." if preview.errors and libraries else ""


def _rest(preview: StackPreview) -> str:
    others = others_counted(preview.others)
    parts = [f"Other resources: {others}."] if others else []
    if preview.unchanged and not preview.drift_only:
        same = preview.unchanged_libraries
        among = f", {plural(same, 'library', 'libraries')} among them" if same is not None else ""
        parts.append(f"{plural(preview.unchanged, 'resource', 'resources')} unchanged{among}.")
    return " ".join(parts)


def _errors(preview: StackPreview) -> Section | None:
    told = [_message(item) for item in preview.errors if item.words not in _TELLS_NOTHING]
    return Section(_ERRORS, told, notice="*… {} more errors …*\n".format) if told else None


def _warnings(preview: StackPreview) -> Section | None:
    # Those of a library that is at stake stand in its block.
    blocks = {change.urn for change in preview.libraries if is_at_stake(change)}
    told = [_message(item) for item in preview.warnings if Urn.parse(item.urn) not in blocks]
    summary = f"<summary>{plural(len(told), 'warning', 'warnings')}</summary>"
    head = ["<details>", summary, ""]
    return Section(_WARNINGS, told, head, ["</details>"]) if told else None


def _message(item: Diagnostic) -> str:
    name = f"{code(Urn.parse(item.urn).name)}:\n\n" if item.urn else ""
    return f"{name}{block(item.words)}\n"
