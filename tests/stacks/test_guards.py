"""Every route to a deletion: content survives it, unless `force_destroy` was applied before."""

from __future__ import annotations

from control_api import ControlApi
from pulumi_stack import Outcome, PulumiStack, until
from stacks.conftest import either_front

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
NAMED = 'FpShotDB("clips", name="clips", model_id=12'


def refused(outcome: Outcome, mps: ControlApi, *ids: str) -> str:
    """The command failed for the content's sake, and MPS was not asked to delete anything.

    Returns what it said, in one line.
    """
    output = " ".join(outcome.failed().output.split())
    for fp_db_id in ids:
        assert f"library {fp_db_id} holds fingerprints; nothing was deleted" in output
    assert not {*ids} & {
        request["Parameters"].get("FpDBId")
        for request in mps.requests()
        if request["Action"] == "SubmitFpDBDeleteJob"
    }
    return output


@either_front
def test_routes_to_a_deletion(stack: PulumiStack, mps: ControlApi) -> None:
    """No route deletes content, created or adopted, before `force_destroy` is in the state."""
    adopted = mps.add_library(Name="songs", ModelId=13)
    songs = f'FpShotDB("songs", name="songs", model_id=13, adopt="{adopted}")\n'
    plain, forced = f"{songs}{NAMED})", f"{songs}{NAMED}, force_destroy=True)"
    stack.program(plain)
    stack.up().succeeded()
    clips = stack.resources()["clips"]["id"]
    for fp_db_id in (adopted, clips):
        mps.fill(fp_db_id, 3)

    stack.program(f'{songs}{NAMED}, region="cn-beijing", force_destroy=True)')
    assert stack.spelled("then set force_destroy=True") in refused(stack.up(), mps, clips)
    stack.program(plain)
    refused(stack.up("--target-replace", stack.resources()["clips"]["urn"]), mps, clips)
    stack.program("")
    told = refused(stack.up("--continue-on-error"), mps, adopted, clips)
    assert stack.spelled("first set force_destroy=True") in told
    stack.program(forced)
    refused(stack.destroy("--run-program", "--continue-on-error"), mps, adopted, clips)

    # What an up has put into the state, another one takes back.
    stack.up().succeeded()
    stack.program(plain)
    stack.up().succeeded()
    refused(stack.destroy("--continue-on-error"), mps, adopted, clips)

    stack.program(forced)
    stack.up().succeeded()
    assert {library["FpDBId"] for library in mps.libraries()} == {adopted, clips}
    stack.program(songs)
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] == adopted == stack.resources()["songs"]["id"]


def test_a_replacement(stack: PulumiStack, mps: ControlApi) -> None:
    """A replacement that is refused says how to keep the old library, and that works."""
    retained = "opts=pulumi.ResourceOptions(retain_on_delete=True)"
    stack.program('FpShotDB("clips")')
    stack.up().succeeded()
    old = mps.only_library()["FpDBId"]
    mps.fill(old, 3)
    for options in ("", retained):
        stack.program(f'FpShotDB("clips", description="new", {options})')
        told = refused(stack.up(), mps, old)
        assert "To replace it, first revert the change" in told

    stack.program(f'FpShotDB("clips", {retained})')
    stack.up().succeeded()
    stack.program(f'FpShotDB("clips", description="new", {retained})')
    stack.up().succeeded()
    ids = {library["FpDBId"] for library in mps.libraries()}
    assert ids == {old, stack.resources()["clips"]["id"]}


def test_create_before_delete(stack: PulumiStack, mps: ControlApi) -> None:
    """With `delete_before_replace=False` nothing is created beside a library that is not deleted.

    What was filled only then outlives its replacement, in the state.
    """
    late = "opts=pulumi.ResourceOptions(delete_before_replace=False)"
    stack.program(f'FpShotDB("clips", name="old", {late})')
    stack.up().succeeded()
    old = mps.only_library()["FpDBId"]
    stack.program(f'FpShotDB("clips", name="new", {late})')
    mps.change_settings(activation_seconds=3)
    running = stack.start_up()
    until(lambda: len(mps.libraries()) == 2)
    mps.fill(old, 3)
    refused(running.outcome(), mps, old)
    told = refused(stack.destroy(), mps, old)
    assert "`force_destroy` no longer applies: empty it" in told
    assert old in stack.exported()

    stack.shell(WITHOUT_REPLACED).succeeded()
    stack.up().succeeded()
    assert old not in stack.exported()
    kept = {library["FpDBId"] for library in mps.libraries()}
    assert old in kept

    new = stack.resources()["clips"]["id"]
    mps.fill(new, 3)
    stack.program(f'FpShotDB("clips", name="newer", {late})')
    told = refused(stack.up(), mps, new)
    assert "Nothing was created. To replace it, first revert the change" in told
    assert {library["FpDBId"] for library in mps.libraries()} == kept
