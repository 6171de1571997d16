"""Counting for a diff: what fails or takes long holds nobody up twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fake_clock import FakeClock
from pulumi_alicloud_mps.dynamic.counting import SECONDS, Counting
from pulumi_alicloud_mps.mps.errors import (
    AccountMismatchError,
    MpsError,
    NotListedError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
)
from pulumi_alicloud_mps.mps.models import FileCount

HERE, THERE = "cn-shanghai", "cn-beijing"
LIST = "ListFpShotFiles"


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that only the test moves."""
    return FakeClock()


@pytest.fixture
def counting(clock: FakeClock) -> Counting:
    """Return the counting of one process."""
    return Counting(clock)


def failing(error: Exception) -> Callable[[float], FileCount | None]:
    """Return a count that fails."""

    def count(_: float) -> FileCount | None:
        raise error

    return count


def test_a_count_is_passed_on(counting: Counting) -> None:
    """What was counted is the answer, whole or not."""
    part = FileCount(1000, complete=False)
    assert counting.ask(HERE, lambda _: FileCount(3)) == FileCount(3)
    assert counting.ask(HERE, lambda _: part) == part


@pytest.mark.parametrize("found", [None, FileCount(0)])
def test_nothing_is_nothing(counting: Counting, found: FileCount | None) -> None:
    """A library that is gone and an empty one are the same: nothing is lost."""
    assert counting.ask(HERE, lambda _: found) is None


def test_empty_pages_without_end_are_not_nothing(counting: Counting) -> None:
    """A library that MPS has more pages of is not called empty."""
    reason = counting.ask(HERE, lambda _: FileCount(0, complete=False))
    assert reason == "MPS lists none, and says that there are more"


@pytest.mark.parametrize(
    "error",
    [
        SettingsError("credentials: none"),
        OutcomeUnknownError(LIST, "the connection broke"),
        RefusedError(LIST, "no", code="Forbidden.RAM"),
        ValueError("a bug"),
    ],
)
def test_a_failure_is_shared(counting: Counting, error: Exception) -> None:
    """What failed for one library is not tried for the others of its region."""
    reason = counting.ask(HERE, failing(error))
    assert isinstance(reason, str)
    assert str(error) in reason
    assert counting.ask(HERE, lambda _: FileCount(1)) == reason
    assert counting.ask(THERE, lambda _: FileCount(1)) == FileCount(1)


@pytest.mark.parametrize(
    "error",
    [
        AccountMismatchError("the library belongs to account 1"),
        NotListedError("MPS does not list it"),
        RefusedError(LIST, "no", code="InvalidParameter"),
    ],
)
def test_a_failure_of_one_library_is_its_own(counting: Counting, error: MpsError) -> None:
    """What is wrong with one library says nothing of the others."""
    assert counting.ask(HERE, failing(error)) == str(error)
    assert counting.ask(HERE, lambda _: FileCount(1)) == FileCount(1)


def test_all_counts_together_have_an_end(counting: Counting, clock: FakeClock) -> None:
    """Many libraries that answer slowly don't hold a preview up for long."""
    ends: list[float] = []

    def slow(deadline: float) -> FileCount | None:
        ends.append(deadline)
        clock.time += 1
        return FileCount(1)

    end = clock.now() + SECONDS
    found = [counting.ask(HERE, slow) for _ in range(500)]
    assert found.count(FileCount(1)) == SECONDS
    assert found[-1] == "counting others took 5 seconds already"
    assert set(ends) == {end}
