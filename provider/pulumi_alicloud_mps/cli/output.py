"""What the commands print: text in columns, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

import click
from wcwidth import wcswidth, wcwidth

from pulumi_alicloud_mps.mps.models import UNKNOWN, model_name
from pulumi_alicloud_mps.printable import printable

if TYPE_CHECKING:
    from pulumi_alicloud_mps.settings.reader import Settings

_GAP = "  "
_LONGEST = 40


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


def short(text: str) -> str:
    """Return a name or description as far as a table has room for it."""
    return shortened(printable(text), _LONGEST)


def model_text(model_id: int | None) -> str:
    """Return a model as people read it."""
    name = model_name(model_id)
    return f"{model_id} ({name})" if name else str(model_id or UNKNOWN)


def tell_local(settings: Settings) -> None:
    """Say on standard error that there is no account behind what is shown."""
    if settings.local:
        click.echo("the endpoint is local: these are the libraries of the embedded MPS", err=True)


def _width(text: str) -> int:
    # What can't be printed has no width.
    width = wcswidth(text)
    return len(text) if width < 0 else width
