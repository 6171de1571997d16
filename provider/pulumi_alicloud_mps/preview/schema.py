"""The JSON of `pulumi preview --json`, as far as the comment needs it.

Where a field has two names, the second is that of the engine's events. Fields that are not named
here are ignored, and a null counts as a missing field: the engine's format is documented
by its source alone (pkg/display/json.go) and grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import CoreSchema, core_schema

from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPES,
    NATIVE_LIBRARY_TYPE,
    SECRET_KEY,
    STACK_TYPE,
    by_name,
    name_of,
    parts_of,
)

REFRESH = "refresh"
"""The operation of a step that reads a resource again."""

_SECRET = "[secret]"  # noqa: S105 - what the engine writes in place of one


def holds_secret(value: object) -> bool:
    """Whether a value is a secret, or has one inside."""
    if isinstance(value, str):
        return value == _SECRET
    if isinstance(value, Mapping):
        # Other values that are not plain JSON have it, too: sdk/go/common/resource/sig.
        return SECRET_KEY in value or any(holds_secret(item) for item in value.values())
    return isinstance(value, list) and any(holds_secret(item) for item in value)


class Urn(str):
    """The URN of a resource and its parts; any other text counts as a name.

    Attributes:
        is_library: Whether it is a `FpShotDB`.
        is_native: Whether it is one of the native provider, whose properties are in camelCase.
        is_root: Whether it is the stack itself.
    """

    __slots__ = ("is_library", "is_native", "is_root", "name", "project", "stack", "type")

    def __init__(self, text: str) -> None:
        self.stack, self.project, types, self.name = parts_of(text)
        self.type = types.rpartition("$")[2]
        self.is_library = self.type in LIBRARY_TYPES
        self.is_native = self.type == NATIVE_LIBRARY_TYPE
        self.is_root = self.type == STACK_TYPE

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    def spelled(self, text: str) -> str:
        """Return a text of ours with the properties spelled as in this resource's program."""
        return in_camel_case(text) if self.is_native else text


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

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
    urn: Urn = Urn("")
    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    protect: bool = False
    taint: bool = False
    dependencies: list[Urn] = []
    retain_on_delete: bool = Field(default=False, alias="retainOnDelete")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("type") != NATIVE_LIBRARY_TYPE:
            return data
        return {**data, **{key: by_name(data.get(key) or {}) for key in ("inputs", "outputs")}}


class PropertyDiff(_Part):
    """How one property differs."""

    kind: str = Field(default="update", validation_alias=AliasChoices("kind", "diffKind"))


class Step(_Part):
    """What the engine plans for a resource, or has found out about it."""

    op: str
    urn: Urn
    old: State | None = Field(default=None, validation_alias=AliasChoices("oldState", "old"))
    new: State | None = Field(default=None, validation_alias=AliasChoices("newState", "new"))
    reasons: list[str] = Field(default=[], validation_alias=AliasChoices("replaceReasons", "keys"))
    changed: list[str] = Field(default=[], validation_alias=AliasChoices("diffReasons", "diffs"))
    diff: dict[str, PropertyDiff] = Field(default={}, alias="detailedDiff")

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: dict[str, Any]) -> dict[str, Any]:
        if not Urn(data.get("urn") or "").is_native:
            return data
        keys = ("replaceReasons", "keys", "diffReasons", "diffs")
        named = {key: [*map(name_of, data[key])] for key in keys if data.get(key)}
        return {**data, **named, "detailedDiff": by_name(data.get("detailedDiff") or {})}

    @property
    def old_urn(self) -> Urn:
        """The URN until now, which differs if an alias led to it."""
        return (self.old and self.old.urn) or self.urn


class Diagnostic(_Part):
    """A message of the engine, the program or a provider."""

    urn: Urn = Urn("")
    prefix: str = ""
    message: str = ""
    severity: str = "info"

    @property
    def text(self) -> str:
        """The message without its severity."""
        said = f"{self.prefix}{self.message}".strip().removeprefix(f"{self.severity}: ")
        return said.removeprefix("Preview failed: ")


class PreviewDigest(_Part):
    """One preview of one stack."""

    steps: list[Step] = []
    diagnostics: list[Diagnostic] = []
    counts: dict[str, int] = Field(default={}, alias="changeSummary")
