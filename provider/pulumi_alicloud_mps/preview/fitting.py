"""Making a comment fit: what matters least is cut first, and in its middle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

_BLANK = "\n\n"


@dataclass(frozen=True)
class Section:
    """A part of the comment: items, one a line, that may be left out where they are too many.

    Attributes:
        weight: What has less is cut first; nothing is cut of what has none.
        notice: Makes the item that stands for the ones left out, from their number.
    """

    weight: int | None
    items: Sequence[str]
    head: Sequence[str] = ()
    tail: Sequence[str] = ()
    notice: Callable[[int], str] = "*… {} more …*".format

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
class Fitted:
    """The text, and whether anything was left out."""

    text: str
    is_cut: bool


def fitted(sections: Sequence[Section], limit: int) -> Fitted | None:
    """Return the sections as one text of less than `limit` characters; None if they can't be."""
    fitting: list[Section | None] = list(sections)
    weighed = [
        (section.weight, position)
        for position, section in enumerate(sections)
        if section.weight is not None
    ]
    cut: list[Callable[[Section, int], Section | None]] = [Section.cut, lambda *_: None]
    for shorten in cut:
        for _, position in sorted(weighed):
            excess = _length(fitting) - limit
            section = fitting[position]
            if excess > 0 and section is not None:
                fitting[position] = shorten(section, excess)
    text = _BLANK.join(section.text() for section in fitting if section)
    # One is the newline at its end.
    return Fitted(text, is_cut=fitting != list(sections)) if len(text) < limit else None


def _length(sections: Sequence[Section | None]) -> int:
    return sum(len(section.text()) + len(_BLANK) for section in sections if section)
