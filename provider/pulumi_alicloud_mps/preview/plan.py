"""What a preview plans and what its refresh found: for libraries and for other resources.

The engine lists both as steps, one after the other. What becomes of the content of a library is
decided here, too; the words for it are in `text`.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Any

from pulumi_alicloud_mps.content_warning import ContentReport, read_content
from pulumi_alicloud_mps.mps.models import FileCount
from pulumi_alicloud_mps.names import previewed_name
from pulumi_alicloud_mps.state.deployment import UNKNOWN_TEXT

from .schema import REFRESH, PreviewDigest, State, Step, Urn, holds_secret

_NO_PLAN = {REFRESH, "remove-pending-replace", "diff"}


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

    @classmethod
    def _missing_(cls, value: object) -> Effect:
        # Operations of a newer engine count as changes.
        return _PARTS_OF_A_REPLACEMENT.get(value, cls.UPDATE)


_PARTS_OF_A_REPLACEMENT: dict[object, Effect] = {
    "create-replacement": Effect.REPLACE,
    "import-replacement": Effect.REPLACE,
    "delete-replaced": Effect.DELETE,
    "read-replacement": Effect.READ,
    "discard-replaced": Effect.DISCARD,
}


class ContentOutcome(StrEnum):
    """What happens to a library's content."""

    DESTROYED = "destroyed"
    REFUSED = "refused"
    DELETED_IF_EMPTY = "deleted only if empty"
    EMPTY = "empty"
    PROTECTED = "protected"
    KEPT = "kept at MPS"
    ADOPTED = "adopted"


class Change:
    """What would happen to one resource.

    Attributes:
        old_urn: The URN until now, which differs if an alias led to it.
        reasons: The properties that require a replacement.
        kinds: How each property differs, by its path.
        leftover: Whether it was replaced earlier, and has yet to be deleted.
    """

    def __init__(self, step: Step, preview: StackPreview) -> None:
        self.urn, self.old_urn = step.urn, step.old_urn
        self.old, self.new = step.old or State(), step.new or State()
        adopts = step.op == "create" and self.urn.is_library and self.new.inputs.get("adopt")
        self.effect = Effect.ADOPT if adopts else Effect(step.op)
        self.reasons = sorted(_visible(step.reasons))
        self.kinds = [(path, step.diff[path].kind) for path in _visible(step.diff)]
        self.leftover = step.op == "delete-replaced"
        self.preview = preview

    def before(self, name: str) -> Any:  # noqa: ANN401 - properties hold anything
        """Return a property as the state has it."""
        return self.old.outputs.get(name, self.old.inputs.get(name))

    def after(self, name: str) -> Any:  # noqa: ANN401 - likewise
        """Return a property as the program declares it."""
        found = self.new.inputs.get(name, self.new.outputs.get(name))
        is_new = name == "name" and found != self.before(name)
        if is_new and self.urn.is_library and isinstance(found, str):
            return previewed_name(found, self.urn)
        return found

    def either(self, name: str) -> Any:  # noqa: ANN401 - likewise
        """Return a property of the existing library, or else of the planned one."""
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
        return found if isinstance(found, str) and found != UNKNOWN_TEXT else None

    @property
    def needs_alert(self) -> bool:
        """Whether it replaces or deletes a library."""
        return self.urn.is_library and self.effect in {Effect.REPLACE, Effect.DELETE}

    @cached_property
    def outcome(self) -> ContentOutcome:
        """What happens to the content of a library that is replaced or deleted.

        Only what is in the state counts: the engine and the provider both act on that.
        """
        if self.adopter:
            return ContentOutcome.ADOPTED
        # The program decides about a replacement, the state about what left the program.
        if (self.new if self.effect is Effect.REPLACE else self.old).protect:
            return ContentOutcome.PROTECTED
        if self.old.retain_on_delete:
            return ContentOutcome.KEPT
        if self.content.count == FileCount(0):
            return ContentOutcome.EMPTY
        if self.before("force_destroy") is True:
            return ContentOutcome.DESTROYED
        return ContentOutcome.REFUSED if self.content.count else ContentOutcome.DELETED_IF_EMPTY

    @property
    def may_lose(self) -> bool:
        """Whether fingerprints may be lost."""
        return self.needs_alert and self.outcome in {
            ContentOutcome.DESTROYED,
            ContentOutcome.REFUSED,
            ContentOutcome.DELETED_IF_EMPTY,
        }

    @property
    def leaves_stack(self) -> bool:
        """Whether a library only leaves the stack, and is kept at MPS."""
        deleted = self.needs_alert and self.effect is Effect.DELETE
        return deleted and self.outcome is ContentOutcome.KEPT

    @property
    def adopter(self) -> Change | None:
        """The resource of this program that adopts a library whose resource goes."""
        if self.effect is not Effect.DELETE:
            return None
        adopting = (item for item in self.preview.libraries if item.effect is Effect.ADOPT)
        return next((item for item in adopting if item.after("adopt") == self.old.id), None)

    @property
    def content(self) -> ContentReport:
        """What the provider reported of the library's content, if it did."""
        return self.preview.contents.get(self.urn, ContentReport())

    @property
    def warnings(self) -> list[str]:
        """The warnings about the resource, without those about its content."""
        own = [item.text for item in self.preview.warnings if item.urn == self.urn]
        return [text for text in own if not read_content(text)]

    @property
    def drifts(self) -> list[Drift]:
        """What a refresh found about the resource."""
        return [drift for drift in self.preview.drifts if drift.urn == self.old_urn]

    @property
    def causes(self) -> list[str]:
        """The names of the resources whose replacement requires this one."""
        changes = self.preview.changes
        gone = {item.old_urn for item in changes if item.effect is Effect.REPLACE} - {self.old_urn}
        return [urn.name for urn in self.old.dependencies if urn in gone]


