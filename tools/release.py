"""The steps of a release, for whoever prepares one and for .github/workflows/release.yml.

python tools/release.py prepare VERSION   give what is unreleased in CHANGELOG.md a version
python tools/release.py check TAG         whether the checkout is what the tag says
python tools/release.py build FOLDER      make FOLDER/dist twice, compare, check the metadata
python tools/release.py try FOLDER        install the wheel, run the quickstart, list what it needs
python tools/release.py notes TAG         print the changelog's section
"""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

from packaging.version import Version

from hatch_build import linked

ROOT = Path(__file__).resolve().parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
_UNRELEASED = "## [Unreleased]\n"


def prepare(version: str) -> None:
    """Move what stands under Unreleased to a new version."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"{version} is not MAJOR.MINOR.PATCH")
    text = CHANGELOG.read_text(encoding="utf-8")
    earlier = re.findall(r"(?m)^## \[(\d[\d.]*)\]", text)
    if earlier and Version(version) <= Version(earlier[0]):
        sys.exit(f"{version} is not above {earlier[0]}, the last version in CHANGELOG.md")
    if not section("Unreleased"):
        sys.exit("CHANGELOG.md has nothing under Unreleased")
    today = dt.datetime.now(dt.UTC).date()
    text = text.replace(_UNRELEASED, f"{_UNRELEASED}\n## [{version}] - {today}\n", 1)
    CHANGELOG.write_text(text, encoding="utf-8")
    print(
        f'Commit this as "Release {version}", merge it, and push the tag v{version} of that commit.'
    )


def check(tag: str) -> None:
    """See that the tag names this commit, and that the package can name its repository."""
    version = _output(sys.executable, "-m", "hatchling", "version")
    if tag != f"v{version}":
        sys.exit(f"This checkout is version {version}, not {tag}: check out that tag, unchanged")
    if not section(version):
        sys.exit(f"CHANGELOG.md has no section {version}: prepare {version}, then move the tag")
    if not _repository():
        sys.exit('Set `repository` in pyproject.toml, below "tool.hatch.metadata.hooks.custom"')


def build(folder: str) -> None:
    """Build here and in a clone, by another umask, and keep what is the same."""
    dist = Path(folder).resolve() / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        clone, again = Path(temporary, "clone"), Path(temporary, "dist")
        _run("git", "clone", "--quiet", ROOT, clone)
        _run("git", "checkout", "--quiet", _output("git", "rev-parse", "HEAD"), cwd=clone)
        # All files in the archives are of this time.
        epoch = {"SOURCE_DATE_EPOCH": _output("git", "log", "-1", "--format=%ct")}
        for root, made, umask in ((ROOT, dist, 0o022), (clone, again, 0o077)):
            command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", made)
            _run(*command, cwd=root, umask=umask, environment=epoch)
        first, second = (
            {path.name: path.read_bytes() for path in made.iterdir()} for made in (dist, again)
        )
        if first != second:
            sys.exit("A build of the commit alone is another one: commit or undo what is changed")
    _run(sys.executable, "-m", "twine", "check", "--strict", *dist.iterdir())


def try_out(folder: str) -> None:
    """Run the quickstart's program on the wheel, and write what was installed with it."""
    place = Path(folder).resolve()
    (wheel,) = (place / "dist").glob("*.whl")
    with tempfile.TemporaryDirectory() as temporary:
        project, python = Path(temporary, "project"), Path(temporary, "venv", "bin", "python")
        _run(sys.executable, "-m", "venv", "--without-pip", python.parents[1])
        pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
        _run(*pip, "install", "--quiet", "--no-compile", wheel)
        _write_sbom(python, place / "sbom.cdx.json")
        # The language host asks the environment's own pip what is installed.
        _run(python, "-m", "ensurepip")
        _run("git", "clone", "--quiet", ROOT, project)
        environment = {
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": Path(temporary).as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_HOME": str(Path(temporary, "home")),
        }
        for command in (
            "stack select --create local",
            "up --yes --skip-preview",
            "preview --expect-no-changes",
            "destroy --yes --skip-preview",
        ):
            _run(
                "pulumi",
                *command.split(),
                "--non-interactive",
                cwd=project,
                environment=environment,
            )


def notes(tag: str) -> None:
    """Print the section of a version, with links that lead into the repository at its tag."""
    version = tag.removeprefix("v")
    print(linked(section(version), _repository(), version))


def section(version: str) -> str:
    """Return what CHANGELOG.md says of a version."""
    text = CHANGELOG.read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^## \[{re.escape(version)}\].*?$(.*?)(?=^## \[|\Z)", text)
    return found[1].strip() if found else ""


def _repository() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"])


def _write_sbom(python: Path, path: Path) -> None:
    command = (sys.executable, "-m", "cyclonedx_py", "environment", python)
    options = ("--pyproject", ROOT / "pyproject.toml", "--mc-type", "library")
    _run(*command, *options, "--output-reproducible", "--no-validate", "--output-file", path)
    content = json.loads(path.read_bytes())
    # pyproject.toml does not have it.
    program = "import importlib.metadata; print(importlib.metadata.version('pulumi-alicloud-mps'))"
    content["metadata"]["component"]["version"] = _output(python, "-c", program)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _run(
    *command: str | Path,
    cwd: Path = ROOT,
    umask: int = -1,
    environment: Mapping[str, str] | None = None,
) -> None:
    env = {**os.environ, **(environment or {})}
    subprocess.run(command, cwd=cwd, env=env, umask=umask, check=True)


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


_STEPS = {"prepare": prepare, "check": check, "build": build, "try": try_out, "notes": notes}

if __name__ == "__main__":
    match sys.argv[1:]:
        case [step, argument] if step in _STEPS:
            try:
                _STEPS[step](argument)
            except subprocess.CalledProcessError as error:
                sys.exit(f"{' '.join(map(str, error.cmd))} failed: it says why above")
        case _:
            sys.exit(__doc__)
