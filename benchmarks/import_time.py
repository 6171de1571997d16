"""How long an import takes, in an interpreter of its own."""

import subprocess
import sys
import time


def import_seconds(statement: str) -> float:
    """Start Python, import what the statement says, and return the seconds until it has ended."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start
