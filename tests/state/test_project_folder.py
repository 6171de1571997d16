"""The folder of the project."""

from pathlib import Path

import pytest

from pulumi_alicloud_mps.state.project_folder import project_folder


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])
def test_the_nearest_project_counts(name: str, tmp_path: Path) -> None:
    """The project is the nearest folder above that has a Pulumi.yaml."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "Pulumi.yaml").touch()
    (inner / name).touch()
    assert project_folder(inner) == inner
    assert project_folder(inner.parent) == tmp_path
