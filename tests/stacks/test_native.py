"""What only the native provider can report to the engine."""

from __future__ import annotations

import json
import re
from typing import Any

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack
from stacks.conftest import StackMaker

PROGRAM = """
from pulumi_alicloud_mps_native import FpShotDB, Provider
import pulumi

config = pulumi.Config("alicloud-mps")
theirs = Provider(
    "theirs",
    region="cn-beijing",
    access_key=config.require("accessKey"),
    secret_key=config.require("secretKey"),
)
FpShotDB("songs")
FpShotDB("far", opts=pulumi.ResourceOptions(provider=theirs))
FpShotDB("inherits", opts=pulumi.ResourceOptions(provider=Provider("shanghai")))
"""


def test_keys_in_clear(new_stack: StackMaker, mps: ControlApi) -> None:
    """Keys that the configuration has in clear are encrypted in the state, and stay as they are."""
    stack = new_stack(native=True)
    del stack.environment["ALICLOUD_ACCESS_KEY"], stack.environment["ALICLOUD_SECRET_KEY"]
    keys = {"accessKey": LOCAL_ACCESS_KEY_ID, "secretKey": LOCAL_ACCESS_KEY_SECRET}
    stack.configure(stack.config | {f"alicloud-mps:{key}": value for key, value in keys.items()})
    (stack.folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    stack.up().succeeded()
    stack.up("--refresh", "--expect-no-changes").succeeded()

    told = stack.run("stack", "export").succeeded().output
    assert LOCAL_ACCESS_KEY_SECRET not in told
    providers = [
        item
        for item in json.loads(told)["deployment"]["resources"]
        if item["type"] == "pulumi:providers:alicloud-mps"
    ]
    assert len(providers) == 3
    for item in providers:
        for properties in (item["inputs"], item["outputs"]):
            assert {"ciphertext"} <= properties["accessKey"].keys() & properties["secretKey"].keys()
    assert len(mps.libraries()) == 3


def test_previews(native_stack: PulumiStack, mps: ControlApi) -> None:
    """A create shows what is known of it; a change says of each property whether it replaces."""
    stack = native_stack

    def planned(inputs: str) -> dict[str, Any]:
        stack.program(f'FpShotDB("songs"{inputs})')
        return stack.steps()["songs"]

    shown = (
        'for name in ("state", "model_id", "fp_db_id"): pulumi.export(name, getattr(songs, name))'
    )
    stack.program(f'songs = FpShotDB("songs", model_id=13)\n{shown}')
    told = stack.preview().succeeded().output
    assert re.search(r'fp_db_id: \[unknown\]\n *model_id: 13\n *state *: "active"', told)
    stack.up().succeeded()

    updated = planned(", model_id=13, force_destroy=True")
    assert updated["op"] == "update"
    assert updated["detailedDiff"] == {"forceDestroy": {"kind": "update", "inputDiff": True}}

    replaced = planned(", model_id=14, force_destroy=True, description='new'")
    assert replaced["op"] == "replace"
    assert replaced["detailedDiff"] == {
        "modelId": {"kind": "update-replace", "inputDiff": True},
        "forceDestroy": {"kind": "update", "inputDiff": True},
        "description": {"kind": "add-replace", "inputDiff": True},
    }
    assert re.search(r"~ modelId *: 13 => 14", stack.preview("--diff").succeeded().output)
    assert mps.only_library()["ModelId"] == 13


def test_keys_that_are_made_in_the_same_run(native_stack: PulumiStack, mps: ControlApi) -> None:
    """A preview goes on without the keys of a provider that are only known later."""
    stack = native_stack

    def program(maker: str) -> str:
        return f"""
from pulumi_alicloud_mps_native import FpShotDB, Provider
import pulumi

made = FpShotDB("{maker}").id
theirs = Provider(
    "theirs",
    access_key=made.apply(lambda _: "{LOCAL_ACCESS_KEY_ID}"),
    secret_key=made.apply(lambda _: "{LOCAL_ACCESS_KEY_SECRET}"),
)
FpShotDB("far", opts=pulumi.ResourceOptions(provider=theirs, retain_on_delete=True))
"""

    for maker, operation in [("first", "create"), ("second", "update")]:
        (stack.folder / "__main__.py").write_text(program(maker), encoding="utf-8")
        assert stack.steps()["far"]["op"] == operation
        stack.up().succeeded()
        stack.preview("--expect-no-changes").succeeded()
    assert LOCAL_ACCESS_KEY_SECRET not in stack.exported()
    assert len(mps.libraries()) == 2


def test_a_forced_replacement(native_stack: PulumiStack, mps: ControlApi) -> None:
    """The engine creates first where diff is not asked: nothing is created beside what is kept."""
    stack = native_stack
    declared = 'FpShotDB("songs", {})'
    stack.program(declared.format(""))
    stack.up().succeeded()
    first = stack.resources()["songs"]
    mps.fill(first["id"], 3)
    forced = ("--target-replace", first["urn"])

    # Under another name it would stand beside the old one.
    for arguments in (
        "",
        'name="albums"',
        "opts=pulumi.ResourceOptions(delete_before_replace=True)",
    ):
        stack.program(declared.format(arguments))
        told = " ".join(stack.up(*forced).failed().output.split())
        assert f"{first['id']} holds fingerprints; nothing was deleted. " in told
        assert mps.only_library()["FpDBId"] == first["id"]
        stack.program(declared.format(""))
        stack.up("--expect-no-changes").succeeded()
    stack.run("state", "taint", first["urn"], "--yes").succeeded()
    told = " ".join(stack.up().failed().output.split())
    assert "remove any taint with `pulumi state untaint`, then set forceDestroy: true" in told

    stack.run("state", "untaint", first["urn"], "--yes").succeeded()
    stack.program(declared.format("force_destroy=True"))
    stack.up().succeeded()
    stack.up(*forced).succeeded()
    assert mps.only_library()["FpDBId"] == stack.resources()["songs"]["id"] != first["id"]
