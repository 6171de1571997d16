"""What a preview means for the libraries of a stack, and for its other resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from pulumi_alicloud_mps.lost_content import Told, told
from pulumi_alicloud_mps.names import foreseen
from pulumi_alicloud_mps.stack_state import LIBRARY_TYPE

from .digest import Diagnostic, Digest, State, Step, Urn
from .phases import drifts, has_refreshed, only_refreshes, plan, plans_too
from .values import is_internal, is_secret, is_unknown


class Action(StrEnum):
    """What would happen to a resource, worst first."""

    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "discard"
    CREATE = "create"
    ADOPT = "adopt"
    IMPORT = "import"
    UPDATE = "update"
    READ = "read"
    SAME = "same"

    @property
    def rank(self) -> int:
        """Where it stands in this order."""
        return list(Action).index(self)


@dataclass(frozen=True)
class Change:
    """What would happen to one resource."""

    action: Action
    urn: Urn
    old: State
    new: State
    reasons: tuple[str, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()
    leftover: bool = False

    @property
    def is_library(self) -> bool:
        """Whether the resource is a `FpShotDB`."""
        return self.urn.type == LIBRARY_TYPE

    def before(self, name: str) -> Any:  # noqa: ANN401 - properties hold anything
        """Return a property as the state has it."""
        return self.old.outputs.get(name, self.old.inputs.get(name))

    def after(self, name: str) -> Any:  # noqa: ANN401 - likewise
        """Return a property as the program wants it."""
        found = self.new.inputs.get(name, self.new.outputs.get(name))
        is_new = name == "name" and found != self.before(name)
        if is_new and self.is_library and isinstance(found, str):
            return foreseen(found, self.urn.name)
        return found

    def either(self, name: str) -> Any:  # noqa: ANN401 - likewise
        """Return a property of the library that is there, else of the one that will be."""
        found = self.before(name)
        return self.after(name) if found is None else found

    @property
    def unguards(self) -> bool:
        """Whether deleting it may destroy its content afterwards, but not yet."""
        key = "force_destroy"
        return self.after(key) is True and self.before(key) is not True

    @property
    def fp_db_id(self) -> str | None:
        """The library that is there, or that is taken over."""
        adopted = self.after("adopt") if self.action is Action.ADOPT else None
        found = self.old.id or adopted or self.new.id
        return found if isinstance(found, str) and not is_unknown(found) else None


@dataclass(frozen=True)
class Drift:
    """A resource that is not as the state says."""

    urn: Urn
    old: State
    new: State | None
    changed: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether the resource exists no longer."""
        return self.new is None

    @property
    def is_library(self) -> bool:
        """Whether the resource is a `FpShotDB`."""
        return self.urn.type == LIBRARY_TYPE


