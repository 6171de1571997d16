"""Ways into the core from a URL, closed together at the end of a test."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_alicloud_mps.mps.access import Access, Credentials
from pulumi_alicloud_mps.mps.client import MPS_VERSION, MpsClient
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.rate_limiter import RateLimiter
from pulumi_alicloud_mps.mps.transport import Transport
from pulumi_alicloud_mps.settings.endpoint import parse_endpoint

KEYS = Credentials(LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET)
"""What an emulator accepts."""

REGION = "cn-shanghai"


class Connections(ExitStack):
    """Makes the objects of the core that talk to one endpoint."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def transport(
        self,
        url: str,
        keys: Credentials | Callable[[], Credentials] = KEYS,
        **options: Any,  # noqa: ANN401 - of several types
    ) -> Transport:
        """Return a transport to a URL; keys that are renewed come from a function."""
        source = keys if callable(keys) else lambda: keys
        access = Access(source, **options)
        transport = Transport(parse_endpoint(url), MPS_VERSION, REGION, access)
        self.callback(transport.close)
        return transport

    def client(self, url: str, keys: Credentials | Callable[[], Credentials] = KEYS) -> MpsClient:
        """Return a client of MPS at a URL."""
        return MpsClient(self.transport(url, keys), self.clock, RateLimiter(self.clock))

    def libraries_at(self, url: str) -> Libraries:
        """Return the libraries that MPS at a URL has."""
        return Libraries(self.client(url), REGION, self.clock)
