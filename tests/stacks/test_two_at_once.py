"""Two who want the same library: whoever comes second hears of the first, and none is in both."""

from __future__ import annotations

import pytest

from control_api import ControlApi
from pulumi_stack import PulumiStack
from stacks.conftest import StackMaker

PROGRAM = 'FpShotDB("clips")'


def fp_db_id(stack: PulumiStack) -> str:
    """Return the ID that a stack's state has for the library."""
    return str(stack.resources()["clips"]["id"])


def test_one_after_the_other(new_stack: StackMaker, mps: ControlApi) -> None:
    """The same program on another backend gets an error with the ID, also after a `recover`."""
    ours, theirs = new_stack("ours"), new_stack("theirs")
    for stack in (ours, theirs):
        stack.program(PROGRAM)
    theirs.up().succeeded()
    assert f"shows: {fp_db_id(theirs)}" in ours.up().failed().output
    assert "nothing to recover" in ours.recover().succeeded().output
    assert f"shows: {fp_db_id(theirs)}" in ours.up().failed().output
    assert ours.resources() == {}
    assert mps.only_library()["FpDBId"] == fp_db_id(theirs)


def test_while_the_other_creates(new_stack: StackMaker, mps: ControlApi) -> None:
    """Who comes while the other's Create is on its way gets an error with that library's ID."""
    ours, theirs = new_stack("ours"), new_stack("theirs")
    for stack in (ours, theirs):
        stack.program(PROGRAM)
    mps.set_faults({"action": "CreateFpShotDB", "calls": [1], "kind": "slow", "seconds": 3})
    running = theirs.start_up()
    mps.await_calls("CreateFpShotDB")
    assert f"shows: {mps.only_library()['FpDBId']}" in ours.up().failed().output
    running.outcome().succeeded()
    assert fp_db_id(theirs) == mps.only_library()["FpDBId"]
    assert ours.resources() == {}


@pytest.mark.parametrize("unique", [False, True])
def test_in_the_same_moment(new_stack: StackMaker, mps: ControlApi, *, unique: bool) -> None:
    """Two that can't see each other have a library each, or MPS refuses the second of a name."""
    mps.change_settings(unique_names=unique)
    stacks = [new_stack("ours"), new_stack("theirs")]
    # Each lists before either creates.
    mps.set_faults({"action": "ListFpShotDB", "calls": [1, 2], "kind": "slow", "seconds": 5})
    for stack in stacks:
        stack.program('FpShotDB("clips", name="clips")')
    both = [stack.start_up() for stack in stacks]
    codes = [running.outcome().code for running in both]
    assert sum(code == 0 for code in codes) == (1 if unique else 2)
    held = [entry["id"] for stack in stacks for entry in stack.resources().values()]
    assert sorted(held) == sorted(library["FpDBId"] for library in mps.libraries())


def test_reused_names(stack: PulumiStack, new_stack: StackMaker, mps: ControlApi) -> None:
    """A reused logical name or stack name, whose library moved on, takes nothing from it."""
    stack.program(PROGRAM)
    stack.up().succeeded()
    first = fp_db_id(stack)
    stack.program(
        'FpShotDB("films", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="clips")]))'
    )
    stack.up().succeeded()
    stack.program(f'FpShotDB("films")\n{PROGRAM}')

    refused = stack.up().failed().output
    assert f"an earlier run created library {first}" in refused
    assert {name: entry["id"] for name, entry in stack.resources().items()} == {"films": first}

    stack.run("stack", "rename", "prod").succeeded()
    newer = new_stack("newer")
    newer.program(PROGRAM)
    assert f"shows: {first}" in newer.up().failed().output
    assert newer.resources() == {}
    assert mps.only_library()["FpDBId"] == first

    assert (
        "resource manages it, in this stack or any other; otherwise give this resource" in refused
    )
    stack.program('FpShotDB("films")\nFpShotDB("clips", name="clips")')
    stack.up("--stack", "prod").succeeded()
    assert len(mps.libraries()) == 2
