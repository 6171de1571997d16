"""A release: what the package says of itself, and the steps of its workflow, run here."""

import email.message
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from filelock import FileLock

from documents import ROOT

REPOSITORY = "https://git.example.com/media/pulumi-alicloud-mps"
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "example"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "mail@example.com"),
}
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "engine", "actionlint")
# What tells a build its version and its page, what is built, and what that is tried with.
_DESCRIBED = ("pyproject.toml", "tools", "README.md", "LICENSE", ".gitignore")
_RELEASED = (*_DESCRIBED, "provider", "examples/quickstart", "Pulumi.yaml", "Pulumi.local.yaml")
_CHANGELOG = """# Changelog

## [Unreleased]

### Added

- Keys of [errors](docs/reference/errors.md).

## [1.0.0] - 2026-01-31

The first one.
"""
_BASH = shutil.which("bash") or "bash"
_PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


@dataclass(frozen=True)
class Repository:
    """A git repository; its scripts run as the steps of a workflow do."""

    root: Path

    def run(self, script: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a script in the root, to its end."""
        return subprocess.run(
            [_BASH, "-e", "-o", "pipefail", "-c", script],
            cwd=self.root,
            env={**os.environ, "PATH": _PATH, **_GIT, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self) -> None:
        """Commit everything."""
        assert self.run("git add --all && git commit --quiet --message change").returncode == 0


def begin(root: Path, parts: Iterable[str]) -> Repository:
    """Begin a repository that has an address with files of this one."""
    for part in parts:
        path, source = root / part, ROOT / part
        path.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, path, ignore=_LEFT_OUT)
        else:
            shutil.copy(source, path)
    project = root / "pyproject.toml"
    address = re.subn(
        r'(?m)^repository = ".*"$', f'repository = "{REPOSITORY}"', project.read_text()
    )
    assert address[1] == 1
    project.write_text(address[0])
    (root / "CHANGELOG.md").write_text(_CHANGELOG, encoding="utf-8")
    repository = Repository(root)
    repository.run("git init --quiet")
    repository.commit()
    return repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return a repository without tags."""
    return begin(tmp_path / "repository", _DESCRIBED)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Repository:
    """Return the repository after a release: prepared, tagged, and through the workflow's steps."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent
    # Once for all workers; a failure is each one's own.
    with FileLock(shared / "released.lock"):
        place = shared / "released"
        if not (place / "release" / "notes.md").exists():
            shutil.rmtree(place, ignore_errors=True)
            release(begin(place, _RELEASED))
    return Repository(place)


def tag(repository: Repository) -> None:
    """Prepare a release, and tag it."""
    prepared = repository.run("python tools/release.py prepare 1.2.3")
    assert prepared.returncode == 0, prepared.stderr
    repository.commit()
    repository.run("git tag v1.2.3")


def release(repository: Repository) -> None:
    """Prepare a release, tag it, and run the steps of the workflow."""
    tag(repository)
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    for step in workflow["jobs"]["build"]["steps"]:
        script = step.get("run", "")
        if script and not script.startswith("pip install"):
            ended = repository.run(script, TAG="v1.2.3")
            assert ended.returncode == 0, f"{script}\n{ended.stdout}{ended.stderr}"


@pytest.fixture(scope="module")
def metadata(released: Repository) -> email.message.EmailMessage:
    """Return what the released wheel says of itself."""
    (wheel,) = released.root.glob("release/dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        message = email.message_from_bytes(archive.read(name), policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def targets(text: str) -> Iterator[str]:
    """Return where the links and pictures of a document lead."""
    outside = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", text)
    yield from re.findall(
        r"(?<=\]\()[^()\s]+(?=\))|(?<=src=\")[^\"]+|(?<=srcset=\")[^\"]+", outside
    )


@pytest.mark.engine
def test_the_files_of_a_release(released: Repository) -> None:
    """A release is a wheel and a source archive of the tag's version, with notes and an SBOM."""
    made = {str(path.relative_to(released.root)) for path in released.root.glob("release/**/*.*")}
    assert made == {
        "release/dist/pulumi_alicloud_mps-1.2.3-py3-none-any.whl",
        "release/dist/pulumi_alicloud_mps-1.2.3.tar.gz",
        "release/notes.md",
        "release/sbom.cdx.json",
    }


@pytest.mark.engine
def test_the_wheel_is_complete(released: Repository) -> None:
    """A wheel has each file of both packages and their commands, and no plugin to download."""
    (wheel,) = released.root.glob("release/dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        plugin = json.loads(archive.read("pulumi_alicloud_mps/pulumi-plugin.json"))
        (commands,) = [name for name in names if name.endswith("/entry_points.txt")]
        scripts = re.findall(r"^\S+", archive.read(commands).decode(), re.MULTILINE)
    assert {"pulumi_alicloud_mps/py.typed", "pulumi_alicloud_mps_native/py.typed"} <= names
    assert plugin["resource"] is False
    assert {"alicloud-mps", "pulumi-resource-alicloud-mps"} <= {*scripts}
    (sdist,) = released.root.glob("release/dist/*.tar.gz")
    with tarfile.open(sdist) as source:
        archived = {name.partition("/provider/")[2] for name in source.getnames()}
    folder = released.root / "provider"
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert {path.relative_to(folder).as_posix() for path in files} <= names & archived
    assert all(name.startswith("pulumi_alicloud_mps") for name in names)


@pytest.mark.engine
def test_what_the_package_says_of_itself(metadata: email.message.EmailMessage) -> None:
    """The package names its licence, its Pythons, its documents, and where to report an error."""
    assert metadata["Version"] == "1.2.3"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Summary"]
    assert metadata.get_all("Dynamic") is None
    urls = dict(line.split(", ") for line in metadata.get_all("Project-URL", []))
    assert set(urls) == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert all(url.startswith(REPOSITORY) for url in urls.values())


@pytest.mark.engine
def test_the_page_of_the_package(metadata: email.message.EmailMessage) -> None:
    """Each link of the package's page leads to a file of the tag, and its picture is shown."""
    page = metadata.get_content()
    assert metadata["Description-Content-Type"] == "text/markdown"
    ours = [target for target in targets(page) if target.startswith(REPOSITORY)]
    assert all(target.startswith("https://") for target in targets(page))
    paths = [re.sub(rf"{REPOSITORY}/(blob|raw)/v1\.2\.3/|#.*", "", target) for target in ours]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    (picture,) = re.findall(r'<img [^>]*src="([^"]*)"', page)
    assert picture.startswith(f"{REPOSITORY}/raw/v1.2.3/")
    assert picture.endswith(".png")


def test_the_page_without_a_repository(repository: Repository) -> None:
    """As long as the repository has no address, the page has no link that needs it."""
    project = repository.root / "pyproject.toml"
    project.write_text(project.read_text().replace(f'"{REPOSITORY}"', '""'))
    ended = repository.run("python -m hatchling metadata")
    content: dict[str, Any] = json.loads(ended.stdout)
    assert not content.get("urls")
    page = content["readme"]["text"]
    assert all(target.startswith("https://") for target in targets(page))
    assert "<picture>" not in page


@pytest.mark.engine
def test_the_notes(released: Repository) -> None:
    """The notes of a release are the changelog's section, and their links lead to the tag."""
    notes = (released.root / "release" / "notes.md").read_text(encoding="utf-8")
    link = f"{REPOSITORY}/blob/v1.2.3/docs/reference/errors.md"
    assert notes == f"### Added\n\n- Keys of [errors]({link}).\n"
    changelog = (released.root / "CHANGELOG.md").read_text(encoding="utf-8")
    moved = r"## \[Unreleased\]\n\n## \[1\.2\.3\] - \d{4}-\d\d-\d\d\n\n### Added"
    assert re.search(moved, changelog)


@pytest.mark.engine
def test_the_bill_of_materials(released: Repository) -> None:
    """The SBOM names the release and all that it needs, each with its version, and no tool."""
    content = json.loads((released.root / "release" / "sbom.cdx.json").read_bytes())
    assert content["bomFormat"] == "CycloneDX"
    package = content["metadata"]["component"]
    assert (package["name"], package["version"]) == ("pulumi-alicloud-mps", "1.2.3")
    versions = {item["name"].lower(): item["version"] for item in content["components"]}
    assert {"pulumi", "pydantic", "requests", "grpcio"} <= set(versions)
    assert all(versions.values())
    assert not {"pip", "build", "pytest"} & set(versions)


@pytest.mark.parametrize(
    ("history", "environment", "version"),
    [
        ("git tag v1.2.3", {}, r"1\.2\.3"),
        ("git tag v1.2.3; git commit -q --allow-empty -m x", {}, r"1\.2\.4\.dev1\+g[0-9a-f]+"),
        ("echo >>README.md; git tag v1.2.3", {}, r"1\.2\.4\.dev0\+g[0-9a-f]+\.d\d+"),
        ("git log", {}, r"0\.dev1\+g[0-9a-f]+"),
        ("git clone -q --depth 1 file://$PWD x; rm -rf .git; mv x/.git .", {}, r"0\.dev1\+g\w+"),
        ("rm -rf .git", {}, r"0\.dev0"),
        ("git tag v1.2.3", {"PATH": "/nonexistent"}, r"0\.dev0"),
    ],
    ids=["tag", "later", "changed", "no tags", "shallow", "archive", "without git"],
)
def test_versions(
    repository: Repository, history: str, environment: dict[str, str], version: str
) -> None:
    """A tag is the version; without one, a build has a version of its own that is no release's."""
    repository.run(history)
    told = subprocess.run(
        [sys.executable, "-m", "hatchling", "version"],
        cwd=repository.root,
        env={**os.environ, **_GIT, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(version, told.stdout.strip())


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("prepare 1.2", "1.2 is not MAJOR.MINOR.PATCH"),
        ("prepare 1.1.9", "1.1.9 is not above 1.2.3, the last version in CHANGELOG.md"),
        ("prepare 1.3.0", "CHANGELOG.md has nothing under Unreleased"),
        ("check v1.2.4", "This checkout is version 1.2.3, not v1.2.4"),
        ("publish v1.2.3", "The steps of a release"),
    ],
)
def test_refused_steps(repository: Repository, step: str, said: str) -> None:
    """A step that can't be right changes nothing, and says in one line what is wrong."""
    tag(repository)
    ended = repository.run(f"python tools/release.py {step}")
    assert ended.returncode == 1
    assert ended.stderr.startswith(said)
    assert repository.run("git status --porcelain").stdout == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("git tag v1.2.3", "CHANGELOG.md has no section 1.2.3"),
        (
            """sed -i.old '/^repository =/s/= .*/= ""/' pyproject.toml
            sed -i.old 's/Unreleased/1.2.3/' CHANGELOG.md
            rm *.old; git commit --quiet --all --message change; git tag v1.2.3""",
            "Set `repository` in pyproject.toml",
        ),
    ],
)
def test_an_unprepared_tag(repository: Repository, change: str, said: str) -> None:
    """Nothing is released without notes, or with links that lead nowhere."""
    repository.run(change)
    ended = repository.run("python tools/release.py check v1.2.3")
    assert (ended.returncode, ended.stderr.splitlines()[-1][: len(said)]) == (1, said)


def test_a_build_that_nobody_can_repeat(repository: Repository) -> None:
    """A build with what is not committed is refused, since no one else would get the same."""
    package = repository.root / "provider" / "pulumi_alicloud_mps"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    repository.commit()
    (package / "forgotten.py").touch()
    ended = repository.run("python tools/release.py build release")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("A build of the commit alone is another one:")
