"""The pending creates of a stack's state, and the state once they are recovered.

Before a create the engine adds it to the state's pending operations, with all inputs, where it
stays if the process is killed. Later runs keep it, so that one resource may have several: the
newest come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import Library, LibrarySpec, LibraryState
from pulumi_alicloud_mps.operations.properties import (
    NEVER_ACTIVE,
    inputs_of,
    outputs_of,
    predecessors_in,
)
from pulumi_alicloud_mps.state.deployment import (
    PROVIDER_KEY,
    Deployment,
    Resource,
    in_clear,
    is_secret,
    logical_name,
)
from pulumi_alicloud_mps.state.edit import completed
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue

CLEAR = "clear the pending create with `pulumi refresh --clear-pending-creates`"


@dataclass(frozen=True, eq=False)
class PendingCreate:
    """An interrupted create: the resource as the state has it, and its inputs in clear."""

    resource: Resource
    inputs: Inputs

    @property
    def urn(self) -> str:
        """The resource that was to be created."""
        return self.resource.urn

    @property
    def region(self) -> str:
        """Where it was to be created."""
        return str(self.inputs.region)

    @property
    def spec(self) -> LibrarySpec:
        """What MPS was to be asked for."""
        return self.inputs.spec(self.urn)


def pending_creates(exported: Deployment, clear: Deployment) -> list[PendingCreate]:
    """Return the creates that are pending, newest first, referring to what the state has.

    Later runs may have changed that. A provider of another ID is that of today. A default one that
    is gone stays, for `with_default_provider`. The stack takes the place of a parent, and other
    references are left out: the next `pulumi up` sets what the program says.

    Args:
        exported: The state.
        clear: The same with its secrets in clear.

    Raises:
        StackStateError: Creates of other resources are pending, which an import would forget, the
            two are not the same state, or the explicit provider of a create is gone.
        SettingsError: The inputs are none of this package's.
    """
    creating = exported.creating
    # Of other interrupted operations the engine itself keeps no note beyond the next run.
    if others := [item.urn for item in creating if not item.is_library]:
        raise StackStateError(
            f"creates of other resources are also pending ({', '.join(others)}), and importing the"
            " state would drop them. Settle them first: in a terminal, `pulumi refresh` asks"
            " about each (skip those of libraries); without one, `pulumi refresh --yes"
            " --import-pending-creates <URN> --import-pending-creates <ID>` settles one of them,"
            " with any ID where nothing was created, and `pulumi import` adds what it leaves out"
        )
    if [item.urn for item in creating] != [item.urn for item in clear.creating]:
        raise StackStateError("another command is changing the state; wait for it to end")
    inputs = [inputs_of(in_clear(item.inputs)) for item in clear.creating]
    urns = {item.urn for item in exported.resources}
    known = {item.reference for item in exported.resources}
    # All that began with a default provider which is gone get the same one.
    current = {item.provider_urn: item.provider for item in creating if item.has_default_provider}
    current |= {item.urn: item.reference for item in exported.resources}
    pending = []
    for resource, given in zip(creating, inputs, strict=True):
        provider = resource.provider
        if provider not in known and (provider := current.get(resource.provider_urn, "")) == "":
            raise _no_provider(PendingCreate(resource, given))
        pending.append(PendingCreate(resource.pruned(urns).changed(provider=provider), given))
    return pending


def _no_provider(create: PendingCreate) -> StackStateError:
    name = logical_name(create.resource.provider_urn)
    # Only a generated name is known to be no secret.
    named = f" named {create.spec.name}" if create.spec.stem else ""
    return StackStateError(
        f"{create.urn}: the provider {name} with which its create began is no longer in the state,"
        f" so the account in which it may have created a library{named} in {create.region} is"
        " unknown. Declare that provider again and run `pulumi up`, which may fail, then this"
        " command again. Or look for the library at MPS: if it is there, set `adopt` to its ID"
        f" (with `name` and `model_id`) and run `pulumi up`; in any case {CLEAR}"
    )


def recovered_resource(
    exported: Deployment, create: PendingCreate, library: Library, account_id: str
) -> Resource:
    """Return what a create has made in that account, as the state is to have it."""
    replaced = _current(exported.resources, create.urn)
    predecessors = predecessors_in(replaced.outputs) if replaced else []
    if replaced and (replaced.retain_on_delete or not replaced.pending_replacement):
        predecessors.append(replaced.id)
    outputs = outputs_of(create.inputs, library, account_id, predecessors)
    if library.state not in {LibraryState.ACTIVE.value, LibraryState.OFFLINE.value}:
        # Nobody has seen it become active, so that the next `pulumi up` has to wait for that.
        outputs[NEVER_ACTIVE] = True
    known = {key: value for key, value in outputs.items() if value is not None}
    # What is secret in the inputs stays encrypted in the outputs.
    inputs = create.resource.inputs.items()
    same = {key: value for key, value in inputs if is_secret(value) or key == PROVIDER_KEY}
    return create.resource.changed(id=library.fp_db_id, outputs={**known, **same})


def recovered_state(exported: Deployment, made: Iterable[Resource]) -> Deployment:
    """Return the state without pending operations, and with what they created (newest first).

    It is added as the engine would have: what depends on a resource has to come after it.
    """
    resources = [*exported.resources]
    placed: set[str] = set()
    for resource in made:
        old = _current(resources, resource.urn)
        if old is None:
            resources.append(resource)
        elif old.pending_replacement:
            resources[resources.index(old)] = resource
        elif resource.urn not in placed and old.modified and old.modified == resource.modified:
            # It was to replace just this one, before that is deleted.
            resources[resources.index(old)] = resource
            resources.append(old.changed(delete=True))
        else:
            # Nobody may have asked for its content to be destroyed by the time that this is done;
            # and what no resource ever had is not kept, where no state would know of it.
            outputs = {**resource.outputs, "force_destroy": False}
            resources.append(resource.changed(outputs=outputs, retain_on_delete=False, delete=True))
        placed.add(resource.urn)
    return exported.with_resources(resources).without_pending()


def _current(resources: Iterable[Resource], urn: str) -> Resource | None:
    return next((item for item in resources if item.urn == urn and not item.delete), None)


def with_default_provider(
    recovered: Deployment, config: Callable[[], Mapping[str, ConfigValue]]
) -> Deployment:
    """Return the state with the provider of what was put there, if a `destroy` has taken it."""
    references = {item.reference for item in recovered.resources}
    for library in recovered.libraries:
        if library.provider not in references:
            provider_id = logical_name(library.provider)
            return completed(recovered, library.provider_urn, config(), provider_id)
    return recovered
