"""Looking libraries up for a program, which does not manage them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.inputs import NO_REGION, Model, problem
from pulumi_alicloud_mps.mps.models import Library, check_fp_db_id, check_region
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.schema import Region


class LookupArguments(BaseModel):
    """What a program asks for: the libraries with these IDs, or all in a region, that match."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    ids: list[StrictStr] | None = None
    name_regex: StrictStr | None = None
    model_id: Model | None = None
    region: StrictStr | None = None


def look_up(
    service: Service, ambient: Region | None, given: Mapping[str, object], ids: str = "ids"
) -> tuple[Sequence[Library], str]:
    """Return the libraries that a program asks for, and the region that they are in.

    If it names no region, it is the `ambient` one. `ids` is the program's name for `ids`.

    Raises:
        MpsError: One of the IDs does not exist, an argument is wrong, or MPS can't be asked.
    """
    try:
        arguments = LookupArguments.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise SettingsError(f"{ids if name == 'ids' else name}: {problem(first)}") from None
    try:
        matching = re.compile(arguments.name_regex or "")
    except re.error as error:
        raise SettingsError(f"name_regex: is not a valid regular expression: {error}") from None
    region = arguments.region or (ambient.name if ambient else None)
    if not region:
        raise SettingsError(NO_REGION)
    check_region(region, "region")
    for fp_db_id in arguments.ids or ():
        check_fp_db_id(fp_db_id, ids)
    found = [
        library
        for library in service.libraries(region).listed(arguments.ids)
        if matching.search(library.name) and arguments.model_id in {None, library.model_id}
    ]
    return found, region


def described(library: Library, region: str) -> dict[str, Any]:
    """Return what the functions return for a library; what is unset is None."""
    return {
        "id": library.fp_db_id,
        "fp_db_id": library.fp_db_id,
        "name": library.name,
        "model_id": library.model_id,
        "description": library.description or None,
        "region": region,
        "state": library.state,
    }
