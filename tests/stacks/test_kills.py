"""What SIGKILL leaves at each step: never a second library, and a way to the same end state."""

from __future__ import annotations

import pytest

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack, Running, until
from stacks.conftest import either_front

ENDS_WITHIN = 8
"""So many seconds a provider's process may live on without its CLI."""

PROVIDER, CLI = ("provider",), ("cli",)
BOTH = ("cli", "provider")
HANG = {"kind": "hang"}
DONE_BUT_UNANSWERED = {"action": "CreateFpShotDB", "kind": "hang", "execute": True}


def kill(running: Running, victims: tuple[str, ...]) -> None:
    """Kill them; without its CLI, a stack needs `pulumi cancel` before anything else."""
    running.kill(*victims)
    if "cli" in victims:
        running.stack.cancel()
    else:
        running.outcome().failed()


def agree(stack: PulumiStack, mps: ControlApi) -> None:
    """State and MPS have the same libraries, nothing is pending, and no provider was left."""
    entries = stack.resources()
    assert {entry["id"]: name for name, entry in entries.items()} == {
        library["FpDBId"]: library["Description"] for library in mps.libraries()
    }
    assert stack.pending() == []
    until(lambda: not stack.providers(), ENDS_WITHIN)


def declared(*names: str, **options: str) -> str:
    """Return a program of libraries whose names at MPS show their logical names."""
    given = "".join(f", {key}={value}" for key, value in options.items())
    return "\n".join(f'FpShotDB("{name}", description="{name}"{given})' for name in names)


def settle(stack: PulumiStack, mps: ControlApi, *names: str) -> None:
    """Do what the next run says: `recover`, or `adopt` where the engine kept no pending create.

    Somebody does it who has just the project's files.
    """
    told = stack.up().failed().output
    assert "un `alicloud-mps recover`" in told
    assert "is not recovered" in told or "set `adopt` to its ID" in told
    assert all(library["FpDBId"] in told for library in mps.libraries())
    if stack.recover_elsewhere().succeeded().output.startswith("nothing to recover"):
        found = {library["Description"]: library for library in mps.libraries()}
        lines = [
            declared(
                name,
                name=repr(found[name]["Name"]),
                model_id="12",
                adopt=repr(found[name]["FpDBId"]),
            )
            for name in names
        ]
        stack.program("\n".join(lines))


@either_front
@pytest.mark.parametrize("victims", [PROVIDER, CLI], ids=" ".join)
def test_create(stack: PulumiStack, mps: ControlApi, victims: tuple[str, ...]) -> None:
    """Killed before Create, in Create and in the wait: each library is made once and kept."""
    stack.program(declared("a", "b"))
    mps.set_faults({"action": "ListFpShotDB", **HANG})
    running = stack.start_up()
    mps.await_calls("ListFpShotDB")
    kill(running, victims)

    mps.change_settings(activation_seconds=600)
    # One of them waits, and the other's Create is carried out and never answered.
    mps.set_faults({**DONE_BUT_UNANSWERED, "calls": [2]})
    mps.forget_calls()
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB", 2)
    mps.await_calls("ListFpShotDB", 2)
    kill(running, victims)

    mps.set_faults()
    settle(stack, mps, "a", "b")
    for library in mps.libraries():
        mps.set_state(library["FpDBId"], "active")
    stack.up().succeeded()

    agree(stack, mps)
    assert mps.calls().count("CreateFpShotDB") == 2


@pytest.mark.parametrize("victims", [PROVIDER, BOTH], ids=" ".join)
def test_replacement(stack: PulumiStack, mps: ControlApi, victims: tuple[str, ...]) -> None:
    """Killed in the delete and in the create: one library goes, and one is made."""
    stack.program(declared("a", config='{"level": 1}'))
    stack.up().succeeded()
    old = mps.only_library()["FpDBId"]
    mps.change_settings(deletion_seconds=1, quota=1)
    mps.forget_calls()
    stack.program(declared("a", config='{"level": 2}'))

    running = stack.start_up()
    mps.await_calls("SubmitFpDBDeleteJob")
    kill(running, victims)
    until(lambda: not mps.libraries(), ENDS_WITHIN)
    mps.set_faults(DONE_BUT_UNANSWERED)
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB")
    kill(running, victims)
    mps.set_faults()
    made = mps.only_library()["FpDBId"]
    settle(stack, mps, "a")
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] == made != old
    assert mps.calls().count("SubmitFpDBDeleteJob") == mps.calls().count("CreateFpShotDB") == 1
    agree(stack, mps)


