"""What is taken for a preview, and what is refused in one line."""

import json

import pytest

from preview.digests import commented, digest, library, replacement, step
from preview.record import RECORDINGS
from pulumi_alicloud_mps.preview.read import PreviewError, read_previews

EVENT = {"sequence": 1, "timestamp": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "p.json is empty: the preview ended before it began"),
        (b" \n", "p.json is empty"),
        (b"{", "p.json is not JSON (at or after line 1: Expecting property name"),
        (b"warning: new version\n{}", "p.json is not JSON (at or after line 1: Expecting value)"),
        (b'{"steps": []}\nerror: no', "p.json is not JSON (at or after line 2: Expecting value)"),
        (b"[]", "p.json is JSON, but not a preview"),
        (b"{}", "p.json is JSON, but not a preview"),
        (b'{"version": 3, "deployment": {}}', "p.json is JSON, but not a preview"),
        (b'{"steps": 1}', "p.json is not a preview: steps: input should be a valid list"),
        (b'{"steps": [{"op": "create"}]}', "p.json is not a preview: steps.0.urn: field required"),
        (
            b'{"steps": [{"op": 1, "urn": "u"}]}',
            "p.json is not a preview: steps.0.op: input should",
        ),
        (b"[" * 100_000, "p.json is not JSON (at or after line 1: it is nested wrongly)"),
        (b"\x80\x81", "p.json is not text"),
        (
            json.dumps({**EVENT, "resourcePreEvent": {}}).encode(),
            "p.json has an event of an unknown form",
        ),
        (
            json.dumps({**EVENT, "summaryEvent": {"resourceChanges": {"a": "b"}}}).encode(),
            "p.json is not a preview: changeSummary.a: input should be a valid integer",
        ),
    ],
)
def test_malformed(content: bytes, message: str) -> None:
    """What is no preview is refused in one line, which says why and shows no value."""
    with pytest.raises(PreviewError) as raised:
        read_previews(content, "p.json")
    assert str(raised.value).startswith(message)
    assert "\n" not in str(raised.value)


def test_values_are_not_shown() -> None:
    """A value in the wrong place may be a secret."""
    content = digest(step("create", "films", newState={"inputs": "hunter2"}))
    with pytest.raises(PreviewError) as raised:
        read_previews(content, "p.json")
    assert "hunter2" not in str(raised.value)


def test_unknown_fields() -> None:
    """What a newer engine adds is ignored, at every level; a null is a missing field."""
    found = replacement("films")
    plain = commented(digest(found))
    newer = {
        **found,
        "weather": [1],
        "diffReasons": None,
        "newState": {**found["newState"], "x": 1},
    }
    newer["detailedDiff"] = {"description": {"kind": "update", "inputDiff": True, "y": {}}}
    assert commented(digest(newer, diagnostics=None, later={"a": 1})) == plain


def test_unknown_operations() -> None:
    """An operation of a newer engine counts as a change."""
    text = commented(digest(step("transmogrify", "films", newState=library())))
    assert text.startswith("### `catalogue/dev`: 1 library updated\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    """A file that PowerShell wrote is read, too."""
    text = (RECORDINGS / "create-unicode.json").read_text(encoding="utf-8")
    expected = (RECORDINGS / "create-unicode.md").read_text(encoding="utf-8")
    assert commented(text.encode(encoding)) == expected


def test_several_in_one_file() -> None:
    """Previews may follow each other in one file."""
    first = digest(replacement("films"))
    second = digest(step("create", "songs", owner="urn:pulumi:prod::catalogue", newState=library()))
    assert commented(first + b"\n" + second) == commented(first, second)


@pytest.mark.parametrize("name", ["drift-streamed", "secrets-streamed"])
def test_stray_events(name: str) -> None:
    """Events that say nothing for the comment are passed over."""
    recording = (RECORDINGS / f"{name}.json").read_bytes()
    expected = (RECORDINGS / f"{name}.md").read_text(encoding="utf-8")
    hello = {**EVENT, "diagnosticEvent": {"severity": "info", "message": "hello"}}
    more = "".join(json.dumps(event) + "\n" for event in ({**EVENT, "policyEvent": {}}, hello))
    assert commented(recording + more.encode()) == expected
