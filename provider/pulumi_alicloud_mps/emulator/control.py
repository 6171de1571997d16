"""The control API under ``/_mps/``: what a test sees and sets, which the real MPS doesn't offer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import get_args

from .actions import new_library
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

    @property
    def parts(self) -> list[str]:
        """The parts of the path, behind the prefix that all have."""
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


def control(service: MpsService, request: ControlRequest) -> ApiResponse:
    """Carry out a control request and answer it in JSON."""
    try:
        content, status = _handler(request)(service, request), HTTPStatus.OK
    except ControlError as error:
        content, status = {"error": str(error)}, error.status
    return ApiResponse(status, JSON_TYPE, json.dumps(content).encode())


def _handler(request: ControlRequest) -> "_Handler":
    resource, *rest = request.parts
    methods = _ROUTES.get("/".join([resource, *rest[1:]]) if len(rest) != 1 else "")
    if methods is None:
        raise ControlError(f"no such path: {request.path}", HTTPStatus.NOT_FOUND)
    if request.method not in methods:
        message = f"{request.path} takes {' and '.join(sorted(methods))}, not {request.method}"
        raise ControlError(message, HTTPStatus.METHOD_NOT_ALLOWED)
    return methods[request.method]


def _libraries(service: MpsService, request: ControlRequest) -> object:
    now = service.model.clock()
    with_deleted = request.query.get("deleted") == "true"
    return [
        _to_dict(library, now)
        for library in service.model.libraries()
        if with_deleted or library.state(now) != "deleted"
    ]


def _create_library(service: MpsService, request: ControlRequest) -> object:
    parameters = {}
    for name, value in request.json_object().items():
        if name not in _DESCRIPTION:
            raise ControlError(f"{name!r}: a library has no such property")
        parameter, kind = _DESCRIPTION[name]
        if type(value) is not kind:
            raise ControlError(f"{name}: must be {'text' if kind is str else 'a whole number'}")
        parameters[parameter] = str(value)
    call = ApiRequest(request.method, "", parameters)
    try:
        call.check_text()
        library = service.model.create_library(new_library(call), FaultEffect(activation_seconds=0))
    except EmulatedError as error:
        raise ControlError(str(error)) from None
    return _to_dict(library, service.model.clock())


def _add_files(service: MpsService, request: ControlRequest) -> object:
    library = _present(service, request)
    count = request.json_object().get("count")
    if type(count) is not int or not 0 < count <= _MOST_FILES:
        raise ControlError(f"count: must be an integer from 1 to {_MOST_FILES}")
    service.model.add_files(library, count)
    return {"count": count}


def _set_state(service: MpsService, request: ControlRequest) -> object:
    library = _present(service, request)
    state = request.json_object().get("State")
    for known in _STATES:
        if state == known:
            service.model.force_state(library.id, known)
            return {"FpDBId": library.id, "State": known}
    raise ControlError(f"State: must be one of {', '.join(_STATES)}")


def _set_faults(service: MpsService, request: ControlRequest) -> object:
    try:
        service.script = FaultScript(read_faults(request.body))
    except FaultError as error:
        raise ControlError(str(error)) from None
    return service.script.to_dict()


def _clear_faults(service: MpsService, _: ControlRequest) -> object:
    service.script = FaultScript()
    return []


def _change_settings(service: MpsService, request: ControlRequest) -> object:
    try:
        service.model.settings = service.model.settings.changed(request.json_object())
    except EmulatorSettingsError as error:
        raise ControlError(str(error)) from None
    return service.model.settings.to_dict()


def _forget_requests(service: MpsService, _: ControlRequest) -> object:
    service.requests.clear()
    return {}


def _reset(service: MpsService, _: ControlRequest) -> object:
    service.reset()
    return {}


_Handler = Callable[[MpsService, ControlRequest], object]

# By what is behind the prefix, without the ID of a library.
_ROUTES: Mapping[str, Mapping[str, _Handler]] = {
    "faults": {
        "GET": lambda service, _: service.script.to_dict(),
        "POST": _set_faults,
        "DELETE": _clear_faults,
    },
    "health": {"GET": lambda service, _: {"status": "ok", "AccountId": service.model.account_id}},
    "libraries": {"GET": _libraries, "POST": _create_library},
    "libraries/files": {"POST": _add_files},
    "libraries/state": {"POST": _set_state},
    "requests": {"GET": lambda service, _: list(service.requests), "DELETE": _forget_requests},
    "reset": {"POST": _reset},
    "settings": {
        "GET": lambda service, _: service.model.settings.to_dict(),
        "PATCH": _change_settings,
    },
}


def _present(service: MpsService, request: ControlRequest) -> LibraryRecord:
    now, library_id = service.model.clock(), request.parts[1]
    for library in service.model.libraries(ids=[library_id]):
        if library.state(now) != "deleted":
            return library
    raise ControlError(f"no such library: {library_id}", HTTPStatus.NOT_FOUND)


def _to_dict(library: LibraryRecord, now: float) -> Mapping[str, object]:
    return {
        "FpDBId": library.id,
        "Name": library.name,
        "Description": library.description,
        "ModelId": library.model_id,
        "Status": library.state(now),
        "Config": library.config,
        "Region": library.region,
    }
