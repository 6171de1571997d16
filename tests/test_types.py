"""What editors and type checkers say of users' programs."""

import json
import subprocess
import sys
from pathlib import Path

from documents import ROOT
from examples.guide import ALICLOUD

PROGRAMS = [ROOT / "examples", ROOT / "templates"]


def test_pyright_accepts_programs(tmp_path: Path) -> None:
    """In its strict mode pyright accepts the examples and every form, and refuses wrong ones.

    mypy reads the same files in `scripts/test`.
    """
    folders = sorted({path.parent for folder in PROGRAMS for path in folder.rglob("*.py")})
    settings = {
        "include": [*map(str, PROGRAMS), str(ROOT / "tests" / "programs.py")],
        # Each folder alone, as whoever copies it has it.
        "executionEnvironments": [{"root": str(folder)} for folder in folders],
        "extraPaths": [str(ALICLOUD)],
        "pythonVersion": "{}.{}".format(*sys.version_info),
        "typeCheckingMode": "strict",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    # The fork of pyright that brings what it runs on.
    command = [sys.executable, "-m", "basedpyright", "--project", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("0 errors"), done.stdout
