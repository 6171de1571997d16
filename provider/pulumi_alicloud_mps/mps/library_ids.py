"""FpDBIds: what one looks like."""

from __future__ import annotations

import re

from .errors import SettingsError

FP_DB_ID = "[0-9A-Za-z_-]{16,64}"
"""The pattern of an ID. MPS's documentation shows 32 digits or letters a to f; what it answers may
look otherwise, and goes into comma-separated lists."""


def id_problem(fp_db_id: object) -> str | None:
    """Return why that can be no ID; it is not even text where a program has nothing to give."""
    if isinstance(fp_db_id, str) and re.fullmatch(FP_DB_ID, fp_db_id):
        return None
    return f"{fp_db_id!r} is no FpDBId: 16 to 64 letters, digits, - and _"


def check_fp_db_id(fp_db_id: object, name: str) -> str:
    """Return the ID if it can be one.

    Raises:
        SettingsError: It can be none.
    """
    if problem := id_problem(fp_db_id):
        raise SettingsError(f"{name}: {problem}")
    return str(fp_db_id)
