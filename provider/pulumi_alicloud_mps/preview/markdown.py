"""Markdown that arbitrary text can't break out of.

Text from elsewhere goes into a code span or a fenced block, where GitHub and GitLab render no HTML,
links, mentions or emoji. Backslashes are doubled and unprintable characters escaped, as Pulumi
itself does, so that an even number of backslashes precedes every pipe; one more keeps a table's
cell together, however a renderer counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from pulumi_alicloud_mps.printable import printable

LONGEST = 120
"""How much of a name or value is shown, in characters."""

_LONGEST_BLOCK = 4_000


def code(text: str, longest: int = LONGEST) -> str:
    """Return text as a code span; empty text stays empty."""
    if not text:
        return ""
    text = printable(shortened(text, longest).replace("\\", "\\\\"))
    fence = "`" * (_longest_run(text) + 1)
    # One space at either end is not shown, and keeps backticks and spaces apart from the fence.
    padding = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def shortened(text: str, longest: int) -> str:
    """Cut the middle out of text that is too long."""
    if len(text) <= longest:
        return text
    kept = (longest - 1) // 2
    return f"{text[:kept]}…{text[-kept:]}"


def row(cells: Iterable[str]) -> str:
    """Return a table's row; the cells are Markdown already."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def block(text: str) -> str:
    """Return text of several lines as a fenced block."""
    lines = shortened(text.strip("\n"), _LONGEST_BLOCK).split("\n")
    fence = "`" * max(3, _longest_run(text) + 1)
    shown = (printable(line.rstrip().expandtabs(4)) for line in lines)
    return "\n".join([f"{fence}text", *shown, fence])


def quoted(text: str) -> str:
    """Return Markdown as a block quote."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def link(words: str, url: str) -> str:
    """Return a link; the words are ours, the address is anybody's."""
    return f"[{words}](<{quote(url, safe=':/?&=#%,;+~@!$', errors='backslashreplace')}>)"


def marker(owner: str) -> str:
    """Return the hidden line by which the comment of a stack is found again."""
    name = quote(owner, safe="/", errors="backslashreplace")
    return f"<!-- alicloud-mps preview-comment: {name} -->"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
