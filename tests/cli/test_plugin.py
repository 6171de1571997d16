"""The lines for Pulumi.yaml lead to the script, relative to the project where that is possible."""

import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from click.testing import CliRunner

from pulumi_alicloud_mps.cli import main


def told() -> str:
    """Return the folder that `alicloud-mps plugin` prints."""
    ended = CliRunner().invoke(main, ["plugin"])
    assert ended.exit_code == 0, ended.output
    (plugin,) = yaml.safe_load(ended.stdout)["plugins"]["providers"]
    assert plugin["name"] == "alicloud-mps"
    return str(plugin["path"])


@pytest.mark.portability
def test_an_environment_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a project, and of an environment that is not in it, the path is absolute."""
    monkeypatch.chdir(tmp_path)
    assert Path(told()).samefile(Path(sys.executable).parent)
    (tmp_path / "Pulumi.yaml").touch()
    assert Path(told()).samefile(Path(sys.executable).parent)


def test_an_environment_in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anywhere in the project, the path is relative to where Pulumi.yaml is, whatever is in it."""
    script = tmp_path / '"söngs: #1"' / "bin" / "pulumi-resource-alicloud-mps"
    below = tmp_path / "src"
    script.parent.mkdir(parents=True)
    below.mkdir()
    script.touch()
    (tmp_path / "Pulumi.yaml").touch()
    monkeypatch.setattr(metadata, "files", lambda _: [metadata.PackagePath(script)])
    monkeypatch.setattr(metadata.PackagePath, "locate", lambda it: it, raising=False)
    for folder in (tmp_path, below):
        monkeypatch.chdir(folder)
        assert told() == '"söngs: #1"/bin'


@pytest.mark.parametrize("path", [".venv/bin", "elsewhere"])
def test_a_project_with_plugins(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is printed that would spoil the file; an error has the entry."""
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(main, ["plugin"]).stdout
    (tmp_path / "Pulumi.yaml").write_text(
        f"plugins: {{ providers: [{{ name: alicloud-mps, path: {path} }}] }}\n"
    )
    ended = CliRunner().invoke(main, ["plugin"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: Pulumi.yaml already has plugins; ")
    entry = ended.stderr.partition(" the entry ")[2].removesuffix(" [usage]\n")
    assert yaml.safe_load(entry) == yaml.safe_load(printed)["plugins"]["providers"]


@pytest.mark.parametrize("files", [None, []])
def test_no_script(files: list[metadata.PackagePath], monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without its scripts is an error of one line."""
    monkeypatch.setattr(metadata, "files", lambda _: files)
    ended = CliRunner().invoke(main, ["plugin"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("Error: pulumi-resource-alicloud-mps is not installed; ")
    assert ended.stderr.count("\n") == 1
