"""Recordings without what differs from machine to machine and from run to run."""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

from pulumi_alicloud_mps.state.deployment import STACK_TYPE, UNKNOWN_TEXT

_LIBRARY = re.compile(r"\b[0-9a-f]{32}\b")
_UUID = re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_SIGNATURES = {"4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"}
_RANDOM = re.compile(r"(?<=-[0-9a-f]{7}-)[0-9a-f]{8}\b")
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:[0-9]+")
_FILE = re.compile(r'File "[^"]*/([^/"]+)", line [0-9]+')
_DROPPED = {"stackTrace", "sourcePosition", "created", "modified"}
_FIXED = {
    "account_id": "1234567890123456",
    "accountId": "1234567890123456",
    "duration": 1,
    "timestamp": 1,
    "durationSeconds": 1,
    "sequence": 1,
}
_SETS = {"replaceReasons", "diffReasons"}
_ORDERED = ("steps", "diagnostics")


class Normal:
    """The same names for the same IDs, through one recording."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._names: dict[str, str] = {}
        self._attempts: dict[str, str] = {}

    def recording(self, written: str) -> str:
        """Return what the engine wrote, normalised: a digest, or events of one line each."""
        if written.startswith("{\n"):
            digest = json.loads(written)
            self._name_all(digest.get("steps", []))
            digest |= {key: _ordered(digest[key]) for key in _ORDERED if digest.get(key)}
            return json.dumps(self._value(digest), indent=1, ensure_ascii=False) + "\n"
        events = [json.loads(line) for line in written.splitlines()]
        self._name_all([item["metadata"] for event in events for item in _with_metadata(event)])
        shown = [event for event in events if "debug" not in str(event.get("diagnosticEvent"))]
        lines = (self._value(event) for event in _ordered_events(shown))
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

    def _name_all(self, steps: list[dict[str, Any]]) -> None:
        # By URN, since the order of steps differs from run to run.
        for step in sorted(steps, key=lambda step: (step["urn"], step["op"])):
            self._value(step)

    def _value(self, value: Any, key: str = "") -> Any:  # noqa: ANN401 - JSON
        if key in _FIXED:
            return _FIXED[key]
        if isinstance(value, dict):
            return {
                self._text(name): self._value(item, name)
                for name, item in value.items()
                if name not in _DROPPED
            }
        if key in _SETS and value:
            return sorted(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if key == "__provider":
            return value if len(value) < 120 else "gASVnormalised"
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        text = _LOOPBACK.sub("http://127.0.0.1:7777", text)
        text = _FILE.sub(r'File "/project/\1", line 1', text)
        text = text.replace(self._folder, "/project")
        text = _RANDOM.sub(lambda match: self._attempt(match[0]), text)
        text = _LIBRARY.sub(lambda match: self._name(match[0], 32), text)
        return _UUID.sub(lambda match: self._name(match[0], 36), text)

    def _name(self, found: str, length: int) -> str:
        if found in _SIGNATURES or found == UNKNOWN_TEXT:
            return found
        number = len(self._names) + 1
        name = f"{number:032x}" if length == 32 else f"00000000-0000-0000-0000-{number:012x}"
        return self._names.setdefault(found, name)

    def _attempt(self, found: str) -> str:
        # Never all the same: that a replacement has a name of its own changes what is said of it.
        return self._attempts.setdefault(found, f"{len(self._attempts) + 1:08x}")


# The engine's order differs from run to run, as it works on several resources at once. The stack
# itself stays where it is, since it tells where a phase begins.


def _ordered(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    phases = groupby(items, key=lambda item: _is_root(item.get("urn", "")))
    return [item for _, phase in phases for item in sorted(phase, key=lambda it: it.get("urn", ""))]


def _ordered_events(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    phases = groupby(events, key=lambda event: _urn(event) is not None)
    return [event for _, phase in phases for event in sorted(phase, key=_root_first)]


def _root_first(event: dict[str, Any]) -> tuple[bool, str]:
    urn = _urn(event) or ""
    return not _is_root(urn), urn


def _urn(event: dict[str, Any]) -> str | None:
    diagnostic = event.get("diagnosticEvent")
    if diagnostic:
        return str(diagnostic.get("urn", ""))
    found = _with_metadata(event)
    return str(found[0]["metadata"]["urn"]) if found else None


def _is_root(urn: str) -> bool:
    return STACK_TYPE in urn.split("::")


def _with_metadata(event: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in event.values() if isinstance(item, dict) and "metadata" in item]
