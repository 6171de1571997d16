"""Every sentence of the comment, except the warnings that it quotes: the provider has those.

The signs and kinds of alerts are in `render`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from pulumi_alicloud_mps.inputs import IMMUTABLE
from pulumi_alicloud_mps.mps.models import LibraryState, model_name

from .markdown import code, link
from .outcome import ContentOutcome, content_outcome, leaves_stack
from .plan import Change, Drift, Effect, StackPreview
from .schema import is_secret, is_unknown

LIBRARY_COLUMNS = ("Plan", "Resource", "Library", "Model", "Region", "FpDBId", "Info")
OTHER_COLUMNS = ("Type", "Name", "Plan", "Info")
DRIFT_COLUMNS = ("Resource", "Type", "ID", "Found")

DRIFT_TITLE = "**Changed outside of Pulumi**"
GONE = (
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
WHY = "**Why**: {}"
CONTENT = "**Content**: {}"
WARNING = "**Warning**: {}"
WHAT_TO_DO = "What you can do"

_SYMBOLS = {
    Effect.REPLACE: "+-",
    Effect.DELETE: "-",
    Effect.DISCARD: "<",
    Effect.CREATE: "+",
    Effect.ADOPT: "=",
    Effect.IMPORT: "=",
    Effect.UPDATE: "~",
}
_DONE = {
    Effect.REPLACE: "replaced",
    Effect.DELETE: "deleted",
    Effect.DISCARD: "no longer read",
    Effect.CREATE: "created",
    Effect.ADOPT: "adopted",
    Effect.IMPORT: "imported",
    Effect.UPDATE: "updated",
}
_UNMANAGED = "no longer managed"
_LIBRARIES = ("library", "libraries")
_KINDS = {"add": "+", "delete": "-", "update": "~"}
_MOST_PROPERTIES = 6
_LONGEST_REASON = 400


# Values and counts


def described(name: str, value: object) -> str:
    """Return the value of a property."""
    if is_secret(value):
        return "*(secret)*"
    if is_unknown(value):
        return "*(not known yet)*"
    if value in (None, ""):
        return "*(unset)*"
    if name == "model_id":
        return f"{code(str(value))} ({model(value)})"
    return code(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def shown(change: Change, name: str) -> str:
    """Return a property of the existing library, else of the planned one."""
    value = change.either(name)
    return "" if value is None else described(name, value)


def model(value: object) -> str:
    """Return the kind of media that a ModelId stands for."""
    return (model_name(value) if isinstance(value, (int, float)) else None) or "unknown model"


def model_of(change: Change) -> str:
    """Return the kind of media of a library; nothing where an import is yet to tell."""
    value = change.either("model_id")
    return "" if value is None else model(value)


def plural(count: int, noun: str, several: str) -> str:
    """Return a count with its noun."""
    return f"{count} {noun if count == 1 else several}"


def libraries_counted(*previews: StackPreview) -> str:
    """Return the numbers of libraries by what would happen to them; empty without any."""
    done = [
        _UNMANAGED if leaves_stack(item, one) else _DONE[item.effect]
        for one in previews
        for item in one.libraries
        if not one.adopter(item)
    ]
    counted = _counted(done)
    count, _, rest = counted.partition(" ")
    return f"{plural(int(count), 'library', 'libraries')} {rest}" if counted else ""


def others_counted(changes: Sequence[Change]) -> str:
    """Return the number of other resources, and what would happen to how many."""
    counted = plural(len(changes), "other resource", "other resources")
    return f"{counted}: {_counted(_DONE[change.effect] for change in changes)}"


def warnings_counted(count: int) -> str:
    """Return the number of warnings."""
    return plural(count, "warning", "warnings")


def more_libraries(count: int) -> str:
    """Return the title above libraries without a block of their own."""
    return f"**And {plural(count, 'library', 'libraries')} more:**"


def _counted(done: Iterable[str]) -> str:
    counts = Counter(done)
    order = [*_DONE.values(), _UNMANAGED]
    return ", ".join(f"{counts[word]} {word}" for word in order if counts[word])


def drifts_counted(preview: StackPreview) -> str:
    """Return the numbers of libraries and other resources that differ from the state."""
    parts = []
    for is_library, nouns in ((True, _LIBRARIES), (False, ("other resource", "other resources"))):
        gone = [item.gone for item in preview.drifts if item.urn.is_library is is_library]
        counts = {"gone": sum(gone), "changed": len(gone) - sum(gone)}
        words = [f"{count} {word}" for word, count in counts.items() if count]
        if words:
            count, _, rest = ", ".join(words).partition(" ")
            parts.append(f"{plural(int(count), *nouns)} {rest}")
    if preview.unnamed_drifts:
        more = plural(preview.unnamed_drifts, "more resource", "more resources")
        parts.append(f"{more} changed")
    return ", ".join(parts)


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
    summary = ", ".join(part for part in parts if part) or "no library changes"
    return f"## {plural(stacks, 'stack', 'stacks')}: {summary}"


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
    if preview.errors and (libraries := libraries_counted(preview)):
        parts.append(f"Planned before the failure: {libraries}.")
    if others := _counted(_DONE[change.effect] for change in preview.others):
        parts.append(f"Other resources: {others}.")
    if preview.unchanged and not preview.drift_only:
        same = preview.unchanged_libraries
        among = "" if same is None else f", including {plural(same, 'library', 'libraries')}"
        parts.append(f"{plural(preview.unchanged, 'resource', 'resources')} unchanged{among}.")
    return " ".join(parts)


def shortened_notice(url: str) -> str:
    """Return the remark that the comment is not complete."""
    where = f" {link('The log', url)} has everything." if url else ""
    return f"*Shortened to fit: “… more …” counts what is left out.*{where}"


def footer(commit: str, url: str) -> str:
    """Return the last line; empty where neither is known."""
    parts = [f"Preview of {code(commit)}" if commit else "", link("Log", url) if url else ""]
    found = " · ".join(part for part in parts if part)
    return f"<sub>{found}</sub>" if found else ""


# Alerts


def heading(change: Change, preview: StackPreview) -> str:
    """Return the resource and what would happen to it."""
    outcome = content_outcome(change, preview)
    if leaves_stack(change, preview):
        plan = "no longer be managed"
    elif outcome is ContentOutcome.ADOPTED:
        plan = "move"
    else:
        plan = "be replaced" if change.effect is Effect.REPLACE else "be deleted"
    return f"{code(change.urn.name)} would {plan}"


def library(change: Change) -> str:
    """Return a library's model, name, region and ID."""
    text = f"{model(change.either('model_id'))} library {shown(change, 'name')}"
    if region := shown(change, "region"):
        text += f" in {region}"
    return f"{text}, FpDBId {code(change.fp_db_id)}" if change.fp_db_id else text


