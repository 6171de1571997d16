"""Connections: the port that takes and refuses them, and what faults do to responses on them."""

import asyncio
import socket
from contextlib import suppress
from http import HTTPStatus

from aiohttp import web

from .faults import Fault
from .responses import ApiResponse, EmulatedError, refusal

_BACKLOG = 128


class Listener:
    """Listens at an address, IPv4 or IPv6, in the event loop that opens it."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._socket = _bound(host, port)
        self._endpoint: asyncio.Server | None = None
        self._refusal: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port, also while connections are refused."""
        return int(self._socket.getsockname()[1])

    async def open(self, server: web.Server) -> None:
        """Have all connections served."""
        loop = asyncio.get_running_loop()
        self._server = server
        self._endpoint = await loop.create_server(server, sock=self._socket, backlog=_BACKLOG)

    def refuse(self, seconds: float) -> None:
        """Close all connections; refuse new ones for some seconds, unless they are already."""
        for connection in self._server.connections:
            connection.force_close()
        if self._refusal is None and self._endpoint is not None:
            port = self.port
            self._endpoint.close()
            # A socket that is bound but not listening refuses, and no other can get its port.
            self._socket = _bound(self.host, port)
            self._refusal = asyncio.create_task(self._open_again(seconds))

    async def resume(self) -> None:
        """Take new connections again at once."""
        if self._refusal is not None:
            self._refusal.cancel()
            await self._open_again(0)

    def stop(self) -> None:
        """Stop listening. Open connections stay open."""
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
        await asyncio.sleep(seconds)
        self._refusal = None
        await self.open(self._server)


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


class ClientConnection(web.RequestHandler):
    """A connection that can be waited on, and refuses malformed requests as the API does.

    Attributes:
        ended: Set once the client has left, or the emulator closes.
    """

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare to be waited on."""
        self.ended = asyncio.Event()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Wake what waits: the client has left."""
        self.ended.set()
        super().connection_lost(exc)

    def close(self) -> None:
        """Wake what waits: the emulator closes."""
        self.ended.set()
        super().close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,  # noqa: ARG002 - aiohttp's signature
        message: str | None = None,  # noqa: ARG002 - likewise
    ) -> web.StreamResponse:
        """Answer what aiohttp can't read, and what fails unexpectedly."""
        error = EmulatedError("InternalError")
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            malformed = "The request is not well-formed HTTP, or a line is too long."
            error = EmulatedError("InvalidRequest", malformed)
        refused = response(refusal(error, host_of(request), "XML"))
        refused.force_close()
        return refused


async def send(
    request: web.BaseRequest,
    answer: ApiResponse | None,
    fault: Fault | None,
    listener: Listener,
) -> web.StreamResponse:
    """Return what aiohttp sends, after whatever a fault does to the connection."""
    connection, kind = request.protocol, fault.kind if fault else None
    if fault and isinstance(connection, ClientConnection) and kind in ("hang", "slow"):
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(connection.ended.wait(), fault.seconds)
    if fault and kind == "refuse":
        listener.refuse(fault.seconds or 0.0)
    if answer is None:
        return _cut(request)
    if kind != "half_body":
        return response(answer)
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
    halved = web.StreamResponse(status=answer.status, headers=headers)
    await halved.prepare(request)
    await halved.write(answer.body[: len(answer.body) // 2])
    _cut(request)
    return halved


def response(answer: ApiResponse) -> web.Response:
    """Return a response as aiohttp sends it."""
    headers = {"Content-Type": answer.content_type}
    return web.Response(status=answer.status, headers=headers, body=answer.body)


def host_of(request: web.BaseRequest) -> str:
    """Return the host that a client addressed."""
    return request.host.encode("ascii", "replace").decode()


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    # aiohttp finds the connection closed and drops the response. What was written still goes out.
    if request.transport is not None:
        request.transport.close()
    return web.Response()
