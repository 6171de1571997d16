"""Calls as they come over the wire: parameters from query, form body and headers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from .errors import EmulatedError, invalid, missing
from .header_signature import HeaderSigned, is_header_signed

ResponseFormat = Literal["JSON", "XML"]

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request as it came.

    Attributes:
        host: The host that the client addressed.
        query: The query string, encoded.
        headers: The headers by name in lower case.
    """

    method: str
    host: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class ApiRequest:
    """One API call, not yet checked.

    Attributes:
        method: HTTP method in upper case, which is part of the signature.
        host: The host that the client addressed, repeated in errors.
        parameters: Decoded parameters; empty ones are kept, since they are signed too. Bytes
            that are not UTF-8 show as lone surrogates.
        header_signed: The request behind it, where its signature stands in the headers; None
            where it is that of RPC, among the parameters.
    """

    method: str
    host: str
    parameters: dict[str, str]
    header_signed: HeaderSigned | None = None

    @property
    def action(self) -> str:
        """The action's name, or an empty string."""
        return self.parameters.get("Action", "")

    @property
    def answer_format(self) -> ResponseFormat:
        """The format to answer in: JSON if it is asked for, else MPS's default, XML."""
        return "JSON" if self.parameters.get("Format", "").upper() == "JSON" else "XML"

    def required(self, name: str) -> str:
        """Return a parameter.

        Raises:
            ApiError: It is absent or empty.
        """
        value = self.parameters.get(name)
        if not value:
            raise missing(name)
        return value

    def check_text(self) -> None:
        """Refuse parameters that are not text, and a format that doesn't exist.

        Raises:
            ApiError: With code ``InvalidParameter``.
        """
        try:
            "".join((*self.parameters, *self.parameters.values())).encode()
        except UnicodeEncodeError:
            raise invalid("The parameters are not encoded as UTF-8.") from None
        if self.parameters.get("Format", "XML").upper() not in ("JSON", "XML"):
            raise invalid("The parameter Format must be JSON or XML.")


def headers_by_name(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name in lower case; several of one name are joined as they are signed."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value.strip())
    return {name: ",".join(sorted(values)) for name, values in found.items()}


def read_request(received: HttpRequest) -> ApiRequest:
    """Return the call that a request makes up.

    A parameter in a form wins over one of the same name in the query.
    """
    query = _decoded(received.query)
    form = received.body.decode("utf-8", "surrogateescape") if _is_form(received) else ""
    parameters = {**query, **_decoded(form)}
    if not is_header_signed(received.headers, query):
        return ApiRequest(received.method, received.host, parameters)
    signed = HeaderSigned(received.headers, query, received.body)
    return ApiRequest(received.method, received.host, signed.parameters(parameters), signed)


def unsupported_method(method: str) -> EmulatedError:
    """Return the error for a method that the API doesn't offer."""
    return EmulatedError("UnsupportedHTTPMethod", f"The API takes GET and POST, not {method}.")


def _is_form(received: HttpRequest) -> bool:
    content_type, _, _ = received.headers.get("content-type", "").partition(";")
    return content_type.strip().lower() == _FORM


def _decoded(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
