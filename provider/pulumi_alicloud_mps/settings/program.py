"""The stack's configuration, as its program sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

import pulumi

from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE

from .schema import NOT_IN_CLEAR, OWN_SPACE, SECRETS

AUTONAMING_KEY = "_autonaming"
"""The input that brings the provider what `autonaming` returns; check drops it."""

REPLACING_KEY = "_replaced_for_force_destroy"
"""The input that tells it what diff is not told: `replace_on_changes` has `force_destroy`."""

INTERNAL = frozenset({AUTONAMING_KEY, REPLACING_KEY})

PACKAGE = "pulumi-python"
"""The package that every dynamic resource belongs to."""

_LIBRARY_TYPES = {OWN_SPACE: NATIVE_LIBRARY_TYPE, PACKAGE: LIBRARY_TYPE}
_MODES = {"verbatim": "${name}", "disabled": ""}
_STACK_EXPRESSION = re.compile(r"\$\{(organization|project|stack|config\.[^}]+)\}")

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
    for key in NOT_IN_CLEAR:
        if configured(key) and not pulumi.runtime.is_config_secret(key):
            pulumi.log.warn(
                f"{key} is stored in plain text in the stack's configuration, and so in its state;"
                f" run `pulumi config set --secret {key}`, and rotate the key"
            )


def autonaming(packages: Sequence[str] = (OWN_SPACE, PACKAGE)) -> str | None:
    """Return the pattern of `pulumi:autonaming` for libraries, as the engine would resolve it.

    It has validated the settings, and passes them on only to providers that announce support for
    them, which the dynamic host does not.

    Args:
        packages: As `autonaming_in` has them.

    Returns:
        A pattern without the stack's own expressions, which is empty where no names are to be
        generated; None where the provider is to generate its own.
    """
    names = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "organization": pulumi.get_organization(),
    }
    return autonaming_in(configured, names, packages)


def autonaming_in(
    read: Callable[[str], str | None], names: Mapping[str, str], packages: Sequence[str]
) -> str | None:
    """Return what `autonaming` does, from any configuration.

    Args:
        read: Returns a value of the configuration by its full key.
        names: Those of the stack, its project and its organization.
        packages: The packages whose settings are those of libraries; the first comes first.
    """
    settings = json.loads(read("pulumi:autonaming") or "{}")
    providers = settings.get("providers") or {}
    levels: list[dict[str, Any]] = []
    for package in packages:
        found = providers.get(package) or {}
        levels += [(found.get("resources") or {}).get(_LIBRARY_TYPES[package]) or {}, found]

    def of_the_stack(found: re.Match[str]) -> str:
        kind, _, path = found[1].partition(".")
        if kind != "config":
            return names[kind]
        key, *inner = re.findall(r"[^.\[\]\"]+", path)
        text = read(f"{names['project']}:{key}") or ""
        # Configuration holds anything.
        value: Any = json.loads(text) if inner else text
        for name in inner:
            value = value[int(name) if isinstance(value, list) else name]
        return value if isinstance(value, str) else json.dumps(value)

    for level in [*levels, settings]:
        if level.get("pattern") is not None:
            return _STACK_EXPRESSION.sub(of_the_stack, level["pattern"])
        if level.get("mode"):
            return _MODES.get(level["mode"])
    return None
