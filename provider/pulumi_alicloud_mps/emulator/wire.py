"""Calls as they come over the wire: parameters from the query string and from a form body."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from .errors import ApiError, invalid, missing

AnswerFormat = Literal["JSON", "XML"]

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Call:
    """One API call, not yet checked.

    Attributes:
        method: HTTP method in upper case, which is part of the signature.
        host: The host that the client addressed, repeated in errors.
        parameters: Decoded parameters; empty ones are kept, since they are signed too. Bytes
            that are not UTF-8 show as lone surrogates.
    """

    method: str
    host: str
    parameters: dict[str, str]

    @property
    def action(self) -> str:
        """The action's name, or an empty string."""
        return self.parameters.get("Action", "")

    @property
    def answer_format(self) -> AnswerFormat:
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


def read_call(method: str, host: str, query: str, form: bytes) -> Call:
    """Return the call that a query string and the body of a form make up.

    A parameter in the form wins over one of the same name in the query.
    """
    parameters = {**_decoded(query), **_decoded(form.decode("utf-8", "surrogateescape"))}
    return Call(method, host, parameters)


def is_form(content_type: str) -> bool:
    """Tell whether a body of this type carries parameters."""
    return content_type == _FORM


def unsupported_method(method: str) -> ApiError:
    """Return the error for a method that the API doesn't offer."""
    return ApiError("UnsupportedHTTPMethod", f"The API takes GET and POST, not {method}.")


def _decoded(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
