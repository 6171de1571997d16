"""A stack's state and configuration, read and written by the Pulumi CLI: so on every backend."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from .mps.errors import StackStateError

LIBRARY_TYPE = "pulumi-python:dynamic/alicloud-mps:FpShotDB"
"""The type of a `FpShotDB` in a stack's state."""

SECRET_KEY = "4dabf18193072939515e22adb298388d"  # noqa: S105 - Pulumi's mark of a secret
"""The key that marks a secret value in a state."""

_REASON_LENGTH = 500

Deployment = dict[str, Any]


class StackState:
    """One stack of the project in the current folder; by default the selected one."""

    def __init__(self, stack: str | None = None) -> None:
        self._options = ["--stack", stack] if stack else []

    def name(self) -> str:
        """Return the stack's name.

        Raises:
            StackStateError: There is no project here, or no stack is selected.
        """
        return self._run("stack", "--show-name").strip()

    def exported(self, *, show_secrets: bool = False) -> Deployment:
        """Return the state, secrets encrypted or, for comparison only, in clear."""
        shown = ["--show-secrets"] if show_secrets else []
        return dict(json.loads(self._run("stack", "export", *shown)))

    def replace(self, exported: Deployment) -> None:
        """Replace the state by another one, as a whole or not at all."""
        self._run("stack", "import", given=json.dumps(exported))

    def configuration(self) -> dict[str, object]:
        """Return the configuration by full key, secrets in clear."""
        found = json.loads(self._run("config", "--json", "--show-secrets"))
        return {key: item.get("value") for key, item in found.items()}

    def _run(self, *arguments: str, given: str | None = None) -> str:
        command = ["pulumi", *arguments, *self._options, "--non-interactive", "--color", "never"]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command, without a shell
                command, input=given or "", capture_output=True, text=True, check=False
            )
        except FileNotFoundError:
            raise StackStateError(
                "the Pulumi CLI is not on PATH; install it (https://www.pulumi.com/docs/install/)"
            ) from None
        if done.returncode:
            raise StackStateError(
                f"pulumi {' '.join(arguments[:2])} failed: {_reason(done.stderr)}"
            )
        return done.stdout


def _reason(said: str) -> str:
    """Return the CLI's last error as one line, without the warnings before it."""
    _, error, reason = f"\n{said}".rpartition("\nerror:")
    return " ".join(reason.split())[:_REASON_LENGTH] if error else "it gave no reason"


def in_clear(value: object) -> object:
    """Return a property of a state that was exported with its secrets, without their marks."""
    if isinstance(value, dict) and SECRET_KEY in value:
        return json.loads(value["plaintext"])
    return value
