"""What a user sees, and keeps, when something goes wrong."""

from __future__ import annotations

import json

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_SECRET, Emulator
from pulumi_stack import PulumiStack

SHORT = "opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts('5s', '5s'))"


def test_bad_inputs(stack: PulumiStack, mps: ControlApi) -> None:
    """What MPS would refuse, and a bad setting, fail in the preview, at once, without a call."""
    stack.configure({**stack.config, "alicloud-mps:readTimeout": "soon"})
    stack.program('FpShotDB("a", name="", model_id=15, config="{", region="here", adopt="x")')

    output = stack.preview().failed().output

    for line in (
        "alicloud-mps:readTimeout: ",
        "name: must not be empty",
        "model_id: must be one of 11 (TEXT)",
        "config: must be JSON",
        "adopt: must be an FpDBId",
        "region: must be a region such as cn-shanghai",
    ):
        assert line in output
    assert mps.calls() == []


def test_kept_while_replaced(stack: PulumiStack, mps: ControlApi) -> None:
    """Replaced libraries are kept where the program says so, under other names than their own."""
    kept = "opts=pulumi.ResourceOptions(retain_on_delete=True, delete_before_replace={})"
    later, early = kept.format("True"), kept.format("False")
    stack.program(f'FpShotDB("clips", name="clips", description="old", {later})')
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.program(f'FpShotDB("clips", name="clips", description="new", {later})')

    output = stack.up().failed().output
    assert f"the library that is replaced ({fp_db_id}) is kept and has the same name" in output

    stack.program(f'FpShotDB("clips", description="new", {later})')
    stack.up().succeeded()
    urn = stack.resources()["clips"]["urn"]
    stack.up("--target-replace", urn).succeeded()
    stack.run("state", "taint", urn, "--yes").succeeded()
    stack.program(f'FpShotDB("clips", description="new", {early})')
    stack.up().succeeded()

    made = {library["FpDBId"] for library in mps.libraries()}
    clips = stack.resources()["clips"]
    assert {*clips["outputs"]["predecessors"], clips["id"]} == made
    assert len(made) == 4


def test_paused(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that is late stays in the state until it is active; one that is paused only warns.

    The next `up` waits on for the one, and goes on without the other.
    """
    mps.change_settings(activation_seconds=600)
    stack.program(f'FpShotDB("late", {SHORT})')

    output = stack.up().failed().output

    fp_db_id = mps.only_library()["FpDBId"]
    assert f"library {fp_db_id} is still offline after " in output
    assert "run `pulumi up` again" in output
    assert stack.resources()["late"]["id"] == fp_db_id

    mps.set_state(fp_db_id, "active")
    stack.program('FpShotDB("late")')
    stack.up().succeeded()
    assert mps.calls().count("CreateFpShotDB") == 1
    assert "initErrors" not in stack.resources()["late"]

    mps.set_state(fp_db_id, "paused")
    stack.refresh().succeeded()
    output = stack.up("--expect-no-changes").succeeded().output
    assert stack.resources()["late"]["outputs"]["state"] == "paused"
    assert "is 'paused', not active: resume it in the MPS console" in output


def test_nothing_is_lost(stack: PulumiStack, mps: ControlApi) -> None:
    """A taken name, wrong keys and another account change nothing; what is gone is forgotten."""
    secret = 'name=pulumi.Output.secret("h1dden")'
    program = f'FpShotDB("clips", {secret}); FpShotDB("films")'
    stack.program(program)
    stack.up().succeeded()
    ids = {name: entry["id"] for name, entry in stack.resources().items()}
    account = stack.resources()["clips"]["outputs"]["account_id"]

    # The error has the ID of the first, and no name.
    stack.program(f'{program}; FpShotDB("more", {secret})')
    output = stack.up().failed().output
    assert f"a library of the same name already exists in cn-shanghai: {ids['clips']}" in output
    assert "h1dden" not in output + stack.exported()

    stack.environment["ALICLOUD_SECRET_KEY"] = "wrong"
    assert "check the secret of the access key" in stack.refresh().failed().output
    stack.environment["ALICLOUD_SECRET_KEY"] = LOCAL_ACCESS_KEY_SECRET

    with Emulator() as other:
        stack.configure({**stack.config, "alicloud-mps:endpoint": other.url})
        for command in (stack.refresh, stack.destroy):
            output = command("--run-program").failed().output
            assert f"the library belongs to account {account}" in output
    stack.configure(stack.config)
    assert {name: entry["id"] for name, entry in stack.resources().items()} == ids
    assert {library["FpDBId"] for library in mps.libraries()} == {*ids.values()}

    for fp_db_id in ids.values():
        mps.set_state(fp_db_id, "deleted")
    stack.program(program)
    target = stack.resources()["clips"]["urn"]
    stack.refresh("--run-program", "--target", target).succeeded()
    assert list(stack.resources()) == ["films"]
    stack.destroy("--run-program").succeeded()
    assert stack.resources() == {}


def test_secrets(stack: PulumiStack, mps: ControlApi) -> None:
    """Keys reach no state and no output, and a secret input stays encrypted, even half made."""
    mps.change_settings(activation_seconds=600)
    note = 'note = pulumi.Output.secret("hunter2")\n'
    stack.program(f'{note}FpShotDB("bad", name=pulumi.Output.secret("  "), config=note)')
    refused = stack.preview("--diff").failed()
    stack.program(f'{note}FpShotDB("late", description=note, {SHORT})')
    shown = [refused, stack.up(), stack.refresh("--diff")]
    logged = stack.up("-v=9", "--logtostderr")
    state = stack.exported()

    # What is read from the backend's file is what Pulumi says of the stack.
    assert json.loads(state) == json.loads(stack.run("stack", "export").succeeded().output)
    assert "late" in stack.resources()
    for text in (*(outcome.output for outcome in shown), state):
        assert LOCAL_ACCESS_KEY_SECRET not in text
        assert "hunter2" not in text
    assert LOCAL_ACCESS_KEY_SECRET not in logged.output
