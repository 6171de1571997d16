"""The port that an emulator listens at, and that for a while refuses connections."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

_BACKLOG = 128


class Listener:
    """Listens at an address, in the event loop that opens it.

    Args:
        host: Address, IPv4 or IPv6.
        port: Port; 0 takes a free one.

    Raises:
        OSError: The address can't be listened at.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._socket = _bound(host, port)
        # At once, so that the caller learns of a port that is in use.
        self._socket.listen(_BACKLOG)
        self._endpoint: asyncio.Server | None = None
        self._refusal: asyncio.Task[None] | None = None
        self._resumed = asyncio.Event()

    @property
    def port(self) -> int:
        """The port, also while connections are refused."""
        return int(self._socket.getsockname()[1])

    async def open(self, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        """Serve each connection by a protocol of its own."""
        loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._endpoint = await loop.create_server(protocol, sock=self._socket, backlog=_BACKLOG)

    def refuse(self, seconds: float) -> None:
        """Refuse new connections from now on for so many seconds; a running refusal goes on."""
        if self._refusal is None and self._endpoint is not None:
            port = self.port
            self._endpoint.close()
            # Bound but not listening, a socket refuses, and the system gives its port to no other.
            self._socket = _bound(self._host, port)
            self._refusal = asyncio.create_task(self._open_again(seconds))

    async def resume(self) -> None:
        """End a running refusal at once."""
        if self._refusal is not None:
            self._resumed.set()
            await self._refusal

    def stop(self) -> None:
        """Give up the port. Connections stay open."""
        if self._refusal is not None:
            self._refusal.cancel()
        if self._endpoint is not None:
            self._endpoint.close()
        self._socket.close()

    async def wait_closed(self) -> None:
        """Wait until the last connection is closed."""
        if self._endpoint is not None:
            await self._endpoint.wait_closed()

    async def _open_again(self, seconds: float) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._resumed.wait(), seconds)
        self._resumed.clear()
        self._refusal = None
        await self.open(self._protocol)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound
