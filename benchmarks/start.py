"""How long a process takes until it has done what one waits for."""

import subprocess
import sys
import time


def import_seconds(statement: str) -> float:
    """Start Python, import what the statement says, and return the seconds until it has ended."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def port_seconds(module: str) -> float:
    """Start a provider's process, and return the seconds until it has told its port."""
    # As Pulumi starts them: the dynamic host leaves its port in Python's buffer otherwise.
    command = [sys.executable, "-u", "-m", module, "127.0.0.1:1"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            told = process.stdout.readline()
            seconds = time.perf_counter() - start
        finally:
            process.kill()
    int(told)
    return seconds
