"""A library that two entries of a state have is deleted under neither while the other has it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from control_api import ControlApi
from pulumi_stack import LIBRARY_TYPE, Outcome, PulumiStack, environment_in

OLD, NEW = (f"urn:pulumi:dev::catalogue::{LIBRARY_TYPE}::{name}" for name in ("old", "new"))


@dataclass(frozen=True)
class Pair:
    """A stack in whose state `new` has adopted the library that `old` still has, and may destroy.

    It came about as it does in practice: by an `up` that failed elsewhere.
    """

    stack: PulumiStack
    mps: ControlApi
    fp_db_id: str

    def command(self, *arguments: str) -> Outcome:
        """Run a command of Pulumi that succeeds."""
        return self.stack.run(*arguments, "--yes").succeeded()

    @property
    def holders(self) -> list[str]:
        """The entries that have the library, which must be there."""
        assert self.fp_db_id in {item["FpDBId"] for item in self.mps.libraries()}
        return [
            name for name, item in self.stack.resources().items() if item["id"] == self.fp_db_id
        ]


@pytest.fixture
def pair(stack: PulumiStack, mps: ControlApi) -> Pair:
    """Return such a stack."""
    songs = 'name="songs", model_id=13'
    stack.program(f'FpShotDB("old", {songs}, force_destroy=True)')
    stack.up().succeeded()
    fp_db_id = str(mps.only_library()["FpDBId"])
    mps.fill(fp_db_id, 3)
    mps.add_library(Name="taken", ModelId=12)
    protected = "opts=pulumi.ResourceOptions(protect=True)"
    stack.program(
        f"""
        FpShotDB("new", {songs}, adopt="{fp_db_id}", {protected})
        FpShotDB("other", name="taken", model_id=12)
        """
    )
    stack.up().failed()
    assert set(stack.resources()) == {"old", "new"}
    return Pair(stack, mps, fp_db_id)


@pytest.mark.parametrize(
    "command",
    [
        ("destroy", "--exclude-protected"),
        ("destroy", "--target", OLD),
        ("destroy", "--exclude", NEW),
        ("up", "--target", OLD),
    ],
    ids=" ".join,
)
def test_what_another_entry_has_is_kept(pair: Pair, command: tuple[str, ...]) -> None:
    """Whatever removes the old entry, in whichever run, leaves the library to the new one."""
    outcome = pair.command(*command)

    assert f"kept at MPS: {NEW} has it" in outcome.output
    assert pair.holders == ["new"]


def test_an_unreadable_state_keeps_it(pair: Pair) -> None:
    """Where the provider can't read the state nothing is deleted; `pulumi state delete` works."""
    cli = pair.stack.folder / "pulumi"
    cli.write_text("#!/bin/sh\necho 'error: log in first' >&2; exit 255\n", encoding="utf-8")
    cli.chmod(0o755)
    path = environment_in(pair.stack.folder)["PATH"]
    pair.stack.environment["PATH"] = f"{cli.parent}{os.pathsep}{path}"

    refused = pair.stack.destroy("--exclude-protected").failed()

    assert "log in first" in refused.output
    assert "`pulumi state delete`" in " ".join(refused.output.split())
    assert set(pair.holders) == {"old", "new"}

    pair.command("state", "delete", OLD)

    assert pair.holders == ["new"]


def test_moves_in_the_state_change_nothing(pair: Pair) -> None:
    """Renamed in the state, the old entry still has no more right to the library."""
    pair.command("state", "rename", OLD, "former")
    outcome = pair.command("destroy", "--exclude-protected", "--stack", "dev")

    assert f"kept at MPS: {NEW} has it" in outcome.output
    assert pair.holders == ["new"]


def test_the_last_entry_deletes(pair: Pair) -> None:
    """Where both entries go, in whichever order, the guard of the one that adopted it counts."""
    pair.command("state", "unprotect", NEW)

    pair.stack.destroy().failed()

    assert pair.holders == ["new"]

    pair.stack.program(
        f'FpShotDB("new", name="songs", model_id=13, adopt="{pair.fp_db_id}", force_destroy=True)'
    )
    pair.stack.up().succeeded()
    pair.stack.destroy().succeeded()

    assert [item["Name"] for item in pair.mps.libraries()] == ["taken"]


def test_two_providers_leave_nothing(stack: PulumiStack, mps: ControlApi) -> None:
    """Where both entries go at once, by two processes, one deletes, and the library is gone."""
    fp_db_id = mps.add_library(Name="songs", ModelId=13)
    stack.program(
        f"""
        from pulumi_alicloud_mps import Provider

        songs = dict(name="songs", model_id=13, adopt="{fp_db_id}")
        FpShotDB("old", **songs)
        FpShotDB("new", **songs, opts=pulumi.ResourceOptions(provider=Provider("other")))
        """
    )
    stack.up().succeeded()

    stack.destroy().succeeded()

    assert mps.libraries() == []
