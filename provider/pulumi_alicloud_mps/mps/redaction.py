"""Hides what signs a call, and what the caller chose, in a server's texts."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from urllib.parse import quote

_LENGTH = 300
_SHORT = 6


def redact(text: str, secrets: Collection[str], values: Collection[str] = ()) -> str:
    """Return a server's text as one line, without what must not be shown.

    Secrets, which sign or could sign a call, are hidden wherever they stand. Of the values that the
    caller chose, which may be secret, short ones are hidden as words of their own only, since a
    name may be a part of every other word.
    """
    line = _one_line(text)
    # In SignatureDoesNotMatch: the string to sign repeats every parameter, the STS token too.
    line = re.sub(r"(?i)(string to sign is:?).*", r"\1 …", line)
    line = re.sub(r"(Signature|SecurityToken)=[^&\s]*", r"\1=…", line)
    for secret in secrets:
        for form in _forms(secret):
            line = line.replace(form, "…")
    spelt = {text for value in values if value.strip() for text in (value, _one_line(value))}
    shown = {form for text in spelt for form in _forms(text)}
    # The longest first: the others may be parts of it.
    for form in sorted(shown, key=len, reverse=True):
        pattern = re.escape(form)
        line = re.sub(rf"(?<!\w){pattern}(?!\w)" if len(form) < _SHORT else pattern, "…", line)
    return line if len(line) <= _LENGTH else line[: _LENGTH - 1] + "…"


def texts_within(value: str) -> list[str]:
    """Return a text, and those within it if it is JSON, which may be repeated alone."""
    try:
        return [value, *_texts(json.loads(value))]
    except (ValueError, RecursionError):
        return [value]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _texts(item)


def _forms(text: str) -> set[str]:
    encoded = quote(text, safe="~")
    return {text, encoded, quote(encoded, safe="~"), json.dumps(text)[1:-1]}


def _one_line(text: str) -> str:
    return " ".join(text.split())
