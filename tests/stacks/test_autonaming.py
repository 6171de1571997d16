"""`pulumi:autonaming`, in its three modes."""

from __future__ import annotations

import re

from control_api import ControlApi
from pulumi_stack import PulumiStack

SONGS = 'FpShotDB("songs")\n'
CLIPS = """
from pulumi_alicloud_mps import Provider
there = pulumi.ResourceOptions(provider=Provider("beijing", region="cn-beijing"))
FpShotDB("clips", opts=there)
"""


def test_the_modes(stack: PulumiStack, mps: ControlApi) -> None:
    """New libraries are named as it says, with any provider; those that exist keep their names."""
    plain = {**stack.config, "team": "media"}

    def names(program: str, **autonaming: object) -> list[str]:
        stack.configure({**plain, "pulumi:autonaming": autonaming})
        stack.program(program)
        stack.up().succeeded()
        return sorted(library["Name"] for library in mps.libraries())

    assert names(SONGS, mode="verbatim") == ["songs"]

    pattern = "${organization}-${stack}-${config.team}-${name}-${hex(15)}"
    of_ours = {"alicloud-mps": {"pattern": pattern, "enforce": True}}
    named, songs = names(SONGS + CLIPS, mode="disabled", providers=of_ours)
    assert songs == "songs"
    assert re.fullmatch("organization-dev-media-clips-[0-9a-f]{15}", named)
    assert all("_autonaming" not in entry["inputs"] for entry in stack.resources().values())

    stack.configure(plain)
    stack.program(SONGS + CLIPS)
    stack.preview("--expect-no-changes").succeeded()
