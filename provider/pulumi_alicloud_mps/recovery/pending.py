"""The creates of libraries that a stack's state calls pending, and the state without them.

Before a create the engine notes it in the state, with all inputs; a process that is killed leaves
the note behind. Later runs keep it, so that there can be several of one resource: the newest come
first.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.operations.properties import PROVIDER_KEY, inputs_of
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_alicloud_mps.state.edit import resources as _resources
from pulumi_alicloud_mps.state.pulumi_cli import LIBRARY_TYPE, SECRET_KEY, Deployment, in_clear

CLEAR = "clear the pending create with `pulumi refresh --clear-pending-creates`"

Resource = dict[str, Any]

_CREATING = "creating"
_FATES = ("delete", "pendingReplacement")
_DEFAULT_PROVIDER = "::pulumi:providers:pulumi-python::default"


@dataclass(frozen=True)
class PendingCreate:
    """A create that was cut off: the engine's note of it, and its inputs in clear."""

    note: Resource
    inputs: Inputs

    @property
    def urn(self) -> str:
        """The resource that was to be created."""
        return str(self.note["urn"])

    @property
    def provider(self) -> str:
        """The provider that was to create it."""
        return str(self.note["provider"])

    @property
    def by_default_provider(self) -> bool:
        """Whether that is the stack's own, and no explicit one."""
        return _DEFAULT_PROVIDER in self.provider

    @property
    def region(self) -> str:
        """Where it was to be created."""
        return str(self.inputs.region)


@dataclass(frozen=True)
class RecoveredLibrary:
    """What an attempt made, and the outputs that describe it."""

    attempt: PendingCreate
    library: Library
    outputs: dict[str, Any]


def has_pending_creates(exported: Deployment) -> bool:
    """Whether there is anything to settle."""
    return bool(_notes(exported))


def pending_creates(exported: Deployment, clear: Deployment) -> list[PendingCreate]:
    """Return the creates that are pending, newest first.

    Args:
        exported: The state.
        clear: The same with its secrets in clear.

    Raises:
        StackStateError: Creates of other resources are pending, which an import would forget, or
            the two are not the same state.
        SettingsError: The inputs are none of this package's.
    """
    # Of what else was cut off, the engine itself keeps no note beyond the next run.
    others = [
        operation["resource"]["urn"]
        for operation in _operations(exported)
        if operation["type"] == _CREATING and operation["resource"]["type"] != LIBRARY_TYPE
    ]
    if others:
        raise StackStateError(
            f"creates of other resources are pending, too ({', '.join(others)}), and Pulumi would"
            " forget them with an import. Settle them first: in a terminal, `pulumi refresh` asks"
            " about each (skip those of libraries); without one, `pulumi refresh --yes"
            " --import-pending-creates <URN> --import-pending-creates <ID>` settles one of them,"
            " with any ID where none was made, and `pulumi import` takes in what it leaves out"
        )
    notes, shown = _notes(exported), _notes(clear)
    if [note["urn"] for note in notes] != [note["urn"] for note in shown]:
        raise StackStateError("another command is changing the state; wait for it to end")
    return [PendingCreate(note, _inputs(found)) for note, found in zip(notes, shown, strict=True)]


def explicit_settings(clear: Deployment, provider: str) -> dict[str, object] | None:
    """Return what an explicit provider is configured with; None for the default one.

    Args:
        clear: The state with its secrets in clear.
        provider: The reference that resources have to their provider.
    """
    for resource in _resources(clear):
        inputs = resource.get("inputs") or {}
        if f"{resource['urn']}::{resource.get('id')}" == provider and PROVIDER_NAME in inputs:
            return {key: in_clear(value) for key, value in inputs.items()}
    return None


def default_configuration(exported: Deployment) -> dict[str, object] | None:
    """Return what the last `up` configured libraries without an explicit provider with, in clear.

    The state must have been exported with its secrets; None where it has no such library.
    """
    for item in _resources(exported):
        if _DEFAULT_PROVIDER in item["urn"]:
            return {key: in_clear(value) for key, value in item.get("inputs", {}).items()}
    return None


def held_libraries(exported: Deployment) -> list[Resource]:
    """Return the state's entries for libraries, whatever is to become of them."""
    return [item for item in _resources(exported) if item["type"] == LIBRARY_TYPE]


def is_current(exported: Deployment, urn: str) -> bool:
    """Whether the state has a library for that resource."""
    return any(item["urn"] == urn and not _fated(item) for item in _resources(exported))


def is_only_read(exported: Deployment, urn: str) -> bool:
    """Whether a program reads a library by its ID (`FpShotDB.get`) as that resource."""
    return any(item["urn"] == urn and item.get("external") for item in held_libraries(exported))


def replaced_library(exported: Deployment, urn: str) -> Resource | None:
    """Return the entry that a create of that resource was to replace."""
    entries = (item for item in _resources(exported) if item["urn"] == urn)
    return next((item for item in entries if not item.get("delete")), None)


def recovered_state(exported: Deployment, made: Iterable[RecoveredLibrary]) -> Deployment:
    """Return the state without pending operations, and with what they made (newest first)."""
    recovered = deepcopy(exported)
    recovered["deployment"]["pending_operations"] = None
    resources = recovered["deployment"]["resources"] = _resources(recovered)
    placed: set[str] = set()
    for item in made:
        _put(resources, _resource(item), newest=item.attempt.urn not in placed)
        placed.add(item.attempt.urn)
    return recovered


def _put(resources: list[Resource], resource: Resource, *, newest: bool) -> None:
    """Add a resource as the engine would have: what depends on it has to come after it."""
    urn = resource["urn"]
    same = [i for i, item in enumerate(resources) if item["urn"] == urn and not item.get("delete")]
    if not same:
        resources.append(resource)
        return
    old = resources[same[0]]
    if old.get("pendingReplacement"):
        resources[same[0]] = resource
    elif newest and old.get("modified") and old.get("modified") == resource.get("modified"):
        # It was to replace just this one, before that is deleted.
        resources[same[0]] = resource
        resources.append({**old, "delete": True})
    else:
        # Nobody may have asked for its content to be destroyed by the time that this is done; and
        # what no resource ever had is not kept, where no state would know of it.
        outputs = {**resource["outputs"], "force_destroy": False}
        resources.append({**resource, "outputs": outputs, "retainOnDelete": False, "delete": True})


def _resource(made: RecoveredLibrary) -> Resource:
    inputs = made.attempt.note["inputs"]
    shown = {key: value for key, value in made.outputs.items() if value is not None}
    # What is secret in the inputs stays encrypted in the outputs.
    secret = {
        key: value
        for key, value in inputs.items()
        if isinstance(value, dict) and SECRET_KEY in value
    }
    pointer = {PROVIDER_KEY: inputs[PROVIDER_KEY]}
    outputs = {**shown, **secret, **pointer}
    return {**made.attempt.note, "id": made.library.fp_db_id, "outputs": outputs}


def _inputs(note: Resource) -> Inputs:
    return inputs_of({key: in_clear(value) for key, value in note["inputs"].items()})


def _fated(resource: Resource) -> bool:
    return any(resource.get(fate) for fate in _FATES)


def _notes(exported: Deployment) -> list[Resource]:
    return [
        operation["resource"]
        for operation in _operations(exported)
        if operation["type"] == _CREATING and operation["resource"]["type"] == LIBRARY_TYPE
    ]


def _operations(exported: Deployment) -> list[dict[str, Any]]:
    return list(exported["deployment"].get("pending_operations") or [])
