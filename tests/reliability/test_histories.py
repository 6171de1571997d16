"""Random histories, always the same ones; `scripts/reliability --histories` lives others."""

from reliability.histories import bounded, run
from reliability.world import Machine


def test_no_history_breaks_a_promise(machine: Machine) -> None:
    """Whatever happens in whatever order, nothing is lost, made twice, destroyed or told."""
    run(machine, bounded(60))
