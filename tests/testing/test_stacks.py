"""Stacks that users' tests run on an emulator."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from pulumi_alicloud_mps import FpShotDB
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.testing import MpsEmulator, StackMaker

PROGRAM = """
import pulumi
from pulumi_alicloud_mps import FpShotDB
FpShotDB("films", description=pulumi.Config().require("description"))
"""
PROJECT = {"name": "catalogue", "runtime": {"name": "python", "options": {"virtualenv": "venv"}}}


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[StackMaker]:
    """Return a maker of stacks."""
    with Emulator(settings=EmulatorSettings(activation_seconds=0.1)) as running:
        yield StackMaker(MpsEmulator(running.url), tmp_path / "stacks")


def films() -> None:
    """Declare a library, and export that the program runs here."""
    library = FpShotDB("films", description=str(os.getpid()))
    pulumi.export("account", library.account_id)
    pulumi.export("key", pulumi.Config("alicloud-mps").require("accessKey"))


def test_functions(maker: StackMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A function runs in this process, on the emulator whatever the environment says."""
    monkeypatch.setenv("ALICLOUD_ACCESS_KEY", "real")
    monkeypatch.setenv("ALICLOUD_SECRET_KEY", "real-secret")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://pulumi.example.com")
    monkeypatch.chdir(tmp_path)
    stack = maker(films)
    outputs = stack.up().outputs
    (library,) = maker.emulator.libraries()
    assert library["Description"] == str(os.getpid())
    assert outputs["account"].value == maker.emulator.account_id()
    assert outputs["key"].value == "local"
    assert stack.get_config("alicloud-mps:secretKey").secret
    assert [path.name for path in tmp_path.iterdir()] == ["stacks"]


def test_projects(maker: StackMaker, tmp_path: Path) -> None:
    """A project's own stack settings count, its environment does not, and it stays as it is."""
    project = tmp_path / "catalogue"
    (project / "venv").mkdir(parents=True)
    (project / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    settings = {"config": {"catalogue:description": "Films", "alicloud-mps:profile": "prod"}}
    # JSON is YAML, too.
    (project / "Pulumi.yaml").write_text(json.dumps(PROJECT), encoding="utf-8")
    (project / "Pulumi.dev.yaml").write_text(json.dumps(settings), encoding="utf-8")
    before = {path.name: path.stat().st_mtime_ns for path in project.iterdir()}
    maker(project, stack="dev").up()
    assert [library["Description"] for library in maker.emulator.libraries()] == ["Films"]
    assert {path.name: path.stat().st_mtime_ns for path in project.iterdir()} == before


def test_projects_of_another_language(maker: StackMaker, tmp_path: Path) -> None:
    """A project in YAML is run with the plugin that it names, also by a relative path."""
    project = tmp_path / "catalogue"
    project.mkdir()
    folder = os.path.relpath(Path(sys.executable).parent, project)
    films = {"type": "alicloud-mps:FpShotDB", "properties": {"description": "Films"}}
    content = {
        "name": "catalogue",
        "runtime": "yaml",
        "plugins": {"providers": [{"name": "alicloud-mps", "path": folder}]},
        "resources": {"films": films},
        "outputs": {"films": "${films.fpDbId}"},
    }
    (project / "Pulumi.yaml").write_text(json.dumps(content), encoding="utf-8")
    outputs = maker(project).up().outputs
    (library,) = maker.emulator.libraries()
    assert library["Description"] == "Films"
    assert outputs["films"].value == library["FpDBId"]


def test_stacks_of_a_test_are_apart(maker: StackMaker) -> None:
    """Two stacks of one name share the emulator, and nothing else."""
    first, second = maker(films), maker(films, project="other")
    assert first.workspace.work_dir != second.workspace.work_dir
    assert [stack.name for stack in second.workspace.list_stacks()] == ["test"]
