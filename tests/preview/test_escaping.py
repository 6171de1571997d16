"""Whatever names and values hold, they stay text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preview.digests import commented, digest, library, replacement, step
from preview.gfm import cells, skeleton, without_code
from pulumi_alicloud_mps.preview.markdown import block, code, link, marker, row, shortened

NASTY = st.sampled_from(
    (
        *("|", "\\", "`", "``", "```", "\n", "\r\n", "-->", "<!--", "<b>", "@octocat", "#1"),
        *("](x)", "</details>", "\u202e", "\x00", "\u2028", "\ud800", "é", "曲", " ", "a", "~~~"),
        *("$", ":+1:"),
    )
)
TEXT = st.lists(NASTY, min_size=1, max_size=12).map("".join) | st.text(min_size=1, max_size=200)


def everything(text: str) -> bytes:
    """Return a preview that holds a text in every place that is shown."""
    # These two separate the parts of a URN.
    part = text.replace(":", "").replace("$", "")
    owner, kind = f"urn:pulumi:s{part}::p{part}", f"t{part}"
    states = {
        "oldState": library(text, name=text, region=text, state=text),
        "newState": {"inputs": library(name=text)["inputs"]},
    }
    replaced = replacement(text, f"o{text}", f"n{text}", owner=owner)
    found = [
        {**replaced, "replaceReasons": ["description", f"r{text}"]},
        step("update", text, owner=owner, **states, detailedDiff={f"p{text}": {}}),
        step("create", text, owner=owner, type=kind, newState={"inputs": {"a": text}}),
    ]
    error = {"urn": f"{owner}::t::{text}", "message": f"error: {text}", "severity": "error"}
    return digest(*found, diagnostics=[error, {**error, "severity": "warning"}])


@given(TEXT)
def test_text_is_never_structure(text: str) -> None:
    """A comment's structure is the same, whatever text it shows."""
    expected = skeleton(commented(everything("x")))[:-2]
    actual = skeleton(commented(everything(text)))[:-2]
    assert actual == expected


@given(TEXT)
def test_marker(text: str) -> None:
    """The marker is one comment of HTML, of plain characters."""
    assert re.fullmatch(
        r"<!-- alicloud-mps preview-comment: [\w./~%-]+ -->", marker(text), re.ASCII
    )


@given(TEXT, TEXT)
def test_markers_differ(first: str, second: str) -> None:
    """Two stacks never share a marker."""
    assert (marker(first) == marker(second)) == (first == second)


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_row(texts: list[str]) -> None:
    """Each text stays in its cell."""
    found = cells(row(code(text) for text in texts))
    assert [without_code(cell) for cell in found] == ["``"] * len(texts)


@given(TEXT)
def test_printable(text: str) -> None:
    """What has no glyph, or turns the writing around, is shown by its number."""
    assert code(text).isprintable()
    assert all(line.isprintable() for line in block(text).split("\n"))
    assert "\ud800" not in block(text)


@given(st.text(max_size=400), st.integers(3, 200))
def test_shortened(text: str, longest: int) -> None:
    """Text that is too long loses its middle."""
    found = shortened(text, longest)
    assert len(found) <= longest
    assert found == text or (found[0], found[-1]) == (text[0], text[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        (" padded ", "`  padded  `"),
        ("two\nlines\\", "`two\\nlines\\\\`"),
        ("\u202e", "`\\u202e`"),
        ("", ""),
    ],
)
def test_code(text: str, expected: str) -> None:
    """Code spans read like what they show."""
    assert code(text) == expected


def test_link() -> None:
    """An address can't end its link."""
    assert link("Log", "https://x/?a=b>)\n[") == "[Log](<https://x/?a=b%3E%29%0A%5B>)"