class Drift:
    """A resource that differs from the state; one that is gone has no new state."""

    def __init__(self, step: Step) -> None:
        self.urn, self.old, self.new = step.urn, step.old or State(), step.new
        self.gone = step.new is None
        self.changed: list[str] = []
        if step.new:
            before, after = self.old.outputs, step.new.outputs
            named = [name for name in {**before, **after} if before.get(name) != after.get(name)]
            # Only the engine knows whether secrets differ.
            hidden = [name for name in step.changed if holds_secret(before.get(name))]
            self.changed = list(dict.fromkeys(_visible([*named, *hidden])))


class StackPreview:
    """One preview of one stack, in a reviewer's terms.

    `drift_only` is whether the preview is that of a refresh, if the digest does not show it;
    `owner` is the stack, if the preview does not name it.

    Attributes:
        errors: Why the preview failed; empty if it did not.
        warnings: The warnings of the engine, the program and the providers.
        contents: What the provider reported of the content of libraries.
    """

    def __init__(self, digest: PreviewDigest, *, drift_only: bool = False, owner: str = "") -> None:
        # Any resource names them.
        urns = [step.urn for step in digest.steps] + [item.urn for item in digest.diagnostics]
        urn = next(filter(None, urns), Urn(""))
        self.owner = f"{urn.project}/{urn.stack}" if urn.project else owner
        # Not in the engine's order, which differs from run to run; the messages of one resource
        # keep theirs.
        said = sorted(digest.diagnostics, key=lambda item: (item.urn.name, item.urn))
        self.errors = [item for item in said if item.severity == "error"]
        self.warnings = [item for item in said if item.severity == "warning"]
        read = [(item.urn, read_content(item.text)) for item in digest.diagnostics]
        self.contents = {urn: content for urn, content in read if content}
        self._counts = digest.counts
        steps = digest.steps
        self._refreshed = [step for step in steps if step.op == REFRESH]
        self._planned = steps
        refreshes_first = bool(steps) and steps[0].op == REFRESH
        if refreshes_first:
            # When the program starts, the stack itself comes a second time.
            roots = (i for i, item in enumerate(steps) if item.urn.is_root)
            start = next((i for i in roots if steps[i].op != REFRESH), len(steps))
            self._refreshed, self._planned = steps[:start], steps[start:]
        self._plans_too = refreshes_first and bool(self._planned)
        self.drift_only = drift_only or (refreshes_first and not self._planned)
        if self.drift_only and not any(step.urn.is_root for step in self._refreshed):
            # `refresh --run-program` begins with the program's own root resource.
            self._refreshed, self._planned = steps, []

    @cached_property
    def changes(self) -> list[Change]:
        """Everything that `pulumi up` would do, worst first."""
        # With `--show-replacement-steps` the engine also lists the parts of a replacement; alone,
        # they are left over from an earlier one.
        replaced = {_identity(step) for step in self._planned if step.op == "replace"}
        changes = [
            Change(step, self)
            for step in self._planned
            if not self.drift_only
            and step.op not in _NO_PLAN
            and not (step.op in _PARTS_OF_A_REPLACEMENT and _identity(step) in replaced)
        ]
        # Not in the engine's order, see above.
        changes.sort(key=lambda item: (item.urn.name, item.urn.type))
        return sorted(changes, key=lambda item: list(Effect).index(item.effect))

    @cached_property
    def drifts(self) -> list[Drift]:
        """All resources that differ from the state, what is gone first."""
        later = {step.old_urn: step for step in self._planned if step.op != REFRESH}
        drifts = [
            Drift(found)
            for step in self._refreshed
            if not step.urn.is_root and (found := _finding(step, later.get(step.urn)))
        ]
        return sorted(drifts, key=lambda item: (not item.gone, item.urn.name, item.urn.type))

    @cached_property
    def libraries(self) -> list[Change]:
        """The libraries that would change."""
        return [item for item in self._acted_on if item.urn.is_library]

    @property
    def others(self) -> list[Change]:
        """The other resources that would change, without the stack itself."""
        return [item for item in self._acted_on if not item.urn.is_library and not item.urn.is_root]

    @property
    def _acted_on(self) -> list[Change]:
        return [item for item in self.changes if item.effect not in {Effect.SAME, Effect.READ}]

    @property
    def has_losses(self) -> bool:
        """Whether fingerprints may be lost, or are already."""
        gone = any(item.urn.is_library and item.gone for item in self.drifts)
        return gone or any(item.may_lose for item in self.libraries)

    @property
    def destroys_all(self) -> bool:
        """Whether the whole stack would be destroyed."""
        return any(item.urn.is_root and item.effect is Effect.DELETE for item in self.changes)

    def unchanged(self) -> tuple[int, int | None]:
        """Return the numbers of unchanged resources, without the stack itself, and of libraries.

        The latter is None if the preview does not list them.
        """
        same = [item.urn for item in self.changes if item.effect is Effect.SAME]
        counted = self._counts.get("same", 0)
        libraries = sum(urn.is_library for urn in same) if len(same) >= counted else None
        return max(0, counted - sum(urn.is_root for urn in same)), libraries

    @property
    def unnamed_drifts(self) -> int:
        """The number of changed resources that a refresh counts without naming them."""
        if not self.drift_only or self._plans_too:
            return 0
        counted = self._counts.get("update", 0)
        return max(0, counted - sum(not drift.gone for drift in self.drifts))

    @property
    def is_drift_unknown(self) -> bool:
        """Whether drift is to be shown, but the preview made no refresh."""
        refreshed = any(step.op == REFRESH for step in self._refreshed)
        return self.drift_only and not (refreshed or self.drifts or self.errors)

    @property
    def has_changes(self) -> bool:
        """Whether anything would change, or has changed."""
        return bool(self._acted_on or self.drifts or self.unnamed_drifts)


def _visible(names: Iterable[str]) -> list[str]:
    """Leave out Pulumi's own properties, such as `__provider`."""
    return [name for name in names if not name.startswith(("__", '["__'))]


def _identity(step: Step) -> tuple[Urn, str]:
    # What was left over from an earlier replacement has the resource's URN, too.
    return step.old_urn, step.old.id if step.old else ""


def _finding(step: Step, later: Step | None) -> Step | None:
    """Return a step of a refresh as what it found, which may only show in the plan after it."""
    if step.op == "delete" or step.new is None:
        return step.model_copy(update={"new": None})
    if step.op == "update" or _differs(step.old, step.new):
        return step
    if step.op != REFRESH or later is None:
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
