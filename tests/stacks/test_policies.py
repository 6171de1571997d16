"""Policy packs on the real CLI."""

import json
import os
import re
import shutil

import pytest

from documents import ROOT
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE
from pulumi_stack import PulumiStack
from stacks.conftest import either_front

EXAMPLE = ROOT / "examples" / "policy-pack"
GUIDE = ROOT / "docs" / "how-to" / "policies.md"

RECORDER = """
import json, pathlib
from pulumi_policy import PolicyPack, ResourceValidationPolicy, StackValidationPolicy

def record(kind, item):
    line = json.dumps([kind, item.resource_type, dict(item.props)])
    with pathlib.Path(FILE).open("a") as file:
        file.write(line + chr(10))

one = lambda args, report: record("resource", args)
several = lambda args, report: [record("stack", item) for item in args.resources]
PolicyPack("recorder", policies=[
    ResourceValidationPolicy("one", "Records each resource.", one),
    StackValidationPolicy("several", "Records all resources.", several),
])
"""


pytestmark = either_front


@pytest.fixture
def packed(stack: PulumiStack) -> PulumiStack:
    """Return a stack with the example's folder, whose commands run Python packs.

    The language host of the tests is older than packs; for a runtime without any, Pulumi runs an
    executable of this name.
    """
    folder = stack.folder
    shutil.copytree(EXAMPLE, folder / "policy-pack")
    settings = folder / "policy-pack" / "PulumiPolicy.yaml"
    settings.write_text(settings.read_text().replace("runtime: python", "runtime: test"))
    runner = folder / "pulumi-analyzer-policy-test"
    runner.write_text('#!/bin/sh\nexec python -u "$2"\n')
    runner.chmod(0o755)
    path = stack._environment()["PATH"]
    stack.environment["PATH"] = f"{path}{os.pathsep}{folder}"
    return stack


def test_the_example(packed: PulumiStack) -> None:
    """The guide's pack refuses what it is there to refuse, whichever provider has the library."""
    packed.program('FpShotDB("films", force_destroy=True)\nFpShotDB("songs", region="cn-hangzhou")')
    refused = packed.preview("--policy-pack", "policy-pack").failed().output
    (shown,) = re.findall(r"(?s)```text\n(.*?)```", GUIDE.read_text(encoding="utf-8"))
    if packed.native:
        shown = shown.replace(LIBRARY_TYPE, NATIVE_LIBRARY_TYPE)
    assert [line for line in shown.splitlines() if line.strip() not in refused] == []
    assert "Libraries are in cn-beijing or cn-shanghai, and not in cn-hangzhou." in refused
    assert refused.count("[mandatory]") == 2


def test_what_a_policy_sees(packed: PulumiStack) -> None:
    """A policy is given a library's properties by their own names, and nothing else of it."""
    seen = packed.folder / "seen"
    recorder = packed.folder / "recorder"
    shutil.copytree(packed.folder / "policy-pack", recorder)
    program = f"FILE = {str(seen)!r}\n{RECORDER}"
    (recorder / "__main__.py").write_text(program, encoding="utf-8")
    packed.program('FpShotDB("songs", model_id="AUDIO", description="Licensed", config={"a": 1})')
    packed.up("--policy-pack", "policy-pack", "--policy-pack", "recorder").succeeded()

    lines = [json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines()]
    given = {kind: props for kind, type_, props in lines if type_.endswith(":FpShotDB")}
    (entry,) = packed.resources().values()
    inputs = {key: value for key, value in entry["inputs"].items() if key != "__provider"}
    outputs = {key: value for key, value in entry["outputs"].items() if key != "__provider"}
    assert given == {"resource": inputs, "stack": outputs}
    names = {"name", "model_id", "description", "config", "region", "force_destroy"}
    assert inputs.keys() == {*map(packed.spelled, names)}
    more = {*map(packed.spelled, ("fp_db_id", "state", "account_id"))}
    assert outputs.keys() == inputs.keys() | more
