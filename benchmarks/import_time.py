"""How long an import takes, in an interpreter of its own."""

import subprocess
import sys
import time


def import_seconds(module: str) -> float:
    """Start Python, import the module, and return the seconds until it has ended."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - start
