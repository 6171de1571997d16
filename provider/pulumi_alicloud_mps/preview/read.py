"""Reading previews from files: the engine's digest, or its stream of events.

With `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true` the engine writes its events, one a line. They
tell what the digest of a refresh leaves out: which resources changed in outputs only, such as a
library that was paused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from .schema import PreviewDigest

Event = Mapping[str, Any]

_REFRESH = "refresh"
_SHOWN = {"info", "warning", "error"}
_KNOWN = {"steps", "changeSummary", "diagnostics", "config", "duration"}
_ADVICE = "give what `pulumi preview --json` writes to its standard output"


class PreviewError(Exception):
    """A preview can't be read; `str()` is one line that says why."""


def read_previews(content: bytes, source: str) -> list[PreviewDigest]:
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
    events = [document for document in documents if _is_event(document)]
    others = [document for document in documents if not _is_event(document)]
    try:
        streamed = [_digest_of(events)] if events else []
        return streamed + [_digest(document, source) for document in others]
    except ValidationError as error:
        # Values are not shown: any of them may be a secret.
        problem = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        reason = f"{place}: {problem['msg'].lower()}"
        raise PreviewError(f"{source} is not a preview: {reason}; {_ADVICE}") from None
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
            raise PreviewError(f"{source} is JSON, but not a preview; {_ADVICE}")
        yield document


def _digest(document: dict[str, Any], source: str) -> PreviewDigest:
    if not _KNOWN & document.keys():
        raise PreviewError(f"{source} is JSON, but not a preview; {_ADVICE}")
    return PreviewDigest.model_validate(document)


def _is_event(document: Event) -> bool:
    return "sequence" in document and "timestamp" in document


def _digest_of(events: Iterable[Event]) -> PreviewDigest:
    steps: list[dict[str, Any]] = []
    diagnostics: list[object] = []
    counts: object = {}
    for event in events:
        if "resourcePreEvent" in event:
            steps.append(_step(event["resourcePreEvent"]["metadata"]))
        elif "resOutputsEvent" in event:
            _update(steps, event["resOutputsEvent"]["metadata"])
        elif "diagnosticEvent" in event:
            diagnostics += _diagnostics(event["diagnosticEvent"])
        elif "summaryEvent" in event:
            counts = event["summaryEvent"].get("resourceChanges")
    return PreviewDigest.model_validate(
        {"steps": steps, "diagnostics": diagnostics, "changeSummary": counts}
    )


def _step(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "op": metadata["op"],
        "urn": metadata["urn"],
        "oldState": metadata.get("old"),
        "newState": metadata.get("new"),
        "replaceReasons": metadata.get("keys"),
        "diffReasons": metadata.get("diffs"),
        "detailedDiff": {
            path: {"kind": diff.get("diffKind")}
            for path, diff in (metadata.get("detailedDiff") or {}).items()
        },
    }


def _update(steps: list[dict[str, Any]], metadata: Mapping[str, Any]) -> None:
    """Take over what a refresh found: before it, the step could only say that it would look."""
    for position, step in enumerate(steps):
        if step["urn"] == metadata["urn"] and step["op"] == _REFRESH:
            found = _step(metadata)
            # In `preview --refresh` the operation stays the same, and what is gone has no state.
            steps[position] = found if found["op"] != "same" else {**found, "op": _REFRESH}
            return


def _diagnostics(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    if event.get("ephemeral") or event.get("severity") not in _SHOWN:
        return []
    message = f"{event.get('prefix') or ''}{event.get('message') or ''}"
    return [{"urn": event.get("urn"), "message": message, "severity": event["severity"]}]
