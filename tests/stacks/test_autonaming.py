"""`pulumi:autonaming`, in its three modes, by either provider."""

from __future__ import annotations

import re

import pytest

from control_api import ControlApi
from pulumi_stack import PulumiStack
from stacks.conftest import StackMaker

SONGS = """
from {package} import FpShotDB, Provider
import pulumi

FpShotDB("songs")
"""
CLIPS = """
there = pulumi.ResourceOptions(provider=Provider("beijing", region="cn-beijing"))
FpShotDB("clips", opts=there)
"""
PATTERN = "${organization}-${stack}-${config.team}-${name}-${hex(15)}"


@pytest.fixture(params=["pulumi_alicloud_mps", "pulumi_alicloud_mps_native"])
def package(request: pytest.FixtureRequest) -> str:
    """Return the package that a program imports."""
    return str(request.param)


@pytest.fixture
def stack(new_stack: StackMaker, package: str) -> PulumiStack:
    """Return a stack that knows where the plugin is if it needs it."""
    return new_stack(native=package.endswith("native"))


def write(stack: PulumiStack, program: str, package: str) -> None:
    """Write a program with that import."""
    (stack.folder / "__main__.py").write_text(program.format(package=package), encoding="utf-8")


def test_the_modes(stack: PulumiStack, mps: ControlApi, package: str) -> None:
    """New libraries are named as it says, with any provider; those that exist keep their names."""
    plain = {**stack.config, "team": "media"}

    def names(program: str, **autonaming: object) -> list[str]:
        stack.configure({**plain, "pulumi:autonaming": autonaming})
        write(stack, program, package)
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


def test_an_interrupted_create(stack: PulumiStack, mps: ControlApi, package: str) -> None:
    """What an attempt of a pattern has made is found by its name; without names none is made."""
    plain = {**stack.config, "team": "media"}
    write(stack, SONGS, package)
    stack.configure({**plain, "pulumi:autonaming": {"mode": "disabled"}})
    assert "name: must be given" in stack.preview().failed().output
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
