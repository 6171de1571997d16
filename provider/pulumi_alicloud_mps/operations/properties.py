"""How inputs, libraries and the properties in a stack's state translate into each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.inputs import LISTED, NO_REGION, UNLISTED, Inputs, validate
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.state.deployment import UNKNOWN, Properties

NEVER_ACTIVE = "never_active"
"""An output of a library whose first wait failed, until it is active."""
PREDECESSORS = "predecessors"
"""An output: the libraries of the same resource that it has replaced and that were kept."""
NOT_COMPARED = "not_compared"
"""An output of a library that was read by its ID: what MPS does not list of it is not known."""


def inputs_of(props: Mapping[str, Any]) -> Inputs:
    """Read checked inputs again: a front may pass integers as floats.

    Raises:
        SettingsError: They were not checked by this package.
    """
    inputs, problems = validate(props)
    if not inputs.region:
        problems.append(NO_REGION)
    if problems:
        raise SettingsError("; ".join(problems))
    return inputs


def inputs_in(outputs: Mapping[str, Any], said: Mapping[str, Any]) -> Inputs:
    """Return a library's inputs by its outputs, and by what its program `said` of what MPS lists.

    The latter is not validated: MPS may have what it no longer offers, such as an old model.
    """
    listed = {key: said.get(key) for key in LISTED}
    # A front may pass a float, of which pydantic would warn in the user's output.
    listed["model_id"] = int(listed["model_id"] or 0) or None
    kept = {key: outputs[key] for key in Inputs.model_fields.keys() - LISTED if outputs.get(key)}
    return inputs_of(kept).model_copy(update=listed)


def outputs_of(
    inputs: Inputs, library: Library, account_id: str, predecessors: Sequence[str] = ()
) -> Properties:
    """Return all outputs, as MPS reports them; one that is missing here would leave the state."""
    return {
        **inputs.model_dump(),
        **{key: value or None for key, value in _stated(library).items()},
        "fp_db_id": library.fp_db_id,
        "state": library.state,
        "account_id": account_id,
        **({PREDECESSORS: list(predecessors)} if predecessors else {}),
    }


def predecessors_in(outputs: Mapping[str, Any]) -> list[str]:
    """Return those that were kept when this one, or one before it, replaced them."""
    return list(outputs.get(PREDECESSORS) or ())


def library_in(outputs: Mapping[str, Any], fp_db_id: str) -> Library:
    """Return the library as the state describes it."""
    return Library(
        fp_db_id=fp_db_id,
        name=str(outputs.get("name")),
        model_id=int(outputs.get("model_id") or 0) or None,
        state=str(outputs.get("state")),
        description=outputs.get("description") or "",
    )


def differing_inputs(inputs: Mapping[str, Any], library: Library) -> list[str]:
    """Name the inputs for which MPS has another value, even if only the spelling differs."""
    return [key for key, value in _stated(library).items() if value != (inputs.get(key) or "")]


def _stated(library: Library) -> Properties:
    """Return the inputs that MPS reports; one that it reports as unset is empty text."""
    found = {key: getattr(library, key) for key in LISTED} | {"name": library.name or None}
    return {key: value for key, value in found.items() if value is not None}


def is_unfinished(outputs: Mapping[str, Any]) -> bool:
    """Whether the library has yet to become active for the first time."""
    return bool(outputs.get(NEVER_ACTIVE)) or not library_in(outputs, "").known_listed


def not_compared(olds: Mapping[str, Any], said: Mapping[str, Any]) -> set[str]:
    """Name the inputs that the program leaves out, and that may be set in the library."""
    return {key for key in UNLISTED if olds.get(NOT_COMPARED) and said.get(key) is None}


def changed_inputs(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """Name the inputs that the program has changed; an unknown value may be another one.

    Compared with the inputs in the state: MPS may spell them differently, which is no change.
    """
    return [
        key
        for key in Inputs.model_fields
        if news.get(key) is UNKNOWN or olds.get(key) != news.get(key)
    ]