def reason(change: Change, preview: StackPreview) -> str:
    """Return why a library would be replaced or deleted."""
    names = [name for name in change.reasons if name != "id"]
    if not names or change.effect is Effect.DELETE:
        return _other_reason(change, preview)
    parts = []
    for name in names:
        old, new = described(name, change.before(name)), described(name, change.after(name))
        found = code(change.urn.spelled(name))
        parts.append(f"{found} changes {f'from {old} to {new}' if old != new else old}")
    guessed = any(is_unknown(change.after(name)) for name in names)
    guess = " The preview counts a value that is not known yet as a change." if guessed else ""
    asked_for = names == [_FORCE_DESTROY]
    option = change.urn.spelled("`replace_on_changes` includes it")
    why = option if asked_for else "Libraries are immutable"
    return f"{'; '.join(parts)}. {why}.{guess}"


def _other_reason(change: Change, preview: StackPreview) -> str:
    if change.leftover:
        return "left over from an earlier replacement."
    if change.effect is Effect.DELETE:
        everything = preview.destroys_all
        return "the whole stack is destroyed." if everything else "it is no longer in the program."
    if change.old.taint:
        return "it is tainted; `pulumi state untaint` undoes that."
    if "id" in change.reasons:
        return "requested by `--replace` or `--target-replace`."
    causes = ", ".join(code(name) for name in preview.causes(change))
    return f"it depends on {causes or 'a resource'}, which is replaced and deleted first."


_OUTCOMES = {
    ContentOutcome.EMPTY: "empty: nothing is lost.",
    ContentOutcome.PROTECTED: "not touched: the resource has `protect`, so Pulumi refuses this.",
    ContentOutcome.DESTROYED: (
        "**every fingerprint in it is destroyed**, because the state has `force_destroy`. This"
        " can't be undone."
    ),
    ContentOutcome.DELETED_IF_EMPTY: (
        "if it holds fingerprints, or if that can't be checked, the deletion is refused and the run"
        " fails; if it is empty, it is deleted."
    ),
}
_REFUSED = "the deletion is refused and the run fails."


