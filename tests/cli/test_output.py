"""Text in columns."""

import pytest

from pulumi_alicloud_mps.cli.output import columns, short


def test_columns() -> None:
    """Each column is as wide as its widest cell, and no line ends in blanks."""
    shown = columns([("NAME", "ID", "NOTE"), ("a", "1234", ""), ("", "5", "x")])
    assert shown == "NAME  ID    NOTE\na     1234\n      5     x"


def test_wide_letters() -> None:
    """A Chinese character takes two columns, and what combines with another one none."""
    shown = columns([("NAME", "ID"), ("歌曲", "1"), ("e\u0301a", "2"), ("abcd", "3")])
    assert shown == "NAME  ID\n歌曲  1\ne\u0301a    2\nabcd  3"


@pytest.mark.parametrize(
    ("text", "cut"),
    [("abcd", "abcd"), ("abcde", "abc…"), ("歌曲", "歌曲"), ("歌曲库", "歌…"), ("a歌曲库", "a歌…")],
)
def test_what_is_too_wide_is_cut(text: str, cut: str) -> None:
    """Text is cut to the columns that it may take, never within a character."""
    assert short(text, 4) == cut


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print to a terminal of 40 columns."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")


@pytest.mark.usefixtures("terminal")
def test_a_long_last_column_is_wrapped() -> None:
    """What does not fit beside the other columns goes on below, broken between words."""
    shown = columns([("RESULT", "DETAIL"), ("ok", "the 歌曲 answer that is too long for one line")])
    assert shown == (
        "RESULT  DETAIL\nok      the 歌曲 answer that is too long\n        for one line"
    )


@pytest.mark.usefixtures("terminal")
def test_a_row_that_is_too_wide_goes_on_below() -> None:
    """Where the last column has no room either, the columns that don't fit are indented."""
    shown = columns([("NAME", "ID", "NOTE"), ("歌曲库", "1" * 32, "x"), ("b", "2", "")])
    assert shown == f"NAME    ID\n    NOTE\n歌曲库  {'1' * 32}\n    x\nb       2"
