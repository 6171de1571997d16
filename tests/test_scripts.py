"""What the scripts promise to someone who has just cloned the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [
    "scripts/generate",
    "scripts/quickstart",
    "scripts/setup.sh",
    "scripts/test",
    "scripts/wheel",
    ".ci/run",
]
LOWEST = "tests/lowest.txt"
PYTHONS = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
# What the scripts and the stubs below need of a machine.
COMMANDS = (
    *(
        "bash",
        "sh",
        "basename",
        "cat",
        "chmod",
        "cksum",
        "cp",
        "dirname",
        "find",
        "install",
        "mkdir",
        "mv",
    ),
    *("readlink", "rm", "sed", "sort", "tail", "tr"),
)
BASH = shutil.which("bash") or "bash"
PREPARE = 'source scripts/setup.sh; prepare_environment .venv "$(newest_first)"'
EDITABLE = f"{PREPARE} --editable ."
COPIED = f"{PREPARE} ."
ENGINE = "source scripts/setup.sh; prepare_engine; type -P pulumi"
HOSTS = tuple(f"pulumi-language-{language}" for language in ("yaml", "nodejs", "go"))
LANGUAGES = f"{ENGINE}; prepare_languages; type -P {' '.join(HOSTS)}"

SDKS = "source scripts/setup.sh; prepare_sdks"

# A Python that makes environments out of itself and notes what pip is asked for.
PYTHON = """#!/bin/sh
case $* in
  --version) echo Python 3.11.7 ;;
  "-m venv"*) echo venv >>"$HOME/calls"; rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
  "-m pip"*" ."*) echo pip >>"$HOME/calls"; [ ! -e "$HOME/broken" ] ;;
  "- "*) cat >/dev/null; exit 1 ;;
  -) cat >/dev/null ;;
