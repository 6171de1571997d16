"""Looking libraries up for a program, which does not manage them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypedDict, Unpack

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.inputs import NO_REGION
from pulumi_alicloud_mps.mps.models import Library, check_fp_db_id, check_region
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.schema import Region


class LookupArguments(TypedDict, total=False):
    """What a program asks for: the libraries with these IDs, or all in a region, that match."""

    ids: Sequence[str] | None
    name_regex: str | None
    model_id: int | None
    region: str | None
    argument: str
    """What the program calls `ids`."""


def look_up(
    service: Service, ambient: Region | None, **arguments: Unpack[LookupArguments]
) -> tuple[Sequence[Library], str]:
    """Return the libraries that a program asks for, and the region that they are in.

    Args:
        service: MPS.
        ambient: The region where the program names none.
        arguments: What it asks for.

    Raises:
        MpsError: One of the IDs does not exist, an argument is wrong, or MPS can't be asked.
    """
    ids, model_id = arguments.get("ids"), arguments.get("model_id")
    try:
        matching = re.compile(arguments.get("name_regex") or "")
    except re.error as error:
        raise SettingsError(f"name_regex: is not a valid regular expression: {error}") from None
    region = arguments.get("region") or (ambient.name if ambient else None)
    if not region:
        raise SettingsError(NO_REGION)
    check_region(region, "region")
    if ids is not None:
        argument = arguments.get("argument", "ids")
        ids = [check_fp_db_id(fp_db_id, argument) for fp_db_id in ids]
    found = [
        library
        for library in service.libraries(region).listed(ids)
        if matching.search(library.name) and model_id in {None, library.model_id}
    ]
    return found, region
