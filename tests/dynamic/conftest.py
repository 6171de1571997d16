"""One host, one engine and one MPS for the tests of a module; each test has its own libraries."""

import itertools
import os
from collections.abc import Iterator

import pytest

from control_api import LocalMps, local_mps
from dynamic.stack import Host
from host_process import FakeEngine


@pytest.fixture(scope="module")
def mps() -> Iterator[LocalMps]:
    """Serve an MPS in which everything is done at once."""
    at_once = {"activation_seconds": 0, "deletion_seconds": 0, "calls_per_second": 0}
    with local_mps(**at_once, quota=1000, video_creations=0) as running:
        yield running


@pytest.fixture(scope="module")
def engine() -> Iterator[FakeEngine]:
    """Take messages."""
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
