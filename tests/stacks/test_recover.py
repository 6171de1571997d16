"""`alicloud-mps recover` on real states, as creates leave them that were cut off."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack, until
from stacks.conftest import either_front

PROGRAM = 'FpShotDB("a", name="clips", description=pulumi.Output.secret("hunter2"))'
ANSWERED_LATE: dict[str, object] = {"action": "CreateFpShotDB", "kind": "hang", "execute": True}
NEVER_MADE: dict[str, object] = {"action": "CreateFpShotDB", "kind": "hang"}


BEFORE: dict[str, object] = {"action": "ListFpShotDB", "kind": "hang"}


def cut_off(
    stack: PulumiStack, mps: ControlApi, fault: dict[str, object], *, creates: int = 0
) -> None:
    """Kill an `up` while one of its calls, or each of so many creates, has no answer."""
    mps.set_faults(fault)
    mps.forget_calls()
    running = stack.start_up()
    mps.await_calls(str(fault["action"]))
    until(lambda: len(mps.libraries()) >= creates)
    running.kill("cli", "provider")
    mps.set_faults()


def copies(stack: PulumiStack) -> list[Path]:
    """Return the copies that `recover` made of the state."""
    return list((stack.folder / ".alicloud-mps").glob("*.json"))


def refused(stack: PulumiStack) -> str:
    """Return the one line in which `recover` says why it left the state as it was."""
    before = stack.exported()
    outcome = stack.recover()
    assert outcome.code == 1
    assert outcome.output.startswith("Error: ")
    assert outcome.output.count("\n") == 1
    assert stack.exported() == before
    return outcome.output


@either_front
def test_recover(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that is still offline goes into the state under its ID, secrets encrypted."""
    stack.program(PROGRAM)
    mps.change_settings(activation_seconds=600)
    cut_off(stack, mps, ANSWERED_LATE)

    # The lock of the run that was killed is still there.
    fp_db_id = mps.only_library()["FpDBId"]
    locked = refused(stack)
    assert "`pulumi cancel`" in locked
    assert f"a: found library {fp_db_id}" in locked

    stack.cancel()
    before = stack.exported()
    found = f"a: found library {fp_db_id}, which is offline\n"

    told = stack.recover("--dry-run").succeeded().output
    assert told == f"{found}the stack's state was not changed (--dry-run)\n"
    (create,) = json.loads(stack.recover("--dry-run", "--json").succeeded().output)["creates"]
    assert (create["fp_db_id"], create["state"]) == (fp_db_id, "offline")
    assert stack.exported() == before

    # The stack need not be the selected one.
    stack.run("stack", "unselect").succeeded()
    told = stack.recover("--stack", "dev").succeeded().output
    stack.run("stack", "select", "dev").succeeded()

    entry = stack.resources()["a"]
    copy = max(copies(stack), key=lambda path: path.stat().st_mtime_ns)
    assert told == f"{found}the previous state is in {copy}\n"
    assert json.loads(copy.read_text(encoding="utf-8")) == json.loads(before)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.parent.joinpath(".gitignore").exists()
    assert entry["id"] == entry["outputs"][stack.spelled("fp_db_id")] == fp_db_id
    assert entry["outputs"]["state"] == "offline"
    assert stack.pending() == []
    # It would prove, of somebody else's library of that name, that this stack has asked for it.
    assert list((stack.folder / ".alicloud-mps" / "asked").iterdir()) == []
    for text in (stack.exported(), copy.read_text(encoding="utf-8"), told):
        assert "hunter2" not in text

    running = stack.start_up()
    running.await_output("offline for")
    mps.set_state(fp_db_id, "active")
    running.outcome().succeeded()
    assert mps.calls().count("CreateFpShotDB") == 1
    assert "nothing to recover" in stack.recover().succeeded().output


def test_nothing_was_made(stack: PulumiStack, mps: ControlApi) -> None:
    """A create that made nothing is cleared, and the next up creates."""
    stack.program(PROGRAM)
    mps.add_library(Name="another")
    cut_off(stack, mps, NEVER_MADE)
    stack.cancel()
    stack.age_notes()
    told = stack.recover().succeeded().output
    assert told.startswith("a: no library was created: account ")
    assert " lists 1 library in cn-shanghai, none of them from this create; the next" in told
    assert stack.pending() == []
    stack.up().succeeded()
    assert stack.resources()["a"]["id"] in {item["FpDBId"] for item in mps.libraries()}


