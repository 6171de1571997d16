"""Text from elsewhere, made safe to show: no control characters, nothing that changes direction."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return text with each character that can't be printed as Python escapes it, as `\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in text
    )