esac
"""
# A Go that builds an empty program of the package's name and has a module cache.
GO = """#!/bin/sh
case $* in
  *list*) echo "$HOME/sdk" ;;
  *) while [ "$1" != -o ]; do shift; done; echo >"$2$(basename "$3")"; chmod 755 "$2"/* ;;
esac
"""
PULUMI = """#!/bin/sh
[ "$1" = version ] && echo {version} && exit
echo "$* $PULUMI_BACKEND_URL $PULUMI_HOME [${{PULUMI_CONFIG_PASSPHRASE-unset}}]" >>"$HOME/calls"
"""


@dataclass
class Checkout:
    """A copy of the repository's scripts, on a machine that has only what a test puts there."""

    root: Path
    home: Path
    bin: Path
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, name: str, text: str) -> None:
        """Put a command on PATH."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def pulumi(self, version: str = "v3.230.0") -> None:
        """Put a Pulumi CLI with its Python parts on PATH."""
        self.command("pulumi", PULUMI.format(version=version))
        for part in ("pulumi-language-python", "pulumi-resource-pulumi-python"):
            self.command(part, "#!/bin/sh\n")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run bash in the checkout."""
        return subprocess.run(
            [BASH, *arguments],
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.home), **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """Return what the stubs noted."""
        notes = self.home / "calls"
        return notes.read_text().splitlines() if notes.exists() else []

    @property
    def engines(self) -> Path:
        """Return where engines are cached."""
        return self.home / ".cache/pulumi-alicloud-mps/engine"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a fresh checkout on a machine without Python, Go and Pulumi."""
    made = Checkout(tmp_path / "a checkout", tmp_path / "home", tmp_path / "bin")
    for folder in (made.root / "tests", made.home, made.bin):
        folder.mkdir(parents=True)
    for name in ("scripts", "tools", "examples/quickstart"):
        shutil.copytree(ROOT / name, made.root / name)
    for name in ("pyproject.toml", "Pulumi.yaml", "Pulumi.local.yaml", LOWEST):
        shutil.copy(ROOT / name, made.root / name)
    for name in COMMANDS:
        (made.bin / name).symlink_to(shutil.which(name) or name)
    return made


@pytest.fixture
def prepared(checkout: Checkout) -> Checkout:
    """Return a checkout whose Python environment is made."""
    checkout.command("python3", PYTHON)
    assert checkout.run("-c", EDITABLE).returncode == 0
    (checkout.home / "calls").unlink()
    return checkout


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_valid_bash(script: str) -> None:
    """Bash can read every script."""
    subprocess.run([BASH, "-n", ROOT / script], check=True)


@pytest.mark.parametrize("script", ["scripts/quickstart", "scripts/test", "scripts/wheel"])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_needs_nothing_installed(checkout: Checkout, script: str, option: str) -> None:
    """The usage is shown without setting anything up."""
    ended = checkout.run(script, option)
    assert ended.returncode == 0
    assert ended.stdout.startswith(f"Usage: {script} ")
    assert not (checkout.root / ".venv").exists()


@pytest.mark.parametrize("script", ["scripts/quickstart", "scripts/test"])
@pytest.mark.parametrize("python", [None, "#!/bin/sh\nexit 1\n"])
def test_a_missing_or_old_python_is_one_line(
    checkout: Checkout, script: str, python: str | None
) -> None:
    """Without a Python that is new enough, one line says which is needed and where to get it."""
    if python:
        checkout.command("python3", python)
    ended = checkout.run(script)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"Python {PYTHONS[0]} to {PYTHONS[-1]} was not found: install it"
        " (https://www.python.org/downloads/), then run this again.\n"
    )


def test_a_python_without_venv_is_one_line(checkout: Checkout) -> None:
    """A Python that can't make environments is named together with the package that it lacks."""
    checkout.command("python3", "#!/bin/sh\ncase $2 in *ensurepip*) exit 1 ;; esac\n")
    ended = checkout.run("scripts/quickstart")
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("python3 can't make virtual environments")
    assert "apt install python3-venv" in ended.stderr


def test_a_later_python_serves_where_the_first_does_not(checkout: Checkout) -> None:
    """Where python3 is too old, a newer one under its own name is taken."""
    checkout.command("python3", "#!/bin/sh\nexit 1\n")
    checkout.command(f"python{PYTHONS[0]}", PYTHON)
    assert checkout.run("-c", EDITABLE).returncode == 0
    assert checkout.calls() == ["venv", "pip"]


@pytest.mark.parametrize(
    "place", ["home/.pyenv/versions/{}.1/bin", "home/.local/share/uv/python/cpython-{}.1-linux/bin"]
)
def test_the_newest_python_is_taken(checkout: Checkout, place: str) -> None:
    """A newer Python of a version manager is preferred to an older one on PATH."""
    exact = "#!/bin/sh\ncase $2 in *version_info*{0}*|*ensurepip*) ;; *) exit 1 ;; esac\n"
    checkout.command("python3", exact.format(PYTHONS[0]))
    newest = checkout.home.parent / place.format(PYTHONS[-1]) / "python3"
    newest.parent.mkdir(parents=True)
    newest.write_text(exact.format(PYTHONS[-1]))
    newest.chmod(0o755)
    found = checkout.run("-c", "source scripts/setup.sh; find_python $(newest_first)")
    assert found.stdout == f"{newest}\n"


def test_an_environment_is_installed_into_when_it_must(prepared: Checkout) -> None:
    """What is up to date is left alone, by tests and quickstart in turn; changes are installed."""
    ended = prepared.run("-c", EDITABLE)
    assert (ended.returncode, ended.stderr, prepared.calls()) == (0, "", [])
    for arguments in ("--group dev", "", "--group dev"):
        assert prepared.run("-c", f"{EDITABLE} {arguments}").returncode == 0
    assert prepared.calls() == ["pip"]
    with (prepared.root / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert prepared.run("-c", EDITABLE).returncode == 0
    assert prepared.calls() == ["pip", "pip"]


def test_a_copied_install_follows_the_sources(checkout: Checkout) -> None:
    """An environment that holds a copy of the package gets a new one when the sources change."""
    checkout.command("python3", PYTHON)
    source = checkout.root / "provider" / "module.py"
    source.parent.mkdir()
    for content in ("first", "first", "second"):
        source.write_text(content)
        assert checkout.run("-c", COPIED).returncode == 0
    assert checkout.calls() == ["venv", "pip", "pip"]


def test_an_interrupted_set_up_is_repaired(prepared: Checkout) -> None:
    """After an installation that did not end, the environment is made anew."""
    (prepared.home / "broken").touch()
    ended = prepared.run("-c", f"{EDITABLE} --group dev")
    assert ended.returncode == 1
    assert "then run this again" in ended.stderr.splitlines()[-1]
    (prepared.home / "broken").unlink()
    assert prepared.run("-c", EDITABLE).returncode == 0
    assert prepared.calls() == ["pip", "venv", "pip"]


def test_a_moved_checkout_gets_its_own_environment(prepared: Checkout) -> None:
    """A copied or moved checkout does not run the code of the place where it was made."""
    prepared.root = prepared.root.rename(prepared.root.with_name("moved"))
    assert prepared.run("-c", EDITABLE).returncode == 0
    assert prepared.calls() == ["venv", "pip"]


def test_the_engine_on_path_is_used(prepared: Checkout) -> None:
    """A Pulumi CLI that is recent enough is used as it is, and nothing is made."""
    prepared.pulumi()
    ended = prepared.run("-c", ENGINE)
    assert (ended.stdout.strip(), ended.stderr) == (str(prepared.bin / "pulumi"), "")
    assert not prepared.engines.exists()


@pytest.mark.parametrize(
    ("version", "missing"),
    [("v3.215.0", ""), ("v2.999.0", ""), ("v3.230.0", "pulumi-language-python")],
)
def test_an_unfit_engine_on_path_is_passed_over(
    prepared: Checkout, version: str, missing: str
) -> None:
    """A Pulumi CLI that is too old, or can't run Python, does not hide a cached one."""
    prepared.pulumi(version)
    if missing:
        (prepared.bin / missing).unlink()
    prepared.command("go", GO)
    make_sdk(prepared.home / "sdk/python")
    built = str(prepared.engines / "3.230.0/bin/pulumi")
    assert prepared.run("-c", ENGINE).stdout.strip() == built


def make_sdk(python: Path) -> None:
    """Make the part of the SDK's module that the engine needs."""
    for script in ("cmd/pulumi-language-python-exec", "dist/pulumi-resource-pulumi-python"):
        (python / script).parent.mkdir(parents=True)
        (python / script).touch(mode=0o444)


def test_the_engine_is_built_once(prepared: Checkout) -> None:
    """The built engine is complete and executable, and later runs neither install nor build."""
    prepared.command("go", GO)
    make_sdk(prepared.home / "sdk/python")
    assert prepared.run("-c", ENGINE).returncode == 0
    parts = {part.name: os.access(part, os.X_OK) for part in prepared.engines.glob("*/bin/*")}
    assert parts == {
        "pulumi": True,
        "pulumi-language-python": True,
        "pulumi-language-python-exec": True,
        "pulumi-resource-pulumi-python": True,
    }
    assert prepared.run("-c", ENGINE).stderr == ""


def test_the_hosts_of_an_installed_engine_are_used(prepared: Checkout) -> None:
    """Where Pulumi runs YAML, TypeScript and Go, nothing is made."""
    prepared.pulumi()
    for host in HOSTS:
        prepared.command(host, "#!/bin/sh\n")
    assert prepared.run("-c", LANGUAGES).returncode == 0
    assert not (prepared.home / ".cache").exists()


def test_the_hosts_are_built_once(prepared: Checkout) -> None:
    """Hosts of languages that Pulumi lacks are built and kept beside the engines."""
    prepared.pulumi()
    prepared.command("go", GO)
    ended = prepared.run("-c", LANGUAGES)
    _, *hosts = map(Path, ended.stdout.splitlines())
    assert [path.name for path in hosts] == [*HOSTS]
    assert {path.parents[1] for path in hosts} == {prepared.engines.with_name("languages")}
    assert prepared.run("-c", LANGUAGES).stderr == ""


def test_sdks_are_made_until_it_works(prepared: Checkout) -> None:
    """What the examples in TypeScript and Go need is made whole, once, and when it changes."""
    schema = prepared.root / "provider/pulumi_alicloud_mps/native/schema.json"
    schema.parent.mkdir(parents=True)
    schema.write_text("{}")
    shutil.copytree(ROOT / "examples/languages", prepared.root / "examples/languages")
    assert "install Go" in prepared.run("-c", SDKS).stderr
    go = '#!/bin/sh\ncase $1 in env) echo /cache ;; run) mkdir -p "$5" ;; esac\n'
    prepared.command("go", go)
    assert "install Node.js" in prepared.run("-c", SDKS).stderr
    prepared.command("npm", "#!/bin/sh\necho no way to the registry\nexit 1\n")
    prepared.command("node", '#!/bin/sh\necho node >>"$HOME/calls"\n')

    failed = prepared.run("-c", SDKS)
    assert failed.returncode == 1
    assert "no way to the registry\nThis failed (see above): check the way to" in failed.stderr
    prepared.command("npm", "#!/bin/sh\n")
    for _ in range(2):
        assert prepared.run("-c", SDKS).returncode == 0
    assert prepared.calls() == ["node"]
    schema.write_text("{ }")
    assert prepared.run("-c", SDKS).returncode == 0
    assert prepared.calls() == ["node", "node"]


@pytest.mark.parametrize(
    ("go", "words", "advice"),
    [
        (
            "#!/bin/sh\necho no way to the modules >&2\nexit 1\n",
            ["no way to the modules"],
            "The build failed (Go says why above)",
        ),
        (None, [], "A Pulumi CLI is needed: install the Pulumi CLI (https://"),
    ],
)
def test_without_an_engine_the_ways_out_are_named(
    prepared: Checkout, go: str | None, words: list[str], advice: str
) -> None:
    """Where none can be built, the last line says what to do, and the next run tries again."""
    if go:
        prepared.command("go", go)
    ended = prepared.run("-c", ENGINE)
    assert ended.returncode == 1
    *before, last = ended.stderr.splitlines()
    assert before[-1:] == words or not words
    assert last.startswith(advice)
    assert "install Go" in last or go
    assert not list(prepared.engines.glob("3.*"))


# An apt-get that fetches one package, and a dpkg-deb that unpacks a browser from it.
APT = """#!/bin/sh
echo apt-get >>"$HOME/calls"
for option; do
  case $option in Dir::Cache::archives=*) echo >"${option#*=}/chromium.deb" ;; esac
done
"""
DPKG = """#!/bin/sh
mkdir -p "$3/usr/lib/chromium" "$3/usr/lib/more"
echo >"$3/usr/lib/more/libmore.so.1"
browser="$3/usr/lib/chromium/chromium-headless-shell"
printf '#!/bin/sh\necho "$LD_LIBRARY_PATH $*"\n' >"$browser"
chmod 755 "$browser"
"""
CHROMIUM = 'source scripts/setup.sh; prepare_chromium; "$CHROMIUM" --flag'


def test_the_browser_on_path_is_used(prepared: Checkout) -> None:
    """A Chromium that runs is used as it is; one that does not is passed over."""
    prepared.command("chromium", "#!/bin/sh\nexit 1\n")
    prepared.command("google-chrome", "#!/bin/sh\necho Chrome $*\n")
    ended = prepared.run("-c", CHROMIUM)
    assert (ended.stdout, ended.stderr) == ("Chrome --flag\n", "")


def test_the_browser_is_unpacked_once(prepared: Checkout) -> None:
    """Without one, the system's packages are unpacked with their libraries, and kept."""
    prepared.command("apt-get", APT)
    prepared.command("dpkg-deb", DPKG)
    ended = prepared.run("-c", CHROMIUM)
    libraries, flag = ended.stdout.split()
    assert flag == "--flag"
    assert Path(libraries, "libmore.so.1").is_relative_to(prepared.home)
    assert Path(libraries, "libmore.so.1").exists()
    again = prepared.run("-c", CHROMIUM)
    assert (again.stdout, again.stderr) == (ended.stdout, "")
    assert prepared.calls() == ["apt-get", "apt-get"]


@pytest.mark.parametrize(
    ("apt", "told"),
    [
        (None, "A Chromium is needed to test the emulator's page: install Chromium"),
        ("#!/bin/sh\necho no such package >&2\nexit 100\n", "The system's packages have no"),
    ],
)
def test_without_a_browser_the_way_out_is_named(
    prepared: Checkout, apt: str | None, told: str
) -> None:
    """Where no browser can be had, the last line says what to install."""
    if apt:
        prepared.command("apt-get", apt)
    ended = prepared.run("-c", CHROMIUM)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(told)
    assert ("no such package" in ended.stderr) == bool(apt)
    assert not list(prepared.home.glob(".cache/*/chromium/for-*"))