def test_nothing_was_asked_for(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that was there before MPS was asked is somebody else's, whatever its name."""
    stack.program(PROGRAM)
    cut_off(stack, mps, BEFORE)
    stack.cancel()
    fp_db_id = mps.add_library(Name="clips", Description="hunter2")
    assert f"library {fp_db_id} matches its name, but nothing here" in refused(stack)
    # What the message says.
    stack.program(PROGRAM.replace("clips", "talks"))
    stack.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates").succeeded()
    assert "nothing to recover" in stack.recover().succeeded().output
    stack.up().succeeded()
    assert stack.resources()["a"]["id"] != fp_db_id


def test_a_name_that_is_corrected(stack: PulumiStack, mps: ControlApi) -> None:
    """What was asked for under another name, and under the stack's old one, is not doubled."""
    stack.program('FpShotDB("a", name="sogns")\nFpShotDB("b")')
    cut_off(stack, mps, ANSWERED_LATE, creates=2)
    stack.cancel()
    ids = {library["Name"][0]: library["FpDBId"] for library in mps.libraries()}
    stack.run("stack", "rename", "prod").succeeded()
    stack.stack = "prod"
    stack.program('FpShotDB("a", name="songs")\nFpShotDB("b")')

    told = stack.up().failed().output
    for fp_db_id in ids.values():
        assert f"(found under its name: {fp_db_id}) is not recovered yet" in told

    # What the messages say.
    told = refused(stack)
    confirmed = [option for key in ids.values() for option in ("--confirm", key)]
    assert "run `alicloud-mps recover --confirm " in told
    stack.recover(*confirmed).succeeded()
    stack.up().succeeded()

    held = {name: entry["id"] for name, entry in stack.resources().items()}
    assert held["b"] == ids["b"]
    assert sorted(held.values()) == sorted(library["FpDBId"] for library in mps.libraries())


@pytest.mark.parametrize("early", [False, True], ids=["before create", "after create"])
def test_replacement(stack: PulumiStack, mps: ControlApi, *, early: bool) -> None:
    """What was to replace a library stands in its place, before all that depends on it."""
    options = f"opts=pulumi.ResourceOptions(delete_before_replace={not early})"
    rest = (
        '\nFpShotDB("b", opts=pulumi.ResourceOptions(depends_on=[a]))'
        '\nFpShotDB("c", opts=pulumi.ResourceOptions(parent=a))'
    )
    stack.program(f'a = FpShotDB("a", name="old", {options}){rest}')
    stack.up().succeeded()
    old = stack.resources()["a"]["id"]
    stack.program(f'a = FpShotDB("a", name="new", {options}){rest}')
    cut_off(stack, mps, ANSWERED_LATE)
    stack.cancel()
    stack.recover().succeeded()
    new = next(item["FpDBId"] for item in mps.libraries() if item["Name"] == "new")
    assert (old in stack.exported()) is early

    stack.up().succeeded()
    assert mps.calls().count("CreateFpShotDB") == 1
    assert stack.resources()["a"]["id"] == new
    assert {entry["id"] for entry in stack.resources().values()} == {
        library["FpDBId"] for library in mps.libraries()
    }


def test_changed_in_between(stack: PulumiStack, mps: ControlApi) -> None:
    """Of a resource that was renamed and cut off again, the last one stays and the first goes."""
    for name, fault in (("first", NEVER_MADE), ("second", ANSWERED_LATE)):
        stack.program(f'FpShotDB("a", name="{name}")')
        cut_off(stack, mps, fault)
        stack.cancel()
    mps.add_library(Name="first")
    ids = {library["Name"]: library["FpDBId"] for library in mps.libraries()}
    told = stack.recover().succeeded().output
    assert f"a: found library {ids['second']}, which is active\n" in told
    assert f"library {ids['first']}, which is active; superseded by a newer library" in told
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] == ids["second"] == stack.resources()["a"]["id"]


@either_front
def test_destroyed_since(stack: PulumiStack, mps: ControlApi) -> None:
    """What a create refers to may be gone: it is put back in, and the program goes on with it."""
    stack.program(
        'owner = pulumi.ComponentResource("a:b:Owner", "owner")\n'
        'other = FpShotDB("other")\n'
        "later = pulumi.ResourceOptions(parent=owner, depends_on=[other])\n"
        'FpShotDB("a", opts=later)'
    )
    mps.set_faults({**ANSWERED_LATE, "calls": [2]})
    running = stack.start_up()
    until(lambda: len(mps.libraries()) > 1)
    running.kill("cli", "provider")
    stack.cancel()
    stack.destroy().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]

    stack.recover_elsewhere().succeeded()
    stack.refresh("--expect-no-changes").succeeded()
    assert stack.resources()["a"]["id"] == fp_db_id

    stack.up().succeeded()

    assert len(mps.libraries()) == 2
    assert stack.resources()["a"]["id"] == fp_db_id


