"""Ways into the core from a URL, closed together at the end of a test."""

from contextlib import ExitStack
from typing import Any

from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_alicloud_mps.mps.client import MPS_VERSION, MpsClient
from pulumi_alicloud_mps.mps.clock import Clock
from pulumi_alicloud_mps.mps.endpoint import parse_endpoint
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.rate_limiter import RateLimiter
from pulumi_alicloud_mps.mps.settings import Credentials
from pulumi_alicloud_mps.mps.transport import Transport

KEYS = Credentials(LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET)
"""What an emulator accepts."""

REGION = "cn-shanghai"


class Connections(ExitStack):
    """Makes the objects of the core that talk to one endpoint."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def transport(self, url: str, keys: Credentials = KEYS, **options: Any) -> Transport:  # noqa: ANN401 - of several types
        """Return a transport to a URL."""
        transport = Transport(parse_endpoint(url), MPS_VERSION, REGION, lambda: keys, **options)
        self.callback(transport.close)
        return transport

    def client(self, url: str) -> MpsClient:
        """Return a client of MPS at a URL."""
        return MpsClient(self.transport(url), self.clock, RateLimiter(self.clock))

    def libraries(self, url: str) -> Libraries:
        """Return the libraries that MPS at a URL has."""
        return Libraries(self.client(url), REGION, self.clock)
