"""The JSON of `pulumi preview --json`, as far as the comment needs it.

Fields that are not named here are ignored, and a null is taken for a field that is missing: the
engine's format is documented by its source alone (pkg/display/json.go) and grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPES,
    NATIVE_LIBRARY_TYPE,
    SECRET_KEY,
    STACK_TYPE,
    UNKNOWN_TEXT,
    by_name,
    name_of,
)

SECRET = "[secret]"  # noqa: S105 - what the engine writes in place of one

_INTERNAL = "__"


def is_internal(path: str) -> bool:
    """Whether a property is Pulumi's own, such as `__provider`."""
    return path.startswith((_INTERNAL, f'["{_INTERNAL}'))


def is_secret(value: object) -> bool:
    """Whether a value is, or contains, a secret."""
    if isinstance(value, str):
        return value == SECRET
    if isinstance(value, Mapping):
        # Other values that are no plain JSON have it, too: sdk/go/common/resource/sig.
        return SECRET_KEY in value or any(is_secret(item) for item in value.values())
    return isinstance(value, list) and any(is_secret(item) for item in value)


def is_unknown(value: object) -> bool:
    """Whether a value is not known before `pulumi up`."""
    return value == UNKNOWN_TEXT


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if isinstance(data, Mapping):
            return {key: value for key, value in data.items() if value is not None}
        return data


class State(_Part):
    """A resource before or after a step; the properties of libraries are by name."""

    id: str = ""
    import_id: str = Field(default="", alias="importID")
    urn: str = ""
    type: str = ""
    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    protect: bool = False
    taint: bool = False
    dependencies: list[str] = []
    retain_on_delete: bool = Field(default=False, alias="retainOnDelete")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("type") != NATIVE_LIBRARY_TYPE:
            return data
        return {**data, **{key: by_name(data.get(key) or {}) for key in ("inputs", "outputs")}}


class PropertyDiff(_Part):
    """How one property differs."""

    kind: str = "update"


class Step(_Part):
    """What the engine plans for a resource, or has found out about it."""

    op: str
    urn: str
    old: State | None = Field(default=None, alias="oldState")
    new: State | None = Field(default=None, alias="newState")
    reasons: list[str] = Field(default=[], alias="replaceReasons")
    changed: list[str] = Field(default=[], alias="diffReasons")
    diff: dict[str, PropertyDiff] = Field(default={}, alias="detailedDiff")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        if not Urn.parse(data.get("urn") or "").is_native:
            return data
        named = {
            key: [*map(name_of, data.get(key) or ())] for key in ("replaceReasons", "diffReasons")
        }
        return {**data, **named, "detailedDiff": by_name(data.get("detailedDiff") or {})}

    @property
    def resource(self) -> Urn:
        """The URN in its parts."""
        return Urn.parse(self.urn)

    @property
    def old_urn(self) -> str:
        """The URN until now, which is another one where an alias led to it."""
        return (self.old and self.old.urn) or self.urn


class Diagnostic(_Part):
    """A message of the engine, the program or a provider."""

    urn: str = ""
    message: str = ""
    severity: str = "info"

    @property
    def text(self) -> str:
        """The message without its severity."""
        said = self.message.strip().removeprefix(f"{self.severity}: ")
        return said.removeprefix("Preview failed: ")


class PreviewDigest(_Part):
    """One preview of one stack."""

    steps: list[Step] = []
    diagnostics: list[Diagnostic] = []
    counts: dict[str, int] = Field(default={}, alias="changeSummary")

    def owner(self) -> Urn | None:
        """Return the URN of any resource, which names project and stack; None without one."""
        urns = [step.urn for step in self.steps] + [item.urn for item in self.diagnostics]
        return next((Urn.parse(urn) for urn in urns if urn), None)


@dataclass(frozen=True)
class Urn:
    """The URN of a resource, in its parts."""

    stack: str
    project: str
    type: str
    name: str
    text: str = field(default="", compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Parse a URN; any other text becomes a name."""
        # A name may itself contain the separator, so it is what remains.
        parts = text.split("::", 3)
        if len(parts) != 4 or not parts[0].startswith("urn:pulumi:"):  # noqa: PLR2004 - its parts
            return cls(stack="", project="", type="", name=text, text=text)
        stack, project, types, name = parts
        return cls(
            stack=stack.removeprefix("urn:pulumi:"),
            project=project,
            type=types.rpartition("$")[2],
            name=name,
            text=text,
        )

    @property
    def is_library(self) -> bool:
        """Whether it is a `FpShotDB`."""
        return self.type in LIBRARY_TYPES

    @property
    def is_native(self) -> bool:
        """Whether it is a `FpShotDB` of the native provider, whose properties are in camelCase."""
        return self.type == NATIVE_LIBRARY_TYPE

    def spelled(self, text: str) -> str:
        """Return a text of ours with the properties as the programs of this resource have them."""
        return in_camel_case(text) if self.is_native else text

    @property
    def is_root(self) -> bool:
        """Whether it is the stack itself."""
        return self.type == STACK_TYPE
