"""What the processes of tests inherit: HOME and PATH, whatever else is set where they run."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

_INHERITED = {"HOME", "PATH"}
# The folder for temporary files, the browser that scripts/test has found, and pytest's own.
_KEPT = {*_INHERITED, "TMPDIR", "CHROMIUM"}


def built() -> dict[str, str]:
    """Return the environment of a process that is started as on a machine with nothing set."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def isolate() -> None:
    """Leave this process what its own work needs, and a SIGINT that its children obey.

    Where SIGINT is ignored, as in a shell's background job, children ignore it too: each plugin
    of the engine would take 5 s to stop.
    """
    for name in os.environ.keys() - _KEPT:
        if not name.startswith("PYTEST_"):
            del os.environ[name]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ran(
    *command: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with more variables than this process, and nobody to ask."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=290,
    )
