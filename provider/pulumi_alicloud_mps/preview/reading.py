"""Reading previews from files, with one clear line where one can't be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from .digest import Digest
from .events import digest_of, is_event

_KNOWN = {"steps", "changeSummary", "diagnostics", "config", "duration"}
_ADVICE = "give what `pulumi preview --json` writes to its standard output"


class PreviewError(Exception):
    """A preview can't be read; `str()` is one line that says why."""


def read_previews(content: bytes, source: str) -> list[Digest]:
    """Return the previews in a file: one, or several after each other.

    Args:
        content: What the file holds.
        source: What to call it in errors.

    Raises:
        PreviewError: It holds no preview, or something else too.
    """
    documents = list(_documents(_text(content, source), source))
    if not documents:
        raise PreviewError(f"{source} is empty: the preview ended before it began; {_ADVICE}")
    events = [document for document in documents if is_event(document)]
    others = [document for document in documents if not is_event(document)]
    try:
        streamed = [digest_of(events)] if events else []
        return streamed + [_digest(document, source) for document in others]
    except ValidationError as error:
        raise PreviewError(f"{source} is no preview: {_first(error)}; {_ADVICE}") from None
    except (AttributeError, KeyError, TypeError) as error:
        raise PreviewError(f"{source} has an event that is none of Pulumi's; {_ADVICE}") from error


def _text(content: bytes, source: str) -> str:
    try:
        # Also what PowerShell redirects, which is UTF-16.
        return content.decode(json.detect_encoding(content)).lstrip("\ufeff")
    except UnicodeDecodeError:
        raise PreviewError(f"{source} is not text; {_ADVICE}") from None


def _documents(text: str, source: str) -> Iterator[dict[str, Any]]:
    decoder, position, end = json.JSONDecoder(), 0, len(text)
    while True:
        while position < end and text[position].isspace():
            position += 1
        if position == end:
            return
        try:
            document, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            where = f"line {text.count(chr(10), 0, position) + 1}"
            reason = (
                error.msg if isinstance(error, json.JSONDecodeError) else "it is nested wrongly"
            )
            raise PreviewError(
                f"{source} is not JSON (at or after {where}: {reason}); {_ADVICE}"
            ) from None
        if not isinstance(document, dict):
            raise PreviewError(f"{source} is JSON, but no preview; {_ADVICE}")
        yield document


def _digest(document: dict[str, Any], source: str) -> Digest:
    if not _KNOWN & document.keys():
        raise PreviewError(f"{source} is JSON, but no preview; {_ADVICE}")
    return Digest.model_validate(document)


def _first(error: ValidationError) -> str:
    # Values are not shown: any of them may be a secret.
    problem = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg'].lower()}"
