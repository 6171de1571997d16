"""Text from elsewhere as it can be shown: nothing that has no glyph or turns the writing around."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return text with each character that can't be printed as Python escapes it, as `\u202e`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode()
