"""Lives where MPS differs from its documentation in one respect.

`scripts/reliability` runs all lives; here, those whose calls go every way.
"""

import pytest

from reliability.respects import Respect, respects, run
from reliability.world import Machine


@pytest.mark.parametrize("respect", respects(all_of_them=False), ids=str)
def test_a_life_comes_to_its_end(machine: Machine, respect: Respect) -> None:
    """Nothing is lost, doubled, destroyed or leaked, and what the error says leads to the end."""
    run(machine, respect)
