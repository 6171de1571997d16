"""Every route to a deletion: content survives it, unless `force_destroy` was applied before."""

from __future__ import annotations

import pytest

from control_api import ControlApi
from pulumi_stack import Outcome, PulumiStack

HELD = "holds fingerprints; nothing was touched"

# What one does in the editor that `pulumi state edit` opens.
WITHOUT_REPLACED = """
pulumi stack export | python -c '
import json, sys
state = json.load(sys.stdin)
entries = state["deployment"]["resources"]
state["deployment"]["resources"] = [entry for entry in entries if not entry.get("delete")]
json.dump(state, sys.stdout)
' | pulumi stack import
"""
NAMED = 'name="clips", model_id=12'


def fill(mps: ControlApi) -> str:
    """Put content into the one library and return its ID; from now on calls are counted."""
    fp_db_id = str(mps.only_library()["FpDBId"])
    mps.fill(fp_db_id, 3)
    mps.forget_calls()
    return fp_db_id


def refused(outcome: Outcome, mps: ControlApi, fp_db_id: str, why: str = HELD) -> None:
    """The command failed for the content's sake, and MPS was not asked to delete anything."""
    assert f"library {fp_db_id} {why}" in outcome.failed().output
    assert fp_db_id not in [
        request["Parameters"].get("FpDBId")
        for request in mps.requests()
        if request["Action"] == "SubmitFpDBDeleteJob"
    ]
    assert fp_db_id in {library["FpDBId"] for library in mps.libraries()}


@pytest.fixture
def filled(stack: PulumiStack, mps: ControlApi) -> str:
    """Return the ID of a library that is in the state and has content."""
    stack.program(f'FpShotDB("clips", {NAMED})')
    stack.up().succeeded()
    return fill(mps)


def test_replacement_by_property(stack: PulumiStack, mps: ControlApi, filled: str) -> None:
    """A changed property replaces no library with content, even with a new `force_destroy`."""
    stack.program(f'FpShotDB("clips", {NAMED}, region="cn-beijing", force_destroy=True)')
    refused(stack.up(), mps, filled)


def test_forced_replacement(stack: PulumiStack, mps: ControlApi, filled: str) -> None:
    """Neither `--target-replace` nor a taint replaces a library with content."""
    urn = stack.resources()["clips"]["urn"]
    refused(stack.up("--target-replace", urn), mps, filled)
    stack.run("state", "taint", urn, "--yes").succeeded()
    refused(stack.up(), mps, filled)
    stack.run("state", "untaint", urn, "--yes").succeeded()
    stack.preview("--expect-no-changes").succeeded()


def test_removal(stack: PulumiStack, mps: ControlApi, filled: str) -> None:
    """Neither destroy nor a program without the resource deletes a library with content."""
    stack.program(f'FpShotDB("clips", {NAMED}, force_destroy=True)')
    refused(stack.destroy("--run-program"), mps, filled)
    stack.program("")
    refused(stack.up(), mps, filled)
    refused(stack.destroy(), mps, filled)

    assert stack.resources()["clips"]["id"] == filled


def test_force_destroy(stack: PulumiStack, mps: ControlApi, filled: str) -> None:
    """Once `force_destroy` is in the state the content goes, even if the program dropped it."""
    stack.program(f'FpShotDB("clips", {NAMED}, force_destroy=True)')
    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == filled

    stack.program("")
    stack.up().succeeded()

    assert mps.libraries() == []


def test_force_destroy_revoked(stack: PulumiStack, mps: ControlApi, filled: str) -> None:
    """A `force_destroy` that was taken back by an up counts no more."""
    stack.program(f'FpShotDB("clips", {NAMED}, force_destroy=True)')
    stack.up().succeeded()
    stack.program(f'FpShotDB("clips", {NAMED})')
    stack.up().succeeded()

    refused(stack.destroy(), mps, filled)


def test_unknown_content(stack: PulumiStack, mps: ControlApi) -> None:
    """A library whose content can't be checked counts as one with content, even if empty."""
    stack.program(
        f"""
        short = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(delete="1s"))
        FpShotDB("clips", {NAMED}, opts=short)
        """
    )
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    mps.set_faults({"action": "ListFpShotFiles", "kind": "error", "code": "Forbidden.RAM"})

    refused(stack.destroy(), mps, fp_db_id, "may hold fingerprints")


def test_create_before_delete(stack: PulumiStack, mps: ControlApi) -> None:
    """With `delete_before_replace=False` the old library outlives its replacement, in the state."""
    late = "opts=pulumi.ResourceOptions(delete_before_replace=False)"
    stack.program(f'FpShotDB("clips", name="old", {late})')
    stack.up().succeeded()
    old = fill(mps)
    stack.program(f'FpShotDB("clips", name="new", {late})')
    refused(stack.up(), mps, old)
    refused(stack.up(), mps, old)
    destroyed = stack.destroy()
    refused(destroyed, mps, old)
    assert "`force_destroy` no longer reaches it: empty it" in " ".join(destroyed.output.split())
    assert old in stack.exported()
    assert mps.calls().count("CreateFpShotDB") == 1
    stack.shell(WITHOUT_REPLACED).succeeded()
    stack.up().succeeded()
    assert old not in stack.exported()
    assert old in {library["FpDBId"] for library in mps.libraries()}


def test_adopted(stack: PulumiStack, mps: ControlApi) -> None:
    """An adopted library with content survives a later destroy and its removal."""
    fp_db_id = mps.add_library(Name="clips", ModelId=12)
    mps.fill(fp_db_id)
    stack.program(f'FpShotDB("clips", {NAMED}, adopt="{fp_db_id}")')
    stack.up().succeeded()
    refused(stack.destroy(), mps, fp_db_id)
    stack.program("")
    refused(stack.up(), mps, fp_db_id)

    assert stack.resources()["clips"]["id"] == fp_db_id
