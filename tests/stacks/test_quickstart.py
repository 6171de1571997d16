"""The root project, which scripts/quickstart runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pulumi_stack import PulumiStack

ROOT = Path(__file__).resolve().parents[2]
NOTICE = "the endpoint is local, nothing is created at Alibaba Cloud"


@pytest.fixture
def quickstart(tmp_path: Path) -> PulumiStack:
    """Return a stack of the root project, in a copy without its state."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples" / "quickstart", folder / "examples" / "quickstart")
    stack = PulumiStack(folder, config={}, project="alicloud-mps-quickstart", stack="local")
    for name in ("Pulumi.yaml", "Pulumi.local.yaml"):
        shutil.copy(ROOT / name, folder)
    return stack


def test_quickstart(quickstart: PulumiStack) -> None:
    """The example runs without an account, changes nothing when repeated, and leaves nothing."""
    first = quickstart.up().succeeded()

    assert NOTICE in first.output
    assert quickstart.outputs()["state"] == "active"
    assert quickstart.outputs()["songs"] == quickstart.resources()["songs"]["id"]

    again = quickstart.up("--expect-no-changes").succeeded()
    refreshed = quickstart.refresh("--expect-no-changes").succeeded()

    assert NOTICE in again.output
    assert NOTICE in refreshed.output

    quickstart.destroy().succeeded()

    assert quickstart.resources() == {}


def test_local_database(quickstart: PulumiStack) -> None:
    """The embedded MPS keeps its libraries in the project's folder, hidden from git."""
    quickstart.up().succeeded()

    folder = quickstart.folder / ".alicloud-mps"

    assert (folder / "mps.sqlite").is_file()
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
