"""Signed calls through aliyun-python-sdk-core, with its traps closed.

What each trap is was measured on aliyun-python-sdk-core 2.16.1. It retries nothing for MPS.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Mapping
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.http import protocol_type
from aliyunsdkcore.request import CommonRequest

from .credentials import CredentialsSource
from .endpoint import Endpoint
from .errors import ApiError, NotSentError, OutcomeUnknownError, RefusedError, ThrottledError
from .settings import CONNECT_TIMEOUT, READ_TIMEOUT, Credentials

_POOL_SIZE = 32
_DETAIL_LENGTH = 300
_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)
# Request timeout and "client closed request": somebody in between stopped waiting.
_GIVEN_UP = {408, 499}
_THROTTLED = re.compile(r"Throttling|Rejected\.Throttling")
# Read from the text because the SDK drops the cause. Up to there it is urllib3's, and the URL, in
# which blanks and parentheses are percent-encoded: no parameter can pretend to be a cause.
_CAUSE = re.compile(
    r"HTTPS?ConnectionPool\([^)]*\): Max retries exceeded with url: \S* \(Caused by (.*)", re.DOTALL
)
# ProxyError alone proves nothing: behind a proxy urllib3 calls every broken connection so, also
# one that broke while MPS was at work.
_NEVER_CONNECTED = re.compile(
    r"(?:ProxyError\('Cannot connect to proxy\.', )?"
    r"(?:(NewConnectionError|ConnectTimeoutError|OSError\(.Tunnel connection failed)"
    r"|SSLError\((?:SSLCertVerificationError|CertificateError)\()"
)
_NO_SUCH_HOST = "Name or service not known"
_NETWORK_FAULTS = (
    ("SSLCertVerificationError", "the server's certificate is not trusted"),
    ("CertificateError", "the server's certificate is not trusted"),
    ("SSLError", "TLS failed"),
    ("Tunnel connection failed", "the proxy refused to connect"),
    ("RemoteDisconnected", "the connection broke"),
    ("ConnectionResetError", "the connection broke"),
    ("ProxyError", "the proxy can't be reached"),
    ("Connection refused", "the connection was refused"),
    (_NO_SUCH_HOST, "the host name is not known"),
    ("ConnectTimeoutError", "the connection timed out"),
    ("NewConnectionError", "no connection could be made"),
    ("Read timed out", "no answer within {read_timeout:g} seconds"),
    ("", "the connection broke"),
)


def _silence_sdk_loggers() -> None:
    # They log whole answers at ERROR, and with DEBUG=sdk in the environment every signed URL.
    for name in ("", ".client", ".http.http_response"):
        logging.getLogger(f"aliyunsdkcore{name}").disabled = True


_silence_sdk_loggers()


class Transport:
    """Calls the actions of one API at one endpoint; safe to share between threads.

    Args:
        endpoint: The API's host.
        version: The API's version.
        region: The region that the calls are about.
        credentials: Gives the keys that they are signed with.
        connect_timeout: How long to wait for a connection, in seconds.
        read_timeout: How long to wait for an answer, in seconds.
        ca_bundle: The file of the certificate authorities to trust; by default the SDK's own.
    """

    def __init__(  # noqa: PLR0913 - what a connection can be set to
        self,
        endpoint: Endpoint,
        version: str,
        region: str,
        credentials: CredentialsSource,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        ca_bundle: str | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._version = version
        self._region = region
        self._credentials = credentials
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._ca_bundle = ca_bundle
        self._lock = threading.Lock()
        self._client: tuple[Credentials, AcsClient] | None = None

    def call(self, action: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """Send one call, once, and return its answer.

        Raises:
            NotSentError: No connection was made.
            OutcomeUnknownError: It was sent; whether it was carried out is not known.
            ThrottledError: Refused for the rate of calls.
            RefusedError: Refused for another reason.
            SettingsError: There are no credentials to sign it with.
        """
        keys = self._credentials()
        client = self._client_for(keys)
        try:
            body = client.do_action_with_exception(self._request(action, parameters, keys))
        except ServerException as error:
            raise _server_error(action, error, keys) from None
        except ClientException as error:
            host = self._endpoint.host
            raise _client_error(action, error, host, self._read_timeout) from None
        # IndexError, TypeError and UnicodeDecodeError escape from its reading of error answers.
        except Exception as error:  # noqa: BLE001
            raise OutcomeUnknownError(
                action, f"the SDK could not read the answer ({type(error).__name__})"
            ) from None
        return _parse(action, body)

    def close(self) -> None:
        """Drop the open connections."""
        with self._lock:
            if self._client is not None:
                self._client[1].session.close()
                self._client = None

    def _client_for(self, keys: Credentials) -> AcsClient:
        with self._lock:
            if self._client is None or self._client[0] != keys:
                self._client = (keys, self._new_client(keys))
            return self._client[1]

    def _new_client(self, keys: Credentials) -> AcsClient:
        # The key pair goes in as arguments: ALIYUN_ACCESS_KEY_* in the environment would silently
        # replace a credential object.
        client = AcsClient(
            keys.access_key_id,
            keys.access_key_secret,
            self._region,
            auto_retry=False,
            connect_timeout=self._connect_timeout,
            timeout=self._read_timeout,
            verify=self._ca_bundle,
            pool_size=_POOL_SIZE,
            proxy=_proxies(self._endpoint),
        )
        # Else an entry of ~/.netrc becomes an Authorization header.
        client.session.trust_env = False
        return client

    def _request(
        self, action: str, parameters: Mapping[str, object], keys: Credentials
    ) -> CommonRequest:
        request = CommonRequest(
            domain=self._endpoint.host, version=self._version, action_name=action
        )
        request.set_method("POST")
        # The SDK compares by identity: any other "https" than its own constant means plain HTTP.
        request.set_protocol_type(
            protocol_type.HTTPS if self._endpoint.secure else protocol_type.HTTP
        )
        for name, value in parameters.items():
            # The SDK would send None as the text "None".
            if value is not None:
                request.add_query_param(name, value)
        if keys.security_token:
            request.add_query_param("SecurityToken", keys.security_token)
        return request


def _proxies(endpoint: Endpoint) -> dict[str, str | None]:
    """Read the proxies of the environment as curl does: the SDK alone ignores NO_PROXY.

    What is called on this machine, by plain HTTP, is not handed to another one.
    """
    if endpoint.loopback or proxy_bypass(endpoint.host):
        return {"http": None, "https": None}
    found = getproxies()
    return {scheme: found.get(scheme) for scheme in ("http", "https")}


def _parse(action: str, body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    # A body that was cut off comes back from the SDK as a success, after MPS acted.
    if not isinstance(answer, dict):
        raise OutcomeUnknownError(action, "the answer is no JSON object", transient=True)
    return answer


def _client_error(action: str, error: ClientException, host: str, read_timeout: float) -> ApiError:
    text = str(error.get_error_msg())
    if error.get_error_code() != "SDK.HttpError":
        return NotSentError(action, "the SDK refused it", code=str(error.get_error_code()))
    request_failed = _CAUSE.match(text)
    cause = request_failed[1] if request_failed else text
    fault = next(words for mark, words in _NETWORK_FAULTS if mark in cause)
    detail = f"{fault.format(read_timeout=read_timeout)} ({host})"
    if request_failed and (found := _NEVER_CONNECTED.match(cause)):
        transient = bool(found[1]) and _NO_SUCH_HOST not in cause
        return NotSentError(action, detail, transient=transient)
    return OutcomeUnknownError(action, detail, transient=True)


def _server_error(action: str, error: ServerException, keys: Credentials) -> ApiError:
    code = error.get_error_code()
    if not isinstance(code, str) or code in {"", "SDK.UnknownServerError"}:
        code = None
    status = error.get_http_status()
    request_id = error.get_request_id()
    kind, transient = _kind(code, status)
    return kind(
        action,
        f"{redact(str(error.get_error_msg()), keys)} (HTTP {status})",
        code=redact(code, keys) if code else None,
        request_id=redact(str(request_id), keys) if request_id else None,
        transient=transient,
    )


def _kind(code: str | None, status: object) -> tuple[type[ApiError], bool]:
    if _THROTTLED.match(code or ""):
        return ThrottledError, True
    # An earlier copy of a call whose nonce was used may have been carried out.
    if code == "SignatureNonceUsed":
        return OutcomeUnknownError, True
    if status in _CLIENT_ERRORS and status not in _GIVEN_UP:
        return (RefusedError if code else OutcomeUnknownError), False
    return OutcomeUnknownError, status in _SERVER_ERRORS


def redact(text: str, keys: Credentials) -> str:
    """Make one line of a server's text, without anything that signs or could sign a call."""
    line = " ".join(text.split())
    # Of SignatureDoesNotMatch: the string to sign repeats every parameter, the STS token too.
    line = re.sub(r"(?i)(string to sign is:?).*", r"\1 …", line)
    line = re.sub(r"(Signature|SecurityToken)=[^&\s]*", r"\1=…", line)
    for secret in keys.secrets:
        for form in {secret, quote(secret, safe="~"), quote(quote(secret, safe="~"), safe="~")}:
            line = line.replace(form, "…")
    return line if len(line) <= _DETAIL_LENGTH else line[: _DETAIL_LENGTH - 1] + "…"
