"""A stack's state with libraries added to it, as the engine would have written them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pulumi_alicloud_mps.errors import ImportRefusedError

from .deployment import (
    LIBRARY_TYPE,
    NATIVE_PROVIDER_TYPE,
    POINTER,
    PROVIDER_KEY,
    PROVIDER_TYPE,
    STACK_TYPE,
    Deployment,
    Properties,
    Resource,
    secret,
    stack_of,
    stack_urn,
)
from .pulumi_cli import ConfigValue


@dataclass(frozen=True)
class ImportTarget:
    """Where in a state libraries are added.

    Attributes:
        parent: The URN of their parent.
        provider: The reference to the provider that is to manage them.
    """

    parent: str
    provider: str

    def urn(self, logical_name: str) -> str:
        """Return the URN of a library."""
        _, _, kind, _ = self.parent.split("::", 3)
        kinds = LIBRARY_TYPE if kind == STACK_TYPE else f"{kind}${LIBRARY_TYPE}"
        return f"{stack_of(self.parent)}::{kinds}::{logical_name}"


def import_target(
    exported: Deployment, stack: str, parent: str | None = None, provider: str | None = None
) -> ImportTarget:
    """Return where libraries go: under the stack itself and its default provider, or as said.

    The name of the `stack` is qualified by its project's; `parent` and `provider` are URNs.

    Raises:
        ImportRefusedError: The state has no such parent or provider, or names no project.
    """
    # An entry that was replaced has the URN of its successor until it is deleted.
    current = {item.urn: item for item in exported.resources if not item.delete}
    if current:
        prefix = stack_of(next(iter(current)))
    else:
        try:
            _, project, name = stack.split("/")
        except ValueError:
            raise ImportRefusedError(
                f"the state of {stack} is empty, and the backend does not say which project it"
                " belongs to; run `pulumi up` once, then import"
            ) from None
        prefix = f"urn:pulumi:{name}::{project}"
    if parent is not None and parent not in current:
        raise ImportRefusedError(f"--parent: the state has no {parent}")
    if provider is not None and current.get(provider, Resource()).type != PROVIDER_TYPE:
        raise ImportRefusedError(
            f"--provider: the state has no provider {provider} of dynamic resources"
        )
    urn = provider or f"{prefix}::{PROVIDER_TYPE}::default"
    reference = current[urn].reference if urn in current else f"{urn}::{uuid.uuid4()}"
    return ImportTarget(parent or stack_urn(prefix), reference)


def with_libraries(
    exported: Deployment,
    target: ImportTarget,
    config: Mapping[str, ConfigValue],
    libraries: Mapping[str, tuple[Properties, Properties]],
    *,
    protect: bool,
) -> Deployment:
    """Return the state with libraries: the inputs and outputs of each, by its logical name."""
    before = completed(exported, target.provider, config)
    added = (
        _added(
            urn=target.urn(logical_name),
            custom=True,
            id=outputs["fp_db_id"],
            type=LIBRARY_TYPE,
            inputs=_known(inputs),
            outputs=_known(outputs),
            parent=target.parent,
            provider=target.provider,
            protect=protect or None,
        )
        for logical_name, (inputs, outputs) in libraries.items()
    )
    return before.with_resources([*before.resources, *added])


def _known(properties: Properties) -> Properties:
    known = {key: value for key, value in properties.items() if value is not None}
    return {PROVIDER_KEY: POINTER, **known}


def completed(exported: Deployment, provider: str, config: Mapping[str, ConfigValue]) -> Deployment:
    """Return the state with the entries of the stack and of a provider, if it lacks them.

    Before the first `up` it does, and after a `destroy`.
    """
    provider_urn, _, provider_id = provider.rpartition("::")
    root = stack_urn(stack_of(provider))
    missing = []
    if root not in {item.urn for item in exported.resources}:
        missing.append(_added(urn=root, custom=False, type=STACK_TYPE))
    if provider not in {item.reference for item in exported.resources}:
        # The engine hands the whole configuration to the provider of dynamic resources, and to the
        # native one what is in its own space. It is what a refresh goes by, until an `up` writes
        # today's again.
        kind = provider_urn.split("::")[2]
        space = f"{kind.rpartition(':')[2]}:" if kind == NATIVE_PROVIDER_TYPE else ""
        properties = {
            key.removeprefix(space): secret(value.text) if value.secret else value.text
            for key, value in config.items()
            if key.startswith(space)
        }
        added = _added(
            urn=provider_urn,
            custom=True,
            id=provider_id,
            type=kind,
            inputs=properties,
            outputs=properties,
        )
        missing.append(added)
    return exported.with_resources([*missing, *exported.resources])


def _added(**values: object) -> Resource:
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return Resource().changed(**values, created=moment, modified=moment)
