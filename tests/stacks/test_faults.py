"""One fault of each sort that the matrix in tests/reliability knows, on the real CLI.

Kills have tests of their own, see test_kills.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack
from reliability.matrix import cases


@dataclass(frozen=True)
class Sample:
    """A fault that a command meets.

    Attributes:
        fault: The rule of the emulator's script.
        command: The command.
        said: What its error says; None where it succeeds all the same.
    """

    fault: dict[str, object]
    command: str = "up"
    said: str | None = None


_CREATE = {"action": "CreateFpShotDB", "calls": [1]}
_LIST = {"action": "ListFpShotDB", "calls": [1]}
_SUBMIT = {"action": "SubmitFpDBDeleteJob", "calls": [1]}

SAMPLES = {
    "connection": Sample({**_CREATE, "kind": "close_after"}),
    "silence": Sample({**_CREATE, "kind": "hang", "execute": True}),
    "HTTP 5xx": Sample(
        {**_CREATE, "kind": "body", "content": "html", "status": 502, "execute": True}
    ),
    "throttling": Sample({**_CREATE, "kind": "error", "code": "Throttling.User"}),
    "refusal": Sample(
        {**_CREATE, "kind": "error", "code": "Forbidden.RAM"}, said="allow mts:CreateFpShotDB"
    ),
    "odd answer": Sample({**_CREATE, "kind": "body", "content": "wrong_types", "execute": True}),
    "empty List": Sample(
        {**_LIST, "kind": "body", "content": "nothing_listed"}, "refresh", "does not mention"
    ),
    "library fate": Sample(
        {**_CREATE, "kind": "library", "state": "paused"}, said="have it resumed at MPS"
    ),
    "job failure": Sample({**_SUBMIT, "kind": "job_failure"}, "destroy", "run the same command"),
}


def test_each_sort_has_a_sample() -> None:
    """There is a sample of every sort of fault in the matrix."""
    assert {*SAMPLES, "kill"} == {case.trouble.family for case in cases()}


@pytest.mark.parametrize("sort", SAMPLES)
def test_fault(stack: PulumiStack, mps: ControlApi, sort: str) -> None:
    """One library is made, the state has its ID, and the same command again comes to its end."""
    sample = SAMPLES[sort]
    command = getattr(stack, sample.command)
    stack.program('FpShotDB("clips")')
    if sample.command != "up":
        stack.up().succeeded()
    mps.set_faults(sample.fault)
    outcome = command()
    mps.set_faults()

    assert any(call["Fault"] for call in mps.requests())
    assert LOCAL_ACCESS_KEY_SECRET not in outcome.output
    if sample.said is None:
        outcome.succeeded()
    else:
        assert sample.said in outcome.failed().output
        for library in mps.libraries():
            assert stack.resources()["clips"]["id"] == library["FpDBId"]
            mps.set_state(library["FpDBId"], "active")
        command().succeeded()

    made = [call for call in mps.requests() if call["Action"] == "CreateFpShotDB"]
    assert sum(call["Executed"] for call in made) == 1
    assert [entry["id"] for entry in stack.resources().values()] == [
        library["FpDBId"] for library in mps.libraries()
    ]
    assert len(mps.libraries()) == (sample.command != "destroy")
