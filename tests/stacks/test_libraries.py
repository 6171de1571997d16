"""`alicloud-mps libraries` where a stack is selected, where none is, and where it can't be read."""

from __future__ import annotations

import json

from control_api import ControlApi
from pulumi_stack import PulumiStack


def test_libraries(stack: PulumiStack, mps: ControlApi) -> None:
    """The table and JSON have each library of the regions, and which one the stack manages."""
    stack.program('FpShotDB("songs", name="mine", model_id=13, description="Old")')
    stack.up().succeeded()
    mine = stack.resources()["songs"]["id"]
    other = mps.add_library(Name="other", Region="cn-beijing")
    mps.set_state(mps.add_library(Name="gone"), "deleted")

    table = stack.alicloud_mps("libraries").succeeded().output
    assert table == (
        "NAME  FPDBID                            MODEL  REGION       STATE   IN STACK"
        "  DESCRIPTION\n"
        f"mine  {mine}  audio  cn-shanghai  active  songs     Old\n"
    )

    both = ("--region", "cn-beijing", "--region", "cn-shanghai", "--region", "cn-beijing")
    listed = json.loads(stack.alicloud_mps("libraries", *both, "--json").succeeded().output)
    assert [(item["fp_db_id"], item["region"], item["resource"]) for item in listed] == [
        (other, "cn-beijing", None),
        (mine, "cn-shanghai", "songs"),
    ]

    mps.change_settings(list_without_ids="none")

    told = stack.alicloud_mps("libraries").succeeded().output
    assert told.startswith(f"Warning: MPS listed cn-shanghai without {mine}, which exists: only")
    assert f"\nmine  {mine}" in told

    nothing = stack.alicloud_mps("libraries", "--region", "cn-beijing").succeeded().output
    assert nothing == "MPS lists no libraries in cn-beijing\n"


def test_without_a_stack(stack: PulumiStack) -> None:
    """Where no stack is selected the environment counts, and that is said; a name must be right."""
    stack.run("stack", "unselect").succeeded()
    stack.environment["ALICLOUD_SECRET_KEY"] = ""
    stack.environment["ALICLOUD_REGION"] = "cn-shanghai"
    output = stack.alicloud_mps("libraries").failed().output
    assert output.startswith("Warning: using the environment only, without a stack: pulumi stack ")
    assert "\nError: ALICLOUD_SECRET_KEY: missing, but ALICLOUD_ACCESS_KEY is set" in output
    assert output.count("\n") == 2
    output = stack.alicloud_mps("libraries", "--stack", "nope").failed().output
    assert output.startswith("Error: pulumi stack --show-name failed: no stack named 'nope' found")
    assert output.count("\n") == 1


def test_the_embedded_mps(stack: PulumiStack) -> None:
    """With the local endpoint the embedded MPS is listed, which is said."""
    stack.configure({**stack.config, "alicloud-mps:endpoint": "local"})
    stack.environment.clear()
    output = stack.alicloud_mps("libraries").succeeded().output
    assert output == (
        "the endpoint is local: these are the libraries of the embedded MPS\n"
        "MPS lists no libraries in cn-shanghai\n"
    )
