"""The aliyun CLI's own configuration: what of it the credentials package does not read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_FILE = Path(".aliyun", "config.json")
_DISABLED = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"


def region_of_profile(name: str | None, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the region of a profile, by default of the current one, and where it stands.

    A file that is missing or malformed has none; what keys it has is another matter.
    """
    path = Path(environ.get("HOME") or "~").expanduser() / _FILE
    if environ.get(_DISABLED, "").lower() == "true":
        return None, ""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        wanted = name or content.get("current")
        profile = next(item for item in content["profiles"] if item.get("name") == wanted)
        region = profile.get("region_id")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None, ""
    return (region, f"{path} (profile {wanted!r})") if isinstance(region, str) else (None, "")
