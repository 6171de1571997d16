"""Truncating a comment: the least important section first, and in its middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
        sizes = [len(item) + 1 for item in self.items]
        first = last = len(sizes) // 2
        # The notice takes room itself, for a number of as many digits as there can be.
        owed = excess + len(self.notice(len(sizes))) + 1
        while owed > 0 and (first > 0 or last < len(sizes)):
            if first > len(sizes) - last:
                first -= 1
                owed -= sizes[first]
            else:
                owed -= sizes[last] if last < len(sizes) else 0
                last = min(last + 1, len(sizes))
        out = last - first
        items = [*self.items[:first], self.notice(out), *self.items[last:]]
        return replace(self, items=items) if out else self


@dataclass(frozen=True)
class Truncated:
    """The text, and whether anything was left out."""

    text: str
    is_cut: bool


def truncated(sections: Sequence[Section], limit: int) -> Truncated | None:
    """Return the sections as one text of less than `limit` characters; None if they can't be."""
    kept: list[Section | None] = list(sections)
    weighed = [
        (section.weight, position)
        for position, section in enumerate(sections)
        if section.weight is not None
    ]
    cut: list[Callable[[Section, int], Section | None]] = [Section.cut, lambda *_: None]
    for shorten in cut:
        for _, position in sorted(weighed):
            excess = sum(len(part.text()) + len(_BLANK) for part in kept if part) - limit
            section = kept[position]
            if excess > 0 and section is not None:
                kept[position] = shorten(section, excess)
    text = _BLANK.join(section.text() for section in kept if section)
    # One is the newline at its end.
    return Truncated(text, is_cut=kept != list(sections)) if len(text) < limit else None
