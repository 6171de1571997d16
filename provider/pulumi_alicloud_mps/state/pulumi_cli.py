"""A stack's state and configuration, read and written by the Pulumi CLI: so on every backend."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.state.project_folder import own_folder, project_folder

from .deployment import Deployment

_REASON_LENGTH = 500
_PLUGIN_SECONDS = 60.0

READ_SECONDS = 30.0
"""How long a command that an operation waits for may take."""
# No command can read a file backend while the engine is writing there, which takes a moment.
_UNREADABLE = "failed to load checkpoint"
# Without garbage collection each of these commands ends sooner: by a sixth of the 0.15 s that the
# first create waits for. Go still collects if a state needs more memory than that.
_GO = {"GOGC": "off", "GOMEMLIMIT": "512MiB"}


@dataclass(frozen=True)
class ConfigValue:
    """A value of a stack's configuration, as text: an object is JSON, as the engine passes it."""

    text: str | None = field(repr=False)
    secret: bool


class StackState:
    """One stack of the project here, by default the selected one.

    Each command may take that many `seconds`.
    """

    def __init__(self, stack: str | None = None, *, seconds: float | None = None) -> None:
        self._options = ["--stack", stack] if stack else []
        self._seconds = seconds

    def name(self) -> str:
        """Return the stack's name.

        Raises:
            StackStateError: There is no project here, or no stack is selected.
        """
        return self._run("stack", "--show-name").strip()

    def qualified_name(self) -> str:
        """Return the stack's name with that of its project, as `organization/catalogue/dev`.

        On a file backend of an old layout, which keeps no projects apart, it is the name alone.
        """
        return self._run("stack", "--show-name", "--fully-qualify-stack-names").strip()

    def exported(self, *, show_secrets: bool = False) -> Deployment:
        """Return the state, secrets encrypted or, for comparison only, in clear."""
        shown = ["--show-secrets"] if show_secrets else []
        text = self._run("stack", "export", *shown)
        with suppress(ValueError):
            if isinstance(state := json.loads(text), dict):
                return Deployment(state)
        raise StackStateError("pulumi stack export did not print a state")

    def change(self, before: Deployment, after: Deployment) -> Path:
        """Replace the state by another one, as a whole or not at all.

        Returns:
            A file that has the state as it was before.

        Raises:
            StackStateError: It is no longer as it was, or can't be copied or written.
        """
        # An import replaces the state as a whole, also what a run has just added to it.
        if self.exported() != before:
            raise StackStateError("another command has changed the state; wait for it to end")
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        name = f"{self.name().replace('/', '-')}-{moment}.json"
        try:
            path = own_folder(Path.cwd()) / name
            # A state is its owner's business, although what is secret in it is encrypted.
            path.touch(mode=0o600)
            path.write_text(json.dumps(before.raw, indent=2), encoding="utf-8")
        except OSError as error:
            raise StackStateError(
                f"the state can't be copied before it is changed: {error}"
            ) from error
        self._run("stack", "import", given=json.dumps(after.raw))
        return path

    def configuration(self) -> dict[str, str | None]:
        """Return the configuration by full key, secrets in clear."""
        return {key: value.text for key, value in self.config_values().items()}

    def config_values(self) -> dict[str, ConfigValue]:
        """Return the configuration by full key, and which of it is secret."""
        found = json.loads(self._run("config", "--json", "--show-secrets"))
        return {
            key: ConfigValue(item.get("value"), bool(item.get("secret")))
            for key, item in found.items()
        }

    def _run(self, *arguments: str, given: str | None = None) -> str:
        return _pulumi(*arguments, *self._options, given=given, seconds=self._seconds)


def cli_version() -> str:
    """Return the version of the Pulumi CLI, such as `3.230.0`.

    Raises:
        StackStateError: It is not on PATH.
    """
    return _pulumi("version").strip().removeprefix("v")


def plugin_version(executable: str) -> str:
    """Start a provider and return its version.

    Raises:
        StackStateError: It does not start, or answer.
    """
    schema = _pulumi("package", "get-schema", executable, seconds=_PLUGIN_SECONDS)
    return str(json.loads(schema).get("version"))


def stack_if_any(stack: str | None) -> tuple[StackState | None, str | None]:
    """Return the stack that was named or is selected, or, inside a project, why there is none.

    Raises:
        StackStateError: There is none of that name.
    """
    state = StackState(stack)
    if stack is None and project_folder(Path.cwd()) is None:
        return None, None
    try:
        state.name()
    except StackStateError as error:
        if stack:
            raise
        return None, str(error)
    return state, None


def _pulumi(*arguments: str, given: str | None = None, seconds: float | None = None) -> str:
    name = f"pulumi {' '.join(arguments[:2])}"
    command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - a fixed command, without a shell
            command,
            input=given or "",
            capture_output=True,
            encoding="utf-8",
            check=False,
            # It would ask the network for a notice that is never shown.
            env={**_GO, **os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            timeout=seconds,
        )

    try:
        done = run()
        if done.returncode and _UNREADABLE in done.stderr:
            done = run()
    except subprocess.TimeoutExpired:
        raise StackStateError(f"{name} did not finish within {seconds} s") from None
    except FileNotFoundError:
        raise StackStateError(
            "the Pulumi CLI is not on PATH; install it (https://www.pulumi.com/docs/install/)"
        ) from None
    except OSError as failure:
        raise StackStateError(f"{name} can't be run: {failure.strerror}") from None
    if done.returncode:
        # The last error, without the warnings before it.
        _, error, text = f"\n{done.stderr}".rpartition("\nerror:")
        reason = " ".join(text.split())[:_REASON_LENGTH] if error else "it gave no reason"
        raise StackStateError(f"{name} failed: {reason}")
    return done.stdout
