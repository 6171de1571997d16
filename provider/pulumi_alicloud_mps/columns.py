"""Text in columns, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from wcwidth import wcswidth, wcwidth

_GAP = "  "


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        _GAP.join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def shortened(text: str, columns: int) -> str:
    """Return printable text in so many columns; what is cut off is an ellipsis."""
    if _width(text) <= columns:
        return text
    ends = accumulate(max(0, wcwidth(char)) for char in text)
    return text[: sum(end < columns for end in ends)] + "…"


def _width(text: str) -> int:
    # What can't be printed has no width.
    width = wcswidth(text)
    return len(text) if width < 0 else width
