"""Stacks that a test runs with the Pulumi CLI on an emulator."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi import automation

from pulumi_alicloud_mps.state.project_folder import Project

if TYPE_CHECKING:
    from .emulator import MpsEmulator

_SECRETS = ("alicloud-mps:accessKey", "alicloud-mps:secretKey")
# Environments of other paths and machines, and what has no part in a program.
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "venv", "node_modules")


@dataclass(frozen=True)
class StackMaker:
    """Makes stacks on an emulator, each with its own folder for project and state.

    The stacks are those of Pulumi's Automation API, with `up`, `preview`, `refresh` and `destroy`.
    They need the Pulumi CLI on PATH.

    Attributes:
        emulator: Where they create their libraries.
        folder: Where their folders are made.
    """

    emulator: MpsEmulator
    folder: Path

    def __call__(
        self,
        program: automation.PulumiFn | Path,
        *,
        config: Mapping[str, str] | None = None,
        project: str = "project",
        stack: str = "test",
    ) -> automation.Stack:
        """Make a stack.

        Args:
            program: A function, which runs in this process, or a project's folder. A copy of the
                folder, without hidden files, runs with this Python.
            config: Configuration for the stack, in addition to the emulator's.
            project: The project's name, if the program is a function.
            stack: The stack's name. A project's Pulumi.<stack>.yaml is used, if there is one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(dir=self.folder))
        work = home / "project"
        (home / "state").mkdir()
        python = str(Path(sys.executable).parent)
        environment = {
            "PATH": os.pathsep.join([python, os.environ.get("PATH", "")]),
            "PULUMI_BACKEND_URL": (home / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        options = automation.LocalWorkspaceOptions(work_dir=str(work), env_vars=environment)
        if isinstance(program, Path):
            _copy(program, work)
            made = automation.create_or_select_stack(stack, work_dir=str(work), opts=options)
        else:
            work.mkdir()
            # Without `main` it would be the folder that the tests run in.
            settings = automation.ProjectSettings(name=project, runtime="python", main=str(work))
            options.project_settings = settings
            made = automation.create_or_select_stack(
                stack, project_name=project, program=program, opts=options
            )
        values = {**self.emulator.config, **(config or {})}
        made.set_all_config(
            {
                key: automation.ConfigValue(value, secret=key in _SECRETS)
                for key, value in values.items()
            }
        )
        return made


def _copy(project: Path, work: Path) -> None:
    shutil.copytree(project, work, ignore=_LEFT_OUT)
    found = Project.of(work)
    if found is None:
        return
    content = dict(found.content)
    if found.runtime == "python":
        # Its options would name an environment that was not copied.
        content["runtime"] = "python"
    # Nor was that copied which a relative path leads to.
    content["plugins"] = {
        kind: [{**item, "path": str(project / item["path"])} for item in named]
        for kind, named in (content.get("plugins") or {}).items()
    }
    # JSON is YAML, too.
    found.path.write_text(json.dumps(content), encoding="utf-8")
