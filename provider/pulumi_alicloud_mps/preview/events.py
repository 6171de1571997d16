"""The engine's event stream, read as the digest that it would have been.

With `PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true` the engine writes its events, one a line. They
tell what the digest of a refresh leaves out: which resources changed in outputs only, such as a
library that was paused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .digest import Digest

Event = Mapping[str, Any]

_REFRESH = "refresh"
_PARTS_OF_A_REPLACEMENT = {"create-replacement", "delete-replaced"}
_LOUD = {"info", "warning", "error"}


def is_event(document: Event) -> bool:
    """Whether a JSON object is one of the engine's events."""
    return "sequence" in document and "timestamp" in document


def digest_of(events: Iterable[Event]) -> Digest:
    """Gather the events of one preview.

    Raises:
        ValueError: An event is not as the engine writes it.
    """
    steps: list[dict[str, Any]] = []
    diagnostics: list[object] = []
    counts: object = {}
    for event in events:
        if "resourcePreEvent" in event:
            steps.append(_step(event["resourcePreEvent"]["metadata"]))
        elif "resOutputsEvent" in event:
            _settle(steps, event["resOutputsEvent"]["metadata"])
        elif "diagnosticEvent" in event:
            diagnostics += _message(event["diagnosticEvent"])
        elif "summaryEvent" in event:
            counts = event["summaryEvent"].get("resourceChanges")
    shown = [step for step in steps if step["op"] not in _PARTS_OF_A_REPLACEMENT]
    leftover = _leftovers(steps)
    return Digest.model_validate(
        {"steps": shown + leftover, "diagnostics": diagnostics, "changeSummary": counts}
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


def _settle(steps: list[dict[str, Any]], metadata: Mapping[str, Any]) -> None:
    """Take over what a refresh found: before it, the step could only say that it would look."""
    for position, step in enumerate(steps):
        if step["urn"] == metadata["urn"] and step["op"] == _REFRESH:
            found = _step(metadata)
            # In `preview --refresh` the operation stays the same, and what is gone has no state.
            steps[position] = found if found["op"] != "same" else {**found, "op": _REFRESH}
            return


def _leftovers(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    replaced = {step["urn"] for step in steps if step["op"] == "replace"}
    return [
        step for step in steps if step["op"] == "delete-replaced" and step["urn"] not in replaced
    ]


def _message(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    if event.get("ephemeral") or event.get("severity") not in _LOUD:
        return []
    message = f"{event.get('prefix') or ''}{event.get('message') or ''}"
    return [{"urn": event.get("urn"), "message": message, "severity": event["severity"]}]
