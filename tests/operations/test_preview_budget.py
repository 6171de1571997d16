"""Calls that a preview can do without: what fails or takes long holds nobody up twice."""

from collections.abc import Callable

import pytest

from clocks import FakeClock
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    MpsError,
    NotListedError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
)
from pulumi_alicloud_mps.operations.preview_checks import SECONDS, PreviewBudget, Unanswered

HERE, THERE = "cn-shanghai", "cn-beijing"
LIST = "ListFpShotFiles"


@pytest.fixture
def calls(clock: FakeClock) -> PreviewBudget:
    """Return the calls of one process."""
    return PreviewBudget(clock)


def failing(error: Exception) -> Callable[[float], int]:
    """Return a call that fails."""

    def call(_: float) -> int:
        raise error

    return call


def test_an_answer_is_passed_on(calls: PreviewBudget) -> None:
    """What a call returns is the answer."""
    assert calls.ask(HERE, lambda _: 3) == 3


@pytest.mark.parametrize(
    "error",
    [
        SettingsError("credentials: none"),
        OutcomeUnknownError(LIST, "the connection broke"),
        RefusedError(LIST, "no", code="Forbidden.RAM"),
        ValueError("a bug"),
    ],
)
def test_a_failure_is_shared(calls: PreviewBudget, error: Exception) -> None:
    """What failed for one library is not tried for the others of its region."""
    reason = calls.ask(HERE, failing(error))
    assert isinstance(reason, Unanswered)
    assert str(error) in reason.reason
    assert calls.ask(HERE, lambda _: 1) == reason
    assert calls.ask(THERE, lambda _: 1) == 1


@pytest.mark.parametrize(
    "error",
    [
        AccountMismatchError("the library belongs to account 1"),
        NotListedError("MPS does not list it"),
        RefusedError(LIST, "no", code="InvalidParameter"),
    ],
)
def test_a_failure_of_one_library_is_its_own(calls: PreviewBudget, error: MpsError) -> None:
    """What is wrong with one library says nothing of the others."""
    assert calls.ask(HERE, failing(error)) == Unanswered(str(error))
    assert calls.ask(HERE, lambda _: 1) == 1


def test_all_calls_together_have_an_end(calls: PreviewBudget, clock: FakeClock) -> None:
    """Many libraries that answer slowly don't hold a preview up for long."""
    ends: list[float] = []

    def slow(deadline: float) -> int:
        ends.append(deadline)
        clock.time += 1
        return 1

    end = clock.now() + SECONDS
    found = [calls.ask(HERE, slow) for _ in range(500)]
    assert found.count(1) == SECONDS
    assert found[-1] == Unanswered("the 5 s preview budget is used up")
    assert set(ends) == {end}
