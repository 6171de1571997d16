"""A stack's state as `pulumi stack export` writes it: what the rest of the package reads of it.

What has no name here stays as the export has it, since changes are made to copies of its JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

Properties = dict[str, Any]

LIBRARY_TYPE = "pulumi-python:dynamic/alicloud-mps:FpShotDB"
NATIVE_LIBRARY_TYPE = "alicloud-mps:index:FpShotDB"
LIBRARY_TYPES = (LIBRARY_TYPE, NATIVE_LIBRARY_TYPE)
"""The types of a `FpShotDB`, of the dynamic provider and of the native one."""

STACK_TYPE = "pulumi:pulumi:Stack"
"""The type of the resource that represents the stack itself."""

PROVIDER_TYPE = "pulumi:providers:pulumi-python"
NATIVE_PROVIDER_TYPE = "pulumi:providers:alicloud-mps"
PROVIDER_TYPES = (PROVIDER_TYPE, NATIVE_PROVIDER_TYPE)
"""The types of their providers; the configuration of a native one has the keys of one space."""

PROVIDER_KEY = "__provider"
"""The property that has the provider's class."""

POINTER = (
    "gASVQAAAAAAAAACMJHB1bHVtaV9hbGljbG91ZF9tcHMuZHluYW1pYy5wcm92aWRlcpSMEEZwU2hvdERCUHJvdmlkZXKU"
    "k5QpgZQu"
)
"""The class of `dynamic/provider.py`, pickled as it is in the state of every library. Pickled
again, its text would differ from Python 3.14 on, which would change every library."""

SECRET_KEY = "4dabf18193072939515e22adb298388d"  # noqa: S105 - Pulumi's mark of a secret
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - likewise
"""What the key has in a secret value; assets have the key, too."""

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that only `pulumi up` will know."""

UNKNOWN = object()
"""What the operations have for such a value: no text may be mistaken for it."""

_URN = "urn:pulumi:"
_DEFAULT_PROVIDER = re.compile(
    rf"urn:pulumi:[^:]*::[^:]*::({'|'.join(PROVIDER_TYPES)})::default(_.*)?"
)


def is_secret(value: object) -> bool:
    """Whether a property is a secret, encrypted or in clear."""
    return isinstance(value, dict) and SECRET_KEY in value


def secret(text: str | None) -> Properties:
    """Return a secret property, which Pulumi encrypts when it imports the state."""
    return {SECRET_KEY: SECRET_SIGNATURE, "plaintext": json.dumps(text)}


def in_clear(properties: Mapping[str, Any]) -> Properties:
    """Return what a program set, from a state that was exported with its secrets as plain text."""
    return {
        key: json.loads(value["plaintext"]) if is_secret(value) else value
        for key, value in properties.items()
        if key != PROVIDER_KEY
    }


class UrnParts(NamedTuple):
    """The parts of a URN; `types` are those of the parents and the resource, with `$` between."""

    stack: str
    project: str
    types: str
    name: str


def parts_of(urn: str) -> UrnParts:
    """Return the parts of a URN; any other text counts as a name."""
    # A name may have colons of its own.
    parts = urn.removeprefix(_URN).split("::", 3)
    return UrnParts(*parts) if len(parts) == len(UrnParts._fields) else UrnParts("", "", "", urn)


def stack_of(urn: str) -> str:
    """Return what all URNs of a stack begin with, such as `urn:pulumi:dev::catalogue`."""
    return "::".join(urn.split("::", 2)[:2])


def stack_urn(stack: str) -> str:
    """Return the URN of the stack itself, by what all its URNs begin with."""
    name, _, project = stack.removeprefix(_URN).partition("::")
    return f"{stack}::{STACK_TYPE}::{project}-{name}"


@lru_cache
def key_of(name: str) -> str:
    """Return what Pulumi's JSON calls a name of Python, such as `accessKey`."""
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


@lru_cache
def name_of(key: str) -> str:
    """Return what Python calls a key of Pulumi's JSON, such as `access_key`."""
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key)


def by_name(properties: Mapping[str, Any]) -> Properties:
    """Return properties by the names that they have in this package."""
    return {name_of(key): value for key, value in properties.items()}


def by_key(properties: Mapping[str, Any]) -> Properties:
    """Return properties by the keys that they have in the schema of the native provider."""
    return {key_of(name): value for name, value in properties.items()}


def regardless_of_front(urn: str) -> str:
    """Return a URN as it is with the dynamic provider, even if it is the native one's.

    A program that moves from one to the other has the same libraries.
    """
    return urn.replace(NATIVE_LIBRARY_TYPE, LIBRARY_TYPE)


