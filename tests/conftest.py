"""Every test runs without the environment and the home of whoever runs it."""

from collections.abc import Iterator

import hypothesis
import pytest

import environment

environment.isolate()

# The SDK reads the environment when it is loaded.
from clocks import FakeClock  # noqa: E402
from control_api import ControlApi  # noqa: E402
from core import Core  # noqa: E402

# The same examples in every run, no folder to keep them in, and no matter how slow the machine is.
hypothesis.settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")


# What a module imports to start a process that goes on: the engine, a dynamic host, a browser.
_LONG_LIVED = {
    "Checkout",
    "HostProcess",
    "Machine",
    "PulumiStack",
    "StackMaker",
    "environment_in",
    "guided_in",
    "recorded",
    "sync_playwright",
}

# Searches of a minute, guides as a whole, and all figures.
_LONGEST = {"test_kills.py", "test_guides.py", "test_benchmarks.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `scripts/test --quick` leaves out, and have them begin first.

    They take longest, so that none of them should begin when all others are done.
    """
    for item in items:
        if isinstance(item, pytest.Function) and _LONG_LIVED & vars(item.module).keys():
            item.add_marker("engine")
    items.sort(
        key=lambda item: (
            item.get_closest_marker("engine") is None,
            item.path.name not in _LONGEST,
        )
    )


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves when something waits."""
    return FakeClock()


@pytest.fixture
def core(clock: FakeClock) -> Iterator[Core]:
    """The core of the package and an emulator, closed at the end."""
    with Core(clock) as opened:
        yield opened


@pytest.fixture
def mps(core: Core) -> ControlApi:
    """Look behind the emulator's API."""
    return ControlApi(core.emulator.url)
