"""What of a property may be shown, and in which words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pulumi_alicloud_mps.mps.models import FpModel

from .markdown import code

SECRET = "[secret]"  # noqa: S105 - what the engine writes in place of one
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that only `pulumi up` will know."""

# Marks values that are no plain JSON, secrets among them: sdk/go/common/resource/sig.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_INTERNAL = "__"


def is_internal(name: str) -> bool:
    """Whether a property, given by its path, is Pulumi's own, such as `__provider`."""
    return name.startswith((_INTERNAL, f'["{_INTERNAL}'))


def is_secret(value: object) -> bool:
    """Whether a value is, or holds, what must not be shown."""
    if isinstance(value, str):
        return value == SECRET
    if isinstance(value, Mapping):
        return _SIGNATURE in value or any(is_secret(item) for item in value.values())
    return isinstance(value, list) and any(is_secret(item) for item in value)


def is_unknown(value: object) -> bool:
    """Whether a value is not known before `pulumi up`."""
    return value == UNKNOWN


def described(name: str, value: object) -> str:
    """Describe a property's value in Markdown."""
    if is_secret(value):
        return "*(secret)*"
    if is_unknown(value):
        return "*(not known yet)*"
    if value in (None, ""):
        return "*(unset)*"
    if name == "model_id":
        return f"{code(str(value))} ({model_words(value)})"
    return code(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def model_words(value: object) -> str:
    """Name the kind of media that a ModelId stands for."""
    if isinstance(value, (int, float)) and value in set(FpModel):
        return FpModel(int(value)).name.lower()
    return "unknown model"
