"""The documentation's snippets, and what each of them is run with."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]

GUIDES = ["adopt-an-account.md", "choose-a-provider.md"]
"""Documents that are followed as a whole, from one block to the next."""

_BLOCK = re.compile(
    r"(?:^<!-- config: (?P<config>.*) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Snippet:
    """A block of code in a document.

    Attributes:
        place: The document and the line.
        text: The code.
        config: The stack's configuration that it needs, from the comment before the block:
            `<!-- config: key=value key=value -->`.
    """

    place: str
    text: str
    config: dict[str, str] = field(default_factory=dict)

    @property
    def is_program(self) -> bool:
        """Whether it is the program of a stack."""
        return bool(re.search(r"^import pulumi$", self.text, re.MULTILINE))

    def __str__(self) -> str:
        return self.place


def snippets(language: str, document: str | None = None) -> Iterator[Snippet]:
    """Return the blocks of a language in README.md and docs/ or in one of them, but for guides."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if path.name in GUIDES or document not in {None, path.name}:
            continue
        text = path.read_text(encoding="utf-8")
        for block in _BLOCK.finditer(text):
            if block["language"] == language:
                line = text.count("\n", 0, block.start("language")) + 1
                config = dict(item.split("=", 1) for item in (block["config"] or "").split())
                yield Snippet(f"{path.relative_to(ROOT)}:{line}", block["text"], config)
