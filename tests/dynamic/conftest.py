"""An MPS for a provider that runs in the test's own process."""

from collections.abc import Iterator

import pytest

from control_api import LocalMps, local_mps
from fronts.conftest import AT_ONCE


@pytest.fixture(scope="module")
def mps() -> Iterator[LocalMps]:
    """Serve an MPS in which everything is done at once."""
    with local_mps(**AT_ONCE) as running:
        yield running


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Return a name for a library that no other test has."""
    return str(request.node.name)
