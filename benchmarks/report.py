"""What a run leaves: its samples as JSON, and a table for the terminal or the documentation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figures import FIGURES, Figure
from benchmarks.scenarios import Round, Scale

BEGIN = "<!-- scripts/bench writes from here -->"
END = "<!-- to here -->"

_WHOLE = 100
_HEAD = ("figure", "what", "must reach", "measured", "verdict")


@dataclass(frozen=True)
class Report:
    """One run.

    Attributes:
        command: What was typed.
        date: The day.
        machine: Where it ran.
        load: How busy that was, before and after each scenario: processes that run or wait.
        versions: Of what was measured.
        scale: How much was done.
        samples: The rounds of each scenario, by its name.
    """

    command: str
    date: str
    machine: Mapping[str, str]
    load: list[float]
    versions: Mapping[str, str]
    scale: Scale
    samples: dict[str, Sequence[Round]]

    def measured(self, figure: Figure) -> float:
        """Return a figure of this run."""
        return figure.measure(self.samples[figure.scenario.__name__], self.scale)

    def figures(self) -> list[Figure]:
        """Return the figures that this run has samples for."""
        return [figure for figure in FIGURES if figure.scenario.__name__ in self.samples]

    def json(self) -> str:
        """Return all of it, also the figures."""
        figures = {
            figure.name: {"measured": value, "met": figure.met(value)}
            for figure in self.figures()
            for value in [self.measured(figure)]
        }
        return json.dumps({**asdict(self), "figures": figures}, indent=1) + "\n"

    def rows(self, figures: Sequence[Figure]) -> list[tuple[str, ...]]:
        """Return the table, its head first."""
        return [_HEAD, *(self._row(figure) for figure in figures)]

    def _row(self, figure: Figure) -> tuple[str, ...]:
        measured = self.measured(figure)
        return (
            figure.name,
            figure.about.format(**asdict(self.scale)),
            f"{figure.sign} {_shown(figure.bound, figure.unit)}",
            _shown(measured, figure.unit),
            "reached" if figure.met(measured) else "**not reached**",
        )

    def markdown(self, picture: str) -> str:
        """Return what stands in the documentation between the two marks."""
        head, *rows = (f"| {' | '.join(row)} |" for row in self.rows(self.figures()))
        load = f"load average {min(self.load):.1f} to {max(self.load):.1f}"
        where = ", ".join([*self.machine.values(), load])
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return "\n".join(
            [
                BEGIN,
                f"`{self.command}`, {self.date}, on {where}. {versions}.",
                "",
                head,
                f"|{' --- |' * len(_HEAD)}",
                *rows,
                "",
                f"![Time of `up` against the number of libraries]({picture})",
                END,
            ]
        )


def plain(rows: Sequence[Sequence[str]]) -> str:
    """Return a table in columns."""
    bare = [[cell.translate({ord("`"): None, ord("*"): None}) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*bare, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in bare)


def write_between_marks(document: Path, text: str) -> None:
    """Replace what stands between the marks of a document, the marks included."""
    before, _, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(before + text + after, encoding="utf-8")


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}".strip() if value >= _WHOLE else f"{value:.3g} {unit}".strip()
