"""The pending creates of a stack's state, and the state once they are recovered.

Before a create the engine adds it to the state's pending operations, with all inputs, where it
stays if the process is killed. Later runs keep it, so that one resource may have several: the
newest come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.operations.properties import inputs_of
from pulumi_alicloud_mps.state.deployment import (
    PROVIDER_KEY,
    Deployment,
    Properties,
    Resource,
    in_clear,
    is_secret,
    logical_name,
    stack_of,
)
from pulumi_alicloud_mps.state.edit import ImportTarget, completed
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue

CLEAR = "clear the pending create with `pulumi refresh --clear-pending-creates`"


@dataclass(frozen=True)
class PendingCreate:
    """An interrupted create: the resource as the state has it, and its inputs in clear."""

    resource: Resource
    inputs: Inputs

    @property
    def urn(self) -> str:
        """The resource that was to be created."""
        return self.resource.urn

    @property
    def provider(self) -> str:
        """The provider that was to create it."""
        return self.resource.provider

    @property
    def region(self) -> str:
        """Where it was to be created."""
        return str(self.inputs.region)


@dataclass(frozen=True)
class RecoveredLibrary:
    """What an attempt created, and the outputs that describe it."""

    attempt: PendingCreate
    library: Library
    outputs: Properties


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
    # Of other interrupted operations the engine itself keeps no note beyond the next run.
    if others := [item.urn for item in exported.creating if not item.is_library]:
        raise StackStateError(
            f"creates of other resources are also pending ({', '.join(others)}), and importing the"
            " state would drop them. Settle them first: in a terminal, `pulumi refresh` asks"
            " about each (skip those of libraries); without one, `pulumi refresh --yes"
            " --import-pending-creates <URN> --import-pending-creates <ID>` settles one of them,"
            " with any ID where nothing was created, and `pulumi import` adds what it leaves out"
        )
    if [item.urn for item in exported.creating] != [item.urn for item in clear.creating]:
        raise StackStateError("another command is changing the state; wait for it to end")
    return [
        PendingCreate(item, inputs_of(in_clear(shown.inputs)))
        for item, shown in zip(exported.creating, clear.creating, strict=True)
    ]


def with_references_of_today(
    exported: Deployment, creates: Sequence[PendingCreate]
) -> list[PendingCreate]:
    """Return creates that refer to what the state has: later runs may have changed that.

    A provider of another ID is that of today. A default one that is gone stays, for
    `with_default_provider`. The stack takes the place of a parent, and other references are left
    out: the next `pulumi up` sets what the program says.

    Raises:
        StackStateError: The explicit provider of a create is gone.
    """
    urns = {item.urn for item in exported.resources}
    # All that began with a default provider which is gone get the same one.
    begun = (item.resource for item in creates if item.resource.has_default_provider)
    current = {item.provider_urn: item.provider for item in begun}
    current |= {item.urn: item.reference for item in exported.resources}
    known = {item.reference for item in exported.resources}
    updated = []
    for create in creates:
        resource = create.resource
        provider = resource.provider
        if provider not in known and (provider := current.get(resource.provider_urn, "")) == "":
            raise _no_provider(create)
        pruned = resource.pruned(urns).changed(provider=provider)
        updated.append(replace(create, resource=pruned))
    return updated


def _no_provider(create: PendingCreate) -> StackStateError:
    name = logical_name(create.resource.provider_urn)
    spec = create.inputs.spec(create.urn)
    # Only a generated name is known to be no secret.
    named = f" named {spec.name}" if spec.stem else ""
    return StackStateError(
        f"{create.urn}: the provider {name} with which its create began is no longer in the state,"
        f" so the account in which it may have created a library{named} in {create.region} is"
        " unknown. Declare that provider again and run `pulumi up`, which may fail, then this"
        " command again. Or look for the library at MPS: if it is there, set `adopt` to its ID"
        f" (with `name` and `model_id`) and run `pulumi up`; in any case {CLEAR}"
    )


def recovered_state(exported: Deployment, made: Iterable[RecoveredLibrary]) -> Deployment:
    """Return the state without pending operations, and with what they created (newest first)."""
    resources = [*exported.resources]
    placed: set[str] = set()
    for item in made:
        pending = item.attempt.resource
        shown = {key: value for key, value in item.outputs.items() if value is not None}
        # What is secret in the inputs stays encrypted in the outputs.
        same = {
            key: value
            for key, value in pending.inputs.items()
            if is_secret(value) or key == PROVIDER_KEY
        }
        resource = pending.changed(id=item.library.fp_db_id, outputs={**shown, **same})
        _put(resources, resource, newest=item.attempt.urn not in placed)
        placed.add(item.attempt.urn)
    return exported.with_resources(resources).without_pending()


def _put(resources: list[Resource], resource: Resource, *, newest: bool) -> None:
    """Add a resource as the engine would have: what depends on it has to come after it."""
    same = [i for i, item in enumerate(resources) if item.urn == resource.urn and not item.delete]
    if not same:
        resources.append(resource)
        return
    old = resources[same[0]]
    if old.pending_replacement:
        resources[same[0]] = resource
    elif newest and old.modified and old.modified == resource.modified:
        # It was to replace just this one, before that is deleted.
        resources[same[0]] = resource
        resources.append(old.changed(delete=True))
    else:
        # Nobody may have asked for its content to be destroyed by the time that this is done; and
        # what no resource ever had is not kept, where no state would know of it.
        outputs = {**resource.outputs, "force_destroy": False}
        resources.append(resource.changed(outputs=outputs, retain_on_delete=False, delete=True))


def with_default_provider(
    recovered: Deployment, config: Callable[[], Mapping[str, ConfigValue]]
) -> Deployment:
    """Return the state with the provider of what was put there, if a `destroy` has taken it."""
    references = {item.reference for item in recovered.resources}
    for library in recovered.libraries:
        if library.provider not in references:
            target = ImportTarget.of_stack(stack_of(library.urn))
            target = replace(target, provider=library.provider_urn)
            return completed(recovered, target, config(), logical_name(library.provider))
    return recovered
