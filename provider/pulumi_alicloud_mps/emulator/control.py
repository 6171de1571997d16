"""The control API under ``/_mps/``: what a test sees and sets, which the real MPS doesn't offer."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import get_args

from .actions import new_library
from .errors import EmulatedError
from .fault_rules import FaultError, FaultScript, read_faults
from .records import FaultEffect, LibraryRecord, LibraryState
from .requests import ApiRequest
from .responses import ApiResponse
from .service import MpsService
from .settings import EmulatorSettingsError

PREFIX = "/_mps/"
"""What the path of every control request begins with."""

_STATES: tuple[LibraryState, ...] = get_args(LibraryState)
_MOST_FILES = 10_000

# What a description of a library may say: the name of each parameter, and its type.
_DESCRIPTION: dict[str, tuple[str, type]] = {
    "Name": ("Name", str),
    "ModelId": ("ModelId", int),
    "Description": ("Description", str),
    "Config": ("Config", str),
    "Region": ("RegionId", str),
}


class ControlError(Exception):
    """A control request is refused. ``str()`` is the line that is answered."""

    def __init__(self, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class ControlRequest:
    """A request to the control API."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


_Handler = Callable[[MpsService, ControlRequest, str], object]


def control(service: MpsService, request: ControlRequest) -> ApiResponse:
    """Carry out a control request and answer it in JSON."""
    try:
        handler, library_id = _route(request)
        content, status = handler(service, request, library_id), HTTPStatus.OK
    except ControlError as error:
        content, status = {"error": str(error)}, error.status
    return ApiResponse(status, "application/json; charset=utf-8", json.dumps(content).encode())


def _route(request: ControlRequest) -> tuple[_Handler, str]:
    matches = [(method, re.fullmatch(path, request.path)) for method, path in _ROUTES]
    methods = {method for method, match in matches if match}
    for (method, path), (_, match) in zip(_ROUTES, matches, strict=True):
        if match and method == request.method:
            return _ROUTES[method, path], match.groupdict().get("library", "")
    if not methods:
        raise ControlError(f"no such path: {request.path}", HTTPStatus.NOT_FOUND)
    message = f"{request.path} takes {' and '.join(sorted(methods))}, not {request.method}"
    raise ControlError(message, HTTPStatus.METHOD_NOT_ALLOWED)


def _health(service: MpsService, _: ControlRequest, __: str) -> object:
    return {"status": "ok", "AccountId": service.model.account_id}


def _libraries(service: MpsService, request: ControlRequest, _: str) -> object:
    now = service.model.clock()
    with_deleted = request.query.get("deleted") == "true"
    return [
        _shown(library, now)
        for library in service.model.libraries()
        if with_deleted or library.state(now) != "deleted"
    ]


def _create_library(service: MpsService, request: ControlRequest, _: str) -> object:
    call = ApiRequest(request.method, "", _described(_json_object(request)))
    try:
        call.check_text()
        library = service.model.create_library(new_library(call), FaultEffect(activation_seconds=0))
    except EmulatedError as error:
        raise ControlError(str(error)) from None
    return _shown(library, service.model.clock())


def _described(content: Mapping[str, object]) -> dict[str, str]:
    for name, value in content.items():
        if name not in _DESCRIPTION:
            raise ControlError(f"{name!r}: a library has no such property")
        if type(value) is not _DESCRIPTION[name][1]:
            kind = "text" if _DESCRIPTION[name][1] is str else "a whole number"
            raise ControlError(f"{name}: must be {kind}")
    return {_DESCRIPTION[name][0]: str(value) for name, value in content.items()}


def _faults(service: MpsService, _: ControlRequest, __: str) -> object:
    return service.script.shown()


def _set_faults(service: MpsService, request: ControlRequest, _: str) -> object:
    try:
        service.script = FaultScript(read_faults(request.body))
    except FaultError as error:
        raise ControlError(str(error)) from None
    return service.script.shown()


def _clear_faults(service: MpsService, _: ControlRequest, __: str) -> object:
    service.script = FaultScript()
    return []


def _requests(service: MpsService, _: ControlRequest, __: str) -> object:
    return list(service.requests)


def _forget_requests(service: MpsService, _: ControlRequest, __: str) -> object:
    service.requests.clear()
    return {}


def _reset(service: MpsService, _: ControlRequest, __: str) -> object:
    service.reset()
    return {}


def _settings(service: MpsService, _: ControlRequest, __: str) -> object:
    return service.model.settings.shown()


def _change_settings(service: MpsService, request: ControlRequest, _: str) -> object:
    try:
        service.model.settings = service.model.settings.changed(_json_object(request))
    except EmulatorSettingsError as error:
        raise ControlError(str(error)) from None
    return service.model.settings.shown()


def _add_files(service: MpsService, request: ControlRequest, library_id: str) -> object:
    library = _present(service, library_id)
    count = _json_object(request).get("count")
    if type(count) is not int or not 0 < count <= _MOST_FILES:
        raise ControlError(f"count: must be an integer from 1 to {_MOST_FILES}")
    service.model.add_files(library, count)
    return {"count": count}


def _set_state(service: MpsService, request: ControlRequest, library_id: str) -> object:
    library = _present(service, library_id)
    state = _json_object(request).get("State")
    for known in _STATES:
        if state == known:
            service.model.force_state(library.id, known)
            return {"FpDBId": library.id, "State": known}
    raise ControlError(f"State: must be one of {', '.join(_STATES)}")


def _present(service: MpsService, library_id: str) -> LibraryRecord:
    now = service.model.clock()
    for library in service.model.libraries():
        if library.id == library_id and library.state(now) != "deleted":
            return library
    raise ControlError(f"no such library: {library_id}", HTTPStatus.NOT_FOUND)


def _shown(library: LibraryRecord, now: float) -> Mapping[str, object]:
    return {
        "FpDBId": library.id,
        "Name": library.name,
        "Description": library.description,
        "ModelId": library.model_id,
        "Status": library.state(now),
        "Config": library.config,
        "Region": library.region,
    }


def _json_object(request: ControlRequest) -> dict[str, object]:
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ControlError("the body is not JSON") from None
    if not isinstance(content, dict):
        raise ControlError("the body is not a JSON object")
    return content


_ROUTES: dict[tuple[str, str], _Handler] = {
    ("GET", "/_mps/faults"): _faults,
    ("POST", "/_mps/faults"): _set_faults,
    ("DELETE", "/_mps/faults"): _clear_faults,
    ("GET", "/_mps/health"): _health,
    ("GET", "/_mps/libraries"): _libraries,
    ("POST", "/_mps/libraries"): _create_library,
    ("POST", "/_mps/libraries/(?P<library>[^/]+)/files"): _add_files,
    ("POST", "/_mps/libraries/(?P<library>[^/]+)/state"): _set_state,
    ("GET", "/_mps/requests"): _requests,
    ("DELETE", "/_mps/requests"): _forget_requests,
    ("POST", "/_mps/reset"): _reset,
    ("GET", "/_mps/settings"): _settings,
    ("PATCH", "/_mps/settings"): _change_settings,
}
