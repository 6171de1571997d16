"""A stack of its own folder and file backend, driven by the real Pulumi CLI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

COMMAND_SECONDS = 120
LIBRARY_TYPE = "pulumi-python:dynamic/alicloud-mps:FpShotDB"


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


@dataclass
class PulumiStack:
    """A project with one stack; commands run in its folder."""

    folder: Path
    config: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    project: str = "catalogue"
    stack: str = "dev"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "state").mkdir(exist_ok=True)
        self._write("Pulumi.yaml", {"name": self.project, "runtime": "python"})
        self.configure(self.config)
        self.run("stack", "init", self.stack).succeeded()

    def configure(self, config: dict[str, str]) -> None:
        """Replace the stack's configuration."""
        self._write(f"Pulumi.{self.stack}.yaml", {"config": config})

    def program(self, body: str) -> None:
        """Replace the program; what a stack author imports is imported already."""
        imports = "import pulumi\nfrom pulumi_alicloud_mps import FpModel, FpShotDB\n\n"
        (self.folder / "__main__.py").write_text(imports + dedent(body), encoding="utf-8")

    def run(self, *arguments: str) -> Outcome:
        """Run a Pulumi command, without questions and colours."""
        command = [_pulumi(), *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(),
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
        )
        return Outcome(done.returncode, done.stdout)

    def up(self, *options: str) -> Outcome:
        """Run `pulumi up`."""
        return self.run("up", "--yes", "--skip-preview", *options)

    def preview(self, *options: str) -> Outcome:
        """Run `pulumi preview`."""
        return self.run("preview", *options)

    def refresh(self, *options: str) -> Outcome:
        """Run `pulumi refresh`."""
        return self.run("refresh", "--yes", "--skip-preview", *options)

    def destroy(self, *options: str) -> Outcome:
        """Run `pulumi destroy`."""
        return self.run("destroy", "--yes", "--skip-preview", *options)

    def steps(self) -> dict[str, dict[str, Any]]:
        """Return what a preview would do to each library, by logical name."""
        outcome = self.preview("--json").succeeded()
        steps = json.loads(outcome.output[outcome.output.index("{") :])["steps"]
        return {
            step["urn"].rpartition("::")[2]: step for step in steps if LIBRARY_TYPE in step["urn"]
        }

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        return dict(json.loads(self.run("stack", "output", "--json").succeeded().output))

    def exported(self) -> str:
        """Return the state as `pulumi stack export` has it."""
        return self.run("stack", "export").succeeded().output

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the state's libraries by logical name."""
        found = json.loads(self.exported())["deployment"].get("resources", [])
        return {
            resource["urn"].rpartition("::")[2]: resource
            for resource in found
            if resource["type"] == LIBRARY_TYPE
        }

    def _write(self, name: str, content: dict[str, Any]) -> None:
        # JSON is YAML, too.
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("ALICLOUD_", "ALIBABA_", "PULUMI_"))
            and "proxy" not in key.lower()
        }
        python = str(Path(sys.executable).parent)
        return {
            **inherited,
            "PATH": os.pathsep.join([python, os.environ.get("PATH", "")]),
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **self.environment,
        }


def _pulumi() -> str:
    found = shutil.which("pulumi")
    assert found, "the Pulumi CLI is not on PATH; scripts/test sets it up"
    return found
