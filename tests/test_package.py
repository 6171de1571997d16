"""The package as it is installed: its contract with old states, its weight, and its parts."""

import base64
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest

import pulumi_alicloud_mps
from pulumi_alicloud_mps import package
from pulumi_alicloud_mps.dynamic.provider import FpShotDBProvider
from pulumi_alicloud_mps.state.deployment import POINTER

ROOT = Path(__file__).parents[1]
PACKAGE = Path(pulumi_alicloud_mps.__file__).parent

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

_LOAD_POINTER = """
import base64, pickle, sys
provider = pickle.loads(base64.b64decode(sys.argv[1]))
print(sys.modules[type(provider).__module__].__file__, type(provider).__name__)
"""

_PRINT_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def python(program: str, *arguments: str, path: Path | None = None) -> str:
    """Run a program in a fresh interpreter, and return what it prints."""
    first = f"import sys; sys.path.insert(0, {str(path)!r})\n" if path else ""
    command = [sys.executable, "-c", first + program, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.portability
def test_the_pointer_never_changes() -> None:
    """Upgrading Python or the package shows no diff: the state's pointer is always the same."""
    text = (
        b"\x80\x04\x95@\x00\x00\x00\x00\x00\x00\x00\x8c$pulumi_alicloud_mps.dynamic.provider\x94"
        b"\x8c\x10FpShotDBProvider\x94\x93\x94)\x81\x94."
    )
    assert base64.b64decode(POINTER) == text
    assert pickle.dumps(FpShotDBProvider(), protocol=4) == text


def test_code_may_change(tmp_path: Path) -> None:
    """The pointer of a state loads the code that is installed, whatever release that is."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name)
    file, name = python(_LOAD_POINTER, POINTER, path=tmp_path).split()
    assert Path(file).is_relative_to(tmp_path)
    assert name == "FpShotDBProvider"


@pytest.mark.portability
def test_importing_is_light() -> None:
    """A program loads nothing of the core's libraries: each would cost every preview its time."""
    program = f"from pulumi_alicloud_mps import *; {_PRINT_MODULES}"
    loaded = set(json.loads(python(program)))
    assert "pulumi_alicloud_mps.fp_shot_db" in loaded
    assert not loaded & HEAVY
    assert not [name for name in loaded if name.startswith("pulumi_alicloud_mps.emulator")]


@pytest.mark.portability
def test_the_front_door_is_complete() -> None:
    """`__all__` is sorted, and names all that the package offers, which is there when asked for."""
    names = pulumi_alicloud_mps.__all__
    assert list(names) == sorted(names)
    assert {getattr(pulumi_alicloud_mps, name).__name__ for name in names} == set(names)
    assert set(names) <= set(dir(pulumi_alicloud_mps))
    with pytest.raises(AttributeError, match="no attribute 'FpShotDBs'"):
        pulumi_alicloud_mps.FpShotDBs  # noqa: B018 - the name is looked up


@pytest.mark.portability
def test_the_plugin_tells_its_port_first() -> None:
    """The native provider's process loads what serves the calls only when its server listens."""
    program = (
        "import pulumi_alicloud_mps.native.plugin, json, sys; print(json.dumps(list(sys.modules)))"
    )
    loaded = json.loads(python(program))
    assert "grpc" in loaded
    assert not {"pulumi", *HEAVY}.intersection(loaded)


@pytest.mark.parametrize(
    ("version", "semantic"),
    [
        ("1.2.3", "1.2.3"),
        ("0.1", "0.1.0"),
        ("0.1.dev7+g1a2b3c4.d20261128", "0.1.0-dev7.g1a2b3c4.d20261128"),
        ("1.0.0rc1", "1.0.0-rc1"),
    ],
)
def test_versions(version: str, semantic: str) -> None:
    """A version of Python becomes one that Pulumi can read."""
    with patch.object(package, "metadata", SimpleNamespace(version=lambda _: version)):
        assert package.package_version.__wrapped__() == semantic
