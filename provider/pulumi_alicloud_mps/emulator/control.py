"""The control API under ``/_mps/``: what a test can see and change, and the real MPS can't show."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import get_args

from .actions import described, new_library
from .faults import FaultError, FaultScript, read_faults
from .records import FaultEffect, LibraryRecord, LibraryState
from .requests import ApiRequest
from .responses import JSON_TYPE, ApiResponse, EmulatedError
from .service import MpsService
from .settings import EmulatorSettingsError

PREFIX = "/_mps/"
"""What the path of every control request begins with."""

_STATES: tuple[LibraryState, ...] = get_args(LibraryState)
_MOST_FILES = 10_000

# The properties of a new library. CreateFpShotDB calls the region RegionId.
_PROPERTIES = {"Name": str, "ModelId": int, "Description": str, "Config": str, "Region": str}


class ControlError(Exception):
    """A control request is refused. ``str()`` is the one line of the response."""

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

    @property
    def parts(self) -> list[str]:
        """The parts of the path after the prefix."""
        return self.path.removeprefix(PREFIX).split("/")

    def json_object(self) -> dict[str, object]:
        """Return the body.

        Raises:
            ControlError: It is not a JSON object.
        """
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            raise ControlError("the body is not JSON") from None
        if not isinstance(content, dict):
            raise ControlError("the body is not a JSON object")
        return content


_Handler = Callable[[MpsService, ControlRequest], object]

# Handlers by resource, which is the path without the ID of a library, and by method.
_ROUTES: dict[str, dict[str, _Handler]] = {}


def _route(method: str, resource: str) -> Callable[[_Handler], _Handler]:
    def register(handler: _Handler) -> _Handler:
        _ROUTES.setdefault(resource, {})[method] = handler
        return handler

    return register


@_route("GET", "health")
def _health(service: MpsService, _: ControlRequest) -> object:
    return {"status": "ok", "AccountId": service.model.account_id}


@_route("GET", "libraries")
def _libraries(service: MpsService, request: ControlRequest) -> object:
    now = service.model.clock()
    with_deleted = request.query.get("deleted") == "true"
    return [
        _to_dict(library, now)
        for library in service.model.libraries()
        if with_deleted or library.state(now) != "deleted"
    ]


@_route("POST", "libraries")
def _create_library(service: MpsService, request: ControlRequest) -> object:
    parameters = {}
    for name, value in request.json_object().items():
        if name not in _PROPERTIES:
            raise ControlError(f"{name!r}: a library has no such property")
        kind = _PROPERTIES[name]
        if type(value) is not kind:
            raise ControlError(f"{name}: must be {'text' if kind is str else 'a whole number'}")
        parameters["RegionId" if name == "Region" else name] = str(value)
    call = ApiRequest(request.method, "", parameters)
    call.check_text()
    library = service.model.create_library(new_library(call), FaultEffect(activation_seconds=0))
    return _to_dict(library, service.model.clock())


@_route("POST", "libraries/files")
def _add_files(service: MpsService, request: ControlRequest) -> object:
    library = _present(service, request)
    count = request.json_object().get("count")
    if type(count) is not int or not 0 < count <= _MOST_FILES:
        raise ControlError(f"count: must be an integer from 1 to {_MOST_FILES}")
    service.model.add_files(library, count)
    return {"count": count}


@_route("POST", "libraries/state")
def _set_state(service: MpsService, request: ControlRequest) -> object:
    library = _present(service, request)
    state = request.json_object().get("State")
    for known in _STATES:
        if state == known:
            service.model.force_state(library.id, known)
            return {"FpDBId": library.id, "State": known}
    raise ControlError(f"State: must be one of {', '.join(_STATES)}")


@_route("GET", "faults")
def _faults(service: MpsService, _: ControlRequest) -> object:
    return service.script.to_dict()


@_route("POST", "faults")
def _set_faults(service: MpsService, request: ControlRequest) -> object:
    service.script = FaultScript(read_faults(request.body))
    return service.script.to_dict()


@_route("DELETE", "faults")
def _clear_faults(service: MpsService, _: ControlRequest) -> object:
    service.script = FaultScript()
    return []


@_route("GET", "settings")
def _settings(service: MpsService, _: ControlRequest) -> object:
    return service.model.settings.to_dict()


@_route("PATCH", "settings")
def _change_settings(service: MpsService, request: ControlRequest) -> object:
    service.model.settings = service.model.settings.changed(request.json_object())
    return service.model.settings.to_dict()


@_route("GET", "requests")
def _requests(service: MpsService, _: ControlRequest) -> object:
    return list(service.requests)


@_route("DELETE", "requests")
def _forget_requests(service: MpsService, _: ControlRequest) -> object:
    service.requests.clear()
    return {}


@_route("POST", "reset")
def _reset(service: MpsService, _: ControlRequest) -> object:
    service.reset()
    return {}


def _present(service: MpsService, request: ControlRequest) -> LibraryRecord:
    now, library_id = service.model.clock(), request.parts[1]
    for library in service.model.libraries():
        if library.id == library_id and library.state(now) != "deleted":
            return library
    raise ControlError(f"no such library: {library_id}", HTTPStatus.NOT_FOUND)


def _to_dict(library: LibraryRecord, now: float) -> Mapping[str, object]:
    return {
        **described(library),
        "Status": library.state(now),
        "Config": library.config,
        "Region": library.region,
    }


def _handler(request: ControlRequest) -> _Handler:
    resource, *rest = request.parts
    methods = _ROUTES.get("/".join([resource, *rest[1:]]) if len(rest) != 1 else "")
    if methods is None:
        raise ControlError(f"no such path: {request.path}", HTTPStatus.NOT_FOUND)
    if request.method not in methods:
        message = f"{request.path} takes {' and '.join(sorted(methods))}, not {request.method}"
        raise ControlError(message, HTTPStatus.METHOD_NOT_ALLOWED)
    return methods[request.method]


def control(service: MpsService, request: ControlRequest) -> ApiResponse:
    """Carry out a control request and answer it in JSON."""
    try:
        content, status = _handler(request)(service, request), HTTPStatus.OK
    except ControlError as error:
        content, status = {"error": str(error)}, error.status
    except (EmulatedError, EmulatorSettingsError, FaultError) as error:
        content, status = {"error": str(error)}, HTTPStatus.BAD_REQUEST
    return ApiResponse(status, JSON_TYPE, json.dumps(content).encode())
