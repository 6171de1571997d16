"""The header signature of Alibaba Cloud (``ACS3-HMAC-SHA256``), which the vendor calls V3.

The vendor's newer SDKs sign with it by default. What an RPC call says in common parameters stands
in headers; signed are those, the query, and a digest of the body.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from .errors import EmulatedError, invalid

ALGORITHM = "ACS3-HMAC-SHA256"
"""The algorithm for key pairs, the only one that is accepted."""

# The headers that say what an RPC call says in parameters of these names.
_COMMON = {
    "Action": "x-acs-action",
    "Version": "x-acs-version",
    "Timestamp": "x-acs-date",
    "SignatureNonce": "x-acs-signature-nonce",
    "SecurityToken": "x-acs-security-token",
}
_AUTHORIZED = frozenset({"AccessKeyId", "SignatureMethod", "SignatureVersion", "Signature"})
_AUTHORIZATION = re.compile(
    r"(?P<SignatureMethod>ACS3-[A-Z0-9-]+) +Credential=(?P<AccessKeyId>[^,]+), *"
    r"SignedHeaders=(?P<names>[^,]+), *Signature=(?P<Signature>[^,]+)"
)
_DIGEST = "x-acs-content-sha256"
_REQUIRED = frozenset({"host", _DIGEST, "x-acs-date", "x-acs-signature-nonce"})


@dataclass(frozen=True)
class HeaderSigned:
    """A request that is signed by this scheme, well or badly.

    Attributes:
        headers: All headers by name in lower case.
        query: The decoded query.
        body: The body as it came.
    """

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @cached_property
    def _authorization(self) -> dict[str, str]:
        match = _AUTHORIZATION.fullmatch(self.headers.get("authorization", ""))
        return match.groupdict() if match else {}

    def parameters(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return all parameters of the call, the common ones by their RPC names.

        Args:
            own: Those of the query and the form. Common ones count for nothing there.
        """
        common = {
            name: self.headers[header] for name, header in _COMMON.items() if header in self.headers
        }
        common.update((name, text) for name, text in self._authorization.items() if name != "names")
        # The vendor's SDKs send no Format and ask for JSON here.
        wanted = {} if "xml" in self.headers.get("accept", "") else {"Format": "JSON"}
        ignored = _AUTHORIZED | _COMMON.keys()
        return {**wanted, **{name: own[name] for name in own if name not in ignored}, **common}

    def check(self) -> None:
        """Refuse a request that leaves open what a signature has to settle.

        Raises:
            ApiError: It says who signs in another way, doesn't sign what matters, or has
                another body than the signed one.
        """
        if not self._authorization:
            form = f"{ALGORITHM} Credential=…,SignedHeaders=…,Signature=…"
            raise _incomplete(f"The header Authorization must be of the form {form}.")
        if self._authorization["SignatureMethod"] != ALGORITHM:
            raise invalid(f"The signature algorithm must be {ALGORITHM}.")
        ours = {name for name in self.headers if name.startswith("x-acs-")}
        for name in sorted(_REQUIRED | ours):
            if name not in self._signed or name not in self.headers:
                raise _incomplete(f"The header {name} must be sent and be a signed one.")
        if self.headers[_DIGEST] != hashlib.sha256(self.body).hexdigest():
            message = f"The header {_DIGEST} is not the SHA-256 digest of the body."
            raise EmulatedError("SignatureDoesNotMatch", message)

    @property
    def _signed(self) -> list[str]:
        return self._authorization["names"].split(";")

    def string_to_sign(self, method: str) -> str:
        """Return what is signed: the algorithm and a digest of the canonical request.

        The request must have passed :meth:`check`.
        """
        query = "&".join(
            f"{_encode(name)}={_encode(self.query[name])}" for name in sorted(self.query)
        )
        lines = [f"{name}:{self.headers.get(name, '')}\n" for name in self._signed]
        names = ";".join(self._signed)
        canonical = f"{method}\n/\n{query}\n{''.join(lines)}\n{names}\n{self.headers[_DIGEST]}"
        digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape"))
        return f"{ALGORITHM}\n{digest.hexdigest()}"


def is_header_signed(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Tell whether a request is made for this scheme and not for RPC."""
    # The vendor's SDKs send x-acs-action with RPC signatures too, beside the parameter.
    return headers.get("authorization", "").startswith("ACS3-") or (
        "x-acs-action" in headers and "Action" not in query
    )


def sign(secret: str, text: str) -> str:
    """Return the hexadecimal signature of a string to sign."""
    return hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()


def _incomplete(message: str) -> EmulatedError:
    return EmulatedError("IncompleteSignature", message)


def _encode(text: str) -> str:
    return quote(text, safe="~", errors="surrogateescape")
