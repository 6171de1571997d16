"""The stack's configuration, as its program sees it."""

from __future__ import annotations

from weakref import WeakSet

import pulumi

from .mps.setting_names import CONFIG_SPACES

SECRETS = frozenset({"accessKey", "secretKey", "securityToken"})
"""The settings that are secrets in every state, whatever the stack's configuration calls them."""

# Automation API runs several programs in one process, each with a root of its own.
_warned: WeakSet[pulumi.Resource] = WeakSet()


def configured(key: str) -> str | None:
    """Return a value by its full key, such as `alicloud-mps:region`."""
    value: str | None = pulumi.runtime.get_config(key)
    return value


def configured_input(key: str) -> pulumi.Input[str] | None:
    """Return a value as the input of a resource, in which a secret stays one."""
    value = configured(key)
    if value is None:
        return None
    secret = pulumi.runtime.is_config_secret(key) or key.rpartition(":")[2] in SECRETS
    return pulumi.Output.secret(value) if secret else value


def warn_of_clear_secrets() -> None:
    """Warn, once in a program, of keys in clear: Pulumi copies the configuration into the state."""
    root = pulumi.runtime.get_root_resource()
    if root is None or root in _warned:
        return
    _warned.add(root)
    for key in (f"{space}:{name}" for space in CONFIG_SPACES for name in sorted(SECRETS)):
        # The ID of a key is not secret by itself.
        in_clear = configured(key) and not pulumi.runtime.is_config_secret(key)
        if in_clear and not key.endswith(":accessKey"):
            pulumi.log.warn(
                f"{key} is in clear in the stack's configuration, and so in its state; run"
                f" `pulumi config set --secret {key}` and renew the key"
            )
