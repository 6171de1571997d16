"""The example workflows, run on this machine word for word."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from environment import ran
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.testing import MpsEmulator

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "github-actions"
GUIDE = ROOT / "docs" / "how-to" / "pull-requests.md"
MARKER = "<!-- alicloud-mps preview-comment: local/dev -->"


def read(name: str) -> dict[Any, Any]:
    """Return a workflow."""
    return dict(yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "rights"),
    [
        ("preview.yml", {"contents": "read", "id-token": "write", "pull-requests": "write"}),
        ("deploy.yml", {"contents": "read", "id-token": "write"}),
    ],
)
def test_least_rights(name: str, rights: dict[str, str]) -> None:
    """A job has the rights that it uses, and a workflow none of its own."""
    workflow = read(name)
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {}
    assert job["permissions"] == rights


def test_forks_are_left_out() -> None:
    """The preview does not run for forks, nor with the rights of the base."""
    workflow = read("preview.yml")
    # YAML 1.1 takes the word `on` for true.
    assert list(workflow[True]) == ["pull_request"]
    assert workflow["jobs"]["preview"]["if"] == (
        "github.event.pull_request.head.repo.full_name == github.repository"
    )


class Local:
    """A repository whose workflows run on this machine."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.work = folder / "work"
        self.project.mkdir()

    def program(self, text: str) -> None:
        """Replace the program."""
        imports = "from pulumi_alicloud_mps import FpModel, FpShotDB\n"
        (self.project / "__main__.py").write_text(imports + text, encoding="utf-8")

    def run(self, workflow: str, *options: str) -> tuple[int, str]:
        """Run a workflow."""
        command = [sys.executable, str(EXAMPLES / "run_locally.py"), str(EXAMPLES / workflow)]
        where = ["--project", str(self.project), "--work", str(self.work)]
        ended = ran(*command, *where, *options)
        return ended.returncode, ended.stdout + ended.stderr

    def cut_off(self) -> None:
        """Leave the state as a run does that is killed while MPS creates the library."""
        (path,) = self.work.glob("state/.pulumi/stacks/*/dev.json")
        content = json.loads(path.read_bytes())
        latest = content["checkpoint"]["latest"]
        library = latest["resources"].pop()
        assert library["type"].endswith("FpShotDB")
        del library["id"], library["outputs"]
        latest["pending_operations"] = [{"resource": library, "type": "creating"}]
        path.write_text(json.dumps(content), encoding="utf-8")

    def comments(self) -> dict[str, str]:
        """Return the pull request's comments."""
        found = (self.work / "comments").glob("*.md")
        return {path.stem: path.read_text(encoding="utf-8") for path in found}


@pytest.fixture
def local(tmp_path: Path) -> Local:
    """Return a repository."""
    return Local(tmp_path)


@pytest.mark.engine
def test_from_pull_request_to_deployment(local: Local) -> None:
    """A comment is made, updated in place and repeated in the summary; a merge deploys."""
    local.program('FpShotDB("films", description="old")\n')
    first = local.run("preview.yml")

    assert first[0] == 0, first[1]
    assert local.comments()["1"].startswith("### `local/dev`: 1 library created\n")

    deployed = local.run("deploy.yml")

    assert deployed[0] == 0, deployed[1]
    assert "nothing to recover" in deployed[1]

    with Emulator(local.work / "mps.sqlite") as running:
        mps = MpsEmulator(running.url)
        mps.fill(mps.libraries()[0]["FpDBId"], 3)
    local.program('FpShotDB("films", description="new")\n')
    (local.work / "comments" / "7-octocat.md").write_text(f"I forge.\n{MARKER}\n")
    refused = local.run("preview.yml")
    accepted = local.run("preview.yml", "--label", "loss accepted")

    assert (refused[0], accepted[0]) == (1, 0)
    assert "::error::Fingerprints may be lost." in refused[1]
    comments = local.comments()
    assert set(comments) == {"1", "7-octocat"}
    assert comments["7-octocat"].startswith("I forge.")
    assert comments["1"].startswith("### ⚠️ `local/dev`: 1 library replaced\n")
    assert comments["1"].endswith(f"\n{MARKER}\n")
    assert "[Log](<https://github.com/example/infra/actions/runs/1>)" in comments["1"]
    assert (local.work / "summary.md").read_text(encoding="utf-8") == comments["1"]


