"""FpDBIds: what one looks like."""

from __future__ import annotations

import re

from .errors import SettingsError

_FP_DB_ID = re.compile("[0-9a-f]{32}")


def check_fp_db_id(fp_db_id: object, name: str) -> str:
    """Return the ID if it can be one, as all are that MPS's documentation shows.

    Raises:
        SettingsError: It can be none, and is not even text where a program has nothing to give.
    """
    if not isinstance(fp_db_id, str) or not _FP_DB_ID.fullmatch(fp_db_id):
        raise SettingsError(f"{name}: {fp_db_id!r} is no FpDBId: 32 digits or letters a to f")
    return fp_db_id
