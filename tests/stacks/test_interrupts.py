"""Ctrl-C and SIGTERM of the CLI: once ends the waiting and keeps the ID, twice loses nothing."""

from __future__ import annotations

import re
import signal

from control_api import ControlApi
from pulumi_stack import PulumiStack, Running, until
from stacks.conftest import either_front

ENDS_WITHIN = 8
CLI_ENDS_WITHIN = 20
"""The CLI itself gives the program's process five seconds to go, of which it at times needs all."""

UNANSWERED = {"kind": "hang", "execute": True}


def agree(stack: PulumiStack, mps: ControlApi) -> None:
    """State and MPS have the same library, nothing is owed, and no provider was left."""
    assert stack.resources()["a"]["id"] == mps.only_library()["FpDBId"]
    assert stack.pending() == []
    until(lambda: not stack.providers(), ENDS_WITHIN)


@either_front
def test_once(stack: PulumiStack, mps: ControlApi) -> None:
    """Waiting ends within seconds with the ID kept, and the next run goes on with the same work."""
    mps.change_settings(activation_seconds=600)
    stack.program('FpShotDB("a")')
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB")
    mps.await_calls("ListFpShotDB", 2)
    running.signal(signal.SIGINT)
    output = running.outcome(CLI_ENDS_WITHIN).failed().output
    fp_db_id = mps.only_library()["FpDBId"]
    assert re.search(rf"{fp_db_id} was interrupted after [0-5] s \(offline\)", output)
    assert "run `pulumi up` again to continue waiting for it" in output
    assert stack.resources()["a"]["id"] == fp_db_id
    assert stack.resources()["a"]["initErrors"]

    mps.set_state(fp_db_id, "active")
    stack.up().succeeded()
    assert mps.calls().count("CreateFpShotDB") == 1
    agree(stack, mps)

    mps.change_settings(deletion_seconds=4)
    running = stack.start_destroy()
    mps.await_calls("SubmitFpDBDeleteJob")
    running.signal(signal.SIGTERM)
    output = running.outcome(CLI_ENDS_WITHIN).failed().output
    assert re.search(r"was interrupted after [0-3] s \(\w+\); run the same command again", output)
    assert stack.resources()["a"]["id"] == fp_db_id

    stack.destroy().succeeded()
    assert mps.calls().count("SubmitFpDBDeleteJob") == 1
    assert mps.libraries() == []
    assert stack.resources() == {}


def break_off(running: Running, number: signal.Signals) -> None:
    """Send the CLI the signal, and again while it waits for what MPS does not answer."""
    running.signal(number)
    running.await_output("received; cancelling")
    running.signal(number)
    running.outcome(CLI_ENDS_WITHIN).failed()


def test_twice(stack: PulumiStack, mps: ControlApi) -> None:
    """Broken off while MPS owes an answer: `recover` settles a create, and a destroy its job."""
    stack.program('FpShotDB("a")')
    mps.set_faults({"action": "CreateFpShotDB", **UNANSWERED})
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB")
    break_off(running, signal.SIGINT)
    mps.set_faults()
    assert stack.pending() == ["creating"]
    assert mps.only_library()["FpDBId"] in stack.up().failed().output

    stack.recover().succeeded()
    stack.up().succeeded()
    assert mps.calls().count("CreateFpShotDB") == 1
    agree(stack, mps)

    mps.change_settings(deletion_seconds=10)
    mps.set_faults({"action": "SubmitFpDBDeleteJob", **UNANSWERED})
    running = stack.start_destroy()
    mps.await_calls("SubmitFpDBDeleteJob")
    break_off(running, signal.SIGTERM)
    mps.set_faults()
    assert stack.resources()["a"]["id"] == mps.only_library()["FpDBId"]

    stack.destroy().succeeded()
    assert mps.calls().count("SubmitFpDBDeleteJob") == 1
    assert stack.resources() == {}