def test_a_provider_that_left(stack: PulumiStack, mps: ControlApi) -> None:
    """What began under an explicit provider is recovered once that is back, with keys of today."""
    keys = f'access_key="{LOCAL_ACCESS_KEY_ID}", secret_key="{LOCAL_ACCESS_KEY_SECRET}"'
    program = f'p = Provider("p", {keys})\nFpShotDB("a", opts=pulumi.ResourceOptions(provider=p))'
    stack.program(program)
    cut_off(stack, mps, ANSWERED_LATE)
    stack.cancel()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.program('pulumi.export("nothing", 1)')
    stack.up().succeeded()

    assert "the provider p that the create started with is no longer" in refused(stack)

    # What the message says.
    stack.program(program)
    stack.up().failed()
    mps.change_settings(security_token="renewed")

    assert "run `pulumi up`, which renews them even if it fails" in refused(stack)

    # What the message says.
    stack.program(program.replace(keys, f'{keys}, security_token="renewed"'))
    stack.up().failed()
    stack.recover().succeeded()
    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == fp_db_id == stack.resources()["a"]["id"]


def test_others_are_pending(stack: PulumiStack, mps: ControlApi) -> None:
    """A create of another resource is settled first, without a terminal, and alone."""
    program = """
        import threading
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider

        class Buckets(ResourceProvider):
            def create(self, props):
                threading.Event().wait()

        class Bucket(Resource):
            def __init__(self, name):
                super().__init__(Buckets(), name, {})

        Bucket("bucket")
        FpShotDB("a")
    """
    stack.program(program)
    mps.set_faults(ANSWERED_LATE)
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB")
    until(lambda: len(stack.pending()) > 1)
    running.kill("cli", "provider")
    mps.set_faults()
    stack.cancel()
    fp_db_id = mps.only_library()["FpDBId"]

    told = refused(stack)

    assert "creates of other resources are also pending (" in told

    # What the message says.
    urn = told.partition("also pending (")[2].partition(")")[0]
    settled = ("--import-pending-creates", urn, "--import-pending-creates", "none")
    stack.refresh(*settled).succeeded()
    stack.recover().succeeded()
    stack.program(program.replace("threading.Event().wait()", 'return CreateResult("made", {})'))
    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == fp_db_id == stack.resources()["a"]["id"]
    assert '"id": "made"' in stack.exported()


def test_read_since(stack: PulumiStack, mps: ControlApi) -> None:
    """What is read by its ID under the resource's own name is kept, and can be adopted there."""
    stack.program('FpShotDB("a", name="clips")')
    cut_off(stack, mps, ANSWERED_LATE)
    stack.cancel()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.program(f'FpShotDB.get("a", "{fp_db_id}")')
    stack.up().succeeded()

    assert "a library under this name (`FpShotDB.get`)" in refused(stack)

    # What the message says.
    stack.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates").succeeded()
    stack.program(f'FpShotDB("a", name="clips", model_id=12, adopt="{fp_db_id}")')
    stack.up().succeeded()
    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == fp_db_id == stack.resources()["a"]["id"]
    assert "external" not in stack.resources()["a"]


def test_not_certain(stack: PulumiStack, mps: ControlApi) -> None:
    """Two candidates, or one with other settings, are an error that leaves the state as it was."""
    stack.program(PROGRAM)
    cut_off(stack, mps, NEVER_MADE)
    stack.cancel()
    stack.age_notes()
    first = mps.add_library(Name="clips", Description="another")

    told = refused(stack)
    assert f"library {first} has its name, but its description differs" in told
    assert "hunter2" not in told

    second = mps.add_library(Name="clips", Description="hunter2")

    told = refused(stack)
    assert "2 libraries in cn-shanghai have its name" in told
    assert first in told
    assert second in told
    assert copies(stack) == []

    # What the message says.
    stack.recover("--confirm", second).succeeded()
    stack.up().succeeded()
    assert stack.resources()["a"]["id"] == second


def test_outside_a_project(stack: PulumiStack, tmp_path: Path) -> None:
    """Where there is no project or no such stack, one line says so."""
    assert "no stack named 'nope' found" in refused_for(stack, "--stack", "nope")
    (stack.folder / "Pulumi.yaml").rename(tmp_path / "Pulumi.yaml")
    assert "no stack selected" in refused_for(stack)


def refused_for(stack: PulumiStack, *options: str) -> str:
    """Return the one line in which `recover` fails with these options."""
    outcome = stack.recover(*options)
    assert outcome.code == 1
    assert outcome.output.startswith("Error: pulumi ")
    assert outcome.output.count("\n") == 1
    return outcome.output
