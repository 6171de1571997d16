"""What interrupted creates refer to, where later runs have made it anew or taken it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.state.edit import ImportTarget, Resource, completed, resources
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue, Deployment

from .pending import CLEAR, PendingCreate, held_libraries


def with_references_of_today(
    exported: Deployment, creates: Sequence[PendingCreate]
) -> list[PendingCreate]:
    """Return creates that refer to what the state has.

    A provider of another ID is that of today. A default one that is gone stays, for
    `with_default_provider`. The stack takes the place of a parent, and other references are left
    out: the next `pulumi up` sets what the program says.

    Raises:
        StackStateError: The explicit provider of a create is gone.
    """
    urns = {item["urn"] for item in resources(exported)}
    references = _references(exported)
    # All that began with a default provider which is gone get the same one.
    begun = {_urn(item.provider): item.provider for item in creates if item.by_default_provider}
    current = begun | {_urn(item): item for item in references}
    updated = []
    for create in creates:
        provider = create.provider
        if provider not in references and (provider := current.get(_urn(provider), "")) == "":
            raise _no_provider(create)
        updated.append(replace(create, note={**_pruned(create.note, urns), "provider": provider}))
    return updated


def with_default_provider(
    recovered: Deployment, config: Callable[[], Mapping[str, ConfigValue]]
) -> Deployment:
    """Return the state with the provider of what was put there, if a `destroy` has taken it."""
    references = _references(recovered)
    for library in held_libraries(recovered):
        if library["provider"] not in references:
            place = ImportTarget.of_stack(_stack(library))
            return completed(recovered, place, config(), library["provider"].rpartition("::")[2])
    return recovered


def _pruned(note: Resource, urns: set[str]) -> Resource:
    def kept(found: Iterable[str] | None) -> list[str]:
        return [urn for urn in found or () if urn in urns]

    pruned = dict(note)
    if note.get("parent") not in {None, *urns}:
        pruned["parent"] = ImportTarget.of_stack(_stack(note)).parent
    if note.get("deletedWith") not in urns:
        pruned.pop("deletedWith", None)
    for key in {"dependencies", "replaceWith"} & note.keys():
        pruned[key] = kept(note[key])
    if by_property := note.get("propertyDependencies"):
        pruned["propertyDependencies"] = {key: kept(item) for key, item in by_property.items()}
    return pruned


def _no_provider(create: PendingCreate) -> StackStateError:
    name = _urn(create.provider).rpartition("::")[2]
    spec = create.inputs.spec(create.urn)
    # Only a generated name is known to be no secret.
    of_name = f" of the name {spec.name}" if spec.stem else ""
    return StackStateError(
        f"{create.urn}: the provider {name} with which its create began is no longer in the state,"
        f" so nothing tells in whose {create.region} it may have made a library{of_name}. Declare"
        " that provider again and run `pulumi up`, which may fail, then this command again. Or"
        " look for the library at MPS: if it is there, set `adopt` to its ID (with `name` and"
        f" `model_id`) and run `pulumi up`; in any case {CLEAR}"
    )


def _stack(resource: Resource) -> str:
    return "::".join(resource["urn"].split("::", 2)[:2])


def _urn(reference: str) -> str:
    return reference.rpartition("::")[0]


def _references(exported: Deployment) -> set[str]:
    return {f"{item['urn']}::{item.get('id')}" for item in resources(exported)}