@dataclass(frozen=True)
class Resource:
    """A resource of a state; a field is named as its key in the JSON.

    Attributes:
        inputs: By name, as the outputs are, whichever provider has it.
        provider: The reference to its provider: its URN and ID.
        external: Whether the program only reads it (`FpShotDB.get`).
        delete: Whether it was replaced, and has yet to be deleted.
        pending_replacement: Whether it was taken out for a replacement that is yet to be created.
        retain_on_delete: Whether it is kept at MPS when it leaves the state.
    """

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    urn: str = ""
    type: str = ""
    id: str = ""
    inputs: Properties = field(default_factory=dict, repr=False)
    outputs: Properties = field(default_factory=dict, repr=False)
    parent: str = ""
    provider: str = ""
    dependencies: Sequence[str] = ()
    replace_with: Sequence[str] = ()
    property_dependencies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    deleted_with: str = ""
    modified: str = ""
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    retain_on_delete: bool = False

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Resource:
        """Read its JSON."""
        found = {item.name: raw.get(key_of(item.name)) for item in fields(cls)}
        if found["type"] == NATIVE_LIBRARY_TYPE:
            found |= {key: by_name(found[key] or {}) for key in ("inputs", "outputs")}
        return cls(**{**{key: value for key, value in found.items() if value}, "raw": raw})

    def changed(self, **values: object) -> Resource:
        """Return it with other values, by the names of the fields; None takes a key away."""
        changes: dict[str, Any] = {key_of(name): value for name, value in values.items()}
        if values.get("type", self.type) == NATIVE_LIBRARY_TYPE:
            changes |= {
                key: by_key(changes[key]) for key in ("inputs", "outputs") if key in changes
            }
        gone = {key for key, value in changes.items() if value is None}
        raw = {**self.raw, **changes}
        return self.read({key: value for key, value in raw.items() if key not in gone})

    @property
    def is_library(self) -> bool:
        """Whether it is a `FpShotDB`."""
        return self.type in LIBRARY_TYPES

    @property
    def reference(self) -> str:
        """What the resources that use it have as their `provider`."""
        return f"{self.urn}::{self.id}"

    @property
    def settings(self) -> Properties:
        """What a provider is configured with, by full key; the state must be in clear."""
        given = in_clear(self.inputs)
        if self.type != NATIVE_PROVIDER_TYPE:
            return given
        space = NATIVE_PROVIDER_TYPE.rpartition(":")[2]
        # As `Provider` sets it for itself.
        name = {} if is_default_provider(self.urn) else {"provider": parts_of(self.urn).name}
        return {f"{space}:{key}": value for key, value in {**given, **name}.items()}

    @property
    def provider_urn(self) -> str:
        """The URN of its provider."""
        return self.provider.rpartition("::")[0]

    @property
    def has_default_provider(self) -> bool:
        """Whether its provider is the stack's own, and not an explicit one."""
        return is_default_provider(self.provider_urn)

    def pruned(self, urns: Collection[str]) -> Resource:
        """Return it with references to these resources only; the stack replaces a parent."""

        def kept(references: Iterable[str] | None) -> list[str] | None:
            return [urn for urn in references or () if urn in urns] or None

        parent = self.parent if self.parent in urns else stack_urn(stack_of(self.urn))
        by_property = {key: kept(item) or [] for key, item in self.property_dependencies.items()}
        return self.changed(
            parent=parent if self.parent else None,
            deleted_with=self.deleted_with if self.deleted_with in urns else None,
            dependencies=kept(self.dependencies),
            replace_with=kept(self.replace_with),
            property_dependencies=by_property or None,
        )


@dataclass(frozen=True)
class Deployment:
    """A stack's state, as it was exported."""

    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def resources(self) -> list[Resource]:
        """Its resources, in the engine's order: what depends on another one comes after it."""
        return [Resource.read(item) for item in self._content.get("resources") or ()]

    @cached_property
    def pending(self) -> list[tuple[str, Resource]]:
        """What a run began to do to a resource, and did not complete according to the state."""
        operations = self._content.get("pending_operations") or ()
        return [(item["type"], Resource.read(item["resource"])) for item in operations]

    @property
    def libraries(self) -> list[Resource]:
        """The resources that are libraries, even those about to be deleted."""
        return [item for item in self.resources if item.is_library]

    @property
    def managed(self) -> list[Resource]:
        """The libraries that the stack has, and not only reads (`FpShotDB.get`)."""
        return [item for item in self.libraries if item.id and not item.external]

    @property
    def creating(self) -> list[Resource]:
        """What was to be created; of several of one resource, the newest comes first."""
        return [resource for operation, resource in self.pending if operation == "creating"]

    @property
    def deleting(self) -> list[Resource]:
        """What was being deleted, in the order in which that began."""
        return [resource for operation, resource in self.pending if operation == "deleting"]

    def with_resources(self, resources: Iterable[Resource]) -> Deployment:
        """Return it with these resources in place of its own."""
        return self._changed(resources=[item.raw for item in resources])

    def without_pending(self) -> Deployment:
        """Return it as if nothing had been begun."""
        return self._changed(pending_operations=None)

    def settings_of(self, provider: str) -> Properties:
        """Return what the provider of a reference is configured with; nothing if it is gone.

        The state must have been exported with its secrets.
        """
        found = (item.settings for item in self.resources if item.reference == provider)
        return next(found, {})

    @property
    def _content(self) -> Mapping[str, Any]:
        return self.raw.get("deployment") or {}

    def _changed(self, **values: object) -> Deployment:
        return Deployment({**self.raw, "deployment": {**self._content, **values}})


def is_default_provider(provider: str) -> bool:
    """Whether the engine itself has created the provider of this URN."""
    return _DEFAULT_PROVIDER.fullmatch(provider) is not None
