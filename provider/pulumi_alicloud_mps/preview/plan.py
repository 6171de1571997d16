"""What a preview plans and what its refresh found: for libraries and for other resources.

The engine lists both as steps, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from pulumi_alicloud_mps.content_warning import Content, read_content
from pulumi_alicloud_mps.names import foreseen

from .schema import (
    Diagnostic,
    PreviewDigest,
    State,
    Step,
    Urn,
    is_internal,
    is_secret,
    is_unknown,
)

_REFRESH = "refresh"
_NO_PLAN = {_REFRESH, "remove-pending-replace", "diff"}


class Effect(StrEnum):
    """What would happen to a resource, worst first."""

    REPLACE = "replace"
    DELETE = "delete"
    DISCARD = "discard"
    CREATE = "create"
    ADOPT = "adopt"
    IMPORT = "import"
    UPDATE = "update"
    READ = "read"
    SAME = "same"

    @property
    def rank(self) -> int:
        """The position in this order."""
        return list(Effect).index(self)

    @classmethod
    def of(cls, step: Step) -> Effect:
        """Return what a step would do."""
        if step.op == "create" and step.new and step.new.inputs.get("adopt"):
            return cls.ADOPT if step.resource.is_library else cls.CREATE
        known = {effect.value: effect for effect in Effect}
        return _PARTS_OF_A_REPLACEMENT.get(step.op) or known.get(step.op, cls.UPDATE)


_PARTS_OF_A_REPLACEMENT = {
    "create-replacement": Effect.REPLACE,
    "import-replacement": Effect.REPLACE,
    "delete-replaced": Effect.DELETE,
    "read-replacement": Effect.READ,
    "discard-replaced": Effect.DISCARD,
}


@dataclass(frozen=True)
class Change:
    """What would happen to one resource."""

    effect: Effect
    urn: Urn
    old: State
    new: State
    reasons: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    leftover: bool = False

    @classmethod
    def of(cls, step: Step) -> Change:
        """Return what a step would do to its resource."""
        diff = step.diff.items()
        return cls(
            effect=Effect.of(step),
            urn=step.resource,
            old=step.old or State(),
            new=step.new or State(),
            reasons=tuple(sorted(_visible(step.reasons))),
            kinds=tuple((path, found.kind) for path, found in diff if not is_internal(path)),
            leftover=step.op == "delete-replaced",
        )

    @property
    def old_urn(self) -> Urn:
        """The URN until now, which is another one where an alias led to it."""
        return Urn.parse(self.old.urn) if self.old.urn else self.urn

    def before(self, name: str) -> Any:  # noqa: ANN401 - properties hold anything
        """Return a property as the state has it."""
        return self.old.outputs.get(name, self.old.inputs.get(name))

    def after(self, name: str) -> Any:  # noqa: ANN401 - likewise
        """Return a property as the program wants it."""
        found = self.new.inputs.get(name, self.new.outputs.get(name))
        is_new = name == "name" and found != self.before(name)
        if is_new and self.urn.is_library and isinstance(found, str):
            return foreseen(found, self.urn.text)
        return found

    def either(self, name: str) -> Any:  # noqa: ANN401 - likewise
        """Return a property of the existing library, else of the planned one."""
        found = self.before(name)
        return self.after(name) if found is None else found

    @property
    def sets_force_destroy(self) -> bool:
        """Whether this change sets `force_destroy`, which counts only for later ones."""
        key = "force_destroy"
        return self.after(key) is True and self.before(key) is not True

    @property
    def fp_db_id(self) -> str | None:
        """The ID of the existing library, or of the one to adopt."""
        adopted = self.after("adopt") if self.effect is Effect.ADOPT else None
        imported = self.new.import_id.rpartition("/")[2]
        found = self.old.id or adopted or self.new.id or imported
        return found if isinstance(found, str) and not is_unknown(found) else None


@dataclass(frozen=True)
class Drift:
    """A resource that differs from the state."""

    urn: Urn
    old: State
    new: State | None
    changed: tuple[str, ...] = ()

    @classmethod
    def of(cls, step: Step) -> Drift:
        """Return what a refresh found; of secrets only the engine knows whether they differ."""
        old, new = step.old or State(), step.new or State()
        before, after = old.outputs, new.outputs
        named = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        hidden = [name for name in step.changed if is_secret(before.get(name))]
        changed = tuple(dict.fromkeys(_visible([*named, *hidden]))) if step.new else ()
        return cls(step.resource, old, step.new, changed)

    @property
    def gone(self) -> bool:
        """Whether the resource no longer exists."""
        return self.new is None


class StackPreview:
    """One preview of one stack, in a reviewer's terms.

    Args:
        digest: What the engine wrote.
        drift_only: Whether the preview is that of a refresh, where that does not show.
        owner: The stack, where the preview does not name it.
    """

    def __init__(self, digest: PreviewDigest, *, drift_only: bool = False, owner: str = "") -> None:
        urn = digest.owner()
        self.owner = f"{urn.project}/{urn.stack}" if urn and urn.project else owner
        self._digest = digest
        steps = digest.steps
        refreshes_first = bool(steps) and steps[0].op == _REFRESH
        if refreshes_first:
            # Where the program starts, the stack itself comes a second time.
            roots = (i for i, item in enumerate(steps) if item.resource.is_root)
            start = next((i for i in roots if steps[i].op != _REFRESH), len(steps))
            self._refreshed, self._planned = steps[:start], steps[start:]
        else:
            self._refreshed = [step for step in steps if step.op == _REFRESH]
            self._planned = steps
        self._plans_too = refreshes_first and bool(self._planned)
        self.drift_only = drift_only or (refreshes_first and not self._planned)

    @cached_property
    def changes(self) -> list[Change]:
        """Everything that `pulumi up` would do, worst first."""
        # With `--show-replacement-steps` the engine also lists the parts of a replacement; alone,
        # they are left over from an earlier one.
        replaced = {_identity(step) for step in self._planned if step.op == "replace"}
        changes = [
            Change.of(step)
            for step in self._planned
            if not self.drift_only
            and step.op not in _NO_PLAN
            and not (step.op in _PARTS_OF_A_REPLACEMENT and _identity(step) in replaced)
        ]
        # Not in the engine's order, which differs from run to run.
        return sorted(changes, key=lambda item: (item.effect.rank, item.urn.name, item.urn.type))

    @cached_property
    def drifts(self) -> list[Drift]:
        """All resources that differ from the state, what is gone first."""
        refreshed, planned = self._refreshed, self._planned
        roots = [step for step in self._digest.steps if step.resource.is_root]
        if self.drift_only and not any(step.op == _REFRESH for step in roots):
            # `refresh --run-program` begins with the program's own root resource.
            refreshed, planned = self._digest.steps, []
        later = {step.old_urn: step for step in planned if step.op != _REFRESH}
        drifts = [
            Drift.of(found)
            for step in refreshed
            if not step.resource.is_root and (found := _finding(step, later.get(step.urn)))
        ]
        return sorted(drifts, key=lambda item: (not item.gone, item.urn.name, item.urn.type))

    @cached_property
    def libraries(self) -> list[Change]:
        """The libraries that would change."""
        return [item for item in self._acted_on if item.urn.is_library]

    @cached_property
    def others(self) -> list[Change]:
        """The other resources that would change, without the stack itself."""
        return [item for item in self._acted_on if not item.urn.is_library and not item.urn.is_root]

    @cached_property
    def _acted_on(self) -> list[Change]:
        return [item for item in self.changes if item.effect not in {Effect.SAME, Effect.READ}]

    @property
    def errors(self) -> list[Diagnostic]:
        """Why the preview failed; empty where it did not."""
        return self._diagnostics("error")

    @property
    def warnings(self) -> list[Diagnostic]:
        """The warnings of the engine, the program and the providers."""
        return self._diagnostics("warning")

    def _diagnostics(self, severity: str) -> list[Diagnostic]:
        found = [item for item in self._digest.diagnostics if item.severity == severity]
        # Not in the engine's order, see above; what one resource says stays in its own.
        return sorted(found, key=lambda item: (Urn.parse(item.urn).name, item.urn))

    def warnings_of(self, change: Change) -> list[str]:
        """Return the warnings about a resource, without those about its content."""
        own = [item for item in self.warnings if Urn.parse(item.urn) == change.urn]
        return [item.text for item in own if not read_content(item.text)]

    def content_of(self, change: Change) -> Content:
        """Return what the provider reported of a library's content, if it did."""
        return self._contents.get(change.urn, Content())

    @cached_property
    def _contents(self) -> Mapping[Urn, Content]:
        read = [(item, read_content(item.text)) for item in self._digest.diagnostics]
        return {Urn.parse(item.urn): found for item, found in read if found}

    def adopter(self, change: Change) -> Change | None:
        """Return the resource of this program that adopts a library whose resource goes."""
        found = [
            other
            for other in self.libraries
            if other.effect is Effect.ADOPT and change.old.id == other.after("adopt")
        ]
        return found[0] if found and change.effect is Effect.DELETE else None

    def drifts_of(self, change: Change) -> list[Drift]:
        """Return what a refresh found about a resource."""
        return [drift for drift in self.drifts if drift.urn == change.old_urn]

    def causes(self, change: Change) -> list[str]:
        """Return the names of the resources whose replacement requires that of this one."""
        gone = {item.old_urn for item in self.changes if item.effect is Effect.REPLACE}
        found = [Urn.parse(text) for text in change.old.dependencies]
        return [urn.name for urn in found if urn in gone and urn != change.old_urn]

    @cached_property
    def destroys_all(self) -> bool:
        """Whether the whole stack would be destroyed."""
        return any(item.urn.is_root and item.effect is Effect.DELETE for item in self.changes)

    @property
    def unchanged(self) -> int:
        """The number of unchanged resources, without the stack itself."""
        roots = [item for item in self.changes if item.effect is Effect.SAME and item.urn.is_root]
        return max(0, self._digest.counts.get("same", 0) - len(roots))

    @property
    def unchanged_libraries(self) -> int | None:
        """The number of libraries among them; None where the preview does not list them."""
        same = [item for item in self.changes if item.effect is Effect.SAME]
        if len(same) < self._digest.counts.get("same", 0):
            return None
        return sum(item.urn.is_library for item in same)

    @property
    def unnamed_drifts(self) -> int:
        """The number of changed resources that a refresh counts without naming them."""
        if not self.drift_only or self._plans_too:
            return 0
        counted = self._digest.counts.get("update", 0)
        return max(0, counted - sum(not drift.gone for drift in self.drifts))

    @property
    def is_drift_unknown(self) -> bool:
        """Whether drift is to be shown of a preview without a refresh."""
        refreshed = any(step.op == _REFRESH for step in self._digest.steps)
        return self.drift_only and not (refreshed or self.drifts or self.errors)

    @property
    def has_changes(self) -> bool:
        """Whether anything would change, or has changed."""
        return bool(self._acted_on or self.drifts or self.unnamed_drifts)


def _visible(names: Iterable[str]) -> list[str]:
    return [name for name in names if not is_internal(name)]


def _identity(step: Step) -> tuple[str, str]:
    # Also what was left over from an earlier replacement has the resource's URN.
    return step.old_urn, step.old.id if step.old else ""


def _finding(step: Step, later: Step | None) -> Step | None:
    """Return a step of a refresh as what it found, which may only show in the plan after it."""
    if step.op == "delete" or step.new is None:
        return step.model_copy(update={"new": None})
    if step.op == "update" or _differs(step.old, step.new):
        return step
    if step.op != _REFRESH or later is None:
        return None
    # The engine does not list what `preview --refresh` found, but goes on from there.
    if later.op == "create":
        return step.model_copy(update={"new": None})
    if later.old and _differs(step.old, later.old):
        return step.model_copy(update={"new": later.old})
    return None


def _differs(old: State | None, new: State | None) -> bool:
    # With `--run-program` the new state is what the program says, which has no outputs.
    return bool(old and new and new.outputs and old.outputs != new.outputs)
