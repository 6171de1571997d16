"""What becomes of a library that is replaced or deleted, and how it can be kept."""

from __future__ import annotations

from enum import Enum

from pulumi_alicloud_mps.inputs import IMMUTABLE
from pulumi_alicloud_mps.lost_content import Told
from pulumi_alicloud_mps.mps.models import FileCount

from .changes import Action, Change, StackPreview
from .markdown import code
from .values import is_unknown


class Fate(Enum):
    """What becomes of a library's content."""

    DESTROYED = "destroyed"
    GUARDED = "deleted only if empty"
    EMPTY = "empty"
    PROTECTED = "protected"
    STAYS = "stays at MPS"
    MOVED = "adopted"

    @property
    def is_loss(self) -> bool:
        """Whether fingerprints may be lost."""
        return self in {Fate.DESTROYED, Fate.GUARDED}


def is_at_stake(change: Change) -> bool:
    """Whether a change ends the life of a library, or its place in the stack."""
    return change.is_library and change.action in {Action.REPLACE, Action.DELETE}


def is_let_go(change: Change, preview: StackPreview) -> bool:
    """Whether a library only leaves the stack, and stays at MPS."""
    return change.action is Action.DELETE and fate(change, preview) is Fate.STAYS


def losses(preview: StackPreview) -> list[Change]:
    """Return the libraries whose fingerprints may be lost."""
    return [item for item in preview.libraries if is_at_stake(item) and fate(item, preview).is_loss]


def has_losses(preview: StackPreview) -> bool:
    """Whether fingerprints may be lost, or are already."""
    return bool(losses(preview)) or any(item.is_library and item.gone for item in preview.drifts)


def fate(change: Change, preview: StackPreview) -> Fate:
    """Tell what becomes of the content of a library that is replaced or deleted.

    Only what is in the state counts: the engine and the provider both act on that.
    """
    if preview.taker(change):
        return Fate.MOVED
    # The program's word counts for a replacement, the state's for what the program dropped.
    if (change.new if change.action is Action.REPLACE else change.old).protect:
        return Fate.PROTECTED
    if change.old.retain_on_delete:
        return Fate.STAYS
    if preview.content_of(change).count == FileCount(0):
        return Fate.EMPTY
    return Fate.DESTROYED if change.before("force_destroy") is True else Fate.GUARDED


def fate_words(change: Change, preview: StackPreview) -> str:
    """Tell the same in words."""
    found = fate(change, preview)
    if found is Fate.MOVED:
        taker = preview.taker(change)
        return f"nothing happens to it: {code(taker.urn.name if taker else '')} adopts it."
    content = preview.content_of(change)
    filled = content.count and content.count.files
    holds = f"it holds **{content.count}**; " if filled else ""
    if found is Fate.STAYS:
        stays = "it stays at MPS as it is, and this stack no longer manages it."
        return f"{holds}{stays}{_same_name(change)}"
    refused = found is Fate.GUARDED and content.count
    words = _REFUSED if refused else _WORDS[found]
    return f"{holds}{words}{_not_counted(content)}{_too_late(change)}"


def fate_note(change: Change, preview: StackPreview) -> str:
    """Tell it in few words."""
    found = fate(change, preview)
    count = preview.content_of(change).count
    if not count or not count.files:
        return found.value
    return f"{'refused' if found is Fate.GUARDED else found.value}: {count}"


_WORDS = {
    Fate.EMPTY: "it is empty: nothing is lost.",
    Fate.PROTECTED: "nothing happens to it: it has `protect`, and Pulumi refuses this.",
    Fate.DESTROYED: (
        "**every fingerprint in it is destroyed**, since the state has `force_destroy`. Nothing"
        " brings them back."
    ),
    Fate.GUARDED: (
        "if it holds fingerprints, or that can't be checked, deleting it is refused and the run"
        " fails; if it is empty, it is deleted."
    ),
}


_REFUSED = "deleting it is refused, and the run fails."
_LONGEST_REASON = 400


