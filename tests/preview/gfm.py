"""As much of GitHub's Markdown as tells what is text, and what is structure.

Written from the specification (https://github.github.com/gfm/), and not from the code it tests.
"""

import re

_FENCE = re.compile(r"(`{3,})([^`]*)")
_RUN = re.compile("`+")


def skeleton(markdown: str) -> list[str]:
    """Return the lines without what stands in code spans and fenced blocks."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        opened = _FENCE.fullmatch(line)
        if fence:
            fence = "" if re.fullmatch(f"`{{{len(fence)},}} *", line) else fence
        elif opened:
            fence = opened[1]
            lines.append("```")
        elif line.startswith("|"):
            lines.append(" | ".join(without_code(cell) for cell in cells(line)))
        else:
            lines.append(without_code(line))
    assert not fence, "a fence is not closed"
    return lines


def cells(line: str) -> list[str]:
    """Split a table's row, and check that both ways of reading backslashes agree."""
    pairwise = _split_pairwise(line)
    directly = re.split(r"(?<!\\)\|", line)
    assert pairwise == directly
    return [cell.strip().replace("\\|", "|") for cell in pairwise[1:-1]]


def _split_pairwise(line: str) -> list[str]:
    found, cell, position = [], "", 0
    while position < len(line):
        length = 2 if line[position] == "\\" else 1
        char = line[position : position + length]
        if char == "|":
            found.append(cell)
            cell = ""
        else:
            cell += char
        position += length
    return [*found, cell]


def without_code(text: str) -> str:
    """Replace each code span by one empty pair of backticks."""
    shown, position = "", 0
    while opened := _RUN.search(text, position):
        closed = next(
            (run for run in _RUN.finditer(text, opened.end()) if len(run[0]) == len(opened[0])),
            None,
        )
        assert closed, f"a code span is not closed: {text}"
        shown += text[position : opened.start()] + "``"
        position = closed.end()
    return shown + text[position:]
