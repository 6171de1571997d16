"""The root project, which scripts/quickstart runs."""

from __future__ import annotations

import shutil
from pathlib import Path

from pulumi_stack import PulumiStack

ROOT = Path(__file__).resolve().parents[2]
NOTICE = "the endpoint is local, nothing is created at Alibaba Cloud"


def test_quickstart(tmp_path: Path) -> None:
    """The example runs without an account, changes nothing when repeated, and leaves nothing.

    The embedded MPS keeps its libraries in the project's folder, hidden from git.
    """
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples" / "quickstart", folder / "examples" / "quickstart")
    stack = PulumiStack(folder, config={}, project="alicloud-mps-quickstart", stack="local")
    for name in ("Pulumi.yaml", "Pulumi.local.yaml"):
        shutil.copy(ROOT / name, folder)
    assert NOTICE in stack.up().succeeded().output
    assert stack.outputs()["state"] == "active"
    assert stack.outputs()["songs"] == stack.resources()["songs"]["id"]
    assert (folder / ".alicloud-mps" / "mps.sqlite").is_file()
    assert (folder / ".alicloud-mps" / ".gitignore").read_text(encoding="utf-8") == "*\n"

    for repeated in (stack.up, stack.refresh):
        assert NOTICE in repeated("--expect-no-changes").succeeded().output

    stack.destroy().succeeded()
    assert stack.resources() == {}
