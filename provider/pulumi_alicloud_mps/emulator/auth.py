"""Who may call: time stamp, key, signature, token, nonce and rate, as the API gateway checks."""

import hmac
from collections import deque
from collections.abc import Callable
from http import HTTPStatus

from . import header_signature, signature
from .errors import EmulatedError, invalid
from .records import moment_from
from .requests import ApiRequest
from .settings import EmulatorSettings

_SIGNED_BY = ("AccessKeyId", "SignatureMethod", "SignatureNonce", "Timestamp", "Signature")

# Both from the vendor's answers to users: 15 minutes of clock skew, nonces kept for 31.
_MAX_SKEW = 15 * 60
_NONCE_LIFETIME = 31 * 60


class Authenticator:
    """Admits calls, and remembers their nonces and times in memory.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._nonces: dict[str, float] = {}
        self._admitted: deque[float] = deque()

    def admit(self, call: ApiRequest, settings: EmulatorSettings) -> None:
        """Let a call pass, or refuse it.

        Raises:
            ApiError: What the call carries doesn't fit, or calls come too fast.
        """
        _check_scheme(call)
        for name in _SIGNED_BY:
            call.required(name)
        now = self._clock()
        _check_time(call.parameters["Timestamp"], now)
        _check_key(call, settings)
        _check_signature(call, settings.access_key_secret)
        _check_token(call, settings)
        # Only signed calls may use up nonces and rate, or strangers could block the account.
        self._check_nonce(call.parameters["SignatureNonce"], now)
        self._check_rate(settings.calls_per_second, now)

    def forget(self) -> None:
        """Forget all nonces and all calls so far."""
        self._nonces.clear()
        self._admitted.clear()

    def _check_nonce(self, nonce: str, now: float) -> None:
        self._drop_old_nonces(now)
        if nonce in self._nonces:
            raise EmulatedError("SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[nonce] = now

    def _drop_old_nonces(self, now: float) -> None:
        # A dict keeps insertion order, so the oldest come first.
        while self._nonces:
            oldest = next(iter(self._nonces))
            if self._nonces[oldest] > now - _NONCE_LIFETIME:
                return
            del self._nonces[oldest]

    def _check_rate(self, calls_per_second: int, now: float) -> None:
        if not calls_per_second:
            return
        while self._admitted and self._admitted[0] <= now - 1:
            self._admitted.popleft()
        if len(self._admitted) >= calls_per_second:
            raise EmulatedError("Throttling.User", "Request was denied due to user flow control.")
        self._admitted.append(now)


def _check_scheme(call: ApiRequest) -> None:
    if call.header_signed is not None:
        call.header_signed.check()
        return
    if call.required("SignatureMethod").upper() != "HMAC-SHA1":
        raise invalid("The parameter SignatureMethod must be HMAC-SHA1.")
    if call.required("SignatureVersion") != "1.0":
        raise invalid("The parameter SignatureVersion must be 1.0.")


def _check_time(text: str, now: float) -> None:
    try:
        moment = moment_from(text)
    except ValueError:
        message = "Specified time stamp is not of the form YYYY-MM-DDThh:mm:ssZ."
        raise EmulatedError("InvalidTimeStamp.Format", message) from None
    if abs(moment - now) > _MAX_SKEW:
        raise EmulatedError("InvalidTimeStamp.Expired", "Specified time stamp is expired.")


def _check_key(call: ApiRequest, settings: EmulatorSettings) -> None:
    if call.parameters["AccessKeyId"] != settings.access_key_id:
        message = "Specified access key is not found."
        raise EmulatedError("InvalidAccessKeyId.NotFound", message, HTTPStatus.NOT_FOUND)


def _check_signature(call: ApiRequest, secret: str) -> None:
    if call.header_signed is None:
        text = signature.string_to_sign(call.method, call.parameters)
        expected = signature.sign(secret, text)
    else:
        text = call.header_signed.string_to_sign(call.method)
        expected = header_signature.sign(secret, text)
    if not hmac.compare_digest(expected.encode(), call.parameters["Signature"].encode()):
        # The SDK looks for the colon, and compares what follows with its own string.
        message = f"Specified signature does not match; server string to sign is:{text}"
        raise EmulatedError("SignatureDoesNotMatch", message)


def _check_token(call: ApiRequest, settings: EmulatorSettings) -> None:
    expected = settings.security_token or ""
    sent = call.parameters.get("SecurityToken", "")
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        code = "InvalidSecurityToken.MismatchWithAccessKey"
        message = "Specified security token does not belong to the access key."
        raise EmulatedError(code, message, HTTPStatus.FORBIDDEN)
