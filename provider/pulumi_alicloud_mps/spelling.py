"""How programs of other languages than Python spell what messages name."""

from __future__ import annotations

import re

from .inputs import Inputs
from .settings.schema import SETTINGS
from .state.deployment import key_of

_OTHERS = (
    "fp_db_id",
    "account_id",
    "name_regex",
    "custom_timeouts",
    "retain_on_delete",
    "delete_before_replace",
    "replace_on_changes",
    "ignore_changes",
)
_SAME = ("adopt", "protect")
RESPELLED = sorted(name for name in {*Inputs.model_fields, *SETTINGS, *_OTHERS} if "_" in name)
"""What the native provider has another spelling of."""

# Not within a path, a host or the like, which may have such a word of its own.
_NAME = re.compile(
    rf"(?<![\w/.-])({'|'.join((*RESPELLED, *_SAME))})(?![\w/-]|\.\w)"
    r"(?:=(True\b|False\b|(?=[\"\[])))?"
)


def in_camel_case(text: str) -> str:
    """Return a message with the inputs, settings and options as the native provider has them."""

    def spelled(found: re.Match[str]) -> str:
        return key_of(found[1]) + ("" if found[2] is None else f": {found[2].lower()}")

    return _NAME.sub(spelled, text)
