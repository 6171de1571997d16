"""The Python SDK of the native provider: what `scripts/generate` made of its schema."""

import hashlib
import subprocess
import sys

import pulumi_alicloud_mps
from documents import ROOT

FOLDER = ROOT / "provider"
SUMS = ROOT / "tools" / "engine" / "cli" / "python-sdk" / "generated.sum"


def test_it_is_generated() -> None:
    """It is what the schema makes it, and nobody has edited it; `scripts/generate` writes it."""
    lines = SUMS.read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in map(str.split, lines)}
    sdk = (path for path in (FOLDER / "pulumi_alicloud_mps_native").rglob("*") if path.is_file())
    files = [FOLDER / "pulumi_alicloud_mps/native/schema.json", *sdk]
    found = {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.suffix != ".pyc"
    }
    assert found == sums


def test_it_needs_nothing_else() -> None:
    """It offers what the package does, with nothing installed but the package."""
    names = "import pulumi_alicloud_mps_native as sdk; print(*vars(sdk))"
    done = subprocess.run(
        [sys.executable, "-c", names], check=True, capture_output=True, text=True, timeout=60
    )
    assert {*pulumi_alicloud_mps.__all__} - {"FpShotDBArgsDict"} <= {*done.stdout.split()}
