"""The native provider: the engine's calls, translated to operations."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer

from pulumi_alicloud_mps.engine import (
    ERROR_CODE,
    EngineLog,
    call_of,
    engine_address,
    send_details,
    stoppable_clock,
)
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    LibraryNotFoundError,
    SettingsError,
    with_key,
)
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.operations.call import shown
from pulumi_alicloud_mps.operations.lifecycle import Lifecycle
from pulumi_alicloud_mps.operations.lookup import described
from pulumi_alicloud_mps.operations.properties import NOT_COMPARED
from pulumi_alicloud_mps.package import PACKAGE, package_version
from pulumi_alicloud_mps.settings.schema import (
    NAME_BY_KEY,
    OWN_SPACE,
    PROVIDER_NAME,
    SECRETS,
    SHARED_SPACE,
    inherited_keys,
    unknown_setting,
)
from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import (
    PROVIDER_KEY,
    UNKNOWN,
    Properties,
    is_default_provider,
    key_of,
)

from .autonaming import pattern_of
from .properties import GET_ONE, GET_SEVERAL, as_secret, decode, encode, plain, result_of_several

Response = TypeVar("Response")
_Method: TypeAlias = "Callable[[NativeProvider, Any, Any], Response]"

_NAMES_OF_ENGINE = {"version", "pluginDownloadURL"}
# The engine's own: what the stack's configuration has for this package, by key.
_CONFIG_VARIABLE = "PULUMI_CONFIG"
_OUTPUTS = (*Inputs.model_fields, "fp_db_id", "state", "account_id")
_NOT_PLANNED = dict.fromkeys(_OUTPUTS, UNKNOWN)
_OTHER_CONFIGURATION = (
    f"Pulumi passes this provider only the settings under {OWN_SPACE}:; set those under"
    f" {SHARED_SPACE}: there as well, with `pulumi config set`"
)
_IMPORT_ELSEWHERE = "; `pulumi import` accepts a library in another region as <region>/<ID>"
_DIFF = pb.DiffResponse
_KINDS = pb.PropertyDiff.Kind


def _reported(method: _Method[Response]) -> _Method[Response]:
    """Make a call fail in one line, whatever happens in it."""

    @functools.wraps(method)
    def wrapper(self: NativeProvider, request: Any, context: Any) -> Response:
        try:
            return method(self, request, context)
        except BaseException as error:  # noqa: BLE001 - without an answer the CLI would wait
            message = in_camel_case(shown(error))
            send_details(context, error, message, encode)
            context.set_code(ERROR_CODE)
            context.set_details(message)
            # gRPC sends the status instead.
            return None  # type: ignore[return-value]

    return wrapper


class NativeProvider(ResourceProviderServicer):
    """Media fingerprint libraries for every language of Pulumi; see `Lifecycle`."""

    _lifecycle: Lifecycle
    _is_default: bool

    def __init__(self, parent: int) -> None:
        """Take the process that started this one, which may be killed before it configures it."""
        self._on_cancel: list[Callable[[], None]] = []
        self._clock = stoppable_clock(self._on_cancel.append, parent)

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Any) -> plugin_pb2.PluginInfo:
        """Return the version of this package."""
        return plugin_pb2.PluginInfo(version=package_version())

    def GetSchema(self, request: pb.GetSchemaRequest, context: Any) -> pb.GetSchemaResponse:
        """Return the package's schema, from which the SDKs of all languages are generated."""
        text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
        schema = {**json.loads(text), "version": package_version()}
        return pb.GetSchemaResponse(schema=json.dumps(schema))

    @_reported
    def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        """Have keys encrypted in the state, whatever the configuration calls them.

        An explicit provider takes what it is not given from the stack's configuration, as that of
        the dynamic front does.
        """
        news = plain(request.news)
        failures = [
            pb.CheckFailure(
                property="",
                reason=with_key(f"{OWN_SPACE}:{key}: {unknown_setting(key)}", "settings"),
            )
            for key in sorted(news.keys() - NAME_BY_KEY.keys() - _NAMES_OF_ENGINE)
        ]
        encrypted = {key: news[key] for key in SECRETS & news.keys()}
        if not is_default_provider(request.urn):
            configured = json.loads(os.environ.get(_CONFIG_VARIABLE) or "{}")
            chosen = [NAME_BY_KEY[key] for key in news.keys() & NAME_BY_KEY.keys()]
            # Which of them are secrets is not passed on.
            encrypted |= {
                key: configured[key] for key in inherited_keys(chosen) if key in configured
            }
        inputs = request.news
        inputs.update({key: as_secret(value) for key, value in encrypted.items()})
        return pb.CheckResponse(inputs=inputs, failures=failures)

    @_reported
    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        """Never replace a provider, which would replace all its libraries."""
        olds, news = plain(request.olds), plain(request.news)
        diffs = [key for key in {**olds, **news} if olds.get(key) != news.get(key)]
        changes = _DIFF.DIFF_SOME if diffs else _DIFF.DIFF_NONE
        return pb.DiffResponse(changes=changes, diffs=diffs)

    @_reported
    def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:
        """Take the configuration; nothing is called yet."""
        settings = {f"{OWN_SPACE}:{key}": value for key, value in plain(request.args).items()}
        self._is_default = is_default_provider(request.urn)
        if not self._is_default:
            settings[PROVIDER_NAME] = request.name
        messages = EngineLog(engine_address, in_camel_case)
        self._lifecycle = Lifecycle(settings.get, self._clock, messages)
        return pb.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    @_reported
    def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        """Validate and normalize the program's inputs."""
        olds, news = decode(request.olds), decode(request.news)
        call = call_of(request, decode)
        if request.HasField("autonaming"):
            proposed = request.autonaming.proposed_name
            call = replace(call, name_pattern=lambda: pattern_of(request.urn, proposed))
        checked = self._lifecycle.check(call, olds, news)
        failures = [
            # Given the property as such, the engine would print its value, even a secret one.
            pb.CheckFailure(property="", reason=in_camel_case(problem))
            for problem in checked.problems
        ]
        return pb.CheckResponse(inputs=encode(checked.inputs), failures=failures)

    @_reported
    def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        """Say what has changed, and what of it replaces the library."""
        olds, news = decode(request.olds), decode(request.news)
        call = replace(call_of(request, decode), moved=PROVIDER_KEY in olds)
        try:
            found = self._lifecycle.diff(call, request.id, olds, news)
        except AccountMismatchError as error:
            if not (call.moved and self._is_default):
                raise
            raise AccountMismatchError(f"{error}. {_OTHER_CONFIGURATION}") from error
        said = call.old_inputs or olds
        changes = found.changes or bool(found.changed)
        response = pb.DiffResponse(
            changes=_DIFF.DIFF_SOME if changes else _DIFF.DIFF_NONE,
            replaces=map(key_of, found.replaces),
            diffs=map(key_of, found.changed),
            deleteBeforeReplace=True,
            hasDetailedDiff=True,
        )
        for name in found.changed:
            kind = "ADD" if name not in said else "UPDATE" if name in news else "DELETE"
            kind += "_REPLACE" if name in found.replaces else ""
            detail = pb.PropertyDiff(kind=_KINDS.Value(kind), inputDiff=True)
            response.detailedDiff[key_of(name)].CopyFrom(detail)
        return response

    @_reported
    def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        """Create or adopt the library, and wait until it is active."""
        call, news = call_of(request, decode), decode(request.properties)
        if request.preview:
            outputs = self._lifecycle.planned_outputs(call, news)
            return pb.CreateResponse(properties=encode({**_NOT_PLANNED, **outputs}))
        fp_db_id, outputs = self._lifecycle.create(call, news)
        return pb.CreateResponse(id=fp_db_id, properties=encode(outputs))

    @_reported
    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        """Describe the library as it is at MPS."""
        props = decode(request.properties) or decode(request.inputs)
        # An import has no other way to say where the library is.
        region, _, fp_db_id = request.id.rpartition("/")
        if region:
            props["region"] = region
        try:
            found = self._lifecycle.read(call_of(request, decode), fp_db_id, props)
        except LibraryNotFoundError as error:
            raise LibraryNotFoundError(f"{error}{'' if props else _IMPORT_ELSEWHERE}") from error
        if found is None:
            # Without an ID it leaves the state.
            return pb.ReadResponse()
        if found.inputs is None:
            # The inputs stay as they are.
            return pb.ReadResponse(id=fp_db_id, properties=encode(found.outputs))
        outputs = {**found.outputs, NOT_COMPARED: True}
        return pb.ReadResponse(id=fp_db_id, properties=encode(outputs), inputs=encode(found.inputs))

    @_reported
    def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:
        """Go on waiting for a library that is not active, or record a changed `forceDestroy`."""
        call, olds, news = call_of(request, decode), decode(request.olds), decode(request.news)
        if request.preview:
            outputs = self._lifecycle.planned_outputs(call, news, olds)
        else:
            outputs = self._lifecycle.update(call, request.id, olds, news)
        return pb.UpdateResponse(properties=encode(outputs))

    @_reported
    def Delete(self, request: pb.DeleteRequest, context: Any) -> empty_pb2.Empty:
        """Delete the library, behind the guard."""
        self._lifecycle.delete(call_of(request, decode), request.id, decode(request.properties))
        return empty_pb2.Empty()

    @_reported
    def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:
        """Look libraries up."""
        arguments = decode(request.args)
        if request.tok == GET_ONE:
            arguments |= {"ids": [arguments.pop("fp_db_id", None)]}
            libraries, region = self._lifecycle.look_up(arguments, "fp_db_id")
            result = _described(libraries[0], region)
        elif request.tok != GET_SEVERAL:
            raise SettingsError(f"{request.tok}: is not a function of {PACKAGE}")
        else:
            libraries, region = self._lifecycle.look_up(arguments)
            found = [_described(library, region) for library in libraries]
            result = result_of_several(found, region)
        return pb.InvokeResponse(**{"return": encode(result)})

    def Cancel(self, request: empty_pb2.Empty, context: Any) -> empty_pb2.Empty:
        """End all waiting."""
        for react in self._on_cancel:
            react()
        return empty_pb2.Empty()


def _described(library: Library, region: str) -> Properties:
    return {name: value for name, value in described(library, region).items() if value is not None}
