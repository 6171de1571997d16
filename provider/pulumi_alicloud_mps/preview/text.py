"""Every sentence of the comment, except the warnings that it quotes: the provider has those.

The signs and kinds of alerts are in `render`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from pulumi_alicloud_mps.content_warning import LONGEST_REASON
from pulumi_alicloud_mps.inputs import IMMUTABLE
from pulumi_alicloud_mps.mps.models import LibraryState, model_name
from pulumi_alicloud_mps.state.deployment import UNKNOWN_TEXT

from .markdown import code, link
from .plan import Change, ContentOutcome, Drift, Effect, StackPreview
from .schema import Urn, holds_secret

LIBRARY_COLUMNS = ("Plan", "Resource", "Library", "Model", "Region", "FpDBId", "Info")
OTHER_COLUMNS = ("Type", "Name", "Plan", "Info")
DRIFT_COLUMNS = ("Resource", "Type", "ID", "Found")

DRIFT_TITLE = "**Changed outside of Pulumi**"
GONE_LIBRARY = (
    "A library that is gone has lost its content. After a refresh, the next `pulumi up` creates an"
    " empty one in its place, unless its resource leaves the program."
)
UNNAMED_DRIFT = (
    "The engine counts more changed resources than it names. `pulumi refresh --preview-only --diff`"
    " shows them; so does this comment if the preview runs with"
    " `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true`."
)

MORE = "*… {} more …*"
MORE_ERRORS = "*… {} more errors …*\n"
MORE_LIBRARIES = "**And {} more:**"
WHAT_TO_DO = "What you can do"

_SYMBOL_AND_WORD = {
    Effect.REPLACE: ("+-", "replaced"),
    Effect.DELETE: ("-", "deleted"),
    Effect.DISCARD: ("<", "no longer read"),
    Effect.CREATE: ("+", "created"),
    Effect.ADOPT: ("=", "adopted"),
    Effect.IMPORT: ("=", "imported"),
    Effect.UPDATE: ("~", "updated"),
}
_UNMANAGED, _GONE, _CHANGED = "no longer managed", "gone", "changed"
_COUNTED = [*(word for _, word in _SYMBOL_AND_WORD.values()), _UNMANAGED, _GONE, _CHANGED]
_OTHER = "other resource"
_KINDS = {"add": "+", "delete": "-", "update": "~"}
_MOST_PROPERTIES = 6
_LONGEST_WARNING = 600
_FORCE_DESTROY = "force_destroy"


# Values and counts


def _described(name: str, value: object) -> str:
    """Return the value of a property."""
    if holds_secret(value):
        return "*(secret)*"
    if value == UNKNOWN_TEXT:
        return "*(not known yet)*"
    if value in (None, ""):
        return "*(unset)*"
    if name == "model_id":
        return f"{code(str(value))} ({_model(value)})"
    return code(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _shown(change: Change, name: str) -> str:
    value = change.either(name)
    return "" if value is None else _described(name, value)


def _model(value: object) -> str:
    return (model_name(value) if isinstance(value, (int, float)) else None) or "unknown model"


def _coded(names: Iterable[str]) -> str:
    return ", ".join(map(code, names))


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    several = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else several}"


def libraries_counted(*previews: StackPreview) -> str:
    """Return the numbers of libraries by what would happen to them; empty without any."""
    changes = [item for preview in previews for item in preview.libraries if not item.adopter]
    return _counted(map(_done, changes), "library")


def others_counted(changes: Sequence[Change]) -> str:
    """Return the number of other resources, and what would happen to how many."""
    return f"{plural(len(changes), _OTHER)}: {_counted(map(_done, changes))}"


def drifts_counted(preview: StackPreview) -> str:
    """Return the numbers of libraries and other resources that differ from the state."""
    parts = []
    for is_library, noun in ((True, "library"), (False, _OTHER)):
        drifts = [item for item in preview.drifts if item.urn.is_library is is_library]
        parts.append(_counted((_GONE if item.gone else _CHANGED for item in drifts), noun))
    if preview.unnamed_drifts:
        parts.append(f"{plural(preview.unnamed_drifts, 'more resource')} changed")
    return ", ".join(filter(None, parts))


def _done(change: Change) -> str:
    _, word = _SYMBOL_AND_WORD[change.effect]
    return _UNMANAGED if change.leaves_stack else word


def _counted(words: Iterable[str], noun: str = "") -> str:
    """Count each word; a noun follows the first count."""
    counts = Counter(words)
    text = ", ".join(f"{counts[word]} {word}" for word in _COUNTED if counts[word])
    if not (text and noun):
        return text
    count, _, rest = text.partition(" ")
    return f"{plural(int(count), noun)} {rest}"


# The comment as a whole


def overview(previews: Sequence[StackPreview], stacks: int) -> str:
    """Return the title above several stacks."""
    failed = sum(bool(item.errors) for item in previews)
    drifted = sum(bool(item.drifts or item.unnamed_drifts) for item in previews)
    unknown = sum(item.is_drift_unknown for item in previews)
    parts = [
        f"{failed} failed" if failed else "",
        f"{unknown} not refreshed" if unknown else "",
        libraries_counted(*previews),
        f"drift in {drifted}" if drifted else "",
    ]
    summary = ", ".join(filter(None, parts)) or "no library changes"
    return f"## {plural(stacks, 'stack')}: {summary}"


def title(preview: StackPreview) -> str:
    """Return the name of a stack, and what its preview comes to in a few words."""
    counted = [libraries_counted(preview), drifts_counted(preview)]
    if preview.errors:
        found = "the preview failed"
    elif preview.is_drift_unknown:
        found = "unknown, because nothing was refreshed"
    elif not (found := "; ".join(filter(None, counted))):
        changed = "no library changes" if preview.has_changes else "no changes"
        found = "none" if preview.drift_only else changed
    return f"{'Drift of ' * preview.drift_only}{code(preview.owner)}: {found}"


def summary(preview: StackPreview) -> str:
    """Return what else there is in a stack."""
    parts = []
    if preview.errors and (planned := libraries_counted(preview)):
        parts.append(f"Planned before the failure: {planned}.")
    if others := _counted(map(_done, preview.others)):
        parts.append(f"Other resources: {others}.")
    unchanged, libraries = preview.unchanged()
    if unchanged and not preview.drift_only:
        among = "" if libraries is None else f", including {plural(libraries, 'library')}"
        parts.append(f"{plural(unchanged, 'resource')} unchanged{among}.")
    return " ".join(parts)


def shortened_notice(url: str) -> str:
    """Return the remark that the comment is not complete."""
    where = f" {link('The log', url)} has everything." if url else ""
    return f"*Shortened to fit: “… more …” counts what is left out.*{where}"


def footer(commit: str, url: str) -> str:
    """Return the last line; empty if neither is known."""
    parts = [f"Preview of {code(commit)}" if commit else "", link("Log", url) if url else ""]
    found = " · ".join(filter(None, parts))
    return f"<sub>{found}</sub>" if found else ""


# Alerts


def alert(change: Change) -> list[str]:
    """Return what happens to a library that is replaced or deleted, and why."""
    return [
        f"**{_heading(change)}**: {_library(change)}",
        "",
        f"- **Why**: {_reason(change)}",
        f"- **Content**: {_outcome(change)}",
        *(f"- **Warning**: {code(found, _LONGEST_WARNING)}" for found in change.warnings),
    ]


def alert_line(change: Change) -> str:
    """Return the same in a line."""
    reasons = _coded(map(change.urn.spelled, change.reasons))
    because = f" ({reasons})" if reasons else ""
    return f"- {_heading(change)}{because}: {_library(change)}; {_outcome_label(change)}"


def _heading(change: Change) -> str:
    if change.leaves_stack:
        plan = "no longer be managed"
    elif change.adopter:
        plan = "move"
    else:
        plan = "be replaced" if change.effect is Effect.REPLACE else "be deleted"
    return f"{code(change.urn.name)} would {plan}"


def _library(change: Change) -> str:
    text = f"{_model(change.either('model_id'))} library {_shown(change, 'name')}"
    if region := _shown(change, "region"):
        text += f" in {region}"
    return f"{text}, FpDBId {code(change.fp_db_id)}" if change.fp_db_id else text


def _reason(change: Change) -> str:
    if change.leftover:
        return "left over from an earlier replacement."
    if change.effect is Effect.DELETE:
        everything = change.preview.destroys_all
        return "the whole stack is destroyed." if everything else "it is no longer in the program."
    if names := [name for name in change.reasons if name != "id"]:
        parts = []
        for name in names:
            old, new = _described(name, change.before(name)), _described(name, change.after(name))
            found = code(change.urn.spelled(name))
            parts.append(f"{found} changes {f'from {old} to {new}' if old != new else old}")
        guessed = any(change.after(name) == UNKNOWN_TEXT for name in names)
        guess = " The preview counts a value that is not known yet as a change." if guessed else ""
        option = change.urn.spelled("`replace_on_changes` includes it")
        why = option if names == [_FORCE_DESTROY] else "Libraries are immutable"
        return f"{'; '.join(parts)}. {why}.{guess}"
    if change.old.taint:
        return "it is tainted; `pulumi state untaint` undoes that."
    if change.reasons:
        return "requested by `--replace` or `--target-replace`."
    causes = _coded(change.causes) or "a resource"
    return f"it depends on {causes}, which is replaced and deleted first."


_OUTCOMES = {
    ContentOutcome.DESTROYED: (
        "**every fingerprint in it is destroyed**, because the state has `force_destroy`. This"
        " can't be undone."
    ),
    ContentOutcome.REFUSED: "the deletion is refused and the run fails.",
    ContentOutcome.DELETED_IF_EMPTY: (
        "if it holds fingerprints, or if that can't be checked, the deletion is refused and the"
        " run fails; if it is empty, it is deleted."
    ),
    ContentOutcome.EMPTY: "empty: nothing is lost.",
    ContentOutcome.PROTECTED: "not touched: the resource has `protect`, so Pulumi refuses this.",
    ContentOutcome.KEPT: "kept at MPS as it is, and no longer managed by this stack.",
    ContentOutcome.ADOPTED: "not touched: {} adopts it.",
}


def _outcome_label(change: Change) -> str:
    count = change.content.count
    return f"{change.outcome}: {count}" if count and count.files else change.outcome


def _outcome(change: Change) -> str:
    sentence = _OUTCOMES[change.outcome]
    if change.adopter:
        return sentence.format(code(change.adopter.urn.name))
    content = change.content
    filled = content.count and content.count.files
    text = f"holds **{content.count}**; {sentence}" if filled else sentence
    if change.outcome is ContentOutcome.KEPT:
        if change.effect is Effect.REPLACE and change.before("name") == change.after("name"):
            text += (
                " **`pulumi up` will fail**: the new library needs another `name`, since the old"
                " one keeps this one."
            )
        return text
    uncounted = ""
    if content.reason:
        why = code(content.reason, LONGEST_REASON)
        uncounted = f" The files could not be counted: {why}"
    late = ["`force_destroy`"] if change.sets_force_destroy else []
    late += ["`retain_on_delete`"] if change.new.retain_on_delete else []
    verbs = "is new in this change and takes" if len(late) == 1 else "are new here and take"
    options = change.urn.spelled(" and ".join(late))
    too_late = f" {options} {verbs} effect from the next one on." if late else ""
    return f"{change.urn.spelled(text)}{uncounted}{too_late}"


def alternatives(change: Change) -> list[str]:
    """Return what the author of the change can do instead."""
    if change.outcome in {ContentOutcome.ADOPTED, ContentOutcome.PROTECTED}:
        return []
    if change.leftover:
        way = (
            '**Keep it at MPS**: remove its entry with `"delete": true` from the state'
            " (`pulumi state edit`, or `pulumi stack export` and `import`)."
        )
        return [way]
    ways = _keeping(change)
    if change.effect is Effect.REPLACE:
        old, new = change.before("name"), change.after("name")
        renamed = " with another `name`" if new in (old, UNKNOWN_TEXT) else ""
        retain = f"**Keep it at MPS beside the new one**: {_before('retain_on_delete')}{renamed}."
    else:
        retain = f"**Keep it at MPS only**: {_before('retain_on_delete')}."
    if not change.may_lose:
        return ways
    ways.append(retain)
    # If the program replaces for it, setting it first would do the same.
    if _FORCE_DESTROY not in change.reasons:
        guarded = "**Protect its content**: set `force_destroy=False` and run `pulumi up` first."
        given_up = f"**Give up its content**: {_before(_FORCE_DESTROY)}."
        ways.append(guarded if change.outcome is ContentOutcome.DESTROYED else given_up)
    return [*ways, "**Prevent this permanently**: set `protect=True`."]


def _before(option: str) -> str:
    return f"set `{option}=True`, run `pulumi up`, then apply this change"


def _keeping(change: Change) -> list[str]:
    if change.effect is Effect.DELETE:
        if change.preview.destroys_all:
            return []
        adopt = code(f'adopt="{change.old.id}"')
        keep = (
            "**Keep it**: leave it in the program or, if it was renamed, give the new resource an"
            " alias (`aliases`)."
        )
        return [keep, f"**Move it** to another resource: {adopt}, with its `name` and `model_id`."]
    if names := [name for name in change.reasons if name in IMMUTABLE]:
        listed = ", ".join(f'"{name}"' for name in names)
        found = any(set(names) & set(drift.changed) for drift in change.drifts)
        undo = "copy the value that was found into the program" if found else "revert the change"
        return [f"**Keep it**: {undo}, or set `ignore_changes=[{listed}]`."]
    if _FORCE_DESTROY in change.reasons:
        return ["**Keep it**: take `force_destroy` (or `*`) out of `replace_on_changes`."]
    causes = _coded(change.causes)
    return [f"**Keep it**: do not replace {causes}."] if causes else []


# Cells of the tables


def library_row(change: Change) -> list[str]:
    """Return the cells of a library that would change."""
    model_id = change.either("model_id")
    return [
        _plan(change),
        code(change.urn.name),
        _shown(change, "name"),
        # For an import, only MPS knows the model.
        "" if model_id is None else _model(model_id),
        _shown(change, "region"),
        code(change.fp_db_id or ""),
        _outcome_label(change) if change.needs_alert else _update_info(change),
    ]


def other_row(change: Change) -> list[str]:
    """Return the cells of another resource that would change; its values may be secrets."""
    paths = [f"{_KINDS.get(kind.partition('-')[0], '~')}{path}" for path, kind in change.kinds]
    listed = code(",".join(paths[:_MOST_PROPERTIES]))
    left_out = len(paths) - _MOST_PROPERTIES
    more = f" and {left_out} more" if left_out > 0 else ""
    parts = [f"diff: {listed}{more}"] if paths else []
    if change.effect is Effect.REPLACE and change.reasons:
        parts.append(f"because of {code(','.join(change.reasons))}")
    return [code(change.urn.type), code(change.urn.name), _plan(change), "; ".join(parts)]


def drift_row(drift: Drift) -> list[str]:
    """Return the cells of a resource that differs from the state."""
    old, new = drift.old.outputs, drift.new.outputs if drift.new else {}
    names = drift.changed[:_MOST_PROPERTIES]
    if drift.urn.is_library:
        kind = f"{_model(old.get('model_id'))} library"
        parts = [_differs(drift.urn, name, old.get(name), new.get(name)) for name in names]
    else:
        kind, parts = code(drift.urn.type), [code(name) for name in names]
    found = "**gone**" if drift.gone else ", ".join(parts) or "changed"
    return [code(drift.urn.name), kind, code(drift.old.id), found]


def _plan(change: Change) -> str:
    symbol, _ = _SYMBOL_AND_WORD[change.effect]
    return f"`{symbol}` {change.effect}"


def _update_info(change: Change) -> str:
    state = change.before("state")
    parts = []
    if state == LibraryState.OFFLINE.value:
        parts.append(f"{_described('state', state)}: `pulumi up` waits until it is active")
    elif state not in (None, LibraryState.ACTIVE.value):
        parts.append(f"{_described('state', state)}: `pulumi up` fails until it is active")
    if change.effect is Effect.UPDATE:
        parts += [
            _differs(change.urn, path, change.before(path), change.after(path))
            for path, _ in change.kinds[:_MOST_PROPERTIES]
        ]
    if change.old_urn.is_library and change.old_urn.is_native is not change.urn.is_native:
        kind = "native" if change.urn.is_native else "dynamic"
        parts.append(f"taken over by the {kind} provider: nothing changes at MPS")
    if change.sets_force_destroy:
        parts.append(change.urn.spelled("content no longer guarded (`force_destroy`)"))
    return "; ".join(parts)


def _differs(urn: Urn, name: str, old: object, new: object) -> str:
    return f"{code(urn.spelled(name))}: {_described(name, old)} → {_described(name, new)}"
