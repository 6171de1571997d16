"""What a stack's configuration says of the names of libraries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE

from .schema import DYNAMIC_PACKAGE, OWN_SPACE

_LIBRARY_TYPES = {OWN_SPACE: NATIVE_LIBRARY_TYPE, DYNAMIC_PACKAGE: LIBRARY_TYPE}
_MODES = {"verbatim": "${name}", "disabled": ""}
_STACK_EXPRESSION = re.compile(r"\$\{(organization|project|stack|config\.[^}]+)\}")


def pattern_in(
    read: Callable[[str], str | None], names: Mapping[str, str], packages: Sequence[str]
) -> str | None:
    """Return the pattern of `pulumi:autonaming` for libraries, as the engine would resolve it.

    It is empty if no names are to be generated; None if the provider is to generate its own.

    Args:
        read: Returns a value of the configuration by its full key.
        names: The names of the stack, its project and its organization.
        packages: The packages whose settings apply to libraries; earlier ones take precedence.
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
