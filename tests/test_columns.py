"""Text in columns."""

from pulumi_alicloud_mps.columns import columns


def test_columns() -> None:
    """Each column is as wide as its widest cell, and no line ends in blanks."""
    shown = columns([("NAME", "ID", "NOTE"), ("a", "1234", ""), ("", "5", "x")])

    assert shown == "NAME  ID    NOTE\na     1234\n      5     x"
