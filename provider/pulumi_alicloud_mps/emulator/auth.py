"""Who may call: both of the vendor's signatures, and what else the API gateway checks.

RPC calls (``SignatureVersion`` 1.0, HMAC-SHA1, "V2") are signed by one of their parameters. Newer
SDKs sign in the headers by default (``ACS3-HMAC-SHA256``, "V3"): the query, the headers that matter
and a digest of the body.
"""

import base64
import hashlib
import hmac
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import takewhile
from urllib.parse import quote, urlencode

from .records import moment_from
from .requests import ApiRequest, HttpRequest, decoded
from .responses import EmulatedError, invalid
from .settings import EmulatorSettings

HEADER_ALGORITHM = "ACS3-HMAC-SHA256"
"""The algorithm of header signatures by key pairs, the only one that is accepted."""

_DIGEST = "x-acs-content-sha256"
_ALWAYS_SIGNED = frozenset({"host", _DIGEST, "x-acs-date", "x-acs-signature-nonce"})
_SIGNED_BY = ("AccessKeyId", "SignatureMethod", "SignatureNonce", "Timestamp", "Signature")

# Both as the vendor's support says: 15 minutes of clock skew, nonces kept for 31.
_MAX_SKEW = 15 * 60
_NONCE_LIFETIME = 31 * 60


def string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """Return what an RPC call signs: method, path and all parameters but ``Signature``, encoded.

    Values end up encoded twice, since the joined parameters are encoded again as a whole.
    """
    signed = {name: parameters[name] for name in parameters if name != "Signature"}
    return f"{method}&%2F&{quote(_canonical(signed), safe='~')}"


def sign(secret: str, text: str) -> str:
    """Return the Base64 signature of an RPC call's string to sign."""
    # The scheme's key is the secret and a separator for a token, which RPC calls leave empty.
    digest = hmac.digest(f"{secret}&".encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()


def header_string_to_sign(request: HttpRequest) -> str:
    """Return what a request signs in its headers: a digest of the canonical request.

    Raises:
        EmulatedError: It is signed in another way, not for all that matters, or for another body.
    """
    if not request.authorization:
        form = f"{HEADER_ALGORITHM} Credential=…,SignedHeaders=…,Signature=…"
        message = f"The header Authorization must be of the form {form}."
        raise EmulatedError("IncompleteSignature", message)
    if request.authorization["SignatureMethod"] != HEADER_ALGORITHM:
        raise invalid(f"The signature algorithm must be {HEADER_ALGORITHM}.")
    headers, names = request.headers, request.authorization["SignedHeaders"]
    signed = names.split(";")
    for name in sorted(_ALWAYS_SIGNED.union(key for key in headers if key.startswith("x-acs-"))):
        if name not in signed or name not in headers:
            message = f"The header {name} must be sent and be a signed one."
            raise EmulatedError("IncompleteSignature", message)
    if headers[_DIGEST] != hashlib.sha256(request.body).hexdigest():
        message = f"The header {_DIGEST} is not the SHA-256 digest of the body."
        raise EmulatedError("SignatureDoesNotMatch", message)
    query = _canonical(decoded(request.query))
    lines = "".join(f"{name}:{headers.get(name, '')}\n" for name in signed)
    canonical = f"{request.method}\n/\n{query}\n{lines}\n{names}\n{headers[_DIGEST]}"
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape"))
    return f"{HEADER_ALGORITHM}\n{digest.hexdigest()}"


def header_sign(secret: str, text: str) -> str:
    """Return the hexadecimal signature of a header string to sign."""
    return hmac.digest(secret.encode(), text.encode(), hashlib.sha256).hex()


def _canonical(parameters: Mapping[str, str]) -> str:
    ordered = sorted(parameters.items())
    return urlencode(ordered, safe="~", errors="surrogateescape", quote_via=quote)


class Authenticator:
    """Admits calls, and remembers their nonces and times in memory."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._nonces: dict[str, float] = {}
        self._admitted: defaultdict[str, deque[float]] = defaultdict(deque)

    def admit(self, call: ApiRequest, settings: EmulatorSettings) -> None:
        """Admit a call; refuse it if what it carries doesn't fit, or if calls come too fast."""
        text, expected = _expected_signature(call, settings.access_key_secret)
        key, _, nonce, timestamp, signature = map(call.required, _SIGNED_BY)
        now = self._clock()
        try:
            skew = abs(moment_from(timestamp) - now)
        except ValueError:
            message = "Specified time stamp is not of the form YYYY-MM-DDThh:mm:ssZ."
            raise EmulatedError("InvalidTimeStamp.Format", message) from None
        if skew > _MAX_SKEW:
            raise EmulatedError("InvalidTimeStamp.Expired")
        if key != settings.access_key_id:
            message = "Specified access key is not found."
            raise EmulatedError("InvalidAccessKeyId.NotFound", message, HTTPStatus.NOT_FOUND)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            # The SDK looks for the colon, and compares what follows with its own string.
            message = f"Specified signature does not match; server string to sign is:{text}"
            raise EmulatedError("SignatureDoesNotMatch", message)
        token = call.parameters.get("SecurityToken", "")
        if not hmac.compare_digest(token.encode(), (settings.security_token or "").encode()):
            code = "InvalidSecurityToken.MismatchWithAccessKey"
            message = "Specified security token does not belong to the access key."
            raise EmulatedError(code, message, HTTPStatus.FORBIDDEN)
        # Only signed calls may use up nonces and rate, or strangers could block the account.
        self._use_nonce(nonce, now)
        self._use_rate(call.action, settings.calls_per_second, now)

    def _use_nonce(self, nonce: str, now: float) -> None:
        # A dict keeps insertion order, so the oldest come first.
        oldest = now - _NONCE_LIFETIME
        for used in [*takewhile(lambda used: self._nonces[used] <= oldest, self._nonces)]:
            del self._nonces[used]
        if nonce in self._nonces:
            raise EmulatedError("SignatureNonceUsed")
        self._nonces[nonce] = now

    def _use_rate(self, action: str, calls_per_second: int, now: float) -> None:
        admitted = self._admitted[action]
        while admitted and admitted[0] <= now - 1:
            admitted.popleft()
        if calls_per_second:
            if len(admitted) >= calls_per_second:
                raise EmulatedError("Throttling.User")
            admitted.append(now)


def _expected_signature(call: ApiRequest, secret: str) -> tuple[str, str]:
    if call.header_signed is not None:
        text = header_string_to_sign(call.header_signed)
        return text, header_sign(secret, text)
    if call.required("SignatureMethod").upper() != "HMAC-SHA1":
        raise invalid("The parameter SignatureMethod must be HMAC-SHA1.")
    if call.required("SignatureVersion") != "1.0":
        raise invalid("The parameter SignatureVersion must be 1.0.")
    text = string_to_sign(call.method, call.parameters)
    return text, sign(secret, text)
