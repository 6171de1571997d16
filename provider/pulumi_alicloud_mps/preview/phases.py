"""Telling what a refresh found from what an update would do: the engine lists both as steps."""

from __future__ import annotations

from collections.abc import Sequence

from .digest import State, Step

_REFRESH = "refresh"
_PARTS_OF_A_REPLACEMENT = {
    "create-replacement",
    "delete-replaced",
    "discard-replaced",
    "import-replacement",
    "read-replacement",
}
_NO_PLAN = {_REFRESH, "remove-pending-replace", "diff"}


def plan(steps: Sequence[Step]) -> list[Step]:
    """Return what `pulumi up` would do: one step for each resource that it would touch.

    With `--show-replacement-steps` the engine also lists the parts of a replacement; alone, they
    are what an earlier one left over.
    """
    _, planned = _phases(steps)
    replaced = {step.urn for step in planned if step.op == "replace"}
    return [
        step
        for step in planned
        if step.op not in _NO_PLAN
        and not (step.op in _PARTS_OF_A_REPLACEMENT and step.urn in replaced)
    ]


def only_refreshes(steps: Sequence[Step]) -> bool:
    """Whether these are the steps of a refresh alone, as far as that shows."""
    return bool(steps) and steps[0].op == _REFRESH and not plans_too(steps)


def has_refreshed(steps: Sequence[Step]) -> bool:
    """Whether any step is one of a refresh."""
    return any(step.op == _REFRESH for step in steps)


def plans_too(steps: Sequence[Step]) -> bool:
    """Whether a refresh is followed by the plan of an update."""
    return bool(steps) and steps[0].op == _REFRESH and bool(_phases(steps)[1])


def drifts(steps: Sequence[Step], *, drift_only: bool) -> list[Step]:
    """Return what a refresh found changed or gone (then without a new state).

    Args:
        steps: All steps of a preview.
        drift_only: Whether it is known for a preview of a refresh alone.
    """
    found, planned = _phases(steps)
    if drift_only and not any(step.op == _REFRESH and step.resource.is_root for step in steps):
        # `refresh --run-program` begins with the program's own root resource.
        found, planned = list(steps), []
    later = {step.urn: step for step in planned if step.op != _REFRESH}
    told = [_told(step, later.get(step.urn)) for step in found if not step.resource.is_root]
    return [step for step in told if step]


def _phases(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    """Split the steps where the program starts: there the stack itself comes a second time."""
    if not steps or steps[0].op != _REFRESH:
        return [step for step in steps if step.op == _REFRESH], list(steps)
    for position, step in enumerate(steps):
        if step.op != _REFRESH and step.resource.is_root:
            return list(steps[:position]), list(steps[position:])
    return list(steps), []


def _told(step: Step, later: Step | None) -> Step | None:
    """Return what a step of a refresh tells, if need be by what is planned afterwards."""
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
