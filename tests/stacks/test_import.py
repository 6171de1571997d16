"""`alicloud-mps import` on real states: what it writes is what the engine would have written."""

from __future__ import annotations

import json
import math
import os
import pty
import re
import subprocess
from typing import Any

from connections import Connections
from control_api import ControlApi
from documents import ROOT
from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_stack import ALICLOUD_MPS, COMMAND_SECONDS, PulumiStack

PROVIDER_TYPE = "pulumi:providers:pulumi-python"
UNASKED = "--yes --skip-preview --generate-code=false"


def program_in(output: str) -> str:
    """Return the code among what `import` printed."""
    return output[output.index("import pulumi\n") :]


def entries(stack: PulumiStack, *, clear: bool = False) -> list[dict[str, Any]]:
    """Return the entries of the state."""
    shown = ["--show-secrets"] if clear else []
    exported = json.loads(stack.run("stack", "export", *shown).succeeded().output)
    found = exported["deployment"].get("resources") or []
    return sorted(found, key=lambda entry: str(entry["urn"]))


def unchanged(stack: PulumiStack, program: str) -> None:
    """Check that this program agrees with the state, and the state with MPS."""
    (stack.folder / "__main__.py").write_text(program, encoding="utf-8")
    stack.up("--refresh", "--expect-no-changes").succeeded()


def answered(stack: PulumiStack, answer: str, *arguments: str) -> tuple[int, str]:
    """Run `alicloud-mps import` at a terminal, where it is answered; return its code and output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*ALICLOUD_MPS, "import", *arguments],
        cwd=stack.folder,
        env=stack._environment(),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        output, _ = process.communicate(timeout=COMMAND_SECONDS)
        os.close(ours)
    return process.returncode, output.decode()


def refused(stack: PulumiStack, *arguments: str) -> str:
    """Return the one line in which `import` says why it left the state as it was."""
    before = stack.exported()
    outcome = stack.alicloud_mps("import", *arguments, "--yes")
    assert outcome.code in {1, 2}
    assert outcome.output.startswith("Error: ")
    assert outcome.output.count("\n") == 1
    assert stack.exported() == before
    return outcome.output


def test_an_account_into_an_empty_stack(
    stack: PulumiStack, mps: ControlApi, emulator: Emulator
) -> None:
    """Every library of a region gets an entry and code, with which nothing is left to change."""
    secret = ["--secret", "alicloud-mps:secretKey", "local-secret"]
    stack.run("config", "set", *secret).succeeded()
    stack.run("config", "set", "--secret", "alicloud-mps:accessKey", "local").succeeded()
    stack.run("config", "set", "--path", "other:list[0].a", "1").succeeded()
    stack.environment.clear()
    names = ("Lieder «2024»", "films", "films")
    ids = {
        mps.add_library(Name=name, ModelId=13, Description=description)
        for name, description in zip(names, ('a "b"\n\\c', "", "second"), strict=True)
    }
    mps.add_library(Name="elsewhere", Region="cn-beijing")
    mps.set_state(mps.add_library(Name="gone"), "deleted")
    old = emulator.model.create_library(NewLibrary("of another age", model_id=3))

    planned = json.loads(stack.alicloud_mps("import", "--all", "--dry-run", "--json").output)
    assert {item["fp_db_id"] for item in planned["libraries"]} == ids
    assert planned["state_changed"] is False

    output = stack.alicloud_mps("import", "--all", "--yes").succeeded().output
    assert planned["program"] in output

    found = stack.resources()
    assert {entry["id"] for entry in found.values()} == ids
    assert {"Lieder-2024", "films"} < set(found)
    assert all(entry["protect"] for entry in found.values())
    assert "local-secret" not in stack.exported() + output
    assert "MPS does not list a library's config" in output
    assert f"Skipped: library {old.id}" in output
    assert "can't be declared: model_id: must be one of" in output

    imported = entries(stack, clear=True)
    unchanged(stack, program_in(output))

    # The same again, as the engine itself has written it by now.
    for ours, theirs in zip(imported, entries(stack, clear=True), strict=True):
        assert {key: theirs[key] for key in ours} == ours
    again = stack.alicloud_mps("import", "--all", "--yes").output
    assert again.endswith("Nothing to import from cn-shanghai.\n")
    assert again.count("Skipped: ") == 1
    assert "protect" in stack.destroy().failed().output
    assert len(mps.libraries()) == 5


def test_one_library_beside_others(stack: PulumiStack, mps: ControlApi) -> None:
    """A library comes in beside what the stack has, with all that the user said of it."""
    owner = """
