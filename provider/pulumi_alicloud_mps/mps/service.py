"""MPS as one account sees it: a client for each region, made when it is first needed."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import AccountMismatchError, ApiError, SettingsError

from .access import Access, CallLog, CallRecord, Endpoint
from .client import MPS_VERSION, STS_VERSION, MpsClient, account_id_of
from .coalescing import RequestCoalescer
from .libraries import Libraries
from .rate_limiter import RateLimiter

if TYPE_CHECKING:
    from .transport import Transport

_FAILURE_SHARED = 5.0
# The account is known within 15 s or not at all: the last try begins after 7 s, and takes 8.
_IDENTITY_RETRY_SECONDS = 7.0
_IDENTITY_CONNECT, _IDENTITY_READ = 3.0, 5.0


class Service:
    """The clients and libraries of one account; safe to share between threads.

    `log` is called with a record of each call, as the log of the access is.
    """

    def __init__(
        self, access: Access, clock: Clock | None = None, log: CallLog | None = None
    ) -> None:
        self._clock = clock or Clock()
        self._logs = [each for each in (log, access.log) if each]
        self._access = replace(access, log=self._log)
        self._rate = RateLimiter(self._clock, access.calls_per_second)
        self._lock = threading.RLock()
        self._regions: dict[str, Libraries] = {}
        self._transports: list[Transport] = []
        self._account_id: str | None = None
        self._account_failure: ApiError | None = None
        self._account_failed_at = -math.inf
        self._asking_account = RequestCoalescer(self._ask_account, self._clock, lasting=True)

    def client(self, region: str) -> MpsClient:
        """Return the client of a region."""
        return self.libraries(region).client

    def libraries(self, region: str) -> Libraries:
        """Return the libraries of a region."""
        with self._lock:
            if region not in self._regions:
                endpoint = self._mps_endpoint(region)
                transport = self._connect(endpoint, MPS_VERSION, region, self._access)
                client = MpsClient(transport, self._clock, self._rate)
                self._regions[region] = Libraries(client, region, self._clock)
            return self._regions[region]

    def keys_origin(self) -> str | None:
        """Return which link of the default chain gave the keys; None if it was not asked."""
        return self._access.credentials().origin if self._transports else None

    def account_id(self, region: str, deadline: float = math.inf) -> str:
        """Return the ID of the account that the credentials belong to; STS is asked once."""
        if self._access.account_id:
            return self._access.account_id
        # Without a lock: a Ctrl-C would not reach the threads that wait for one.
        return self._account_id or self._asking_account.ask(region, deadline)

    def _ask_account(self, regions: Sequence[str], deadline: float) -> str:
        # Callers just after a failure share it; otherwise each would wait for its own in turn.
        now = self._clock.now()
        if self._account_id is not None:
            return self._account_id
        if self._account_failure and now - self._account_failed_at < _FAILURE_SHARED:
            raise self._account_failure
        until = min(deadline, now + _IDENTITY_RETRY_SECONDS)
        with self._lock:
            mps = self._mps_endpoint(regions[0])
            # An emulator answers for both services; the real ones have hosts of their own.
            default = mps if mps.loopback else self._host("sts", regions[0])
            sts = self._access.sts_endpoint or default
            access = replace(
                self._access,
                connect_timeout=min(self._access.connect_timeout, _IDENTITY_CONNECT),
                read_timeout=min(self._access.read_timeout, _IDENTITY_READ),
            )
            transport = self._connect(sts, STS_VERSION, regions[0], access)
        try:
            self._account_id = account_id_of(transport, self._clock, until)
        except ApiError as error:
            self._account_failure, self._account_failed_at = error, self._clock.now()
            raise
        return self._account_id

    def libraries_of(
        self, account_id: str | None, region: str, deadline: float = math.inf
    ) -> Libraries:
        """Return the libraries of a region, if they are that account's; see `check_account`."""
        self.check_account(account_id, region, deadline)
        return self.libraries(region)

    def check_account(
        self, account_id: str | None, region: str, deadline: float = math.inf
    ) -> None:
        """Compare the account of a library with that of the credentials.

        With the credentials of another account every library would look gone.

        Raises:
            AccountMismatchError: It is another one.
        """
        current = self.account_id(region, deadline)
        if account_id not in {None, current}:
            raise AccountMismatchError.of(
                "the library belongs to account", account_id, current, "; nothing was changed"
            )

    def close(self) -> None:
        """Drop all connections, and end what was started for the access."""
        with self._lock:
            for transport in self._transports:
                transport.close()
            self._access.close()

    def _connect(self, endpoint: Endpoint, version: str, region: str, access: Access) -> Transport:
        # Imported here because the SDK takes longer to load than all else, and not every
        # process calls MPS.
        from .transport import Transport  # noqa: PLC0415

        transport = Transport(endpoint, version, region, access)
        self._transports.append(transport)
        return transport

    def _log(self, record: CallRecord) -> None:
        for log in self._logs:
            log(record)

    def _mps_endpoint(self, region: str) -> Endpoint:
        endpoint = self._access.endpoint or self._host("mts", region)
        if endpoint.region not in {None, region}:
            # It would know none of the libraries, and every one would look gone.
            raise SettingsError(
                f"{endpoint.setting}: {endpoint.host} is the host of another region than {region}",
                "other region",
            )
        return endpoint

    def _host(self, product: str, region: str) -> Endpoint:
        network = "-vpc" if self._access.vpc else ""
        return Endpoint(f"{product}{network}.{region}.aliyuncs.com")
