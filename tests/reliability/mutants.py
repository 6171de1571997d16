"""The promises of the provider, each with a change of its source that breaks it."""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path("provider") / "pulumi_alicloud_mps"
TABLE = Path(__file__).with_name("mutants.txt")


@dataclass(frozen=True)
class Mutant:
    """A promise that is broken.

    Attributes:
        title: What goes wrong.
        module: Where, within the package.
        old: The text of the module that is replaced; it has it once.
        new: What it is replaced by.
        likely: The arguments of pytest for the tests that probably notice it.
    """

    title: str
    module: str
    old: str
    new: str
    likely: tuple[str, ...]

    def applied_to(self, text: str) -> str:
        """Return the module's text with the promise broken.

        Raises:
            ValueError: It has the place never, or more than once.
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self.module} has {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)


def _mutant(paragraph: str) -> Mutant:
    title, place, *lines = paragraph.splitlines()
    mark, module, *elsewhere = place.split(" ")
    assert mark == "@", f"{title}: {place}"
    old, new = ("\n".join(line[1:] for line in lines if line[0] == mark) for mark in "-+")
    path = Path("tests") / module
    own = str(path.with_name(f"test_{path.name}"))
    return Mutant(title, module, old, new, tuple(elsewhere) or (own,))


MUTANTS = [
    _mutant(paragraph)
    for paragraph in TABLE.read_text(encoding="utf-8").strip().split("\n\n")
    if not paragraph.startswith("#")
]