def outcome(change: Change, preview: StackPreview) -> str:
    """Return what happens to a library's content."""
    found = content_outcome(change, preview)
    if found is ContentOutcome.ADOPTED:
        adopter = preview.adopter(change)
        return f"not touched: {code(adopter.urn.name if adopter else '')} adopts it."
    content = preview.content_of(change)
    filled = content.count and content.count.files
    holds = f"holds **{content.count}**; " if filled else ""
    if found is ContentOutcome.KEPT:
        text = f"{holds}kept at MPS as it is, and no longer managed by this stack."
        if change.effect is Effect.REPLACE and change.before("name") == change.after("name"):
            text += (
                " **`pulumi up` will fail**: the new library needs another `name`, since the old"
                " one keeps this one."
            )
        return text
    refused = found is ContentOutcome.DELETED_IF_EMPTY and content.count
    text = _REFUSED if refused else change.urn.spelled(_OUTCOMES[found])
    uncounted = ""
    if content.reason:
        why = code(content.reason, _LONGEST_REASON)
        uncounted = f" The files could not be counted: {why}"
    late = ["`force_destroy`"] if change.sets_force_destroy else []
    late += ["`retain_on_delete`"] if change.new.retain_on_delete else []
    verbs = "is new in this change and takes" if len(late) == 1 else "are new here and take"
    options = change.urn.spelled(" and ".join(late))
    too_late = f" {options} {verbs} effect from the next one on." if late else ""
    return f"{holds}{text}{uncounted}{too_late}"


def outcome_note(change: Change, preview: StackPreview) -> str:
    """Return what happens to a library's content, in a few words."""
    found = content_outcome(change, preview)
    count = preview.content_of(change).count
    if not count or not count.files:
        return _NOTES[found]
    note = "refused" if found is ContentOutcome.DELETED_IF_EMPTY else _NOTES[found]
    return f"{note}: {count}"


_NOTES = {
    ContentOutcome.DESTROYED: "destroyed",
    ContentOutcome.DELETED_IF_EMPTY: "deleted only if empty",
    ContentOutcome.EMPTY: "empty",
    ContentOutcome.PROTECTED: "protected",
    ContentOutcome.KEPT: "kept at MPS",
    ContentOutcome.ADOPTED: "adopted",
}


def alert_line(change: Change, preview: StackPreview) -> str:
    """Return a library that is replaced or deleted, and what happens to its content, in a line."""
    reasons = ", ".join(code(change.urn.spelled(name)) for name in change.reasons)
    because = f" ({reasons})" if reasons else ""
    note = outcome_note(change, preview)
    return f"- {heading(change, preview)}{because}: {library(change)}; {note}"


def alternatives(change: Change, preview: StackPreview) -> list[str]:
    """Return what the author of the change can do instead."""
    return [change.urn.spelled(way) for way in _alternatives(change, preview)]


def _alternatives(change: Change, preview: StackPreview) -> list[str]:
    found = content_outcome(change, preview)
    if found in {ContentOutcome.ADOPTED, ContentOutcome.PROTECTED}:
        return []
    if change.leftover:
        return [_KEEP_LEFTOVER]
    if change.effect is Effect.REPLACE:
        ways = _keep_replaced(change, preview)
        old, new = change.before("name"), change.after("name")
        retain = _KEEP_BOTH.format(" with another `name`" * (new == old or is_unknown(new)))
    else:
        adopt = code(f'adopt="{change.old.id}"')
        ways = [] if preview.destroys_all else [_KEEP_DELETED, _MOVE.format(adopt)]
        retain = _KEEP_UNMANAGED
    if found in {ContentOutcome.KEPT, ContentOutcome.EMPTY}:
        return ways
    ways.append(retain)
    # Where the program replaces for it, setting it first would do the same.
    if _FORCE_DESTROY not in change.reasons:
        ways.append(_GIVE_UP if found is ContentOutcome.DELETED_IF_EMPTY else _GUARD)
    return [*ways, _PROTECT]


