"""The aliyun CLI's own configuration: what of it the credentials package does not read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FILE = Path(".aliyun", "config.json")
_DISABLED = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"


def region_of_profile(name: str | None, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the region of a profile, by default of the current one, and where it stands.

    A file that is missing or malformed has none; what keys it has is another matter.
    """
    if _is_disabled(environ):
        return None, ""
    path = _path(environ)
    try:
        wanted, profiles = _read(path, name)
        region = profiles[wanted or ""].get("region_id")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, ""
    return (region, f"{path} (profile {wanted!r})") if isinstance(region, str) else (None, "")


def profile_problem(name: str | None, environ: Mapping[str, str], said: str) -> str | None:
    """Return why a profile gave no keys, with no value of one; None where that can't be told.

    Args:
        name: The profile; None for the current one, which does not have to be there.
        environ: The environment.
        said: What the credentials package said.
    """
    path = _path(environ)
    if _is_disabled(environ):
        return f"{_DISABLED} is set" if name else None
    try:
        wanted, profiles = _read(path, name)
    except FileNotFoundError:
        return f"{path} not found" if name else None
    except OSError as error:
        return f"{path} can't be read: {error.strerror}"
    except ValueError:
        return f"{path} is not valid JSON"
    except (KeyError, TypeError, AttributeError):
        return f"{path} has no profiles"
    return _problem_within(path, wanted, profiles, said)


def _problem_within(
    path: Path, wanted: str | None, profiles: Mapping[str, Mapping[str, Any]], said: str
) -> str | None:
    if not wanted:
        return f"{path} names no current profile"
    if wanted not in profiles:
        return f"{path} has no profile {wanted!r}; it has {', '.join(profiles) or 'none'}"
    mode = profiles[wanted].get("mode")
    # Which modes there are depends on the version of that package.
    if f"unsupported profile mode '{mode}'" in said:
        return f"{path} gives profile {wanted!r} the mode {mode!r}, which is not supported"
    return None


def _path(environ: Mapping[str, str]) -> Path:
    # Path.expanduser raises where there is no home at all, as for a user without a passwd entry.
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
    return Path(home) / _FILE


def _is_disabled(environ: Mapping[str, str]) -> bool:
    return environ.get(_DISABLED, "").lower() == "true"


def _read(path: Path, name: str | None) -> tuple[str | None, dict[str, dict[str, Any]]]:
    """Return the name of the profile that is meant, and all profiles by name."""
    content = json.loads(path.read_text(encoding="utf-8"))
    profiles = [item for item in content["profiles"] if isinstance(item, dict)]
    named = {item["name"]: item for item in profiles if isinstance(item.get("name"), str)}
    return name or content.get("current"), named
