"""The checkout as a plugin: what `pulumi package add` makes of PulumiPlugin.yaml."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from documents import ROOT


def test_it_starts(tmp_path: Path) -> None:
    """Run as Pulumi's Python host does, by its folder, the checkout prints the provider's port."""
    command = [sys.executable, str(ROOT), "127.0.0.1:1", "--logtostderr"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert 0 < int(process.stdout.readline()) < 65536
        finally:
            process.kill()


def test_its_environment() -> None:
    """The host makes an environment that is not the developer's, and installs this checkout."""
    plugin = yaml.safe_load((ROOT / "PulumiPlugin.yaml").read_text(encoding="utf-8"))
    options = plugin["runtime"]["options"]
    assert plugin["runtime"]["name"] == "python"
    assert options == {"toolchain": "pip", "virtualenv": ".venv-plugin"}
    # Not by Git, which a copy of the project's files does not have.
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert any(fnmatch(f"{options['virtualenv']}/", pattern) for pattern in ignored)
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    # It is installed in that folder.
    assert [line for line in lines if not line.startswith("#")] == ["--editable ."]
