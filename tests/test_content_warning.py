"""What a preview says of lost content, as it is written and as it is read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicloud_mps.content_warning import (
    LONGEST_REASON,
    ContentReport,
    content_warning,
    read_content,
)
from pulumi_alicloud_mps.mps.models import FileCount

ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"
RETAINED = "if retain_on_delete is off"


@pytest.mark.parametrize(
    ("found", "forced", "message"),
    [
        (FileCount(1234), False, f"holds 1,234 files\n{{}} is refused {RETAINED} [mps-files 1234]"),
        (
            FileCount(1000, complete=False),
            False,
            f"holds 1,000+ files\n{{}} is refused {RETAINED} [mps-files 1000+]",
        ),
        (FileCount(1), True, f"holds 1 file\n{{}} destroys them {RETAINED} [mps-files 1]"),
        (FileCount(0), True, "empty: nothing is lost\n{} loses no files [mps-files 0]"),
        ("no keys", False, f"may hold files\n{{}} is refused {RETAINED}\n[mps-files ?] no keys"),
    ],
)
def test_what_is_lost(found: FileCount | str, message: str, *, forced: bool) -> None:
    """The first line says how much there is, the second what becomes of it."""
    assert content_warning(ID, found, forced=forced) == message.format(f"replacing {ID}")


@given(
    found=st.builds(FileCount, st.integers(0, 10_000), complete=st.booleans())
    | st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
    .map(lambda text: " ".join(text.split()))
    .filter(bool),
    forced=st.booleans(),
)
def test_a_message_is_read_again(found: FileCount | str, *, forced: bool) -> None:
    """Whatever is said about the content is found by its mark; our own text is short."""
    text = content_warning(ID, found, forced=forced)
    assert read_content(text) == (
        ContentReport(found) if isinstance(found, FileCount) else ContentReport(reason=found)
    )
    assert len(text.removesuffix(str(found))) <= 120


def test_a_long_reason_is_cut() -> None:
    """Why nothing could be counted is one line of limited length, which shows that it was cut."""
    text = content_warning(ID, f"no answer:\n  {'x' * 1000}", forced=False)
    content = read_content(text)
    assert content
    assert content.reason == text.split("] ")[1]
    assert content.reason.startswith("no answer: xxx")
    assert content.reason.endswith("x…")
    assert len(content.reason) == LONGEST_REASON


@pytest.mark.parametrize("other", ["", "the library stays in cn-shanghai", "holds 3 files"])
def test_other_warnings_are_not_read(other: str) -> None:
    """Words without a mark say nothing."""
    assert read_content(other) is None
