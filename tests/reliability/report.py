"""The figures of a run of the matrix, as text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_PROMISES = ("lost", "duplicated", "destroyed", "secrets")


@dataclass(frozen=True)
class Result:
    """What became of one case.

    Attributes:
        life: Its life.
        family: What sort of trouble it met.
        name: Its ID.
        native: Whether it went through the native provider.
        met: How many calls met the trouble.
        runs: How many commands it took until the end; 0 where it failed.
        problem: Why it failed.
        promise: Which promise was broken, if one was.
    """

    life: str
    family: str
    name: str
    native: bool = False
    met: int = 0
    runs: int = 0
    problem: str = ""
    promise: str = ""


def table(results: Sequence[Result]) -> list[str]:
    """Return a line for each life: cases by family of trouble, how they ended, failures."""
    families = list(dict.fromkeys(result.family for result in results))
    lines = [_row("life", [*families, "cases", "met", "same run", "failed"])]
    for life in dict.fromkeys(result.life for result in results):
        of_life = [result for result in results if result.life == life]
        lines.append(_row(life, _figures(of_life, families)))
    return [*lines, _row("all", _figures(results, families))]


def last_line(results: Sequence[Result], seconds: float) -> str:
    """Return the whole in one line."""
    failed = sum(bool(result.problem) for result in results)
    broken = Counter(result.promise for result in results)
    met = sum(bool(result.met) for result in results)
    kept = ", ".join(f"{promise} {broken[promise]}" for promise in _PROMISES)
    native = sum(result.native for result in results)
    return (
        f"met their fault {met}, dynamic {len(results) - native}, native {native}\n{kept}\n"
        f"cases {len(results)}, passed {len(results) - failed}, failed {failed}, {seconds:.0f} s"
    )


def _figures(results: Sequence[Result], families: Sequence[str]) -> list[object]:
    by_family = Counter(result.family for result in results)
    at_once = sum(result.runs == 1 for result in results)
    failed = sum(bool(result.problem) for result in results)
    met = sum(bool(result.met) for result in results)
    return [*(by_family[family] for family in families), len(results), met, at_once, failed]


def _row(name: str, cells: Sequence[object]) -> str:
    return f"{name:<24}" + "".join(f"{cell!s:>12}" for cell in cells)
