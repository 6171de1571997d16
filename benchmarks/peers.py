"""Who is compared: this package, what one writes after the tutorials, and doing nothing."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.mps import Mps
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import PulumiStack

Peer = Literal["ours", "floor", "naive", "native", "native_floor"]

AUDIO = 13
VIDEO = 12

_EXECUTABLES = Path(sys.executable).parent
_PROGRAMS = Path(__file__).parent / "programs"
_ROOT = Path(__file__).parents[1]
_folders = itertools.count(1)


@dataclass(frozen=True)
class Workshop:
    """Where stacks are made, and the MPS that they call."""

    folder: Path
    mps: Mps

    @contextmanager
    def stack(self, peer: Peer, libraries: int, model: int = AUDIO) -> Iterator[PulumiStack]:
        """Make a stack of so many libraries, not deployed yet, and drop it at the end."""
        stack = PulumiStack(
            self.folder / f"{peer}-{next(_folders)}",
            config={
                "alicloud-mps:endpoint": self.mps.url,
                "alicloud-mps:region": "cn-shanghai",
                "catalogue:libraries": str(libraries),
                "catalogue:model": str(model),
            },
            environment={
                "ALICLOUD_ACCESS_KEY": LOCAL_ACCESS_KEY_ID,
                "ALICLOUD_SECRET_KEY": LOCAL_ACCESS_KEY_SECRET,
                "MPS_ENDPOINT": self.mps.url.removeprefix("http://"),
                # Of the floor's provider, which is imported as an installed package would be.
                "PYTHONPATH": str(_ROOT),
            },
        )
        _install(stack, peer)
        program = (_PROGRAMS / f"{peer}.py").read_text(encoding="utf-8")
        (stack.folder / "__main__.py").write_text(program, encoding="utf-8")
        try:
            yield stack
        finally:
            stack.close()
            shutil.rmtree(stack.folder)


def _install(stack: PulumiStack, peer: Peer) -> None:
    """Tell the engine where a peer's native provider is."""
    if peer == "native":
        _use_plugin(stack, "alicloud-mps", _EXECUTABLES)
    elif peer == "native_floor":
        plugin = stack.folder / "bin" / "pulumi-resource-empty"
        plugin.parent.mkdir()
        module = "benchmarks.programs.empty_native"
        plugin.write_text(f"#!/bin/sh\nexec {sys.executable} -m {module}\n", encoding="utf-8")
        plugin.chmod(0o755)
        _use_plugin(stack, "empty", plugin.parent)


def _use_plugin(stack: PulumiStack, name: str, folder: Path) -> None:
    path = stack.folder / "Pulumi.yaml"
    project = json.loads(path.read_text(encoding="utf-8"))
    project["plugins"] = {"providers": [{"name": name, "path": str(folder)}]}
    path.write_text(json.dumps(project), encoding="utf-8")
