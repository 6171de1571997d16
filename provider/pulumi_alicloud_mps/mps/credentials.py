"""The access keys that calls are signed with, where the settings hold none themselves."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from .cli_profile import profile_problem
from .errors import SettingsError
from .settings import Credentials, Settings

_LOGGERS = ("credentials", "alibabacloud_credentials", "apscheduler")

# The chain's own names for its links; `default` and a slash stand before each.
_LINKS = {
    "env": "the environment",
    "oidc_role_arn": "the OIDC token of the environment",
    "cli_profile": "the current profile of the aliyun CLI",
    "profile": "~/.alibabacloud/credentials.ini",
    "ecs_ram_role": "the role of the machine",
    "credential_uri": "ALIBABA_CLOUD_CREDENTIALS_URI",
}

CredentialsSource = Callable[[], Credentials]
"""Gives the keys of the moment: those of a role are renewed while the process runs."""


def credentials_source(settings: Settings) -> CredentialsSource:
    """Return where keys come from: the settings' own, else Alibaba Cloud's default chain."""
    own = settings.credentials
    if own is not None:
        return lambda: own
    return _chain(settings.profile)


def _chain(profile: str | None) -> CredentialsSource:
    # Imported here because it costs as much as the SDK, and most stacks bring their own keys.
    from alibabacloud_credentials.provider import (  # noqa: PLC0415
        CLIProfileCredentialsProvider,
        DefaultCredentialsProvider,
    )

    _silence_loggers()
    chain = (
        CLIProfileCredentialsProvider(profile_name=profile)
        if profile
        else DefaultCredentialsProvider()
    )

    def current() -> Credentials:
        try:
            found = chain.get_credentials()
        # The chain's parts raise whatever their files and HTTP clients raise, and its texts
        # can hold what they read.
        except Exception as error:  # noqa: BLE001
            where = f"the profile {profile!r}" if profile else "the default chain"
            problem = profile_problem(profile, os.environ, str(error))
            why = f": {problem}" if problem else f" ({type(error).__name__})"
            raise SettingsError(
                f"credentials: {where} gave none{why}; set"
                " alicloud-mps:accessKey and alicloud-mps:secretKey (--secret), or"
                " ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or log in with the aliyun CLI"
            ) from None
        return Credentials(
            found.get_access_key_id(),
            found.get_access_key_secret(),
            found.get_security_token() or None,
            None if profile else _link(found.get_provider_name()),
        )

    return current


def _link(name: str) -> str:
    link = name.removeprefix("default/").partition("/")[0]
    return _LINKS.get(link, link)


def _silence_loggers() -> None:
    """Keep quiet what prints tracebacks, which can hold what was read or answered."""
    # Each by itself: up to 1.0.2 of the package its modules have levels and handlers of their own.
    for name in [*_LOGGERS, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
