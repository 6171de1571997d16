"""Look-ups of existing libraries, in the form of every Pulumi SDK.

Dynamic providers serve no functions, so these run in the program, in previews too.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.sync_await import _sync_await

from .errors import MpsError, with_key
from .provider import Provider
from .settings.program import configured, warn_of_plain_text_secrets
from .settings.schema import DYNAMIC_PACKAGE

Configuration = Mapping[str, Any]


@dataclass(frozen=True)
class GetFpShotDBResult:
    """A library as MPS lists it, which is without its config.

    Attributes:
        id: The FpDBId.
        fp_db_id: The same as `id`.
        name: The library's name.
        model_id: The kind of media, a value of `FpModel`; missing if MPS does not return it.
        description: The description, if any.
        region: The region that the library is in.
        state: MPS's state of the library, such as `active`.
    """

    id: str
    fp_db_id: str
    name: str
    model_id: int | None
    description: str | None
    region: str
    state: str


@dataclass(frozen=True)
class GetFpShotDBsResult:
    """The libraries that were found.

    Attributes:
        ids: Their FpDBIds.
        names: Their names, in the same order.
        fp_shot_dbs: The libraries, in the same order.
        region: The region that they are in.
    """

    ids: list[str]
    names: list[str]
    fp_shot_dbs: list[GetFpShotDBResult]
    region: str


def get_fp_shot_db(
    fp_db_id: str, *, region: str | None = None, opts: pulumi.InvokeOptions | None = None
) -> GetFpShotDBResult:
    """Look up a library by its ID.

    Args:
        fp_db_id: The library's FpDBId.
        region: Where it is. Default: as for a new library.
        opts: `provider` or `parent`, whose settings are used instead of the stack's.

    Raises:
        pulumi.RunError: There is no such library, a setting is wrong, or MPS can't be asked.
    """
    arguments = {"ids": [fp_db_id], "region": region}
    return _found(_provider_settings(opts), arguments, "fp_db_id").fp_shot_dbs[0]


def get_fp_shot_db_output(
    fp_db_id: pulumi.Input[str],
    *,
    region: pulumi.Input[str] | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[GetFpShotDBResult]:
    """Look up a library as `get_fp_shot_db` does, by an ID that may be known only later."""
    found = _later(opts, {"ids": [fp_db_id], "region": region}, "fp_db_id")
    return found.apply(lambda result: result.fp_shot_dbs[0])


def get_fp_shot_dbs(
    *,
    ids: Sequence[str] | None = None,
    name_regex: str | None = None,
    model_id: int | None = None,
    region: str | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> GetFpShotDBsResult:
    """Look up libraries: those with the given IDs, or all in a region.

    Args:
        ids: The libraries' FpDBIds, any number of them. The result keeps their order, without
                duplicates.
        name_regex: Only libraries whose names contain a match of this regular expression.
        model_id: Only libraries for this kind of media, a value of `FpModel`.
        region: Where they are. Default: as for a new library.
        opts: `provider` or `parent`, whose settings are used instead of the stack's.

    Raises:
        pulumi.RunError: One of `ids` does not exist, a setting is wrong, or MPS can't be asked;
            or it requires `ids`: MPS does not document that it lists without them.
    """
    arguments = {"ids": ids, "name_regex": name_regex, "model_id": model_id, "region": region}
    return _found(_provider_settings(opts), arguments)


def get_fp_shot_dbs_output(
    *,
    ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
    name_regex: pulumi.Input[str] | None = None,
    model_id: pulumi.Input[int] | None = None,
    region: pulumi.Input[str] | None = None,
    opts: pulumi.InvokeOptions | None = None,
) -> pulumi.Output[GetFpShotDBsResult]:
    """Look libraries up as `get_fp_shot_dbs` does, by values that may be known only later."""
    arguments = {"ids": ids, "name_regex": name_regex, "model_id": model_id, "region": region}
    return _later(opts, arguments)


def _provider_settings(opts: pulumi.InvokeOptions | None) -> Configuration | None:
    """Return the settings of the provider in use; None stands for those of the stack.

    Raises:
        pulumi.RunError: They are not known yet.
    """
    provider = _provider(opts)
    if provider is None:
        return None
    settings = pulumi.Output.from_input(dict(provider.configuration))
    # As Pulumi's own SDKs wait for the answer of a function.
    if not _sync_await(settings.is_known()):
        message = (
            "the settings of the provider are not known yet in this preview; use the `_output` form"
            " of the function"
        )
        raise pulumi.RunError(with_key(message, "settings"))
    return _sync_await(settings.future())


def _later(
    opts: pulumi.InvokeOptions | None, arguments: Mapping[str, Any], ids: str = "ids"
) -> pulumi.Output[GetFpShotDBsResult]:
    """Look libraries up once settings and arguments are known, in a thread.

    So several look-ups go on at once.
    """
    provider = _provider(opts)

    def identities(found: Any) -> pulumi.Output[Any]:  # noqa: ANN401 - one resource or several
        resources = found if isinstance(found, Sequence) else [found]
        return pulumi.Output.all(*(getattr(item, "id", item.urn) for item in resources))

    depends_on = pulumi.Output.from_input(getattr(opts, "depends_on", None) or [])
    # The keys are secret; what they give access to is not.
    settings = pulumi.Output.unsecret(
        pulumi.Output.from_input(dict(provider.configuration) if provider else None)
    )
    known = pulumi.Output.all(depends_on.apply(identities), settings, arguments)
    return known.apply(lambda values: asyncio.to_thread(_found, values[1], values[2], ids))


def _provider(opts: pulumi.InvokeOptions | None) -> Provider | None:
    warn_of_plain_text_secrets()
    if opts is None:
        return None
    found = opts.provider
    if found is None and opts.parent is not None:
        found = opts.parent.get_provider(f"{DYNAMIC_PACKAGE}:dynamic/alicloud-mps:FpShotDB")
    if found is not None and not isinstance(found, Provider):
        message = "provider: must be a pulumi_alicloud_mps.Provider"
        raise pulumi.RunError(with_key(message, "settings"))
    return found


def _found(
    configuration: Configuration | None, arguments: Mapping[str, object], ids: str = "ids"
) -> GetFpShotDBsResult:
    """Look libraries up by the settings of a provider or of the stack; failures are one line."""
    # Imported here: a program that looks nothing up must pay for neither the SDK nor pydantic.
    from .mps.service import Service  # noqa: PLC0415
    from .operations.advice import keyed  # noqa: PLC0415
    from .operations.lookup import described, look_up  # noqa: PLC0415
    from .settings.reader import read_settings  # noqa: PLC0415

    read = configured if configuration is None else configuration.get
    try:
        settings = read_settings(read, os.environ)
        with closing(Service(settings.open())) as service:
            libraries, where = look_up(service, settings.region, arguments, ids)
    except MpsError as error:
        raise pulumi.RunError(keyed(error)) from error
    found = [GetFpShotDBResult(**described(library, where)) for library in libraries]
    return GetFpShotDBsResult(
        [item.id for item in found], [item.name for item in found], found, where
    )
