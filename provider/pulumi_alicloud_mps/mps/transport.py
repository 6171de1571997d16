"""Signed calls, each sent once: aliyun-python-sdk-core composes and signs them, requests sends.

Nothing else of the SDK is used: its client sends through a requests of 2018, which gives TLS
servers no host name from Python 3.12 on, and it turns the cause of a failure into text.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from urllib.request import getproxies, proxy_bypass

from aliyunsdkcore.auth.composer.rpc_signature_composer import get_signed_url
from requests import Request
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from pulumi_alicloud_mps.errors import (
    ApiError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)

from .access import Access, CallRecord, Credentials, Endpoint
from .redaction import redact, texts_within

_POOL_SIZE = 32
# Parameters whose texts come from MPS, or from its documentation.
_SHOWN = {"FpDBId", "FpDBIds", "JobIds", "NextPageToken", "DelType"}
_HEADERS = {"User-Agent": "pulumi-alicloud-mps", "Accept-Encoding": "identity"}
_SUCCESSES = range(200, 300)
_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)
# Request timeout and "client closed request": somebody in between stopped waiting.
_GIVEN_UP = {408, 499}
# With what a gateway in between answers to too many requests.
_TRANSIENT = {*_SERVER_ERRORS, *_GIVEN_UP, 429}
_THROTTLED = re.compile(r"Throttling|Rejected\.Throttling")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]{2,63}")
_BAD_ADDRESS = (InvalidURL, InvalidSchema, LocationValueError)
# The first that a failure is, or was caused by, says what happened. A broken connection comes
# before ProxyError: urllib3 reports every connection that breaks behind a proxy as one.
_NETWORK_FAULTS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (_BAD_ADDRESS, "the proxy's address can't be used"),
    (ssl.SSLCertVerificationError, "the server's certificate is not trusted"),
    (SSLError, "TLS failed"),
    (ConnectionResetError, "the connection broke"),
    (ProxyError, "the proxy can't be reached"),
    (ConnectionRefusedError, "the connection was refused"),
    (socket.gaierror, "the host name is not known"),
    (NewConnectionError, "no connection could be made"),
    (ConnectTimeoutError, "the connection timed out"),
    (ReadTimeoutError, "no response within {read_timeout:g} seconds"),
    (BaseException, "the connection broke"),
)


# Keeps signed URLs, which urllib3 logs at debug level, out of the caller's logs.
for _name in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(lambda record: "SignatureNonce=" not in str(record.args))


class Transport:
    """Calls the actions of one version of an API for a region; safe to share between threads."""

    def __init__(self, endpoint: Endpoint, version: str, region: str, access: Access) -> None:
        self._endpoint = endpoint
        self._version = version
        self._region = region
        self._access = access
        self._proxies = _proxies(endpoint)
        # Of the adapter alone, since a Session would add ~/.netrc, cookies and redirects.
        self._adapter = HTTPAdapter(pool_maxsize=_POOL_SIZE, max_retries=0)

    def call(
        self, action: str, parameters: Mapping[str, object], try_number: int = 1
    ) -> dict[str, object]:
        """Send one call, once, and return its answer.

        Parameters that are None are left out; `try_number`, see `CallRecord`, is for the log.

        Raises:
            NotSentError: No connection was made.
            OutcomeUnknownError: It was sent; whether it was carried out is not known.
            ThrottledError: Refused for the rate of calls.
            RefusedError: Refused for another reason.
            SettingsError: There are no credentials to sign it with.
        """
        keys = self._access.credentials()
        hidden = _Hidden(keys.secrets, parameters)
        prepared = Request("POST", self._signed_url(action, parameters, keys), _HEADERS).prepare()
        started = time.monotonic()
        status: int | None = None

        def log(**end: str | None) -> None:
            if self._access.log:
                seconds = time.monotonic() - started
                record = CallRecord(action, self._region, try_number, seconds, status, **end)
                self._access.log(record)

        try:
            response = self._adapter.send(
                prepared,
                timeout=(self._access.connect_timeout, self._access.read_timeout),
                verify=self._access.ca_bundle or True,
                proxies=self._proxies,
            )
            status = response.status_code
            answer = _read(action, status, response.content, hidden)
        except (OSError, HTTPError) as error:
            failure = _network_error(action, error, self._endpoint, self._access.read_timeout)
            log(problem=failure.detail)
            raise failure from None
        except ApiError as error:
            log(code=error.code, request_id=error.request_id)
            raise
        request_id = answer.get("RequestId")
        log(request_id=hidden.redact(request_id) if request_id else None)
        return answer

    def close(self) -> None:
        """Drop the open connections."""
        self._adapter.close()

    def _signed_url(self, action: str, parameters: Mapping[str, object], keys: Credentials) -> str:
        sent = {name: value for name, value in parameters.items() if value is not None}
        sent |= {"Action": action, "Version": self._version, "RegionId": self._region}
        if keys.security_token:
            sent["SecurityToken"] = keys.security_token
        path, _ = get_signed_url(
            sent, keys.access_key_id, keys.access_key_secret, "JSON", "POST", {}
        )
        return f"http{'s' if self._endpoint.secure else ''}://{self._endpoint.host}{path}"


def _proxies(endpoint: Endpoint) -> dict[str, str]:
    """Read the proxies of the environment as curl does.

    Calls to this machine, by plain HTTP, are not handed to another one.
    """
    if endpoint.loopback or proxy_bypass(endpoint.host):
        return {}
    found = getproxies()
    return {scheme: found[scheme] for scheme in ("http", "https") if scheme in found}


def _network_error(
    action: str, error: BaseException, endpoint: Endpoint, read_timeout: float
) -> ApiError:
    causes = list(_causes(error))

    def caused_by(kind: type[BaseException] | tuple[type[BaseException], ...]) -> bool:
        return any(isinstance(cause, kind) for cause in causes)

    fault = next(words for kind, words in _NETWORK_FAULTS if caused_by(kind))
    # The only plain OSError: what a proxy answered instead of connecting.
    refused = caused_by(ProxyError) and any(type(cause) is OSError for cause in causes)
    if refused:
        fault = "the proxy refused to connect"
    detail = f"{fault.format(read_timeout=read_timeout)} ({endpoint.host})"
    if refused or caused_by(ConnectTimeoutError):
        unknown_hosts = [cause for cause in causes if isinstance(cause, socket.gaierror)]
        transient = not unknown_hosts or unknown_hosts[0].errno != socket.EAI_NONAME
        return NotSentError(action, detail, transient=transient)
    if caused_by((ssl.SSLCertVerificationError, *_BAD_ADDRESS)):
        return NotSentError(action, detail)
    return OutcomeUnknownError(action, detail, transient=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield a failure and what caused it: requests and urllib3 keep that in various places."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        inner = (getattr(cause, "reason", None), *cause.args, cause.__cause__)
        cause = next((item for item in inner if isinstance(item, BaseException)), None)


class _Hidden:
    """What is hidden in the texts of a server."""

    def __init__(self, secrets: tuple[str, ...], parameters: Mapping[str, object]) -> None:
        self._secrets = secrets
        # The texts that the caller may have chosen: even a name may be a secret.
        self._values = [
            text
            for name, value in parameters.items()
            if isinstance(value, str) and name not in _SHOWN
            for text in texts_within(value)
        ]

    def redact(self, said: object) -> str:
        return redact(str(said), self._secrets, self._values)

    def code(self, said: str) -> str:
        # Advice and retries depend on the code, and a library may be named like one.
        return redact(said, self._secrets, () if _CODE.fullmatch(said) else self._values)


def _read(action: str, status: int, content: bytes, hidden: _Hidden) -> dict[str, object]:
    try:
        # Text that was cut within a character has half of one, which no state can have.
        whole = json.dumps(json.loads(content), ensure_ascii=False).encode(errors="replace")
        answer = json.loads(whole)
    except (ValueError, RecursionError):
        answer = None
    if status in _SUCCESSES and isinstance(answer, dict):
        return answer
    if status in _SUCCESSES:
        raise OutcomeUnknownError(action, "the answer is not a JSON object", transient=True)
    raise _server_error(action, status, answer if isinstance(answer, dict) else {}, hidden)


def _server_error(
    action: str, status: int, answer: Mapping[str, object], hidden: _Hidden
) -> ApiError:
    code, message, request_id = (answer.get(name) for name in ("Code", "Message", "RequestId"))
    code = code if isinstance(code, str) and code else None
    kind: type[ApiError] = OutcomeUnknownError
    transient = status in _TRANSIENT
    if _THROTTLED.match(code or ""):
        kind, transient = ThrottledError, True
    elif code == "SignatureNonceUsed":
        # An earlier copy of a call whose nonce was used may have been carried out.
        transient = True
    elif code and status in _CLIENT_ERRORS and status not in _GIVEN_UP:
        kind = RefusedError
    return kind(
        action,
        f"{hidden.redact(message)} (HTTP {status})" if message else f"HTTP {status}",
        code=hidden.code(code) if code else None,
        request_id=hidden.redact(request_id) if request_id else None,
        transient=transient,
    )
