"""Responses in the two formats of the API, JSON and XML, and the errors that some of them are.

Codes and statuses come from the vendor's error tables. Where those have none for a case (the quota,
for example), they are from the nearest documented family; docs/reference/emulator.md lists these
guesses.
"""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

Content = Mapping[str, Any]
ResponseFormat = Literal["JSON", "XML"]

JSON_TYPE = "application/json; charset=utf-8"

# What XML 1.0 can't hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# Statuses and messages as in the vendor's tables; that of an expired token is a guess.
_KNOWN: dict[str, tuple[int, str]] = {
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
# A fault may have any code, and needs no message.
_OTHER = (400, "The call failed because a fault was set.")


class EmulatedError(Exception):
    """A call is refused.

    Attributes:
        code: Machine-readable code, e.g. ``InvalidParameter.DBNotExist``.
        message: One line for people; by default the vendor's for that code.
        status: HTTP status of the response, likewise.
    """

    def __init__(self, code: str, message: str | None = None, status: int | None = None) -> None:
        known_status, known_message = _KNOWN.get(code, _OTHER)
        self.code = code
        self.message = message or known_message
        self.status = status or known_status
        super().__init__(f"{code}: {self.message}")


def missing(name: str) -> EmulatedError:
    """Return the error for a required parameter that is absent or empty."""
    return EmulatedError(f"Missing{name}", f"The parameter {name} is required for this call.")


def invalid(message: str, kind: str = "") -> EmulatedError:
    """Return an ``InvalidParameter`` error, or ``InvalidParameter.<kind>`` if one is given."""
    return EmulatedError(f"InvalidParameter.{kind}" if kind else "InvalidParameter", message)


@dataclass(frozen=True)
class ApiResponse:
    """An HTTP response, ready to be sent, with the error's code if it is one, and its RequestId."""

    status: int
    content_type: str
    body: bytes
    code: str | None = None
    request_id: str | None = None


def success(action: str, content: Content, response_format: ResponseFormat) -> ApiResponse:
    """Return the response to a call that succeeded."""
    return _response(HTTPStatus.OK, f"{action}Response", content, response_format)


def refusal(error: EmulatedError, host: str, response_format: ResponseFormat) -> ApiResponse:
    """Return the response to a call that was refused, as the API gateway writes it."""
    content = {
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"https://api.alibabacloud.com/troubleshoot?q={quote(error.code)}",
    }
    return _response(error.status, "Error", content, response_format, error.code)


def _response(
    status: int,
    root: str,
    content: Content,
    response_format: ResponseFormat,
    code: str | None = None,
) -> ApiResponse:
    request_id = str(uuid.uuid4()).upper()
    content = {"RequestId": request_id, **content}
    if response_format == "JSON":
        content_type, text = JSON_TYPE, json.dumps(content, ensure_ascii=False)
    else:
        content_type = "text/xml; charset=utf-8"
        text = f"<?xml version='1.0' encoding='UTF-8'?>{_element(root, content)}"
    return ApiResponse(status, content_type, text.encode(), code, request_id)


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    else:
        inner = escape(_NOT_XML.sub("\ufffd", str(value)))
    return f"<{name}>{inner}</{name}>"