class StackPreview:
    """One preview of one stack, as a reviewer thinks of it."""

    def __init__(self, digest: Digest, *, drift_only: bool = False, owner: str = "") -> None:
        found = digest.owner()
        self.owner = f"{found.project}/{found.stack}" if found and found.project else owner
        self.drift_only = drift_only or only_refreshes(digest.steps)
        self._digest = digest

    @cached_property
    def changes(self) -> list[Change]:
        """All that `pulumi up` would do, worst first."""
        steps = [] if self.drift_only else plan(self._digest.steps)
        changes = [_change(step) for step in steps]
        # Not in the engine's order, which differs from run to run.
        return sorted(changes, key=lambda item: (item.action.rank, item.urn.name, item.urn.type))

    @cached_property
    def drifts(self) -> list[Drift]:
        """All that is not as the state says, what is gone first."""
        found = [
            Drift(step.resource, step.old or State(), step.new, _differences(step))
            for step in drifts(self._digest.steps, drift_only=self.drift_only)
        ]
        return sorted(found, key=lambda item: (not item.gone, item.urn.name, item.urn.type))

    @cached_property
    def libraries(self) -> list[Change]:
        """The libraries that something would happen to."""
        return [item for item in self._acts if item.is_library]

    @cached_property
    def others(self) -> list[Change]:
        """The other resources that something would happen to, the stack itself left out."""
        return [item for item in self._acts if not item.is_library and not item.urn.is_root]

    @cached_property
    def _acts(self) -> list[Change]:
        return [item for item in self.changes if item.action not in {Action.SAME, Action.READ}]

    @property
    def errors(self) -> list[Diagnostic]:
        """Why the preview failed; empty where it did not."""
        return self._told("error")

    @property
    def warnings(self) -> list[Diagnostic]:
        """What the engine, the program and the providers warn of."""
        return self._told("warning")

    def _told(self, severity: str) -> list[Diagnostic]:
        return [item for item in self._digest.diagnostics if item.severity == severity]

    def warnings_of(self, change: Change) -> list[str]:
        """Return what the provider warns of on a resource's row, apart from its content."""
        own = [item for item in self.warnings if Urn.parse(item.urn) == change.urn]
        return [item.words for item in own if not told(item.words)]

    def content_of(self, change: Change) -> Told:
        """Return what the provider tells of a library's content; mostly nothing."""
        return self._contents.get(change.urn, Told())

    @cached_property
    def _contents(self) -> Mapping[Urn, Told]:
        read = [(item, told(item.words)) for item in self._digest.diagnostics]
        return {Urn.parse(item.urn): found for item, found in read if found}

    def taker(self, change: Change) -> Change | None:
        """Return the resource that adopts, in this program, what another one lets go."""
        found = [
            other
            for other in self.libraries
            if other.action is Action.ADOPT and change.old.id == other.after("adopt")
        ]
        return found[0] if found and change.action is Action.DELETE else None

    def drifts_of(self, change: Change) -> list[Drift]:
        """Return what a refresh found of a resource."""
        return [drift for drift in self.drifts if drift.urn == change.urn]

    def causes(self, change: Change) -> list[str]:
        """Name the resources whose replacement deletes, and so replaces, this one first."""
        gone = {item.urn: item for item in self.changes if item.action is Action.REPLACE}
        found = [Urn.parse(text) for text in change.old.dependencies]
        return [urn.name for urn in found if urn in gone and urn != change.urn]

    @cached_property
    def destroys_all(self) -> bool:
        """Whether the stack itself would go."""
        return any(item.urn.is_root and item.action is Action.DELETE for item in self.changes)

    @property
    def unchanged(self) -> int:
        """How many resources stay as they are, the stack itself not counted."""
        roots = [item for item in self.changes if item.action is Action.SAME and item.urn.is_root]
        return max(0, self._digest.counts.get("same", 0) - len(roots))

    @property
    def unchanged_libraries(self) -> int | None:
        """How many of them are libraries; None where the preview does not list them."""
        same = [item for item in self.changes if item.action is Action.SAME]
        if len(same) < self._digest.counts.get("same", 0):
            return None
        return sum(item.is_library for item in same)

    @property
    def unnamed_drifts(self) -> int:
        """How many changed resources a refresh counts without saying which."""
        if not self.drift_only or plans_too(self._digest.steps):
            return 0
        counted = self._digest.counts.get("update", 0)
        return max(0, counted - sum(not drift.gone for drift in self.drifts))

    @property
    def is_drift_unknown(self) -> bool:
        """Whether drift is asked for of a preview that looked for none."""
        looked = has_refreshed(self._digest.steps) or self.drifts
        return self.drift_only and not (looked or self.errors)

    @property
    def has_changes(self) -> bool:
        """Whether anything would change, or has changed."""
        return bool(self._acts or self.drifts or self.unnamed_drifts)


def _change(step: Step) -> Change:
    return Change(
        action=_action(step),
        urn=step.resource,
        old=step.old or State(),
        new=step.new or State(),
        reasons=tuple(sorted(_visible(step.reasons))),
        kinds=tuple((path, diff.kind) for path, diff in step.diff.items() if not is_internal(path)),
        leftover=step.op == "delete-replaced",
    )


_ACTIONS = {
    "create-replacement": Action.REPLACE,
    "import-replacement": Action.REPLACE,
    "delete-replaced": Action.DELETE,
    "read-replacement": Action.READ,
    "discard-replaced": Action.FORGET,
}


def _action(step: Step) -> Action:
    if step.op == "create" and step.new and step.new.inputs.get("adopt"):
        return Action.ADOPT if step.resource.type == LIBRARY_TYPE else Action.CREATE
    if step.op in _ACTIONS:
        return _ACTIONS[step.op]
    known = {action.value for action in Action}
    return Action(step.op) if step.op in known else Action.UPDATE


def _visible(names: Iterable[str]) -> list[str]:
    return [name for name in names if not is_internal(name)]


def _differences(step: Step) -> tuple[str, ...]:
    """Name the outputs that differ; those that a secret stands in can only be told by the diff."""
    old, new = (step.old or State()).outputs, (step.new or State()).outputs
    named = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    hidden: Sequence[str] = [name for name in step.changed if is_secret(old.get(name))]
    return tuple(dict.fromkeys(_visible([*named, *hidden]))) if step.new else ()
