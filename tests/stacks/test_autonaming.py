"""`pulumi:autonaming`, in its three modes, by either provider."""

from __future__ import annotations

import re

from control_api import ControlApi
from pulumi_stack import PulumiStack
from stacks.conftest import either_front

SONGS = 'FpShotDB("songs")\n'
CLIPS = """
there = pulumi.ResourceOptions(provider=Provider("beijing", region="cn-beijing"))
FpShotDB("clips", opts=there)
"""
PATTERN = "${organization}-${stack}-${config.team}-${name}-${hex(15)}"


pytestmark = either_front


def test_the_modes(stack: PulumiStack, mps: ControlApi) -> None:
    """New libraries are named as it says, with any provider; those that exist keep their names."""
    plain = {**stack.config, "team": "media"}

    def names(program: str, **autonaming: object) -> list[str]:
        stack.configure({**plain, "pulumi:autonaming": autonaming})
        stack.program(program)
        stack.up().succeeded()
        return sorted(library["Name"] for library in mps.libraries())

    assert names(SONGS, mode="verbatim") == ["songs"]

    of_ours = {"alicloud-mps": {"pattern": PATTERN, "enforce": True}}
    named, songs = names(SONGS + CLIPS, mode="disabled", providers=of_ours)
    assert songs == "songs"
    assert re.fullmatch("organization-dev-media-clips-[0-9a-f]{15}", named)
    assert all("_autonaming" not in entry["inputs"] for entry in stack.resources().values())

    stack.configure(plain)
    stack.preview("--expect-no-changes").succeeded()


def test_an_interrupted_create(stack: PulumiStack, mps: ControlApi) -> None:
    """What an attempt of a pattern has made is found by its name; without names none is made."""
    plain = {**stack.config, "team": "media"}
    stack.program(SONGS)
    stack.configure({**plain, "pulumi:autonaming": {"mode": "disabled"}})
    assert "name: must be set" in stack.preview().failed().output
    stack.configure({**plain, "pulumi:autonaming": {"pattern": PATTERN}})
    mps.set_faults({"action": "CreateFpShotDB", "kind": "hang", "execute": True})
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB")
    running.kill("cli", "provider")
    stack.cancel()
    mps.set_faults()

    assert "`alicloud-mps recover`" in stack.up().failed().output
    stack.recover_elsewhere().succeeded()
    stack.up("--refresh", "--expect-no-changes").succeeded()

    assert [entry["id"] for entry in stack.resources().values()] == [mps.only_library()["FpDBId"]]
