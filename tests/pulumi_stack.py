"""A stack of its own folder and file backend, driven by the real Pulumi CLI."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from environment import built
from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPES, STACK_TYPE

COMMAND_SECONDS = 120
ALICLOUD_MPS = (sys.executable, "-m", "pulumi_alicloud_mps")

_folders = ExitStack()
atexit.register(_folders.close)

_UP = ("up", "--yes", "--skip-preview")
_DESTROY = ("destroy", "--yes", "--skip-preview")

_IMPORTS = "import pulumi\nfrom {package} import FpModel, FpShotDB, Provider\n\n"


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    output: str

    def succeeded(self) -> Outcome:
        """Return this outcome if the command succeeded, else fail with all it said."""
        assert self.code == 0, self.output
        return self

    def failed(self) -> Outcome:
        """Return this outcome if the command failed in a way fit for users."""
        assert self.code != 0, self.output
        assert "Traceback" not in self.output
        return self


@dataclass(frozen=True)
class Running:
    """A command of a stack that was started and goes on; its output is a file, as no pipe fills."""

    stack: PulumiStack
    cli: subprocess.Popen[bytes]
    log: Path

    def kill(self, *victims: str) -> None:
        """Kill the `cli`, the `provider`'s process, or one after the other."""
        for victim in victims:
            if victim == "cli":
                self.cli.kill()
                self.cli.wait()
            else:
                end(self.stack.providers())

    def signal(self, number: signal.Signals) -> None:
        """Send the CLI a signal."""
        self.cli.send_signal(number)

    def await_output(self, text: str, seconds: float = 60) -> None:
        """Wait until it has printed that."""
        until(lambda: text in self.log.read_text(encoding="utf-8"), seconds)

    def outcome(self, within: float = COMMAND_SECONDS) -> Outcome:
        """Return how it ended, at the latest after so many seconds."""
        code = self.cli.wait(within)
        return Outcome(code, self.log.read_text(encoding="utf-8"))


