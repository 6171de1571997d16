"""A library that two entries of a state have is deleted under neither while the other has it."""

from __future__ import annotations

import os

from control_api import ControlApi
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE
from pulumi_stack import PulumiStack, environment_in

OLD, NEW = (f"urn:pulumi:dev::catalogue::{LIBRARY_TYPE}::{name}" for name in ("old", "new"))
SONGS = 'name="songs", model_id=13'


def test_what_two_entries_have(stack: PulumiStack, mps: ControlApi) -> None:
    """Whatever removes the old entry leaves the library to the new one, which deletes by its guard.

    It came about as it does in practice: by an `up` that failed elsewhere.
    """
    stack.program(f'FpShotDB("old", {SONGS}, force_destroy=True)')
    stack.up().succeeded()
    fp_db_id = str(mps.only_library()["FpDBId"])
    mps.fill(fp_db_id, 3)
    mps.add_library(Name="taken", ModelId=12)
    adopted = f'FpShotDB("new", {SONGS}, adopt="{fp_db_id}"'
    stack.program(
        f"""
        {adopted}, opts=pulumi.ResourceOptions(protect=True))
        FpShotDB("other", name="taken", model_id=12)
        """
    )
    stack.up().failed()
    assert set(stack.resources()) == {"old", "new"}
    both = stack.exported()

    def kept_by(entry: str) -> None:
        assert {name: item["id"] for name, item in stack.resources().items()} == {entry: fp_db_id}
        assert fp_db_id in {item["FpDBId"] for item in mps.libraries()}

    for command, *arguments in (
        ("destroy", "--exclude-protected"),
        ("destroy", "--target", OLD),
        ("destroy", "--exclude", NEW),
        ("up", "--target", OLD),
    ):
        stack.restore(both)
        output = stack.run(command, *arguments, "--yes", "--skip-preview").succeeded().output
        assert f"not deleted: {NEW} also manages this library" in output
        kept_by("new")

    # Renamed in the state, the old entry still has no more right to the library.
    stack.restore(both)
    stack.run("state", "rename", OLD, "former", "--yes").succeeded()
    output = stack.destroy("--exclude-protected", "--stack", "dev").succeeded().output
    assert f"not deleted: {NEW} also manages this library" in output
    kept_by("new")

    # Where the provider can't read the state nothing is deleted; what the error says works.
    stack.restore(both)
    cli = stack.folder / "pulumi"
    cli.write_text("#!/bin/sh\necho 'error: log in first' >&2; exit 255\n", encoding="utf-8")
    cli.chmod(0o755)
    path = environment_in(stack.folder)["PATH"]
    stack.environment["PATH"] = f"{cli.parent}{os.pathsep}{path}"
    output = stack.destroy("--exclude-protected").failed().output
    assert "log in first" in output
    assert "`pulumi state delete`" in " ".join(output.split())
    assert set(stack.resources()) == {"old", "new"}
    cli.unlink()
    stack.run("state", "delete", OLD, "--yes").succeeded()
    kept_by("new")

    # Where both go, the guard of the one that adopted it counts.
    stack.restore(both)
    stack.run("state", "unprotect", NEW, "--yes").succeeded()
    stack.destroy().failed()
    kept_by("new")

    stack.program(f"{adopted}, force_destroy=True)")
    stack.up().succeeded()
    stack.destroy().succeeded()
    assert [item["Name"] for item in mps.libraries()] == ["taken"]


def test_two_providers_leave_nothing(stack: PulumiStack, mps: ControlApi) -> None:
    """Where both entries go at once, by two processes, one deletes, and the library is gone."""
    fp_db_id = mps.add_library(Name="songs", ModelId=13)
    stack.program(
        f"""
        songs = dict(name="songs", model_id=13, adopt="{fp_db_id}")
        FpShotDB("old", **songs)
        FpShotDB("new", **songs, opts=pulumi.ResourceOptions(provider=Provider("other")))
        """
    )
    stack.up().succeeded()
    stack.destroy().succeeded()
    assert mps.libraries() == []
