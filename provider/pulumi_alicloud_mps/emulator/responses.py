"""Answers in the two formats of the API, JSON and XML."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote
from xml.sax.saxutils import escape

from .errors import EmulatedError
from .requests import ResponseFormat

Content = Mapping[str, object]

_CONTENT_TYPES: dict[ResponseFormat, str] = {
    "JSON": "application/json; charset=utf-8",
    "XML": "text/xml; charset=utf-8",
}

# What XML 1.0 can't hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class ApiResponse:
    """An HTTP answer, ready to be sent.

    Attributes:
        code: The error's code, None for any other answer.
    """

    status: int
    content_type: str
    body: bytes
    code: str | None = None


def success(action: str, content: Content, answer_format: ResponseFormat) -> ApiResponse:
    """Return the answer to a call that succeeded, with a new RequestId in front."""
    content = {"RequestId": _request_id(), **content}
    return ApiResponse(HTTPStatus.OK, *_written(f"{action}Response", content, answer_format))


def refusal(error: EmulatedError, host: str, answer_format: ResponseFormat) -> ApiResponse:
    """Return the answer to a call that was refused, in the shape of the API gateway."""
    content = {
        "RequestId": _request_id(),
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"https://api.alibabacloud.com/troubleshoot?q={quote(error.code)}",
    }
    return ApiResponse(error.status, *_written("Error", content, answer_format), code=error.code)


def _written(root: str, content: Content, answer_format: ResponseFormat) -> tuple[str, bytes]:
    text = (
        json.dumps(content, ensure_ascii=False) if answer_format == "JSON" else _xml(root, content)
    )
    return _CONTENT_TYPES[answer_format], text.encode()


def _request_id() -> str:
    return str(uuid.uuid4()).upper()


def _xml(root: str, content: Content) -> str:
    return f"<?xml version='1.0' encoding='UTF-8'?>{_element(root, content)}"


def _element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    else:
        inner = escape(_NOT_XML.sub("\ufffd", str(value)))
    return f"<{name}>{inner}</{name}>"
