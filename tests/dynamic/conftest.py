"""One host, one engine and one MPS for the tests of a module; each test has its own libraries."""

import itertools
import os
from collections.abc import Iterator

import pytest

from dynamic.local_mps import LocalMps
from host_process import FakeEngine, HostProcess


@pytest.fixture(scope="module")
def mps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMps]:
    """Serve an MPS."""
    with LocalMps(tmp_path_factory.mktemp("mps")) as running:
        yield running


@pytest.fixture(scope="module")
def engine() -> Iterator[FakeEngine]:
    """Take messages."""
    with FakeEngine() as running:
        yield running


@pytest.fixture(scope="module")
def host(mps: LocalMps, engine: FakeEngine) -> Iterator[HostProcess]:
    """Run the host of one `pulumi up`."""
    with HostProcess(mps.config(), engine.address) as running:
        yield running


@pytest.fixture
def another_host(mps: LocalMps) -> Iterator[HostProcess]:
    """Run the host of the next `pulumi up`: it remembers nothing."""
    with HostProcess(mps.config()) as running:
        yield running


_NUMBERS = itertools.count()


@pytest.fixture
def name() -> str:
    """Return a name for a library that no other test has."""
    return f"songs-{os.getpid()}-{next(_NUMBERS)}"