def test_delete(stack: PulumiStack, mps: ControlApi) -> None:
    """Killed at the look for files and in the wait for the job: the next destroy goes on.

    A provider whose CLI was killed stops by itself, and sends nothing more.
    """
    stack.program(declared("a"))
    stack.up().succeeded()
    mps.change_settings(deletion_seconds=2)

    mps.set_faults({"action": "ListFpShotFiles", "kind": "slow", "seconds": 5})
    running = stack.start_destroy()
    mps.await_calls("ListFpShotFiles")
    running.kill(*CLI)
    assert stack.providers()
    until(lambda: not stack.providers(), ENDS_WITHIN)
    stack.cancel()
    assert "SubmitFpDBDeleteJob" not in mps.calls()
    assert stack.resources()["a"]["id"] == mps.only_library()["FpDBId"]

    mps.set_faults()
    running = stack.start_destroy()
    mps.await_calls("SubmitFpDBDeleteJob")
    kill(running, PROVIDER)
    stack.destroy().succeeded()
    assert mps.calls().count("SubmitFpDBDeleteJob") == 1
    assert mps.libraries() == []
    assert stack.resources() == {}


def test_secrets(stack: PulumiStack, mps: ControlApi) -> None:
    """Keys and secret inputs reach no state, no output, no copy and no record around a kill."""
    token = "t0ken-that-nobody-may-see"
    mps.change_settings(security_token=token, activation_seconds=0)
    stack.environment["ALICLOUD_SECURITY_TOKEN"] = token
    stack.program('FpShotDB("a", description=pulumi.Output.secret("hunter2"))')
    mps.set_faults(DONE_BUT_UNANSWERED)
    running = stack.start_up("-v=9", "--logtostderr")
    mps.await_calls("CreateFpShotDB")
    running.kill("cli")
    stack.cancel()
    mps.set_faults()
    pending = stack.exported()
    logged = stack.up("-v=9", "--logtostderr").failed()
    shown = [stack.recover().succeeded(), stack.up().succeeded()]
    (copy,) = (stack.folder / ".alicloud-mps").glob("*.json")

    told = [outcome.output for outcome in shown]
    kept = [pending, stack.exported(), copy.read_text(encoding="utf-8")]
    logs = [running.log.read_text(encoding="utf-8"), logged.output]
    for text in (*told, *kept, *logs, str(mps.requests())):
        assert LOCAL_ACCESS_KEY_SECRET not in text
        assert token not in text
    for text in (*told, *kept):
        assert "hunter2" not in text
    assert mps.only_library()["FpDBId"] == stack.resources()["a"]["id"]


def test_a_library_that_is_listed_late(stack: PulumiStack, mps: ControlApi) -> None:
    """After a kill, the next up waits for what MPS may have made, and makes no second one."""
    stack.program(declared("a"))
    mps.set_faults(
        {"action": "CreateFpShotDB", "kind": "unlisted", "seconds": 20},
        {"action": "ListFpShotDB", "kind": "hang", "calls": [2]},
    )
    running = stack.start_up()
    mps.await_calls("ListFpShotDB", 2)
    kill(running, BOTH)
    for note in (stack.folder / ".alicloud-mps" / "asked").iterdir():
        # As if the answer had been lost with the process.
        account = note.read_text(encoding="utf-8").partition("\n")[0]
        note.write_text(f"{account}\n", encoding="utf-8")
    mps.set_faults()

    refused = stack.up().failed().output
    assert "looking for a library from an earlier run for " in refused
    assert mps.only_library()["FpDBId"] in refused
    settle(stack, mps, "a")
    stack.up().succeeded()
    agree(stack, mps)
