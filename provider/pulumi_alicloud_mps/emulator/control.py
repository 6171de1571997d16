"""The control API under ``/_mps/``: what a test can see and change, and the real MPS can't show."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, get_args

from .actions import described, new_library
from .faults import FaultError, read_faults
from .records import FaultEffect, LibraryRecord, LibraryState
from .requests import ApiRequest, HttpRequest, decoded
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


def _parts(request: HttpRequest) -> list[str]:
    return request.path.removeprefix(PREFIX).split("/")


def _json_object(request: HttpRequest) -> dict[str, Any]:
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError):
        raise ControlError("the body is not JSON") from None
    if not isinstance(content, dict):
        raise ControlError("the body is not a JSON object")
    return content


def _libraries(service: MpsService, request: HttpRequest) -> object:
    now = service.model.clock()
    with_deleted = decoded(request.query).get("deleted") == "true"
    return [
        _to_dict(library, now)
        for library in service.model.libraries()
        if with_deleted or library.state(now) != "deleted"
    ]


def _create_library(service: MpsService, request: HttpRequest) -> object:
    parameters = {}
    for name, value in _json_object(request).items():
        if name not in _PROPERTIES:
            raise ControlError(f"{name!r}: a library has no such property")
        kind = _PROPERTIES[name]
        if type(value) is not kind:
            raise ControlError(f"{name}: must be {'text' if kind is str else 'a whole number'}")
        parameters["RegionId" if name == "Region" else name] = str(value)
    call = ApiRequest(request.method, request.host, parameters)
    call.check_text()
    library = service.model.create_library(new_library(call), FaultEffect(activation_seconds=0))
    return _to_dict(library, service.model.clock())


def _add_files(service: MpsService, request: HttpRequest) -> object:
    library = _present(service, request)
    count = _json_object(request).get("count")
    if type(count) is not int or not 0 < count <= _MOST_FILES:
        raise ControlError(f"count: must be an integer from 1 to {_MOST_FILES}")
    service.model.add_files(library, count)
    return {"count": count}


def _set_state(service: MpsService, request: HttpRequest) -> object:
    library = _present(service, request)
    state = _json_object(request).get("State")
    if state not in _STATES:
        raise ControlError(f"State: must be one of {', '.join(_STATES)}")
    service.model.force_state(library.id, state)
    return {"FpDBId": library.id, "State": state}


# By resource, which is the path without the ID of a library, and by method.
_ROUTES: dict[str, dict[str, Callable[[MpsService, HttpRequest], object]]] = {
    "health": {"GET": lambda service, _: {"status": "ok", "AccountId": service.model.account_id}},
    "libraries": {"GET": _libraries, "POST": _create_library},
    "libraries/files": {"POST": _add_files},
    "libraries/state": {"POST": _set_state},
    "faults": {
        "GET": lambda service, _: service.script.to_dict(),
        "POST": lambda service, request: service.set_faults(read_faults(request.body)),
        "DELETE": lambda service, _: service.set_faults(()),
    },
    "settings": {
        "GET": lambda service, _: service.model.settings.to_dict(),
        "PATCH": lambda service, request: service.change_settings(_json_object(request)),
    },
    "requests": {
        "GET": lambda service, _: list(service.requests),
        "DELETE": lambda service, _: service.requests.clear(),
    },
    "reset": {"POST": lambda service, _: service.reset()},
}


def _present(service: MpsService, request: HttpRequest) -> LibraryRecord:
    library_id = _parts(request)[1]
    try:
        return service.model.present_library(None, library_id)
    except EmulatedError:
        raise ControlError(f"no such library: {library_id}", HTTPStatus.NOT_FOUND) from None


def _to_dict(library: LibraryRecord, now: float) -> Mapping[str, object]:
    return {
        **described(library),
        "Status": library.state(now),
        "Config": library.config,
        "Region": library.region,
    }


def _content(service: MpsService, request: HttpRequest) -> object:
    resource, *rest = _parts(request)
    methods = _ROUTES.get("/".join([resource, *rest[1:]]) if len(rest) != 1 else "")
    if methods is None:
        raise ControlError(f"no such path: {request.path}", HTTPStatus.NOT_FOUND)
    if request.method not in methods:
        message = f"{request.path} takes {' and '.join(sorted(methods))}, not {request.method}"
        raise ControlError(message, HTTPStatus.METHOD_NOT_ALLOWED)
    content = methods[request.method](service, request)
    return {} if content is None else content


def control(service: MpsService, request: HttpRequest) -> ApiResponse:
    """Carry out a control request and answer it in JSON."""
    try:
        content, status = _content(service, request), HTTPStatus.OK
    except ControlError as error:
        content, status = {"error": str(error)}, error.status
    except (EmulatedError, EmulatorSettingsError, FaultError) as error:
        content, status = {"error": str(error)}, HTTPStatus.BAD_REQUEST
    return ApiResponse(status, JSON_TYPE, json.dumps(content).encode())
