"""What a user sees, and keeps, when something goes wrong."""

from __future__ import annotations

import json

import pytest

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_SECRET, Emulator
from pulumi_stack import PulumiStack

SHORT = "opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts('1s', '1s'))"


def test_bad_inputs(stack: PulumiStack, mps: ControlApi) -> None:
    """Everything that MPS would refuse fails in the preview, all of it at once, without a call."""
    stack.program('FpShotDB("a", name="", model_id=15, config="{", region="here", adopt="x")')

    output = stack.preview().failed().output

    for line in (
        "name: must not be empty",
        "model_id: must be one of 11 (TEXT)",
        "config: must be JSON",
        "adopt: must be an FpDBId",
        "region: must be a region such as cn-shanghai",
    ):
        assert line in output
    assert mps.calls() == []


def test_bad_settings(stack: PulumiStack) -> None:
    """A setting that can't be used fails in the preview, beside the inputs that are wrong."""
    stack.configure({"alicloud-mps:endpoint": "http://mts.cn-shanghai.aliyuncs.com"})
    stack.program('FpShotDB("a", model_id=99)')

    output = stack.preview().failed().output

    assert "alicloud-mps:endpoint: plain HTTP goes to this machine only" in output
    assert "model_id: must be one of" in output


def test_no_credentials(stack: PulumiStack) -> None:
    """Without any credentials one line says how to give some."""
    stack.environment = {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", "HOME": str(stack.folder)}
    stack.program('FpShotDB("a")')

    output = stack.up().failed().output

    assert "credentials: the default chain gave none" in output
    assert "set alicloud-mps:accessKey and alicloud-mps:secretKey" in output


def test_kept_while_replaced(stack: PulumiStack, mps: ControlApi) -> None:
    """What replaces a library that is kept needs another name only where the program gives one."""
    kept = "opts=pulumi.ResourceOptions(retain_on_delete=True)"
    stack.program(f'FpShotDB("clips", name="clips", description="old", {kept})')
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.program(f'FpShotDB("clips", name="clips", description="new", {kept})')

    output = stack.up().failed().output

    assert f"the library that is replaced ({fp_db_id}) is kept by `retain_on_delete`" in output

    stack.program(f'FpShotDB("clips", description="new", {kept})')
    stack.up().succeeded()
    assert len(mps.libraries()) == 2


@pytest.mark.parametrize("first", ["delete", "create"])
def test_kept_while_replaced_by_force(stack: PulumiStack, mps: ControlApi, first: str) -> None:
    """`--target-replace` and a taint keep the old libraries where the program says so."""
    kept = f"retain_on_delete=True, delete_before_replace={first == 'delete'}"
    stack.program(f'FpShotDB("songs", opts=pulumi.ResourceOptions({kept}))')
    stack.up().succeeded()
    urn = stack.resources()["songs"]["urn"]
    stack.up("--target-replace", urn).succeeded()
    stack.run("state", "taint", urn, "--yes").succeeded()
    stack.up().succeeded()

    made = {library["FpDBId"] for library in mps.libraries()}
    songs = stack.resources()["songs"]
    assert {*songs["outputs"]["predecessors"], songs["id"]} == made
    assert len(made) == 3
    stack.preview("--expect-no-changes").succeeded()


def test_timeout_keeps_the_library(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that is late stays in the state under its ID, and the next up waits on for it."""
    mps.change_settings(activation_seconds=600)
    stack.program(f'FpShotDB("late", {SHORT})')

    output = stack.up().failed().output

    library = mps.only_library()
    assert f"library {library['FpDBId']} is still offline after 1 s" in output
    assert "run `pulumi up` again" in output
    assert stack.resources()["late"]["id"] == library["FpDBId"]

    mps.set_state(library["FpDBId"], "active")
    stack.up().succeeded()

    assert mps.calls().count("CreateFpShotDB") == 1
    assert "initErrors" not in stack.resources()["late"]
    stack.preview("--expect-no-changes").succeeded()


def test_paused(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that MPS pauses stops nothing: the next up warns, and goes on."""
    stack.program('FpShotDB("clips")')
    stack.up().succeeded()
    mps.set_state(mps.only_library()["FpDBId"], "paused")

    stack.refresh().succeeded()
    output = stack.up("--expect-no-changes").succeeded().output

    assert stack.resources()["clips"]["outputs"]["state"] == "paused"
    assert "is 'paused', not active: have it resumed in the MPS console" in output


def test_name_taken(stack: PulumiStack, mps: ControlApi) -> None:
    """A second library of a name is never made: the error has the ID of the first, and no name."""
    secret = 'name=pulumi.Output.secret("h1dden")'
    stack.program(f'FpShotDB("clips", {secret})')
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.program(f'FpShotDB("clips", {secret}); FpShotDB("more", {secret})')

    output = stack.up().failed().output

    assert f"a library of the same name is in cn-shanghai already: {fp_db_id}" in output
    assert "h1dden" not in output + stack.exported()
    assert mps.only_library()["FpDBId"] == fp_db_id


def test_gone(stack: PulumiStack, mps: ControlApi) -> None:
    """Refresh forgets a library that MPS says is deleted, and destroy takes that for done."""
    stack.program('FpShotDB("a"); FpShotDB("b")')
    stack.up().succeeded()
    for library in mps.libraries():
        mps.set_state(library["FpDBId"], "deleted")

    stack.refresh("--target", stack.resources()["a"]["urn"]).succeeded()

    assert list(stack.resources()) == ["b"]

    stack.destroy().succeeded()

    assert stack.resources() == {}


def test_refresh_keeps_on_errors(stack: PulumiStack) -> None:
    """A refresh that MPS refuses forgets nothing."""
    stack.program('FpShotDB("clips")')
    stack.up().succeeded()
    stack.environment["ALICLOUD_SECRET_KEY"] = "wrong"

    output = stack.refresh().failed().output

    assert "check the secret of the access key" in output
    assert "clips" in stack.resources()


def test_other_account(stack: PulumiStack) -> None:
    """With another account's credentials nothing is forgotten and nothing deleted."""
    stack.program('FpShotDB("clips")')
    stack.up().succeeded()
    account = stack.resources()["clips"]["outputs"]["account_id"]
    with Emulator() as other:
        stack.configure({**stack.config, "alicloud-mps:endpoint": other.url})
        refreshed = stack.refresh("--run-program").failed()
        destroyed = stack.destroy("--run-program").failed()

    for outcome in (refreshed, destroyed):
        assert f"the library belongs to account {account}" in outcome.output
    assert "clips" in stack.resources()


def test_secrets(stack: PulumiStack, mps: ControlApi) -> None:
    """Keys reach no state and no output, and a secret input stays encrypted, even half made."""
    mps.change_settings(activation_seconds=600)
    note = 'note = pulumi.Output.secret("hunter2")\n'
    stack.program(f'{note}FpShotDB("bad", name=pulumi.Output.secret("  "), config=note)')
    refused = stack.preview("--diff").failed()
    stack.program(f'{note}FpShotDB("late", description=note, {SHORT})')
    shown = [refused, stack.preview("--diff"), stack.up(), stack.refresh()]
    logged = stack.up("-v=9", "--logtostderr")
    state = stack.exported()

    # What is read from the backend's file is what Pulumi says of the stack.
    assert json.loads(state) == json.loads(stack.run("stack", "export").succeeded().output)
    assert "late" in stack.resources()
    for text in (*(outcome.output for outcome in shown), state):
        assert LOCAL_ACCESS_KEY_SECRET not in text
        assert "hunter2" not in text
    assert LOCAL_ACCESS_KEY_SECRET not in logged.output
