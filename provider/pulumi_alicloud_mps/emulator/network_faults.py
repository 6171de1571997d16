"""What happens to an answer on its way: connections that are cut, silent or slow."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from .fault_rules import Fault
from .responses import ApiResponse


class ClientConnection(web.RequestHandler):
    """A connection that can be waited on.

    Attributes:
        ended: Set once the client has left, or the emulator closes.
    """

    __slots__ = ("ended",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.ended = asyncio.Event()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell whoever waits that nobody listens any more."""
        self.ended.set()
        super().connection_lost(exc)

    async def last(self, seconds: float | None) -> None:
        """Wait so many seconds, or as long as the connection lasts; that long in any case."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)


async def send(
    request: web.BaseRequest,
    answer: ApiResponse | None,
    fault: Fault | None,
    refuse: Callable[[float], None],
) -> web.StreamResponse:
    """Return the response to a request, after whatever a fault does to its connection.

    Args:
        request: What is answered.
        answer: The answer, None where there is to be none.
        fault: The fault that the call met, of any kind.
        refuse: Closes all connections and lets no new one in for so many seconds.
    """
    connection = request.protocol
    if fault and isinstance(connection, ClientConnection) and fault.kind in ("hang", "slow"):
        await connection.last(fault.seconds)
    if fault and fault.kind == "refuse":
        refuse(fault.seconds or 0.0)
    if answer is None:
        return _cut(request)
    if fault and fault.kind == "half_body":
        return await _halved(request, answer)
    return response(answer)


def response(answer: ApiResponse) -> web.Response:
    """Return an answer as aiohttp sends it."""
    headers = {"Content-Type": answer.content_type}
    return web.Response(status=answer.status, headers=headers, body=answer.body)


async def _halved(request: web.BaseRequest, answer: ApiResponse) -> web.StreamResponse:
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
    sent = web.StreamResponse(status=answer.status, headers=headers)
    await sent.prepare(request)
    await sent.write(answer.body[: len(answer.body) // 2])
    _cut(request)
    return sent


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    # aiohttp finds the connection closed and drops the response. What was written still goes out.
    if request.transport is not None:
        request.transport.close()
    return web.Response()
