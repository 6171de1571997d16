"""Reading an action's arguments: numbers, lists of IDs, JSON, moments."""

import json
import re
from collections.abc import Sequence

from .errors import invalid
from .records import moment_from
from .requests import ApiRequest

# The second form is that of the quirk upper-ids.
_ID = re.compile(r"[0-9a-f]{32}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_NUMBER = re.compile(r"[0-9]{1,9}")


def id_of(call: ApiRequest, name: str) -> str:
    """Return a required ID.

    Raises:
        ApiError: It is missing or malformed.
    """
    return _checked_id(call.required(name))


def ids_of(call: ApiRequest, name: str, limit: int) -> list[str]:
    """Return the different IDs of a comma-separated list, in order; blank items don't count.

    Raises:
        ApiError: There are more than ``limit``, or one is malformed.
    """
    items = [item.strip() for item in call.parameters.get(name, "").split(",")]
    ids = list(dict.fromkeys(item for item in items if item))
    if len(ids) > limit:
        raise invalid(f"The parameter {name} holds {len(ids)} IDs; the limit is {limit}.")
    return [_checked_id(item) for item in ids]


def number_of(call: ApiRequest, name: str, default: int) -> int:
    """Return a whole number, or the default if it is absent or empty.

    Raises:
        ApiError: It is not a number.
    """
    text = call.parameters.get(name)
    if not text:
        return default
    if not _NUMBER.fullmatch(text):
        raise invalid(f"The parameter {name} must be an integer.")
    return int(text)


def moment_of(call: ApiRequest, name: str, default: float) -> float:
    """Return a UTC moment as seconds since the epoch, or the default.

    Raises:
        ApiError: It is not of the form ``YYYY-MM-DDThh:mm:ssZ``.
    """
    text = call.parameters.get(name)
    if not text:
        return default
    try:
        return moment_from(text)
    except ValueError:
        raise invalid(f"The parameter {name} must be of the form YYYY-MM-DDThh:mm:ssZ.") from None


def json_of(call: ApiRequest, name: str) -> str:
    """Return an argument that is JSON, as it was written, or an empty string.

    Raises:
        ApiError: It is neither empty nor JSON.
    """
    text = call.parameters.get(name, "")
    if text:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            raise invalid(f"The parameter {name} must be a JSON string.") from None
    return text


def one_of(call: ApiRequest, name: str, values: Sequence[str]) -> str:
    """Return an argument that must be one of some values; the first is the default.

    Raises:
        ApiError: It is another.
    """
    value = call.parameters.get(name) or values[0]
    if value not in values:
        raise invalid(f"The parameter {name} must be one of {', '.join(values)}.")
    return value


def _checked_id(text: str) -> str:
    if not _ID.fullmatch(text):
        message = "An ID consists of 32 characters, each a digit or one of the letters a to f."
        raise invalid(message, "UUIDFormatInvalid")
    return text
