"""What the client needs to reach MPS: hosts, keys and limits, wherever they come from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0

CALLS_PER_SECOND = 50.0
"""MPS takes 100 calls of one operation a second from an account with all its users (API pages, QPS
limit); the other half is theirs, or a second provider process's."""

AT_ONCE = 40.0
"""Calls that go at once after a pause; with those of the next second, still below 100."""

# As MPS's documentation lists them, for the public network and for VPCs.
_REGIONAL = re.compile(r"mts(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com")


@dataclass(frozen=True)
class Endpoint:
    """Host and port of an API, and the setting that gave it; HTTPS except on loopback."""

    host: str
    secure: bool = True
    setting: str = field(default="endpoint", compare=False)

    @property
    def loopback(self) -> bool:
        """Whether it is on this machine."""
        hostname = urlsplit(f"//{self.host}").hostname or ""
        try:
            return ip_address(hostname).is_loopback
        except ValueError:
            return hostname == "localhost"

    @property
    def region(self) -> str | None:
        """The region that it serves, if its name says so."""
        found = _REGIONAL.fullmatch(urlsplit(f"//{self.host}").hostname or "")
        return found[1] if found else None


@dataclass(frozen=True)
class Credentials:
    """An access key pair, the STS token of a temporary one, and the chain's link that gave it."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    origin: str | None = field(default=None, compare=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any message."""
        return tuple(text for text in (self.access_key_secret, self.security_token) if text)


CredentialsSource = Callable[[], Credentials]
"""Returns the current keys: those of a role are renewed while the process runs."""


@dataclass(frozen=True)
class CallRecord:
    """One call, for a log: what was called and how that ended, and no value that was sent.

    Attributes:
        try_number: 1 for the first time it was sent.
        seconds: How long it took.
        status: The HTTP status; None if no answer came.
        problem: What happened instead of an answer.
    """

    action: str
    region: str
    try_number: int
    seconds: float
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    problem: str | None = None

    def __str__(self) -> str:
        """Return it as one line."""
        parts = [
            f"{self.action} {self.region}",
            f"HTTP {self.status}" if self.status else None,
            self.code or self.problem,
            f"RequestId {self.request_id}" if self.request_id else None,
            f"{self.seconds:.3f} s",
            f"attempt {self.try_number}",
        ]
        return ", ".join(part for part in parts if part)


CallLog = Callable[[CallRecord], None]


@dataclass(frozen=True)
class Access:
    """How to reach MPS and STS.

    Attributes:
        credentials: Gives the keys that calls are signed with.
        endpoint: MPS's host; None means the region's own, as for STS.
        vpc: Whether the regions' own hosts are those inside of a VPC.
        account_id: The ID of the account, if STS is not to be asked for it.
        ca_bundle: The file of the certificate authorities to trust; None means those of
            `certifi`.
        connect_timeout: How long to wait for a connection, in seconds.
        read_timeout: How long to wait for an answer, in seconds.
        calls_per_second: The most calls that one process makes; None means the client's default.
        log: Called with a record of each call.
        close: Ends what was started for this access.
    """

    credentials: CredentialsSource
    endpoint: Endpoint | None = None
    sts_endpoint: Endpoint | None = None
    vpc: bool = False
    account_id: str | None = None
    ca_bundle: str | None = None
    connect_timeout: float = CONNECT_TIMEOUT
    read_timeout: float = READ_TIMEOUT
    calls_per_second: float | None = None
    log: CallLog | None = None
    close: Callable[[], None] = lambda: None
