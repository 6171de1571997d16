"""Text in columns."""

import pytest

from pulumi_alicloud_mps.cli.output import columns, shortened


def test_columns() -> None:
    """Each column is as wide as its widest cell, and no line ends in blanks."""
    shown = columns([("NAME", "ID", "NOTE"), ("a", "1234", ""), ("", "5", "x")])
    assert shown == "NAME  ID    NOTE\na     1234\n      5     x"


def test_wide_letters() -> None:
    """A Chinese character takes two columns, and what combines with another one none."""
    shown = columns([("NAME", "ID"), ("歌曲", "1"), ("e\u0301a", "2"), ("abcd", "3")])
    assert shown == "NAME  ID\n歌曲  1\ne\u0301a    2\nabcd  3"


@pytest.mark.parametrize(
    ("text", "short"),
    [("abcd", "abcd"), ("abcde", "abc…"), ("歌曲", "歌曲"), ("歌曲库", "歌…"), ("a歌曲库", "a歌…")],
)
def test_what_is_too_wide_is_cut(text: str, short: str) -> None:
    """Text is cut to the columns that it may take, never within a character."""
    assert shortened(text, 4) == short
