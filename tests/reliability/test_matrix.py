"""Each thing that can happen to each call of each life, on the process of either front.

`scripts/reliability` runs all cases; here, of those that go the same way, one.
"""

import pytest

from reliability.lives import LIVES, Life
from reliability.matrix import Case, cases, run, run_untroubled
from reliability.world import Machine


@pytest.mark.parametrize("case", cases(all_of_them=False), ids=str)
def test_a_life_comes_to_its_end(machine: Machine, case: Case) -> None:
    """Nothing is lost, made twice, destroyed or told, and what the error says leads to the end."""
    run(machine, case)


@pytest.mark.parametrize("native", [False, True], ids=["dynamic", "native"])
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_a_life_without_trouble(machine: Machine, life: Life, *, native: bool) -> None:
    """Where nothing goes wrong, the first command succeeds, or the one after what it says."""
    run_untroubled(machine, life, native=native)
