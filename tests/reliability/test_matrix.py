"""Each thing that can happen to each call of each life, on the process of either front.

`scripts/reliability` runs all cases; here, of those that go the same way, one.
"""

import re
from collections import Counter

import pytest

from reliability.broken_copies import ROOT
from reliability.lives import LIVES, Life
from reliability.matrix import Case, cases, run, run_untroubled
from reliability.respects import respects
from reliability.world import Machine


@pytest.mark.parametrize("case", cases(all_of_them=False), ids=str)
def test_a_life_comes_to_its_end(machine: Machine, case: Case) -> None:
    """Nothing is lost, doubled, destroyed or leaked, and what the error says leads to the end."""
    run(machine, case)


@pytest.mark.parametrize("native", [False, True], ids=["dynamic", "native"])
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_a_life_without_trouble(machine: Machine, life: Life, *, native: bool) -> None:
    """Where nothing goes wrong, the first command succeeds, or the one after what it says."""
    run_untroubled(machine, life, native=native)


def test_the_page_counts_the_cases() -> None:
    """docs/explanation/proofs.md says how many there are of each sort, and how many run here."""
    page = (ROOT / "docs" / "explanation" / "proofs.md").read_text(encoding="utf-8")
    native = Counter(case.family for case in cases() if case.native)
    dynamic = Counter(case.family for case in cases() if not case.native)
    dynamic.update(respect.family for respect in respects())
    counted = [[dynamic[family], native[family]] for family in dynamic]
    rows = [[*map(int, row)] for row in re.findall(r"\| (\d+) \| (\d+) \|\n", page)]
    assert rows == [*counted, [dynamic.total(), native.total()]]
    run_here = len(cases(all_of_them=False)) + len(respects(all_of_them=False))
    assert f"The tests run {run_here} of them" in page
