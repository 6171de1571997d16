"""Random histories, always the same ones; `scripts/reliability --histories` lives others."""

import pytest

from reliability.histories import bounded, run
from reliability.world import Machine


@pytest.mark.parametrize("seed", range(6))
def test_no_history_breaks_a_promise(machine: Machine, seed: int) -> None:
    """Whatever happens in whatever order, nothing is lost, made twice, destroyed or told."""
    run(machine, bounded(10), seed)
