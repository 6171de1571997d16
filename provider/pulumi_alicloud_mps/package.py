"""This package as it is installed: its name, its version, and the plugin that it brings."""

from __future__ import annotations

import functools
import re
from importlib import metadata

PACKAGE = "pulumi-alicloud-mps"
PLUGIN = "pulumi-resource-alicloud-mps"
"""The executable of the native provider, as the engine looks for it."""


@functools.cache
def package_version() -> str:
    """Return the version of this package as semantic versioning has it."""
    version = metadata.version(PACKAGE)
    release = re.split("[^0-9.]", version)[0].strip(".")
    numbers = [*release.split("."), "0", "0"][:3]
    suffix = re.sub("[^0-9A-Za-z-]+", ".", version.removeprefix(release)).strip(".")
    return ".".join(numbers) + (f"-{suffix}" if suffix else "")