_KEEP_LEFTOVER = (
    '**Keep it at MPS**: remove its entry with `"delete": true` from the state'
    " (`pulumi state edit`, or `pulumi stack export` and `import`)."
)
_KEEP_DELETED = (
    "**Keep it**: leave it in the program or, if it was renamed, give the new resource an alias"
    " (`aliases`)."
)
_MOVE = "**Move it** to another resource: {}, with its `name` and `model_id`."
_KEEP_BOTH = (
    "**Keep it at MPS beside the new one**: set `retain_on_delete=True`, run `pulumi up`, then"
    " apply this change{}."
)
_KEEP_UNMANAGED = (
    "**Keep it at MPS only**: set `retain_on_delete=True`, run `pulumi up`, then apply this change."
)
_GIVE_UP = (
    "**Give up its content**: set `force_destroy=True`, run `pulumi up`, then apply this change."
)
_GUARD = "**Protect its content**: set `force_destroy=False` and run `pulumi up` first."
_FORCE_DESTROY = "force_destroy"
_PROTECT = "**Prevent this permanently**: set `protect=True`."


def _keep_replaced(change: Change, preview: StackPreview) -> list[str]:
    names = [name for name in change.reasons if name in IMMUTABLE]
    if names:
        listed = ", ".join(f'"{name}"' for name in names)
        found = any(set(names) & set(drift.changed) for drift in preview.drifts_of(change))
        undo = "copy the value that was found into the program" if found else "revert the change"
        return [f"**Keep it**: {undo}, or set `ignore_changes=[{listed}]`."]
    if _FORCE_DESTROY in change.reasons:
        return ["**Keep it**: take `force_destroy` (or `*`) out of `replace_on_changes`."]
    causes = ", ".join(code(name) for name in preview.causes(change))
    return [f"**Keep it**: do not replace {causes}."] if causes else []


# Cells of the tables


def plan(change: Change) -> str:
    """Return the operation, with Pulumi's symbol."""
    return f"`{_SYMBOLS[change.effect]}` {change.effect.value}"


def update_note(change: Change) -> str:
    """Return what is notable about a library that is neither replaced nor deleted."""
    state = change.before("state")
    parts = []
    if state == LibraryState.OFFLINE.value:
        parts.append(f"{described('state', state)}: `pulumi up` waits until it is active")
    elif state not in (None, LibraryState.ACTIVE.value):
        parts.append(f"{described('state', state)}: `pulumi up` fails until it is active")
    if change.effect is Effect.UPDATE:
        parts += [
            f"{code(change.urn.spelled(path))}: {described(path, change.before(path))} →"
            f" {described(path, change.after(path))}"
            for path, _ in change.kinds[:_MOST_PROPERTIES]
        ]
    if change.old_urn.is_library and change.old_urn.is_native is not change.urn.is_native:
        kind = "native" if change.urn.is_native else "dynamic"
        parts.append(f"taken over by the {kind} provider: nothing changes at MPS")
    if change.sets_force_destroy:
        parts.append(change.urn.spelled("content no longer guarded (`force_destroy`)"))
    return "; ".join(parts)


def diff(change: Change) -> str:
    """Return the properties of another resource that differ; their values may be secrets."""
    paths = [f"{_KINDS.get(kind.partition('-')[0], '~')}{path}" for path, kind in change.kinds]
    listed = code(",".join(paths[:_MOST_PROPERTIES]))
    left_out = len(paths) - _MOST_PROPERTIES
    more = f" and {left_out} more" if left_out > 0 else ""
    parts = [f"diff: {listed}{more}"] if paths else []
    if change.effect is Effect.REPLACE and change.reasons:
        parts.append(f"because of {code(','.join(change.reasons))}")
    return "; ".join(parts)


def drift_type(drift: Drift) -> str:
    """Return the type of a resource that differs from the state."""
    if drift.urn.is_library:
        return f"{model(drift.old.outputs.get('model_id'))} library"
    return code(drift.urn.type)


def drift_found(drift: Drift) -> str:
    """Return how a resource differs from the state."""
    if drift.new is None:
        return "**gone**"
    old, new = drift.old.outputs, drift.new.outputs
    parts = [
        f"{code(drift.urn.spelled(name))}: {described(name, old.get(name))} →"
        f" {described(name, new.get(name))}"
        if drift.urn.is_library
        else code(name)
        for name in drift.changed[:_MOST_PROPERTIES]
    ]
    return ", ".join(parts) or "changed"
