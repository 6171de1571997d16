"""What a setting is called where it was written: a key of the stack, or a provider's argument."""

from __future__ import annotations

import re
from collections.abc import Callable

ConfigReader = Callable[[str], object]

# Stack configuration of our own wins over that of pulumi-alicloud, so that a stack that is set up
# for the latter works as it is.
CONFIG_SPACES = ("alicloud-mps", "alicloud")
OWN_SPACE, _ = CONFIG_SPACES

OWN_KEYS = frozenset(
    {
        "accessKey",
        "accountId",
        "caBundle",
        "callLog",
        "callsPerSecond",
        "connectTimeout",
        "endpoint",
        "profile",
        "readTimeout",
        "region",
        "secretKey",
        "securityToken",
        "stsEndpoint",
    }
)
"""The keys of our own space; no other is read."""

PROVIDER_NAME = f"{OWN_SPACE}:provider"
"""The key that tells a provider's process that it serves an explicit provider, and which."""


class SettingNames:
    """Names settings for messages, as whoever wrote them knows them."""

    def __init__(self, config: ConfigReader) -> None:
        self._provider = config(PROVIDER_NAME)

    @property
    def explicit(self) -> bool:
        """Whether an explicit provider is given them, and not the stack."""
        return bool(self._provider)

    def full(self, key: str) -> str:
        """Return the name by which a message starts, such as `provider p: secret_key`."""
        return f"provider {self._provider}: {self.short(key)}" if self._given(key) else key

    def short(self, key: str) -> str:
        """Return the name within such a message, such as `secret_key`."""
        if not self._given(key):
            return key
        return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key.rpartition(":")[2])

    def _given(self, key: str) -> bool:
        # It has no arguments for what only pulumi-alicloud's space has.
        return self.explicit and key.startswith(f"{OWN_SPACE}:")
