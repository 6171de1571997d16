"""The package as it is installed: its contract with old states, its weight, and its parts."""

import base64
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pulumi.dynamic.dynamic import serialize_provider

import pulumi_alicloud_mps
from pulumi_alicloud_mps.dynamic.provider import FpShotDBProvider

pytestmark = pytest.mark.lowest

ROOT = Path(__file__).parents[1]
PACKAGE = Path(pulumi_alicloud_mps.__file__).parent

POINTER = (
    "gASVQAAAAAAAAACMJHB1bHVtaV9hbGljbG91ZF9tcHMuZHluYW1pYy5wcm92aWRlcpSMEEZwU2hvdERCUHJvdmlkZXKU"
    "k5QpgZQu"
)
"""Stands in the state of every library that was ever made: refresh and destroy load it."""

HEAVY = {
    "aiohttp",
    "aliyunsdkcore",
    "alibabacloud_credentials",
    "click",
    "jinja2",
    "pydantic",
    "requests",
    "sqlite3",
    "tenacity",
}

_PRINT_POINTER = """
from pulumi.dynamic.dynamic import serialize_provider
import pulumi_alicloud_mps
from pulumi_alicloud_mps.dynamic.provider import FpShotDBProvider
print(pulumi_alicloud_mps.__file__)
print(serialize_provider(FpShotDBProvider()))
"""


def python(program: str, *, path: Path | None = None) -> str:
    """Run a program in a fresh interpreter, and return what it prints."""
    first = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else ""
    command = [sys.executable, "-c", first + program]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_pointer_never_changes() -> None:
    """Upgrading the package shows no diff: the provider is serialised as it always was."""
    assert serialize_provider(FpShotDBProvider()) == POINTER
    assert len(POINTER) <= 120


def test_the_pointer_is_only_a_name() -> None:
    """The state holds a module and a class, and nothing of the program or its secrets."""
    text = base64.b64decode(POINTER)
    assert b"pulumi_alicloud_mps.dynamic.provider" in text
    assert b"FpShotDBProvider" in text
    assert FpShotDBProvider.serialize_as_secret_always is False
    assert vars(FpShotDBProvider()) == {}


def test_code_may_change(tmp_path: Path) -> None:
    """Another release of the code, at another place, has the same pointer."""
    copy = tmp_path / "pulumi_alicloud_mps"
    shutil.copytree(PACKAGE, copy)
    provider = copy / "dynamic" / "provider.py"
    text = provider.read_text(encoding="utf-8")
    changed = text.replace(
        "    serialize_as_secret_always = False\n",
        "    serialize_as_secret_always = False\n    release = 2\n\n"
        "    def renew(self) -> None:\n        pass\n",
    )
    assert changed != text
    provider.write_text(changed, encoding="utf-8")
    file, pointer = python(_PRINT_POINTER, path=tmp_path).split()
    assert Path(file).is_relative_to(tmp_path)
    assert pointer == POINTER


def test_importing_is_light() -> None:
    """A program loads nothing of the core's libraries: each would cost every preview its time."""
    program = "import pulumi_alicloud_mps, json, sys; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(python(program)))
    assert "pulumi_alicloud_mps.fp_shot_db" in loaded
    assert not loaded & HEAVY
    assert not [name for name in loaded if name.startswith("pulumi_alicloud_mps.emulator")]


def test_the_front_door_is_complete() -> None:
    """`__all__` is sorted, and names all that the package offers."""
    names = pulumi_alicloud_mps.__all__
    assert list(names) == sorted(names)
    offered = {
        name
        for name, value in vars(pulumi_alicloud_mps).items()
        if not name.startswith("_") and not isinstance(value, type(pulumi_alicloud_mps))
    }
    assert offered == set(names)


def test_the_wheel_is_complete(tmp_path: Path) -> None:
    """The wheel says that it is typed, and that there is no plugin to download."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", tmp_path, ROOT], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        plugin = json.loads(archive.read("pulumi_alicloud_mps/pulumi-plugin.json"))
    assert "pulumi_alicloud_mps/py.typed" in names
    assert plugin["resource"] is False
    sources = {path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.rglob("*.py")}
    assert sources <= names
    assert all(name.startswith("pulumi_alicloud_mps") for name in names)
