"""Keys of the aliyun CLI's profiles and of Alibaba Cloud's default chain."""

from __future__ import annotations

import functools
import json
import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.access import Credentials, CredentialsSource

_LOGGERS = ("credentials", "alibabacloud_credentials", "apscheduler")

# The chain's own names for its links; each follows `default` and a slash.
_LINKS: dict[str | None, str] = {
    "env": "the environment",
    "oidc_role_arn": "the OIDC token of the environment",
    "cli_profile": "the current profile of the aliyun CLI",
    "profile": "~/.alibabacloud/credentials.ini",
    "ecs_ram_role": "the role of the machine",
    "credential_uri": "ALIBABA_CLOUD_CREDENTIALS_URI",
}

_DISABLED = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"


def credentials_source(profile: str | None) -> CredentialsSource:
    """Return the source of a profile's keys; without a profile, that of the default chain."""

    @functools.cache
    def chain() -> Any:  # noqa: ANN401 - the package has no types
        # Imported here because it costs as much as the SDK, and most stacks bring their own keys.
        from alibabacloud_credentials.provider import (  # noqa: PLC0415
            CLIProfileCredentialsProvider,
            DefaultCredentialsProvider,
        )

        # These print tracebacks, which can hold secrets that were read. One by one: up to version
        # 1.0.2 of the package, its modules have levels and handlers of their own.
        for name in [*_LOGGERS, *logging.root.manager.loggerDict]:
            if name.partition(".")[0] in _LOGGERS:
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if profile:
            return CLIProfileCredentialsProvider(profile_name=profile)
        return DefaultCredentialsProvider()

    def current() -> Credentials:
        provider = chain()
        try:
            found = provider.get_credentials()
        # The chain's parts raise whatever their files and HTTP clients raise, and its texts
        # can hold what they read.
        except Exception as error:  # noqa: BLE001
            where = f"the profile {profile!r}" if profile else "the default chain"
            problem = profile_problem(profile, os.environ, str(error))
            why = f": {problem}" if problem else f" ({type(error).__name__})"
            raise SettingsError(
                f"credentials: {where} gave none{why}; set"
                " alicloud-mps:accessKey and alicloud-mps:secretKey (--secret), or"
                " ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or log in with"
                " the aliyun CLI"
            ) from None
        link = None
        if not profile:
            link = found.get_provider_name().removeprefix("default/").partition("/")[0]
        return Credentials(
            found.get_access_key_id(),
            found.get_access_key_secret(),
            found.get_security_token() or None,
            _LINKS.get(link, link),
        )

    return current


def region_of_profile(name: str | None, environ: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the region of a profile, by default of the current one, and where it is written.

    A file that is missing or malformed has none; whether it has keys is another matter.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        if path := _path(environ):
            wanted, profiles = _read(path, name)
            region = profiles[wanted or ""]["region_id"]
            if isinstance(region, str):
                return region, f"{path} (profile {wanted!r})"
    return None, ""


def profile_problem(name: str | None, environ: Mapping[str, str], said: str) -> str | None:
    """Return why a profile gave no keys, with no value of one; None if that is unknown.

    The current profile, which has no name here, does not have to exist. `said` is what the
    credentials package did.
    """
    path = _path(environ)
    if path is None:
        return f"{_DISABLED} is set" if name else None
    try:
        wanted, profiles = _read(path, name)
    except FileNotFoundError:
        return f"{path} not found" if name else None
    except OSError as error:
        return f"{path} can't be read: {error.strerror}"
    except ValueError:
        return f"{path} is not valid JSON"
    except (KeyError, TypeError):
        return f"{path} has no profiles"
    mode = profiles[wanted].get("mode") if wanted in profiles else None
    problem = None
    if not wanted:
        problem = "has no current profile"
    elif wanted not in profiles:
        problem = f"has no profile {wanted!r}; it has {', '.join(profiles) or 'none'}"
    # Which modes there are depends on the version of that package.
    elif f"unsupported profile mode '{mode}'" in said:
        problem = f"gives profile {wanted!r} the mode {mode!r}, which is not supported"
    return f"{path} {problem}" if problem else None


def _path(environ: Mapping[str, str]) -> Path | None:
    if environ.get(_DISABLED, "").lower() == "true":
        return None
    # Path.expanduser raises if there is no home at all, as for a user without a passwd entry.
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111
    return Path(home, ".aliyun", "config.json")


def _read(path: Path, name: str | None) -> tuple[str | None, dict[str, dict[str, Any]]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    profiles = [item for item in content["profiles"] if isinstance(item, dict)]
    named = {item["name"]: item for item in profiles if isinstance(item.get("name"), str)}
    return name or content.get("current"), named
