"""A stack on an emulator of its own, whose previews are kept as the engine writes them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from control_api import LocalMps, local_mps
from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
)
from pulumi_stack import PulumiStack, _pulumi

OTHERS = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Anything(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props):
        return CreateResult("made", {**props, "address": "there"})


class Bucket(Resource, module="oss", name="Bucket"):
    address: pulumi.Output[str]

    def __init__(self, name, opts=None, **props):
        super().__init__(Anything(), name, {**props, "address": None}, opts)


"""
"""Resources that are no libraries, without a plugin: put it before a program."""


@dataclass
class World:
    """What a scenario acts on."""

    stack: PulumiStack
    mps: LocalMps

    def apply(self, program: str) -> None:
        """Make the stack what a program says."""
        self.stack.program(program)
        self.stack.up().succeeded()

    def preview(self, program: str, *options: str, stream: bool = False) -> str:
        """Return the preview of a program."""
        self.stack.program(program)
        return self.json("preview", *options, stream=stream)

    def json(self, *arguments: str, stream: bool = False) -> str:
        """Return what a Pulumi command writes as JSON, whether or not it succeeds."""
        extra = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"} if stream else {}
        done = subprocess.run(
            [_pulumi(), *arguments, "--json", "--non-interactive", "--color", "never"],
            cwd=self.stack.folder,
            env={**self.stack._environment(), **extra},
            check=False,
            text=True,
            capture_output=True,
            timeout=120,
        )
        assert done.stdout, done.stderr
        return done.stdout

    def library(self, name: str) -> str:
        """Return the FpDBId that a resource has."""
        return str(self.stack.resources()[name]["id"])

    def urn(self, name: str) -> str:
        """Return the URN of a library."""
        return str(self.stack.resources()[name]["urn"])


@contextmanager
def new_world(folder: Path, *, native: bool = False) -> Iterator[World]:
    """Make a world in a folder, whose libraries are those of the native provider or not."""
    with local_mps(activation_seconds=0.1, deletion_seconds=0.1, quota=20) as mps:
        where = {key: mps.config[key] for key in ("alicloud-mps:endpoint", "alicloud-mps:region")}
        keys = {
            "ALICLOUD_ACCESS_KEY": LOCAL_ACCESS_KEY_ID,
            "ALICLOUD_SECRET_KEY": LOCAL_ACCESS_KEY_SECRET,
        }
        stack = PulumiStack(folder / "project", config=where, environment=keys, native=native)
        yield World(stack, mps)
