"""For each front one host, one engine and one MPS in a module; each test has its own libraries."""

import itertools
import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from control_api import LocalMps, local_mps
from fronts.stack import Host
from host_process import FakeEngine, ProviderClient

AT_ONCE = {
    "activation_seconds": 0,
    "deletion_seconds": 0,
    "calls_per_second": 0,
    "quota": 1000,
    "video_creations": 0,
}
"""The settings of an emulator in which nothing is waited for or refused."""


@pytest.fixture(scope="module", params=["dynamic", "native"], autouse=True)
def front(request: pytest.FixtureRequest) -> Iterator[str]:
    """Have every test of this folder hold for both."""
    with patch.object(ProviderClient, "native", request.param == "native"):
        yield request.param


@pytest.fixture(scope="module")
def mps(front: str) -> Iterator[LocalMps]:
    """Serve an MPS in which everything is done at once."""
    del front
    with local_mps(**AT_ONCE) as running:
        yield running


@pytest.fixture(scope="module")
def engine(front: str) -> Iterator[FakeEngine]:
    """Take messages."""
    del front
    with FakeEngine() as running:
        yield running


@pytest.fixture(scope="module")
def host(mps: LocalMps, engine: FakeEngine) -> Iterator[Host]:
    """Run the host of one `pulumi up`."""
    with Host(mps, engine) as running:
        yield running


@pytest.fixture
def another_host(mps: LocalMps) -> Iterator[Host]:
    """Run the host of the next `pulumi up`: it remembers nothing."""
    with FakeEngine() as unheard, Host(mps, unheard) as running:
        yield running


_NUMBERS = itertools.count()


@pytest.fixture
def name() -> str:
    """Return a name for a library that no other test has."""
    return f"songs-{os.getpid()}-{next(_NUMBERS)}"
