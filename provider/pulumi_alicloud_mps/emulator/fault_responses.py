"""What is answered instead of the truth: errors without a cause, and bodies without a meaning."""

import json
from http import HTTPStatus

from .errors import EmulatedError
from .fault_rules import Fault, OddContent
from .requests import ApiRequest
from .responses import ApiResponse, refusal

# Statuses and messages as in the vendor's tables; that of an expired token is a guess.
_ERRORS: dict[str, tuple[int, str]] = {
    "Throttling": (400, "Request was denied due to request throttling."),
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "Throttling.Api": (400, "Request was denied due to api flow control."),
    "InternalError": (500, "The request processing has failed due to some unknown error."),
    "ServiceUnavailable": (503, "The request has failed due to a temporary failure of the server."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp is expired."),
    "InvalidSecurityToken.Expired": (403, "Specified security token is expired."),
    "Forbidden.RAM": (403, "User not authorized to operate on the specified resource."),
}
_OTHER_ERROR = (400, "The call failed because a fault was set.")

_WRONG_TYPES = {
    "RequestId": 1,
    "FpShotDB": {"FpDBId": 1, "Name": [], "ModelId": "twelve", "State": {}, "Config": False},
    "FpShotDBList": {"FpShotDB": {"FpDBId": [], "Status": 1}},
    "NonExistIds": {"String": 1},
    "FpShotFileList": {"FpShotFile": "none"},
    "NextPageToken": {},
    "JobId": 1,
    "FpDBDeleteJobList": {"FpDBDeleteJob": [1]},
    "AccountId": [],
}
_WRONG_TYPES_OF_ERRORS = {"RequestId": 1, "HostId": [], "Code": 400, "Message": {}}

# A library that was asked for is neither listed nor named in NonExistIds.
_NOTHING_LISTED = {
    "RequestId": "00000000-0000-0000-0000-000000000000",
    "FpShotDBList": {"FpShotDB": []},
}

_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_PAGE = b"<html><head><title>Sorry</title></head><body><h1>Something went wrong</h1></body></html>"

_BODIES: dict[OddContent, tuple[str, bytes]] = {
    "null": (_JSON, b"null"),
    "html": (_HTML, _PAGE),
    "list": (_JSON, b"[]"),
    "wrong_types": (_JSON, json.dumps(_WRONG_TYPES).encode()),
    "empty": (_JSON, b""),
    "invalid_utf8": (_JSON, b'{"RequestId": "\xff\xfe"}'),
    "nothing_listed": (_JSON, json.dumps(_NOTHING_LISTED).encode()),
}


def fault_response(fault: Fault, call: ApiRequest) -> ApiResponse | None:
    """Return what a fault answers in the place of the real answer; None if it leaves that."""
    if fault.code is not None:
        status, message = _ERRORS.get(fault.code, _OTHER_ERROR)
        error = EmulatedError(fault.code, fault.message or message, fault.status or status)
        return refusal(error, call.host, call.answer_format)
    if fault.content is not None:
        return _odd_body(fault.content, fault.status or HTTPStatus.OK)
    return None


def _odd_body(content: OddContent, status: int) -> ApiResponse:
    content_type, body = _BODIES[content]
    if content == "wrong_types" and status >= HTTPStatus.BAD_REQUEST:
        body = json.dumps(_WRONG_TYPES_OF_ERRORS).encode()
    return ApiResponse(status, content_type, body)
