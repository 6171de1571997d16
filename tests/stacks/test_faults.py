"""One fault of each sort that the matrix in tests/reliability knows, on the real CLI.

Kills have tests of their own, see test_kills.
"""

from __future__ import annotations

from typing import Any

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack
from reliability.matrix import cases

PASSED_OVER: dict[str, dict[str, Any]] = {
    "connection": {"kind": "close_after"},
    "silence": {"kind": "hang", "execute": True},
    "HTTP 5xx": {"kind": "body", "content": "html", "status": 502, "execute": True},
    "throttling": {"kind": "error", "code": "Throttling.User"},
    "odd answer": {"kind": "body", "content": "wrong_types", "execute": True},
}
"""What each of several Creates meets, without any other command for it."""

TOLD: dict[str, tuple[str, dict[str, Any], str]] = {
    "empty List": (
        "refresh",
        {"action": "ListFpShotDB", "calls": [1], "kind": "body", "content": "nothing_listed"},
        "does not mention",
    ),
    "refusal": (
        "up",
        {"action": "CreateFpShotDB", "kind": "error", "code": "Forbidden.RAM"},
        "allow mts:CreateFpShotDB",
    ),
    "library fate": (
        "up",
        {"action": "CreateFpShotDB", "kind": "library", "state": "paused"},
        "resume it in the MPS console",
    ),
    "job failure": (
        "destroy",
        {"action": "SubmitFpDBDeleteJob", "calls": [1], "kind": "job_failure"},
        "run the same command",
    ),
}
"""A command, the fault that it meets, and what its error says."""


def test_each_sort_has_a_sample() -> None:
    """There is a sample of every sort of fault in the matrix."""
    sorts = {case.trouble.family for case in cases()}
    assert {*PASSED_OVER, *TOLD, "kill"} == sorts


def test_faults(stack: PulumiStack, mps: ControlApi) -> None:
    """One library is made of each, the state has its ID, and what fails succeeds when repeated."""

    def executed(action: str) -> int:
        found = [call for call in mps.requests() if call["Action"] == action]
        return sum(call["Executed"] for call in found)

    def agree() -> None:
        assert {entry["id"] for entry in stack.resources().values()} == {
            library["FpDBId"] for library in mps.libraries()
        }

    mps.change_settings(quota=10)
    names = [f"clips-{number}" for number in range(len(PASSED_OVER))]
    stack.program("\n".join(f'FpShotDB("{name}")' for name in names))
    mps.set_faults(
        *(
            {"action": "CreateFpShotDB", "calls": [number], **fault}
            for number, fault in enumerate(PASSED_OVER.values(), 1)
        )
    )
    assert LOCAL_ACCESS_KEY_SECRET not in stack.up().succeeded().output
    assert sum(bool(call["Fault"]) for call in mps.requests()) == len(PASSED_OVER)
    assert executed("CreateFpShotDB") == len(stack.resources()) == len(names)
    agree()

    for sort, (command, fault, said) in TOLD.items():
        if command == "up":
            names.append(sort)
            stack.program("\n".join(f'FpShotDB("{name}")' for name in names))
        mps.set_faults(fault)
        output = getattr(stack, command)().failed().output
        mps.set_faults()
        assert said in output
        assert LOCAL_ACCESS_KEY_SECRET not in output
        agree()
        for library in mps.libraries():
            mps.set_state(library["FpDBId"], "active")
        getattr(stack, command)().succeeded()
        agree()
    assert mps.libraries() == []
    assert executed("CreateFpShotDB") == len(names)