def _not_counted(content: Told) -> str:
    if not content.reason:
        return ""
    return f" Its files could not be counted: {code(content.reason, _LONGEST_REASON)}"


def _same_name(change: Change) -> str:
    if change.action is not Action.REPLACE or change.before("name") != change.after("name"):
        return ""
    return (
        " **`pulumi up` will fail**: the new library needs another `name`, since this one keeps it."
    )


def _too_late(change: Change) -> str:
    """Name the options that are new in this change, and so don't count yet."""
    late = ["`force_destroy`"] if change.unguards else []
    late += ["`retain_on_delete`"] if change.new.retain_on_delete else []
    if not late:
        return ""
    verbs = "is new in this change and counts" if len(late) == 1 else "are new here and count"
    return f" {' and '.join(late)} {verbs} from the next one on."


def why(change: Change, preview: StackPreview) -> str:
    """Tell what a replacement or deletion comes from, apart from changed properties."""
    if change.leftover:
        return "an earlier replacement left it over."
    if change.action is Action.DELETE:
        whole = preview.destroys_all
        return "the whole stack is destroyed." if whole else "the program no longer has it."
    if change.old.taint:
        return "it is tainted; `pulumi state untaint` takes that back."
    if "id" in change.reasons:
        return "`--replace` or `--target-replace` asks for it."
    causes = ", ".join(code(name) for name in preview.causes(change))
    return f"it depends on {causes or 'a resource'}, which is replaced and deleted first."


def ways_out(change: Change, preview: StackPreview) -> list[str]:
    """Tell what can be done instead."""
    found = fate(change, preview)
    if found in {Fate.MOVED, Fate.PROTECTED}:
        return []
    if change.leftover:
        return [_KEEP_LEFTOVER]
    replaced = change.action is Action.REPLACE
    ways = _keep_replaced(change, preview) if replaced else _keep_deleted(change, preview)
    if found in {Fate.STAYS, Fate.EMPTY}:
        return ways
    ways.append(_keep_beside(change) if replaced else _KEEP_UNMANAGED)
    ways.append(_GIVE_UP if found is Fate.GUARDED else _GUARD)
    return [*ways, _RULE_OUT]


_KEEP_LEFTOVER = (
    '**Keep it at MPS**: take its entry with `"delete": true` out of the state'
    " (`pulumi state edit`)."
)
_KEEP_DELETED = (
    "**Keep it**: leave it in the program, or give the resource that it has become an alias"
    " (`aliases`)."
)
_KEEP_UNMANAGED = "**Keep it at MPS** only: `retain_on_delete=True` and `pulumi up`, then this."
_GIVE_UP = "**Give up its content**: `force_destroy=True` and `pulumi up`, then this."
_GUARD = "**Guard its content**: `force_destroy=False` and `pulumi up`."
_RULE_OUT = "**Rule this out** for good: `protect=True`."


def _keep_beside(change: Change) -> str:
    old, new = change.before("name"), change.after("name")
    named = " with another `name`" if new == old or is_unknown(new) else ""
    return (
        "**Keep it at MPS**, beside the new one: `retain_on_delete=True` and `pulumi up`, then this"
        f"{named}."
    )


def _keep_deleted(change: Change, preview: StackPreview) -> list[str]:
    if preview.destroys_all:
        return []
    adopt = code(f'adopt="{change.old.id}"')
    move = f"**Move it** to another resource: {adopt}, with its `name` and `model_id`."
    return [_KEEP_DELETED, move]


def _keep_replaced(change: Change, preview: StackPreview) -> list[str]:
    names = [name for name in change.reasons if name in IMMUTABLE]
    if names:
        listed = ", ".join(f'"{name}"' for name in names)
        found = any(set(names) & set(drift.changed) for drift in preview.drifts_of(change))
        undo = "write what was found into the program" if found else "take the change back"
        return [f"**Keep it**: `ignore_changes=[{listed}]`, or {undo}."]
    causes = ", ".join(code(name) for name in preview.causes(change))
    return [f"**Keep it** by keeping {causes}."] if causes else []