class Owner(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("media:index:Owner", name)

owner = Owner("owner")
FpShotDB("old", opts=pulumi.ResourceOptions(parent=owner))
"""
    stack.program(owner)
    stack.up().succeeded()
    before = stack.exported()
    fp_db_id = mps.add_library(Name="songs", ModelId=14, Region="cn-beijing", Config='{"a": 1.0}')
    (parent,) = (item["urn"] for item in entries(stack) if item["type"] == "media:index:Owner")
    arguments = ("songs", fp_db_id, "--region", "cn-beijing", "--config", '{"a": 1.0}')
    options = ("--no-protect", "--parent", f"owner={parent}")

    told = stack.alicloud_mps("import", *arguments, *options, "--dry-run").succeeded().output
    assert "\nsongs  songs    " + fp_db_id in told
    assert "was not changed (--dry-run)" in told
    assert "does not list a library's config" not in told
    assert answered(stack, "n", *arguments, *options)[0] == 1
    assert stack.exported() == before

    code, output = answered(stack, "y", *arguments, *options)
    assert code == 0, output
    assert "Import into organization/catalogue/dev? [y/N]" in output
    (copy,) = (stack.folder / ".alicloud-mps").glob("*.json")
    assert str(copy) in output
    assert json.loads(copy.read_text(encoding="utf-8")) == json.loads(before)
    library = stack.resources()["songs"]
    assert (library["parent"], library["inputs"]["config"]) == (parent, '{"a":1}')
    assert "protect" not in library

    _, declared = program_in(output).split("FpShotDB\n", 1)
    unchanged(stack, f"import pulumi\nfrom pulumi_alicloud_mps import *\n{owner}{declared}")
    stack.destroy().succeeded()
    assert mps.libraries() == []


def test_an_explicit_provider(stack: PulumiStack, mps: ControlApi) -> None:
    """Under an explicit provider, its own settings count, and it keeps the library."""
    provider = """
beijing = Provider(
    "beijing", region="cn-beijing", access_key="local", secret_key="local-secret"
)
"""
    stack.environment.clear()
    stack.program(provider)
    stack.up().succeeded()
    fp_db_id = mps.add_library(Name="songs", Region="cn-beijing")
    (entry,) = (item for item in entries(stack) if item["type"] == PROVIDER_TYPE)
    chosen = ("--provider", f"beijing={entry['urn']}")

    output = stack.alicloud_mps("import", "--all", "--yes", *chosen).succeeded().output

    library = stack.resources()["songs"]
    assert library["provider"] == f"{entry['urn']}::{entry['id']}"
    assert library["id"] == fp_db_id
    _, declared = program_in(output).split("FpShotDB\n", 1)
    assert "region=" not in declared
    unchanged(stack, f"import pulumi\nfrom pulumi_alicloud_mps import *\n{provider}{declared}")


def test_what_is_refused(stack: PulumiStack, mps: ControlApi) -> None:
    """What can't be imported is an error of one line, and leaves the state as it was."""
    stack.program('FpShotDB("a", name="a")')
    stack.up().succeeded()
    held, free = stack.resources()["a"]["id"], mps.add_library(Name="b")
    assert f"library {held} is already in the state, as 'a'" in refused(stack, "b", held)
    assert "the state already has a resource urn:" in refused(stack, "a", free)
    assert f"cn-shanghai has no library {'0' * 32}" in refused(stack, "b", "0" * 32)
    malformed = refused(stack, "b", free, "--config", "{")
    assert "config: must be JSON" in malformed
    assert malformed.endswith("; correct --config [import-refused]\n")
    assert "the state has no urn:x" in refused(stack, "b", free, "--parent", "x=urn:x")
    unanswered = stack.alicloud_mps("import", "b", free).failed().output
    assert "--yes or --dry-run is required" in unanswered

    mps.set_state(free, "paused")

    told = stack.alicloud_mps("import", "b", free, "--dry-run").succeeded().output
    assert "Not active yet; the next `pulumi up` waits for: b." in told

    mps.change_settings(deletion_seconds=600)
    doomed = mps.add_library(Name="doomed")
    with Connections(Clock()) as connections:
        client = connections.client(stack.config["alicloud-mps:endpoint"])
        client.submit_delete_job(doomed, math.inf)
    assert f"library {doomed} is being deleted" in refused(stack, "b", doomed)

    with Emulator() as other:
        stack.configure({**stack.config, "alicloud-mps:endpoint": other.url})
        theirs = ControlApi(other.url).add_library(Name="b")
        assert "libraries of this stack belong to account" in refused(stack, "b", theirs)

    stack.configure(stack.config)
    stack.program('FpShotDB("a", name="a")\nFpShotDB("c", name="c")')
    mps.set_faults({"action": "CreateFpShotDB", "kind": "hang"})
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB", 2)
    running.kill("cli", "provider")
    mps.set_faults()

    stack.cancel()
    assert "run `alicloud-mps recover` first" in refused(stack, "b", free)


def test_libraries_of_the_native_provider(native_stack: PulumiStack, mps: ControlApi) -> None:
    """They are left to `pulumi import`, by the command that the refusal gives."""
    fp_db_id = mps.add_library(Name="my songs", Region="cn-beijing")
    told = refused(native_stack, "my songs", fp_db_id, "--region", "cn-beijing")
    command = re.findall("`(.*?)`", told)[-1]
    assert command.startswith("pulumi import alicloud-mps:index:FpShotDB 'my songs' cn-beijing/")
    native_stack.shell(f"{command} {UNASKED}").succeeded()
    assert native_stack.resources()["my songs"]["id"] == fp_db_id
    again = refused(native_stack, "again", fp_db_id, "--region", "cn-beijing")
    assert f"library {fp_db_id} is already in the state, as 'my songs'" in again
    assert "run `pulumi import --file`" in refused(native_stack, "--all")


def test_several_libraries_of_the_native_provider(
    native_stack: PulumiStack, mps: ControlApi
) -> None:
    """The guide's file brings all libraries of a region in, and those of the state only once."""
    ids = {mps.add_library(Name=name) for name in ("songs", "films")}
    guide = (ROOT / "docs" / "how-to" / "adopt-an-account.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```console\n(alicloud-mps libraries --json .*?)```", guide, re.DOTALL)
    native_stack.shell(f"{script.rstrip()} {UNASKED}").succeeded()
    assert {entry["id"] for entry in native_stack.resources().values()} == ids
    native_stack.shell(f"{script.rpartition('pulumi')[0]}").succeeded()
    left = json.loads((native_stack.folder / "libraries.json").read_text(encoding="utf-8"))
    assert left == {"resources": []}
