"""The pending creates of a stack's state.

Before a create the engine adds it to the state's pending operations, with all inputs, where it
stays if the process is killed. Later runs keep it, so that one resource may have several: the
newest come first.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import LibrarySpec
from pulumi_alicloud_mps.operations.properties import inputs_of
from pulumi_alicloud_mps.state.deployment import (
    Deployment,
    Resource,
    in_clear,
    parts_of,
)

CLEAR = "clear the pending create with `pulumi refresh --clear-pending-creates`"


@dataclass(frozen=True, eq=False)
class PendingCreate:
    """An interrupted create: the resource as the state has it, and its inputs decrypted."""

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
        """What was to be requested from MPS."""
        return self.inputs.spec(self.urn)


def pending_creates(exported: Deployment, clear: Deployment) -> list[PendingCreate]:
    """Return the creates that are pending, newest first, with references to what the state has now.

    Later runs may have changed that: a provider may have another ID by now. A default provider that
    is gone stays, for `with_default_provider`; the stack replaces a parent that is gone; and other
    references are left out: the next `pulumi up` sets what the program says. `clear` is the same
    state with its secrets decrypted.

    Raises:
        StackStateError: Creates of other resources are pending, which an import would forget, the
            two are not the same state, or the explicit provider of a create is gone.
        SettingsError: The inputs are not this package's.
    """
    creating = exported.creating
    # The engine itself keeps other interrupted operations no longer than until the next run.
    if others := [item.urn for item in creating if not item.is_library]:
        raise StackStateError(
            f"creates of other resources are also pending ({', '.join(others)}), and importing the"
            " state would drop them. Resolve them first: in a terminal, `pulumi refresh` asks"
            " about each (skip those of libraries); without one, `pulumi refresh --yes"
            " --import-pending-creates <URN> --import-pending-creates <ID>` resolves one of them,"
            " with any ID where nothing was created, and `pulumi import` adds what was created"
        )
    if [item.urn for item in creating] != [item.urn for item in clear.creating]:
        raise StackStateError("another command is changing the state; wait for it to end")
    inputs = [inputs_of(in_clear(item.inputs)) for item in clear.creating]
    urns = {item.urn for item in exported.resources}
    references = {item.reference for item in exported.resources}
    # All that began with a default provider which is gone get the same one.
    current = {item.provider_urn: item.provider for item in creating if item.has_default_provider}
    current |= {item.urn: item.reference for item in exported.resources if not item.delete}
    pending = []
    for resource, given in zip(creating, inputs, strict=True):
        provider = resource.provider
        if provider not in references:
            provider = current.get(resource.provider_urn, "")
        if not provider:
            name, spec = parts_of(resource.provider_urn).name, given.spec(resource.urn)
            # Only a generated name is known to be no secret.
            named = f" named {spec.name}" if spec.stem else ""
            raise StackStateError(
                f"{resource.urn}: the provider {name} that the create started with is no longer in"
                f" the state, so the account in which it may have created a library{named} in"
                f" {given.region} is unknown. Declare that provider again and run `pulumi up`,"
                " which may fail, then run this command again. Or look for the library at MPS: if"
                " it is there, set `adopt` to its ID (with `name` and `model_id`) and run"
                f" `pulumi up`; in any case {CLEAR}"
            )
        pending.append(PendingCreate(resource.pruned(urns).changed(provider=provider), given))
    return pending
