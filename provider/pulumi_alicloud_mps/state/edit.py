"""A stack's state with libraries added to it, as the engine would have written them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pulumi_alicloud_mps.dynamic.provider import POINTER
from pulumi_alicloud_mps.errors import ImportRefusedError
from pulumi_alicloud_mps.operations.properties import PROVIDER_KEY, Properties
from pulumi_alicloud_mps.state.pulumi_cli import (
    LIBRARY_TYPE,
    SECRET_KEY,
    STACK_TYPE,
    ConfigValue,
    Deployment,
)

_PROVIDER_TYPE = "pulumi:providers:pulumi-python"
_SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - Pulumi's mark of a secret
_NAMES_OF_QUALIFIED = 3

Resource = dict[str, Any]


@dataclass(frozen=True)
class ImportTarget:
    """Where in a state libraries are added.

    Attributes:
        stack: What the URNs of the stack begin with, such as `urn:pulumi:dev::catalogue`.
        parent: The URN of their parent.
        provider: The URN of the provider that is to manage them.
    """

    stack: str
    parent: str
    provider: str

    @classmethod
    def of_stack(cls, stack: str) -> ImportTarget:
        """Return the stack itself and its default provider."""
        root = f"{stack}::{STACK_TYPE}::{stack.rpartition('::')[2]}-{_short_name(stack)}"
        return cls(stack, root, f"{stack}::{_PROVIDER_TYPE}::default")

    def urn(self, logical_name: str) -> str:
        """Return the URN of a library."""
        _, _, kind, _ = self.parent.split("::", 3)
        kinds = LIBRARY_TYPE if kind == STACK_TYPE else f"{kind}${LIBRARY_TYPE}"
        return f"{self.stack}::{kinds}::{logical_name}"


def import_target(
    exported: Deployment, stack: str, parent: str | None = None, provider: str | None = None
) -> ImportTarget:
    """Return where libraries go: under the stack itself and its default provider, or as said.

    Args:
        exported: The state.
        stack: The stack's name, qualified by that of its project.
        parent: The URN of another parent.
        provider: The URN of an explicit provider.

    Raises:
        ImportRefusedError: The state has no such parent or provider, or names no project.
    """
    urns = {entry["urn"]: entry["type"] for entry in resources(exported)}
    prefix = _prefix(urns, stack)
    if parent is not None and parent not in urns:
        raise ImportRefusedError(f"--parent: the state has no {parent}")
    if provider is not None and urns.get(provider) != _PROVIDER_TYPE:
        raise ImportRefusedError(
            f"--provider: the state has no provider {provider} of dynamic resources"
        )
    place = ImportTarget.of_stack(prefix)
    return replace(place, parent=parent or place.parent, provider=provider or place.provider)


def resources(exported: Deployment) -> list[Resource]:
    """Return the entries of a state."""
    return list(exported["deployment"].get("resources") or [])


class StateEditor:
    """A state to which libraries are added; the one that it is made from stays as it is."""

    def __init__(
        self, exported: Deployment, place: ImportTarget, config: Mapping[str, ConfigValue]
    ) -> None:
        self.state = completed(exported, place, config)
        self._place = place
        self._entries = self.state["deployment"]["resources"]
        (provider,) = (item for item in self._entries if item["urn"] == place.provider)
        self._reference = f"{place.provider}::{provider['id']}"

    def add(
        self, logical_name: str, inputs: Properties, outputs: Properties, *, protect: bool
    ) -> None:
        """Add a library, which its outputs describe."""
        pointer = {PROVIDER_KEY: POINTER}
        entry = {
            "urn": self._place.urn(logical_name),
            "custom": True,
            "id": outputs["fp_db_id"],
            "type": LIBRARY_TYPE,
            "inputs": {**pointer, **inputs},
            "outputs": {**pointer, **_set(outputs)},
            "parent": self._place.parent,
            "provider": self._reference,
            **({"protect": True} if protect else {}),
            **_times(),
        }
        self._entries.append(entry)


def completed(
    exported: Deployment,
    place: ImportTarget,
    config: Mapping[str, ConfigValue],
    provider_id: str | None = None,
) -> Deployment:
    """Return the state with the entries of the stack and its default provider, if it lacks them.

    Before the first `up` it does, and after a `destroy`.
    """
    state = deepcopy(exported)
    entries = resources(state)
    missing = _missing({entry["urn"] for entry in entries}, place, config, provider_id)
    state["deployment"]["resources"] = [*({**entry, **_times()} for entry in missing), *entries]
    return state


def _missing(
    urns: Collection[str],
    place: ImportTarget,
    config: Mapping[str, ConfigValue],
    provider_id: str | None,
) -> Iterator[Resource]:
    if place.parent not in urns:
        yield {"urn": place.parent, "custom": False, "type": STACK_TYPE}
    if place.provider not in urns:
        # The engine hands the whole configuration to the provider of dynamic resources. It is
        # what a refresh goes by, until an `up` writes today's again.
        properties = {key: _property(value) for key, value in config.items()}
        yield {
            "urn": place.provider,
            "custom": True,
            "id": provider_id or str(uuid.uuid4()),
            "type": _PROVIDER_TYPE,
            "inputs": properties,
            "outputs": properties,
        }


def _times() -> dict[str, str]:
    moment = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return {"created": moment, "modified": moment}


def _prefix(urns: Mapping[str, str], stack: str) -> str:
    for urn in urns:
        return "::".join(urn.split("::", 2)[:2])
    names = stack.split("/")
    if len(names) != _NAMES_OF_QUALIFIED:
        raise ImportRefusedError(
            f"the state of {stack} is empty, and its backend does not say to which project it"
            " belongs; run `pulumi up` once, then import"
        )
    _, project, name = names
    return f"urn:pulumi:{name}::{project}"


def _short_name(prefix: str) -> str:
    return prefix.split("::", 1)[0].removeprefix("urn:pulumi:")


def _property(value: ConfigValue) -> object:
    if not value.secret:
        return value.text
    # Pulumi encrypts it when it takes the state in.
    return {SECRET_KEY: _SECRET_MARK, "plaintext": json.dumps(value.text)}


def _set(properties: Properties) -> Properties:
    return {key: value for key, value in properties.items() if value is not None}
