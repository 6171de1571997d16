"""`pulumi import` and the resource option `import`, which the native provider serves."""

from __future__ import annotations

from typing import Any

from control_api import ControlApi
from pulumi_alicloud_mps.state.deployment import NATIVE_LIBRARY_TYPE
from pulumi_stack import Outcome, PulumiStack

SONGS = {"Name": "songs", "ModelId": 13, "Description": "Licensed", "Config": '{"a":1}'}
DECLARED = 'FpShotDB("songs", name="songs", model_id=13, description="Licensed"{})'


def imported(stack: PulumiStack, name: str, fp_db_id: str) -> Outcome:
    """Run `pulumi import`; the language host of the tests generates no code."""
    arguments = ("import", NATIVE_LIBRARY_TYPE, name, fp_db_id)
    return stack.run(*arguments, "--yes", "--skip-preview", "--generate-code=false")


def planned(stack: PulumiStack, inputs: str) -> tuple[str, dict[str, Any]]:
    """Return what a preview would do to the library with these inputs too, and to which of them."""
    stack.program(DECLARED.format(inputs))
    step = stack.steps()["songs"]
    return step["op"], step.get("detailedDiff") or {}


def test_an_import(native_stack: PulumiStack, mps: ControlApi) -> None:
    """A library is imported whole and protected; of its config the program is believed, once."""
    stack = native_stack
    fp_db_id = mps.add_library(**SONGS)
    mps.fill(fp_db_id, 3)

    imported(stack, "songs", fp_db_id).succeeded()

    library = stack.resources()["songs"]
    assert (library["id"], library["protect"]) == (fp_db_id, True)
    assert library["inputs"] == {
        "name": "songs",
        "modelId": 13,
        "description": "Licensed",
        "region": "cn-shanghai",
        "forceDestroy": False,
    }
    stack.program(DECLARED.format(", opts=pulumi.ResourceOptions(protect=True)"))
    stack.up("--refresh", "--expect-no-changes").succeeded()
    stack.program(DECLARED.format(", force_destroy=True"))
    stack.up().succeeded()
    stack.refresh("--expect-no-changes").succeeded()

    mps.forget_calls()
    added = ", force_destroy=True, config={'a': 1}"
    assert planned(stack, added) == ("update", {"config": {"kind": "add", "inputDiff": True}})
    stack.up().succeeded()
    assert mps.calls() == []
    stack.up("--refresh", "--expect-no-changes").succeeded()
    assert planned(stack, ", force_destroy=True, config={'a': 2}")[0] == "replace"
    assert planned(stack, ", force_destroy=True")[0] == "replace"


def test_the_resource_option(native_stack: PulumiStack, mps: ControlApi) -> None:
    """A program imports a library whose config it says, too, and needs no change afterwards."""
    fp_db_id = mps.add_library(**SONGS)
    said = ", config={'a': 1}"
    opts = f"opts=pulumi.ResourceOptions(import_='{fp_db_id}')"
    native_stack.program(DECLARED.format(f"{said}, {opts}"))
    native_stack.up().succeeded()
    native_stack.program(DECLARED.format(said))
    native_stack.up().succeeded()
    native_stack.up("--refresh", "--expect-no-changes").succeeded()
    assert native_stack.resources()["songs"]["inputs"]["config"] == '{"a":1}'
    assert mps.only_library()["FpDBId"] == fp_db_id


def test_a_library_that_is_not_there(native_stack: PulumiStack, mps: ControlApi) -> None:
    """A wrong ID is an error of one line, which says how to import from another region."""
    far = mps.add_library(Name="far", Region="cn-beijing")
    malformed = imported(native_stack, "songs", "songs").failed().output
    assert "error: id: 'songs' is not an FpDBId: 16 to 64 letters, digits, - and _" in malformed
    missing = imported(native_stack, "far", far).failed().output
    assert (
        f"error: cn-shanghai has no library {far} in this account; check the ID, the region and"
        " the credentials; `pulumi import` accepts a library in another region as <region>/<ID>"
        " [library-not-found]\n"
    ) in missing
    odd = imported(native_stack, "far", f"cn beijing/{far}").failed().output
    assert "error: region: 'cn beijing' is not a region; give one such as cn-shanghai" in odd
    imported(native_stack, "far", f"cn-beijing/{far}").succeeded()
    assert native_stack.resources()["far"]["id"] == far
    opts = "opts=pulumi.ResourceOptions(protect=True)"
    native_stack.program(f'FpShotDB("far", name="far", region="cn-beijing", {opts})')
    native_stack.up("--refresh", "--expect-no-changes").succeeded()


def test_a_library_that_the_stack_has(native_stack: PulumiStack, mps: ControlApi) -> None:
    """Imported a second time, it can't be declared twice, and leaves the stack unharmed."""
    stack = native_stack
    fp_db_id = mps.add_library(Name="songs")
    for name in ("first", "second"):
        imported(stack, name, fp_db_id).succeeded()
    first, second = (f'FpShotDB("{name}", name="songs")\n' for name in ("first", "second"))
    stack.program(first + second)
    told = stack.preview().failed().output
    assert f"library {fp_db_id} already belongs to another resource in this program" in told

    stack.run("state", "unprotect", "--all", "--yes").succeeded()
    stack.program(second)
    told = stack.up().succeeded().output

    assert "warning: not deleted: " in told
    assert mps.only_library()["FpDBId"] == fp_db_id
    stack.up("--refresh", "--expect-no-changes").succeeded()
    stack.destroy().succeeded()
    assert mps.libraries() == []
