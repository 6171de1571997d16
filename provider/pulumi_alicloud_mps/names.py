"""The name of a library whose program gives it none.

It is unique to the attempt to create it, and stands in the state before MPS is asked: so a library
of that name is what this attempt has made, whoever looks for it. All attempts of one resource have
the first two parts in common.
"""

from __future__ import annotations

import hashlib
import re
import secrets

_RANDOM = re.compile(r"[0-9a-f]{8}")


def generated_name(urn: str, seed: bytes = b"") -> str:
    """Name what an attempt to create a resource makes.

    Args:
        urn: The resource.
        seed: The random bytes that the engine gives the attempt; without them, others are used.
    """
    return stem_of(urn) + (seed.hex() or secrets.token_hex(4))[:8]


def stem_of(urn: str) -> str:
    """Return what the names of all attempts to create a resource begin with."""
    # A logical name may have colons of its own.
    logical = urn.split("::", 3)[-1]
    return f"{logical}-{hashlib.sha256(urn.encode()).hexdigest()[:7]}-"


def foreseen(name: str, logical: str) -> str:
    """Show a name in a preview: `up` generates another one, so the random part is left out."""
    fixed, _, random = name.rpartition("-")
    generated = fixed.rpartition("-")[0] == logical and _RANDOM.fullmatch(random)
    return f"{fixed}-*" if generated else name


def stem_in(name: str, urn: str) -> str | None:
    """Return the stem of a name that was generated for a resource; None of any other name."""
    stem = stem_of(urn)
    generated = name.startswith(stem) and _RANDOM.fullmatch(name.removeprefix(stem))
    return stem if generated else None