@pytest.mark.engine
def test_a_deployment_that_was_cut_off(local: Local) -> None:
    """Nobody has to look at what an interrupted deployment made: the next one settles it."""
    local.program('FpShotDB("films")\n')
    assert local.run("deploy.yml")[0] == 0
    local.cut_off()
    code, output = local.run("deploy.yml")
    assert code == 0, output
    assert "films: found library" in output
    assert "2 unchanged" in output


@pytest.mark.engine
def test_a_deployment_that_was_cut_off_with_a_name(local: Local) -> None:
    """What may be an interrupted deployment's is named, and taken over by somebody who looked."""
    local.program('FpShotDB("films", name="films")\n')
    assert local.run("deploy.yml")[0] == 0
    local.cut_off()

    code, refusal = local.run("deploy.yml")
    found = re.search(r"`alicloud-mps recover --confirm ([0-9a-f]{32})`", refusal)

    assert code == 1
    assert found, refusal

    code, output = local.run("deploy.yml", "--confirm", found[1])

    assert code == 0, output
    assert re.search(rf"films: found library {found[1]}, which is active", output)
    assert "2 unchanged" in output
    with Emulator(local.work / "mps.sqlite") as running:
        libraries = MpsEmulator(running.url).libraries(deleted=True)
    assert [library["FpDBId"] for library in libraries] == [found[1]]


@pytest.mark.engine
def test_failed_preview(local: Local) -> None:
    """A preview that fails is commented on, and fails the job."""
    local.program('FpShotDB("films", model_id=15)\n')
    code, output = local.run("preview.yml")
    assert code == 1
    assert "::error::The preview failed." in output
    assert "model_id: must be one of 11 (TEXT)" in local.comments()["1"]


@pytest.mark.engine
def test_a_program_in_yaml(local: Local) -> None:
    """A program of another language needs no other workflow: the package brings its plugin."""
    films = {"type": "alicloud-mps:FpShotDB", "properties": {"description": "Films"}}
    project = {"name": "local", "runtime": "yaml", "resources": {"films": films}}
    (local.project / "Pulumi.yaml").write_text(json.dumps(project), encoding="utf-8")
    code, output = local.run("preview.yml")
    assert code == 0, output
    assert local.comments()["1"].startswith("### `local/dev`: 1 library created\n")


@pytest.mark.engine
def test_preview_that_does_not_begin(local: Local) -> None:
    """Where the CLI writes nothing, there is no comment, and the job fails."""
    local.program("")
    (local.project / "Pulumi.yaml").write_text("name: local\nruntime: python\nmain: nowhere\n")
    code, output = local.run("preview.yml")
    assert code == 1, output
    assert "::error::The preview failed." in output


@pytest.mark.engine
def test_on_your_own_machine(tmp_path: Path) -> None:
    """The guide's commands deploy a program, and show the comment on its change."""
    section = GUIDE.read_text(encoding="utf-8").partition("\n## On your own machine\n")[2]
    block = section.partition("```sh\n")[2].partition("```")[0]
    commands = re.sub(r"(?<= )/tmp\b", str(tmp_path), block)
    python = Path(sys.executable).parent
    path = f"{python}{os.pathsep}{os.environ['PATH']}"
    ended = ran("/bin/bash", "-e", "-c", commands, folder=ROOT, environ={"PATH": path})
    assert ended.returncode == 0, ended.stderr
    assert "### `local/dev`: 1 library replaced\n" in ended.stdout
    assert "empty: nothing is lost" in ended.stdout
    assert "`Licensed catalogue` to `Own catalogue`" in ended.stdout
