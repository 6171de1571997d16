"""Calls as they arrive: an action with its parameters, from the query, a form, and headers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from urllib.parse import parse_qsl

from .records import moment_from
from .responses import EmulatedError, ResponseFormat, invalid, missing

VERSIONS = {
    "CreateFpShotDB": "2014-06-18",
    "ListFpShotDB": "2014-06-18",
    "ListFpShotFiles": "2014-06-18",
    "SubmitFpDBDeleteJob": "2014-06-18",
    "QueryFpDBDeleteJobList": "2014-06-18",
    "GetCallerIdentity": "2015-04-01",
}
"""All actions by name, each with the version of the API that offers it: MPS, and last STS."""

# The headers that stand for RPC parameters of these names, in a call that is signed in its headers.
_COMMON_HEADERS = {
    "Action": "x-acs-action",
    "Version": "x-acs-version",
    "Timestamp": "x-acs-date",
    "SignatureNonce": "x-acs-signature-nonce",
    "SecurityToken": "x-acs-security-token",
}
_AUTHORIZED = ("AccessKeyId", "SignatureMethod", "SignatureVersion", "Signature")
_AUTHORIZATION = re.compile(
    r"(?P<SignatureMethod>ACS3-[A-Z0-9-]+) +Credential=(?P<AccessKeyId>[^,]+), *"
    r"SignedHeaders=(?P<SignedHeaders>[^,]+), *Signature=(?P<Signature>[^,]+)"
)
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request as it arrived.

    The query and the path are encoded, and the headers' names are in lower case.
    """

    method: str
    host: str
    query: str
    headers: dict[str, str]
    body: bytes
    path: str = "/"

    @cached_property
    def authorization(self) -> dict[str, str]:
        """The parts of the header Authorization; empty unless it is of the scheme ACS3."""
        match = _AUTHORIZATION.fullmatch(self.headers.get("authorization", ""))
        return match.groupdict() if match else {}


@dataclass(frozen=True)
class ApiRequest:
    """One API call, not yet checked: what is wrong with it raises an ``EmulatedError``.

    Attributes:
        method: HTTP method in upper case, which is part of the signature.
        host: The host that the client addressed, repeated in errors.
        parameters: Decoded parameters; empty ones are kept, since they are signed too. Bytes
            that are not UTF-8 show as lone surrogates.
        header_signed: The HTTP request of a call that is signed in its headers; None for RPC calls,
            whose signature is one of the parameters.
    """

    method: str
    host: str
    parameters: dict[str, str]
    header_signed: HttpRequest | None = None

    @property
    def action(self) -> str:
        """The action's name, or an empty string."""
        return self.parameters.get("Action", "")

    @property
    def response_format(self) -> ResponseFormat:
        """JSON if that is requested, else MPS's default, XML."""
        return "JSON" if self.parameters.get("Format", "").upper() == "JSON" else "XML"

    def required(self, name: str) -> str:
        """Return a parameter; refuse the call if it is absent or empty."""
        value = self.parameters.get(name)
        if not value:
            raise missing(name)
        return value

    def number(self, name: str, default: int) -> int:
        """Return a parameter that must be a whole number, or the default in place of none."""
        text = self.parameters.get(name)
        if not text:
            return default
        if not _NUMBER.fullmatch(text):
            raise invalid(f"The parameter {name} must be an integer.")
        return int(text)

    def moment(self, name: str, default: float) -> float:
        """Return a parameter that must be a UTC time as seconds since the epoch, or the default."""
        text = self.parameters.get(name)
        try:
            return moment_from(text) if text else default
        except ValueError:
            form = "YYYY-MM-DDThh:mm:ssZ"
            raise invalid(f"The parameter {name} must be of the form {form}.") from None

    def check_text(self) -> None:
        """Refuse parameters that are not text, and an unknown format."""
        try:
            "".join((*self.parameters, *self.parameters.values())).encode()
        except UnicodeEncodeError:
            raise invalid("The parameters are not encoded as UTF-8.") from None
        if self.parameters.get("Format", "XML").upper() not in ("JSON", "XML"):
            raise invalid("The parameter Format must be JSON or XML.")

    def check_action(self) -> None:
        """Refuse an unknown action, or one of another version of the API."""
        action, version = self.required("Action"), self.required("Version")
        if action not in VERSIONS:
            message = f"The action {action} is not found; check its spelling."
            raise EmulatedError("InvalidApi.NotFound", message, HTTPStatus.NOT_FOUND)
        if version != VERSIONS[action]:
            message = f"The action {action} has the version {VERSIONS[action]}."
            raise EmulatedError("InvalidVersion", message)


def headers_by_name(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by name in lower case; several of one name are joined as they are signed."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value.strip())
    return {name: ",".join(sorted(values)) for name, values in found.items()}


def decoded(text: str) -> dict[str, str]:
    """Return the parameters of an encoded query or form."""
    return dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))


def read_request(received: HttpRequest) -> ApiRequest:
    """Return the call that an HTTP request carries.

    A parameter in a form wins over one of the same name in the query.
    """
    method, host, headers = received.method, received.host, received.headers
    query = parameters = decoded(received.query)
    content_type, _, _ = headers.get("content-type", "").partition(";")
    if content_type.strip().lower() == "application/x-www-form-urlencoded":
        parameters = {**query, **decoded(received.body.decode("utf-8", "surrogateescape"))}
    # The vendor's SDKs send x-acs-action with RPC signatures too, beside the parameter.
    in_headers = "x-acs-action" in headers and "Action" not in query
    if not in_headers and not headers.get("authorization", "").startswith("ACS3-"):
        return ApiRequest(method, host, parameters)
    # The vendor's SDKs send no Format here, and expect JSON.
    default = {} if "xml" in headers.get("accept", "") else {"Format": "JSON"}
    ignored = {*_AUTHORIZED, *_COMMON_HEADERS}
    own = {name: parameters[name] for name in parameters if name not in ignored}
    common = {
        name: headers[header] for name, header in _COMMON_HEADERS.items() if header in headers
    }
    authorized = {
        name: text for name, text in received.authorization.items() if name in _AUTHORIZED
    }
    return ApiRequest(method, host, {**default, **own, **common, **authorized}, received)
