"""What the commands print: text in columns for a terminal, JSON, and remarks."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click
from wcwidth import clip, ljust, width, wrap

from pulumi_alicloud_mps.mps.models import NOT_STATED, Library, model_name
from pulumi_alicloud_mps.printable import printable

if TYPE_CHECKING:
    from pulumi_alicloud_mps.settings.reader import Settings

_GAP = "  "
_INDENT = "    "
_NARROWEST = 24


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream is a terminal; one that is closed is None."""
    return stream is not None and stream.isatty()


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as lines, each column as wide as its widest cell.

    In a terminal that is narrower, the last column is wrapped; if it would get too narrow for
    that, each row goes on in the next line, indented.
    """
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    limit = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else sys.maxsize
    room = limit - sum(widths[:-1]) - len(_GAP) * (len(widths) - 1)
    if _NARROWEST <= room < widths[-1]:
        rows = [line for row in rows for line in _wrapped(row, room)]
        widths[-1] = room
    return "\n".join(line for row in rows for line in _lines(row, widths, limit))


def paragraph(text: str) -> str:
    """Return text, in a terminal wrapped to its width."""
    return columns([[text]])


def short(text: str, columns: int = 40) -> str:
    """Return a name or description, cut to so many columns with an ellipsis."""
    text = printable(text)
    return text if width(text) <= columns else clip(text, 0, columns - 1, fillchar="") + "…"


def library_cells(library: Library, region: str) -> tuple[str, ...]:
    """Return a library's cells in tables: its name, ID, model, region and state."""
    # A model without a name is shown by its number.
    model = model_name(library.model_id) or str(library.model_id or NOT_STATED)
    return short(library.name), library.fp_db_id, model, region, library.state


def print_json(document: object) -> None:
    """Print a document, with nothing else on standard output."""
    click.echo(json.dumps(document, indent=2))


def state_copy(path: Path | None) -> dict[str, object]:
    """Return for JSON whether the stack's state was changed, and where its copy is."""
    return {"state_changed": path is not None, "state_before": str(path) if path else None}


def warn_if_local(settings: Settings) -> None:
    """Say on standard error if the libraries are not those of an account."""
    if settings.local:
        click.echo("the endpoint is local: these are the libraries of the embedded MPS", err=True)


def _lines(row: Sequence[str], widths: Sequence[int], limit: int) -> list[str]:
    lines, used = [""], 0
    for cell, room in zip(row, widths, strict=True):
        if used and used + room > limit:
            lines.append(_INDENT)
            used = len(_INDENT)
        lines[-1] += ljust(cell, room) + _GAP
        used += room + len(_GAP)
    first, *rest = (line.rstrip() for line in lines)
    return [first, *filter(None, rest)]


def _wrapped(row: Sequence[str], room: int) -> list[tuple[str, ...]]:
    """Return a row with its last cell in several lines, broken between words."""
    *before, text = row
    lines = wrap(text, room, break_long_words=False, break_on_hyphens=False)
    return [*zip_longest(*([cell] for cell in before), lines, fillvalue="")]
