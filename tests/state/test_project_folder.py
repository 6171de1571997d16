"""The folder of the project, and what its file says."""

from pathlib import Path

import pytest

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE, Deployment
from pulumi_alicloud_mps.state.project_folder import Project, project_folder

PLUGINS = "{providers: [{name: other, path: a}, {name: alicloud-mps, path: bin}]}"


def project(folder: Path, text: str) -> Project:
    """Return a project whose file says that."""
    (folder / "Pulumi.yaml").write_text(text, encoding="utf-8")
    found = Project.of(folder)
    assert found
    return found


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])
def test_the_nearest_project_counts(name: str, tmp_path: Path) -> None:
    """The project is the nearest folder above that has a Pulumi.yaml."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "Pulumi.yaml").touch()
    (inner / name).touch()
    assert project_folder(inner) == inner
    assert project_folder(inner.parent) == tmp_path


@pytest.mark.parametrize(
    ("said", "held", "types"),
    [
        ("python", [], {LIBRARY_TYPE}),
        ("{name: python, options: {virtualenv: .venv}}", [], {LIBRARY_TYPE}),
        ("yaml", [LIBRARY_TYPE], {NATIVE_LIBRARY_TYPE}),
        ("{name: nodejs}", [], {NATIVE_LIBRARY_TYPE}),
        (f"python\nplugins: {PLUGINS}", [], {NATIVE_LIBRARY_TYPE}),
        (f"python\nplugins: {PLUGINS}", [LIBRARY_TYPE], {LIBRARY_TYPE, NATIVE_LIBRARY_TYPE}),
        ("python\npackages: {alicloud-mps: ../provider}", [], {NATIVE_LIBRARY_TYPE}),
        ("python", [LIBRARY_TYPE, NATIVE_LIBRARY_TYPE], {LIBRARY_TYPE, NATIVE_LIBRARY_TYPE}),
    ],
)
def test_library_types(tmp_path: Path, said: str, held: list[str], types: set[str]) -> None:
    """Language, state and plugins show which provider a program's libraries have."""
    found = project(tmp_path, f"name: catalogue\nruntime: {said}\n")
    resources = [{"urn": f"urn:pulumi:dev::catalogue::{kind}::a", "type": kind} for kind in held]
    assert found.library_types(Deployment({"deployment": {"resources": resources}})) == types


def test_where_the_plugin_is(tmp_path: Path) -> None:
    """The folder of the plugin is relative to that of the project."""
    found = project(tmp_path, f"name: a\nruntime: yaml\nplugins: {PLUGINS}\n")
    assert found.plugin_folder == tmp_path / "bin"
    assert project(tmp_path, "name: a\nruntime: yaml\n").plugin_folder is None


def test_a_file_that_is_not_yaml(tmp_path: Path) -> None:
    """What can't be read is an error of one line."""
    with pytest.raises(StackStateError, match=r"^Pulumi.yaml can't be read: .*line 2") as caught:
        project(tmp_path, "a: [\n")
    assert "\n" not in str(caught.value)
