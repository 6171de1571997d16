"""The inputs of a FpShotDB, validated by pydantic and normalized.

The dynamic host delivers every number as a float and drops nulls; what only looks different is
made equal here, so that a diff shows what MPS would see.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, NoReturn

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StrictStr,
    StringConstraints,
    ValidationError,
)

from .mps.models import (
    DEFAULT_MODEL,
    FINGERPRINT_REGIONS,
    FP_DB_ID,
    TEXT_REGION,
    FpModel,
    LibrarySpec,
    region_problem,
)
from .names import stem_in
from .settings.schema import OWN_SPACE, Region

NO_REGION = (
    "region: is not set; run `pulumi config set alicloud-mps:region cn-shanghai`, or give the"
    " resource a region"
)

NO_VALID_NAME = (
    "name: must be set, because `pulumi:autonaming` generates an invalid one for this resource; set"
    f" `name`, or change that setting for the provider {OWN_SPACE}"
)

_MODELS = ", ".join(f"{model.value} ({model.name})" for model in FpModel)
_UNSET = {"", "null"}


def _model(value: Any) -> int:  # noqa: ANN401 - what users give
    try:
        return int(FpModel(value))
    except ValueError:
        raise ValueError(f"must be one of {_MODELS}") from None


Model = Annotated[int, BeforeValidator(_model)]


def _storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("must not contain an unpaired surrogate") from None
    return value


def _name(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return _storable(value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


def _config(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a mapping or a JSON string")  # noqa: TRY004 - pydantic's protocol
    if value.strip() in _UNSET:
        return None
    try:
        content = json.loads(value, parse_constant=_no_constant, parse_float=_number)
        text = json.dumps(
            content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (ValueError, RecursionError) as error:
        raise ValueError(f"must be JSON: {error}") from None
    return _storable(text)


def _description(value: str) -> str | None:
    # MPS's own answers have the word null if nothing is set.
    return None if value in _UNSET else _storable(value)


def _region(value: str) -> str:
    # The text of that problem shows the value, which may be a secret here.
    if region_problem(value):
        raise ValueError("must be a region such as cn-shanghai")
    return value


class Inputs(BaseModel):
    """The inputs of a library; every field may be missing, as unknown values are."""

    # Before 2.10 pydantic warns of every field that starts with `model_`.
    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    name: Annotated[StrictStr, AfterValidator(_name)] | None = None
    model_id: Model | None = None
    config: Annotated[StrictStr | None, BeforeValidator(_config)] = None
    description: Annotated[StrictStr, AfterValidator(_description)] | None = None
    region: Annotated[StrictStr, AfterValidator(_region)] | None = None
    force_destroy: StrictBool = False
    adopt: Annotated[StrictStr, StringConstraints(pattern=f"^{FP_DB_ID}$")] | None = None

    def spec(self, urn: str = "") -> LibrarySpec:
        """Return what is requested from MPS to create that resource."""
        name = self.name or ""
        return LibrarySpec(
            name=name,
            model_id=self.model_id or DEFAULT_MODEL,
            config=self.config,
            description=self.description,
            stem=stem_in(name, urn),
        )


IMMUTABLE = ("name", "model_id", "config", "description", "region")
"""What MPS can't change: another value means another library."""

LISTED = ("name", "model_id", "description")
"""What ListFpShotDB returns; a refresh keeps the state's value of all others."""

UNLISTED = tuple(name for name in IMMUTABLE if name not in {*LISTED, "region"})
"""What can't be compared with a library at MPS, so an import needs it from the user."""

_FIELD_MESSAGES = {
    "string_type": "must be text",
    "bool_type": "must be True or False",
    "string_pattern_mismatch": "must be an FpDBId: 16 to 64 letters, digits, - and _",
    "extra_forbidden": "is not a property of FpShotDB",
}


def validate(known: Mapping[str, object]) -> tuple[Inputs, list[str]]:
    """Validate the values that are known, all of them at once.

    Returns:
        The valid ones, and a line for each of the others, which starts with its name.
    """
    try:
        return Inputs.model_validate(dict(known)), []
    except ValidationError as error:
        problems = {str(item["loc"][0]): problem(item) for item in error.errors()}
    valid = {key: value for key, value in known.items() if key not in problems}
    return Inputs.model_validate(valid), [f"{key}: {text}" for key, text in problems.items()]


def problem(item: Mapping[str, Any]) -> str:
    """Return what pydantic found wrong, without the value: any of them may be a secret."""
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    return _FIELD_MESSAGES.get(item["type"], str(item["msg"]))


@dataclass(frozen=True)
class Resolved:
    """Canonical inputs with everything filled in that can be; unset ones are missing.

    Attributes:
        problems: A line for each input that is wrong, which starts with its name.
        warnings: Lines about what was kept although the surroundings changed.
    """

    values: dict[str, Any]
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def resolve(
    known: Mapping[str, object],
    unknown: Collection[str],
    olds: Mapping[str, Any],
    ambient: Region | None,
    default_name: str | None = None,
) -> Resolved:
    """Validate the inputs of a program and fill in what it left out.

    Args:
        known: The inputs whose values are known.
        unknown: The names of those that are only known later.
        olds: The inputs of the existing resource; empty if there is none.
        ambient: The region if the program names none.
        default_name: The name if neither program nor existing resource has one.
    """
    inputs, problems = validate(known)
    resolved = Resolved(inputs.model_dump(exclude_none=True), problems)
    missing = set(Inputs.model_fields) - set(known) - set(unknown)
    _fill_identity(resolved, missing, olds, default_name)
    if "region" in missing:
        _fill_region(resolved, olds, ambient)
    values = resolved.values
    region = values.get("region")
    if values.get("model_id") == FpModel.TEXT and region not in {None, TEXT_REGION}:
        problems.append(f"model_id: text libraries exist in {TEXT_REGION} only, not in {region}")
    if region not in {None, olds.get("region"), *FINGERPRINT_REGIONS}:
        resolved.warnings.append(
            f"region: MPS documents fingerprints for {', '.join(FINGERPRINT_REGIONS)}, and not for"
            f" {region}; check its spelling"
        )
    return resolved


def _fill_identity(
    resolved: Resolved, missing: set[str], olds: Mapping[str, Any], default_name: str | None
) -> None:
    values, problems = resolved.values, resolved.problems
    kept = olds.get("adopt")
    if "adopt" in missing and kept:
        # An adopted library stays adopted if the program no longer says `adopt`.
        values["adopt"] = kept
    elif values.get("adopt") and not olds:
        problems.extend(
            f"{key}: required with adopt, to be compared with the library"
            for key in ("name", "model_id")
            if key in missing
        )
    if "name" in missing and (name := olds.get("name")):
        values["name"] = name
    elif "name" in missing and default_name is not None and not values.get("adopt"):
        if validate({"name": default_name})[1]:
            problems.append(NO_VALID_NAME)
        else:
            values["name"] = default_name
    if "model_id" in missing:
        values["model_id"] = int(DEFAULT_MODEL)


def _fill_region(resolved: Resolved, olds: Mapping[str, Any], ambient: Region | None) -> None:
    region = olds.get("region")
    if ambient and (ambient.deliberate or region is None):
        region = ambient.name
    if region is None:
        resolved.problems.append(NO_REGION)
        return
    resolved.values["region"] = region
    if ambient and ambient.name != region:
        resolved.warnings.append(
            f"the library stays in {region}: the region {ambient.name} comes only from the"
            " environment; to move the library, and lose its content, set alicloud-mps:region"
        )
