"""The RPC signature of Alibaba Cloud (``SignatureVersion`` 1.0, HMAC-SHA1)."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """Return what is signed: method, path and all parameters but ``Signature``, encoded.

    Values end up encoded twice, since the joined parameters are encoded again as a whole.
    """
    joined = "&".join(
        f"{_encode(name)}={_encode(parameters[name])}"
        for name in sorted(parameters)
        if name != "Signature"
    )
    return f"{method}&%2F&{_encode(joined)}"


def sign(secret: str, text: str) -> str:
    """Return the Base64 signature of a string to sign."""
    # The scheme's key is the secret and a separator for a token, which RPC calls leave empty.
    digest = hmac.digest(f"{secret}&".encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()


def _encode(text: str) -> str:
    return quote(text, safe="~")
