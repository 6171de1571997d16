"""Reading previews from files: the engine's digest, or its stream of events.

With `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true` the engine writes its events, one a line. They
have what the digest of a refresh leaves out: which resources changed in outputs only, such as a
library that was paused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from .schema import REFRESH, PreviewDigest

Json = Mapping[str, Any]

_KNOWN = {"steps", "changeSummary", "diagnostics", "config", "duration"}
_EVENT = {"sequence", "timestamp"}
_ADVICE = "give what `pulumi preview --json` writes to its standard output"
_NOT_BLANK = re.compile(r"\S")


class PreviewError(Exception):
    """A preview can't be read; `str()` is one line that says why."""


def read_previews(content: bytes, source: str) -> list[PreviewDigest]:
    """Return the previews in a file, which errors call `source`: one, or several after each other.

    Raises:
        PreviewError: It holds no preview, or something else too.
    """
    documents = list(_documents(content, source))
    if not documents:
        raise PreviewError(f"{source} is empty: the preview ended before it began; {_ADVICE}")
    events = [item for item in documents if item.keys() >= _EVENT]
    digests = [item for item in documents if not item.keys() >= _EVENT]
    try:
        found = [_digest_of(events), *digests] if events else digests
        return [PreviewDigest.model_validate(item) for item in found]
    except ValidationError as error:
        # Values are not shown: any of them may be a secret.
        problem = error.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in problem["loc"])
        reason = f"{path}: {problem['msg'].lower()}"
        raise PreviewError(f"{source} is not a preview: {reason}; {_ADVICE}") from None
    except (AttributeError, KeyError, TypeError) as error:
        raise PreviewError(f"{source} has an event of an unknown form; {_ADVICE}") from error


def _documents(content: bytes, source: str) -> Iterator[Json]:
    try:
        # PowerShell redirects output as UTF-16.
        text = content.decode(json.detect_encoding(content)).lstrip("\ufeff")
    except UnicodeDecodeError:
        raise PreviewError(f"{source} is not text; {_ADVICE}") from None
    decoder, position = json.JSONDecoder(), 0
    while found := _NOT_BLANK.search(text, position):
        try:
            document, position = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError) as error:
            line = text.count("\n", 0, found.start()) + 1
            reason = getattr(error, "msg", "it is nested wrongly")
            raise PreviewError(
                f"{source} is not JSON (at or after line {line}: {reason}); {_ADVICE}"
            ) from None
        keys = document.keys() if isinstance(document, dict) else set()
        if not (_KNOWN & keys or keys >= _EVENT):
            raise PreviewError(f"{source} is JSON, but not a preview; {_ADVICE}")
        yield document


def _digest_of(events: Iterable[Json]) -> Json:
    steps: list[Json] = []
    diagnostics: list[Json] = []
    counts: object = {}
    for event in events:
        if "resourcePreEvent" in event:
            steps.append(event["resourcePreEvent"]["metadata"])
        elif "resOutputsEvent" in event:
            _update(steps, event["resOutputsEvent"]["metadata"])
        elif "diagnosticEvent" in event:
            diagnostics.append(event["diagnosticEvent"])
        elif "summaryEvent" in event:
            counts = event["summaryEvent"].get("resourceChanges")
    # An ephemeral message is a line of progress.
    kept = [item for item in diagnostics if not item.get("ephemeral")]
    return {"steps": steps, "diagnostics": kept, "changeSummary": counts}


def _update(steps: list[Json], found: Json) -> None:
    """Take over what a refresh found: before it, the step could only say that it would look."""
    for index, step in enumerate(steps):
        if step["urn"] == found["urn"] and step["op"] == REFRESH:
            # In `preview --refresh` the operation stays the same, and what is gone has no state.
            steps[index] = {**found, "op": REFRESH} if found["op"] == "same" else found
            return