def test_the_quickstart_keeps_to_the_checkout(prepared: Checkout) -> None:
    """The quickstart's login, state and passphrase are its own, whatever the user has set."""
    prepared.environment = {
        "PULUMI_BACKEND_URL": "https://example.com",
        "PULUMI_CONFIG_PASSPHRASE": "secret",
        "PULUMI_HOME": "elsewhere",
    }
    prepared.pulumi()
    assert prepared.run("scripts/quickstart", "preview", "--diff").returncode == 0
    state = prepared.root / ".pulumi-local"
    own = f"file://{state} {state}/home []"
    assert prepared.calls() == [f"stack select --create local {own}", f"preview --diff {own}"]


def test_destroy_removes_what_the_quickstart_made(prepared: Checkout) -> None:
    """`destroy` leaves the checkout as it was, and once more is no error."""
    prepared.pulumi()
    assert prepared.run("scripts/quickstart").returncode == 0
    (prepared.root / ".alicloud-mps").mkdir()
    ended = prepared.run("scripts/quickstart", "destroy")
    assert ended.returncode == 0, ended.stderr
    removals = [call for call in prepared.calls() if call.startswith("stack rm")]
    assert ["--preserve-config" in call for call in removals] == [True]
    assert not list(prepared.root.glob(".pulumi-local")) + list(prepared.root.glob(".alicloud-mps"))
    again = prepared.run("scripts/quickstart", "destroy")
    assert again.returncode == 0
    assert again.stdout.startswith("There is no stack to destroy.")


