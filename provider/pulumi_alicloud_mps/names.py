"""The name of a library whose program gives it none.

It is unique to one attempt to create the library, and is in the state before MPS is asked: so a
library of that name was created by this attempt, whoever finds it. The part that all attempts of
one resource share ends with a digest of its URN. A pattern of `pulumi:autonaming` makes such names
if it has room for both; otherwise the name is the same for each attempt, and proves as little as
one that the program gives.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from string import ascii_lowercase, digits, hexdigits

from pulumi_alicloud_mps.state.deployment import parts_of, regardless_of_front

_DIGEST_LENGTH = 7
_ATTEMPT_LENGTH = 8
_ALPHABETS = {
    "hex": hexdigits[:16],
    "alphanum": ascii_lowercase + digits,
    "string": ascii_lowercase,
    "num": digits,
}
_ATTEMPT = re.compile(rf"(-?)[0-9a-f][0-9a-f-]{{{_ATTEMPT_LENGTH - 1},}}")
_RANDOM_PART = re.compile(r"\$\{(?:(hex|alphanum|string|num)\((\d+)\)|uuid)\}")


def generated_name(urn: str, seed: bytes = b"", pattern: str | None = None) -> str:
    """Return the name that an attempt to create a resource gives it.

    Args:
        urn: The resource.
        seed: The random bytes that the engine gives the attempt; without them, others are used.
        pattern: What `pulumi:autonaming` says, with the stack's own expressions resolved.
    """
    seed = seed or secrets.token_bytes(32)
    logical = parts_of(urn).name
    if pattern is None:
        return f"{logical}-{_digest(urn)}-{seed.hex()[:_ATTEMPT_LENGTH]}"

    def expand(found: re.Match[str]) -> str:
        kind, length, place = found[1] or "hex", int(found[2] or 32), str(found.start()).encode()
        if kind == "hex" and length >= _DIGEST_LENGTH + _ATTEMPT_LENGTH:
            text = _digest(urn) + _digits(kind, length - _DIGEST_LENGTH, seed + place)
        else:
            # Not by the seed: of two attempts, the second must meet what the first has created.
            text = _digits(kind, length, regardless_of_front(urn).encode() + place)
        return text if found[1] else str(uuid.UUID(text))

    return _RANDOM_PART.sub(expand, pattern.replace("${name}", logical))


def previewed_name(name: str, urn: str) -> str:
    """Return a name for a preview: `up` generates another, so the random part is left out."""
    stem = stem_in(name, urn)
    return f"{stem}*" if stem else name


def stem_in(name: str, urn: str) -> str | None:
    """Return what the names of all attempts to create a resource begin with.

    None for a name that does not distinguish one attempt from another.
    """
    head, digest, rest = name.partition(_digest(urn))
    found = _ATTEMPT.match(rest) if digest else None
    return f"{head}{digest}{found[1]}" if found else None


def _digest(urn: str) -> str:
    return hashlib.sha256(regardless_of_front(urn).encode()).hexdigest()[:_DIGEST_LENGTH]


def _digits(kind: str, length: int, source: bytes) -> str:
    alphabet = _ALPHABETS[kind]
    return "".join(
        alphabet[byte % len(alphabet)] for byte in hashlib.shake_256(source).digest(length)
    )
