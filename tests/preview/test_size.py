"""How long a comment may be, and how long it may take."""

import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preview.digests import commented, digest, library, replacement, step
from preview.gfm import skeleton
from pulumi_alicloud_mps.preview.read import PreviewError
from pulumi_alicloud_mps.preview.text import MORE
from pulumi_alicloud_mps.preview.truncate import LIMIT, Section, truncated

MARKER = "<!-- alicloud-mps preview-comment: catalogue/dev -->"
NOTICE = "*Shortened to fit"
COMMAND = "from pulumi_alicloud_mps.cli.preview_comment import preview_comment as run; run()"


def many(count: int) -> bytes:
    """Return a preview of `count` resources: a fifth of them replaced libraries."""
    trace = [
        {"sourcePosition": f"project:///program/module_{line}.py#{line}"} for line in range(12)
    ]
    steps = []
    for number in range(count):
        name = f"resource-{number:04}"
        if number % 5:
            changed = step(
                ["create", "update", "delete", "update"][number % 4],
                name,
                type="alicloud:oss/bucket:Bucket",
                oldState={"id": name, "inputs": {"acl": "private"}, "stackTrace": trace},
                newState={"inputs": {"acl": "public"}, "stackTrace": trace},
                detailedDiff={"acl": {"kind": "update"}, "tags.environment": {"kind": "add"}},
            )
        else:
            changed = replacement(name)
        steps.append(changed)
    return digest(*steps, changeSummary={"same": 7})


def test_many_resources_fit() -> None:
    """Five hundred resources fit: summary, warnings and the ends of the tables are kept."""
    text = commented(many(500))
    lines = text.splitlines()
    assert LIMIT * 0.9 < len(text) <= LIMIT
    assert lines[0] == "### ⚠️ `catalogue/dev`: 100 libraries replaced"
    assert "Other resources: 100 deleted, 100 created, 200 updated. 7 resources unchanged." in lines
    assert "**`resource-0000` would be replaced**" in text
    assert "- `resource-0495` would be replaced (`description`): video library `films`" in text
    assert lines[4].startswith(NOTICE)
    assert lines[-1] == MARKER
    assert text.count("<details>") == text.count("</details>")
    assert skeleton(text)


def test_many_resources_are_quick(tmp_path: Path) -> None:
    """Five hundred resources take less than a second, Python's own start included."""
    (tmp_path / "preview.json").write_bytes(many(500))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", COMMAND, "preview.json"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not by the clock, which also runs while other tests do.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1_000, 20_000), st.integers(1, 300))
def test_never_too_long(libraries: int, others: int, limit: int, length: int) -> None:
    """A comment is never longer than it may be, and begins and ends as it should."""
    steps = [replacement(f"{number}-{'x' * length}") for number in range(libraries)]
    steps += [step("delete", f"{number}-{'|' * length}", type="t") for number in range(others)]
    whole = commented(digest(*steps), limit=10**7)
    text = commented(digest(*steps), limit=limit)
    assert len(text) <= limit
    assert text.startswith("### ⚠️ `catalogue/dev`: ")
    assert text.endswith(f"\n{MARKER}\n")
    # From half of the limit on, blocks give way to lines.
    assert text == whole or len(whole) > limit // 2
    assert skeleton(text)


def test_a_cut_is_told() -> None:
    """The notice says where all of it is, and each table how much it lacks."""
    steps = [step("delete", f"bucket-{number}", type="oss") for number in range(100)]
    text = commented(digest(*steps), limit=2_000, url="https://ci/1")
    assert "[The log](<https://ci/1>) has everything." in text
    assert "`bucket-0`" in text
    assert "`bucket-99`" in text
    kept, left_out = text.count("`bucket-"), re.search(r"\| \*… (\d+) more …\* \|", text)
    assert left_out
    assert kept + int(left_out[1]) == 100


def test_too_many_stacks() -> None:
    """What can't be cut is refused in one line."""
    name = "x" * 400
    contents = [
        digest(step("same", name, owner=f"urn:pulumi:{name}::{number}")) for number in range(200)
    ]
    with pytest.raises(PreviewError, match=r"^200 previews are too many for 65000 characters$"):
        commented(*contents)


def test_least_important_first() -> None:
    """Sections are cut by their weight, and dropped before the text is refused."""
    items = [f"item {number}" for number in range(10)]
    sections = [
        Section(None, ["title"]),
        *(Section(weight, items, notice=MORE.format) for weight in (2, 1)),
    ]
    some = truncated(sections, 112)
    few = truncated(sections, 30)
    none = truncated(sections, 3)
    assert some == "title\n\n" + "\n".join(items) + "\n\nitem 0\n*… 8 more …*\nitem 9"
    assert few == "title\n\n*… 10 more …*"
    assert none is None


def test_errors_are_bounded() -> None:
    """A message of a megabyte leaves room for the rest."""
    message = {"message": "error: " + "long\n" * 200_000, "severity": "error"}
    text = commented(
        digest(step("create", "films", newState=library()), diagnostics=[message] * 30)
    )
    assert len(text) <= LIMIT
    assert "`films`" in text
