"""Where it was measured: a figure without that says little."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("pulumi", "pulumi-alicloud-mps", "aliyun-python-sdk-core", "dill", "grpcio")
_GIB = 1024**3


def machine() -> dict[str, str]:
    """Describe the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
    }


def versions() -> dict[str, str]:
    """Return the versions of what was measured and of what it runs on."""
    cli = subprocess.run(["pulumi", "version"], check=True, capture_output=True, text=True)  # noqa: S607 - as the peers' stacks do
    return {
        "Pulumi CLI": cli.stdout.strip().removeprefix("v"),
        "Python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
