"""The stack's configuration, as its program sees it."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakSet

import pulumi

from .autonaming import pattern_in
from .schema import DYNAMIC_PACKAGE, OWN_SPACE, plain_text_secrets

# Automation API runs several programs in one process, each with a root of its own.
_warned: WeakSet[pulumi.Resource] = WeakSet()


def configured(key: str) -> str | None:
    """Return a value by its full key, such as `alicloud-mps:region`."""
    value: str | None = pulumi.runtime.get_config(key)
    return value


def warn_of_plain_text_secrets() -> None:
    """Warn, once in a program, of keys that the stack's configuration has in plain text."""
    root = pulumi.runtime.get_root_resource()
    if root is None or root in _warned:
        return
    _warned.add(root)

    def is_plain(key: str) -> bool:
        return bool(configured(key)) and not pulumi.runtime.is_config_secret(key)

    for key, warning in plain_text_secrets(is_plain):
        pulumi.log.warn(f"{key} {warning}")


def autonaming(packages: Sequence[str] = (OWN_SPACE, DYNAMIC_PACKAGE)) -> str | None:
    """Return the pattern of `pulumi:autonaming` for libraries, as `pattern_in` does.

    The engine has validated the settings, and passes them on only to providers that announce
    support for them, which the dynamic host does not.
    """
    names = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "organization": pulumi.get_organization(),
    }
    return pattern_in(configured, names, packages)
