"""One account, one engine and one host of each front for all tests of a worker."""

from collections.abc import Iterator

import pytest

from reliability.world import Machine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """Run an emulated MPS, and the hosts as they are needed."""
    with Machine() as running:
        yield running