@dataclass
class PulumiStack:
    """A project with one stack; commands run in its folder.

    Attributes:
        native: Whether its libraries are those of the native provider.
    """

    folder: Path
    config: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    project: str = "catalogue"
    stack: str = "dev"
    native: bool = False
    started: list[Running] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        project: dict[str, Any] = {"name": self.project, "runtime": "python"}
        if self.native:
            plugin = {"name": "alicloud-mps", "path": str(Path(sys.executable).parent)}
            project["plugins"] = {"providers": [plugin]}
        self._write("Pulumi.yaml", project)
        self.configure(self.config)
        for name, content in _backend(self.project, self.stack).items():
            file = self.folder / "state" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        self._select(self.stack)

    def configure(self, config: Mapping[str, object]) -> None:
        """Replace the stack's configuration."""
        self._write(f"Pulumi.{self.stack}.yaml", {"config": config})

    def program(self, body: str) -> None:
        """Replace the program; what a stack author imports is imported already."""
        imports = _IMPORTS.format(package=self.package)
        (self.folder / "__main__.py").write_text(imports + dedent(body), encoding="utf-8")

    @property
    def package(self) -> str:
        """The package that its programs import."""
        return "pulumi_alicloud_mps_native" if self.native else "pulumi_alicloud_mps"

    def spelled(self, text: str) -> str:
        """Return what Python names in a message as its provider has it."""
        return in_camel_case(text) if self.native else text

    def run(self, *arguments: str) -> Outcome:
        """Run a Pulumi command, without questions and colours."""
        return self._run(_command(*arguments))

    def recover(self, *options: str) -> Outcome:
        """Run `alicloud-mps recover`."""
        return self.alicloud_mps("recover", *options)

    def recover_elsewhere(self, *options: str) -> Outcome:
        """Run `alicloud-mps recover` in another folder, which has just the project's files."""
        checkout = Path(tempfile.mkdtemp(dir=self.folder.parent))
        for path in [*self.folder.glob("*.yaml"), *self.folder.glob("*.py")]:
            shutil.copy(path, checkout)
        command = [*ALICLOUD_MPS, "recover", "--stack", self.stack, *options]
        return self._run(command, checkout)

    def age_notes(self) -> None:
        """Have it be long ago that MPS was asked for anything."""
        for note in (self.folder / ".alicloud-mps" / "asked").iterdir():
            os.utime(note, (0, 0))

    def alicloud_mps(self, *arguments: str) -> Outcome:
        """Run `alicloud-mps`."""
        return self._run([*ALICLOUD_MPS, *arguments])

    def shell(self, script: str) -> Outcome:
        """Run commands in Bash, as a guide has them."""
        return self._run(["/bin/bash", "-e", "-o", "pipefail", "-c", script])

    def start(self, *arguments: str) -> Running:
        """Start a Pulumi command and leave it running."""
        log = self.folder / f"{time.monotonic_ns()}.log"
        with log.open("wb") as file:
            cli = subprocess.Popen(
                _command(*arguments),
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.started.append(Running(self, cli, log))
        return self.started[-1]

    def start_up(self, *options: str) -> Running:
        """Start `pulumi up`."""
        return self.start(*_UP, *options)

    def start_destroy(self) -> Running:
        """Start `pulumi destroy`."""
        return self.start(*_DESTROY)

    def cancel(self) -> None:
        """Remove the lock of a command that was killed."""
        self.run("cancel", "--yes").succeeded()

    def close(self) -> None:
        """End whatever the stack's commands have left running."""
        end(self.processes())
        for running in self.started:
            running.cli.wait()

    def processes(self) -> dict[int, str]:
        """Return the command lines of the processes that the commands of this stack have left."""
        mark = f"PULUMI_HOME={self._home}".encode()
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            # It may have ended by now.
            with suppress(OSError):
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
        return found

    def providers(self) -> list[int]:
        """Return the processes of providers among them."""
        kinds = ("pulumi.dynamic", "pulumi-resource-alicloud-mps", "empty_native")
        found = self.processes().items()
        return [pid for pid, line in found if any(kind in line for kind in kinds)]

    def up(self, *options: str) -> Outcome:
        """Run `pulumi up`."""
        return self.run(*_UP, *options)

    def preview(self, *options: str) -> Outcome:
        """Run `pulumi preview`."""
        return self.run("preview", *options)

    def refresh(self, *options: str) -> Outcome:
        """Run `pulumi refresh`."""
        return self.run("refresh", "--yes", "--skip-preview", *options)

    def destroy(self, *options: str) -> Outcome:
        """Run `pulumi destroy`."""
        return self.run(*_DESTROY, *options)

    def steps(self) -> dict[str, dict[str, Any]]:
        """Return what a preview would do to each library, by logical name."""
        outcome = self.preview("--json").succeeded()
        steps = json.loads(outcome.output[outcome.output.index("{") :])["steps"]
        return {
            step["urn"].rpartition("::")[2]: step
            for step in steps
            if any(kind in step["urn"] for kind in LIBRARY_TYPES)
        }

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs; secrets stay encrypted."""
        (root,) = self._entries(STACK_TYPE)
        return dict(root.get("outputs", {}))

    def exported(self) -> str:
        """Return what `pulumi stack export` says, read from the backend's file."""
        content = json.loads(self._state.read_text(encoding="utf-8"))
        state = {"version": content["version"], "deployment": content["checkpoint"]["latest"]}
        return json.dumps(state, indent=4)

    def restore(self, exported: str) -> None:
        """Do what `pulumi stack import` does with a state, in the backend's file."""
        content = json.loads(self._state.read_text(encoding="utf-8"))
        content["checkpoint"]["latest"] = json.loads(exported)["deployment"]
        self._state.write_text(json.dumps(content), encoding="utf-8")

    def pending(self) -> list[str]:
        """Return the kinds of the operations that the state calls pending."""
        found = json.loads(self.exported())["deployment"].get("pending_operations") or []
        return [operation["type"] for operation in found]

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the state's libraries by logical name."""
        return {entry["urn"].rpartition("::")[2]: entry for entry in self._entries(*LIBRARY_TYPES)}

    @property
    def _state(self) -> Path:
        return self.folder / "state" / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    def _entries(self, *kinds: str) -> list[dict[str, Any]]:
        found = json.loads(self.exported())["deployment"].get("resources") or []
        return [entry for entry in found if entry["type"] in kinds]

    def _select(self, stack: str) -> None:
        """Do what `pulumi stack select` does, in its own file."""
        project = str(self.folder / "Pulumi.yaml").encode()
        digest = hashlib.sha1(project, usedforsecurity=False).hexdigest()
        file = self._home / "workspaces" / f"{self.project}-{digest}-workspace.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"stack": f"organization/{self.project}/{stack}"}), "utf-8")

    @property
    def _home(self) -> Path:
        return self.folder / "home"

    def _run(self, command: list[str], folder: Path | None = None) -> Outcome:
        done = subprocess.run(
            command,
            cwd=folder or self.folder,
            env=self._environment(),
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
        )
        return Outcome(done.returncode, done.stdout)

    def _write(self, name: str, content: dict[str, Any]) -> None:
        # JSON is YAML, too.
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        return {**environment_in(self.folder), **self.environment}


@cache
def _python() -> Path:
    """Return a folder with a Python that knows its version and what is installed.

    Pulumi asks at each command, and lists the packages in search of plugins: a fifth of it.
    """
    # Kept until the process ends.
    folder = Path(_folders.enter_context(tempfile.TemporaryDirectory()))
    arguments = ["-m", "pip", "list", "-v", "--format", "json"]
    told = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    (folder / "packages.json").write_text(told.stdout, encoding="utf-8")
    for name in ("python", "python3"):
        (folder / name).write_text(
            f"""#!/bin/sh
            case "$*" in
              --version) echo "Python {platform.python_version()}"; exit ;;
              "{" ".join(arguments)}") exec cat "{folder}/packages.json" ;;
            esac
            exec "{sys.executable}" "$@"
            """,
            encoding="utf-8",
        )
        (folder / name).chmod(0o755)
    return folder


@cache
def _backend(project: str, stack: str) -> dict[str, bytes]:
    """Return the files of a backend in which that stack was made, and nothing else was done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        state = folder / "state"
        state.mkdir()
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": project, "runtime": "python"}))
        subprocess.run(
            _command("stack", "init", stack),
            cwd=folder,
            env=environment_in(folder),
            check=True,
            capture_output=True,
            timeout=COMMAND_SECONDS,
        )
        files = (path for path in state.rglob("*") if path.is_file())
        return {str(path.relative_to(state)): path.read_bytes() for path in files}


def environment_in(folder: Path) -> dict[str, str]:
    """Return an environment in which Pulumi keeps to a folder, and nobody's keys are."""
    python = str(Path(sys.executable).parent)
    return {
        **built(),
        "PATH": os.pathsep.join([str(_python()), python, os.environ.get("PATH", "")]),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def guided_in(folder: Path) -> dict[str, str]:
    """Return an environment for the commands of a guide, which preview where it says so."""
    return {**environment_in(folder), "PULUMI_OPTION_SKIP_PREVIEW": "true"}


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until that holds, and fail if it takes longer."""
    end_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_at, f"not within {seconds} s"
        time.sleep(0.02)


def end(pids: Iterable[int]) -> None:
    """Kill these processes, if they still run."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _command(*arguments: str) -> list[str]:
    return [_pulumi(), *arguments, "--non-interactive", "--color", "never"]


def _pulumi() -> str:
    found = shutil.which("pulumi")
    assert found, "the Pulumi CLI is not on PATH; scripts/test sets it up"
    return found
