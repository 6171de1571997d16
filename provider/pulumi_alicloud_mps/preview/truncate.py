"""Truncating a comment: the least important section first, and in its middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

LIMIT = 65_000
"""The default length of a comment, in characters; GitHub refuses more than 65,536."""

_BLANK = "\n\n"


@dataclass(frozen=True)
class Section:
    """A part of the comment: items, one a line, of which some may be left out.

    Attributes:
        weight: Sections of less weight are cut first, sections without one never.
        notice: Makes the item that replaces the ones left out, from their number.
    """

    weight: int | None
    items: Sequence[str]
    head: Sequence[str] = ()
    tail: Sequence[str] = ()
    notice: Callable[[int], str] = str

    def text(self) -> str:
        """Return the section as Markdown."""
        return "\n".join([*self.head, *self.items, *self.tail]).rstrip("\n")

    def cut(self, excess: int) -> Section:
        """Leave out items from the middle, until it is shorter by `excess` or has none left."""
        count = len(self.items)
        ends = [0, *accumulate(len(item) + 1 for item in self.items)]
        # The notice takes room itself, for a number of as many digits as there can be.
        owed = excess + len(self.notice(count)) + 1
        for out in range(1, count + 1):
            first = (count - out + 1) // 2
            if ends[first + out] - ends[first] >= owed or out == count:
                items = [*self.items[:first], self.notice(out), *self.items[first + out :]]
                return replace(self, items=items)
        return self


def truncated(sections: Sequence[Section], limit: int) -> str | None:
    """Return the sections as one text of less than `limit` characters; None if they can't be."""
    kept = dict(enumerate(sections))
    weighed = [(item.weight, key) for key, item in kept.items() if item.weight is not None]

    def excess() -> int:
        return sum(len(section.text()) + len(_BLANK) for section in kept.values()) - limit

    for _, key in sorted(weighed):
        if (owed := excess()) > 0:
            kept[key] = kept[key].cut(owed)
    for _, key in sorted(weighed):
        if excess() > 0:
            del kept[key]
    text = _BLANK.join(section.text() for section in kept.values())
    # One is the newline at its end.
    return text if len(text) < limit else None