def test_the_local_stack_leaves_its_configuration_alone(checkout: Checkout) -> None:
    """Pulumi finds all it needs in Pulumi.local.yaml, so that the checkout stays clean."""
    pulumi = shutil.which("pulumi")
    assert pulumi
    configuration = checkout.root / "Pulumi.local.yaml"
    before = configuration.read_text()
    environment = os.environ | {
        "PULUMI_BACKEND_URL": f"file://{checkout.home}",
        "PULUMI_HOME": str(checkout.home / "pulumi"),
        "PULUMI_CONFIG_PASSPHRASE": "",
    }
    for command in (["stack", "select", "--create", "local"], ["stack", "rm", "--yes"]):
        arguments = [pulumi, *command, *["--preserve-config"] * ("rm" in command)]
        subprocess.run(arguments, cwd=checkout.root, env=environment, check=True)
    assert configuration.read_text() == before


def test_the_lowest_versions_are_the_lower_bounds() -> None:
    """tests/lowest.txt pins exactly the versions that pyproject.toml allows at least."""
    pins = {
        name: Version(version)
        for name, version in re.findall(r"(?m)^([\w-]+)==(\S+)$", (ROOT / LOWEST).read_text())
    }
    dependencies = [Requirement(text) for text in requires("pulumi-alicloud-mps") or []]
    assert pins == {
        dependency.name: Version(bound.version)
        for dependency in dependencies
        for bound in dependency.specifier
        if bound.operator == ">="
    }
