"""HTTP: the server's routes, the port it listens on, and which pages of a browser may ask."""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from .control import PREFIX, ControlRequest, control
from .errors import EmulatedError, internal
from .network_faults import ClientConnection, response, send
from .page import overview
from .requests import HttpRequest, headers_by_name, read_request, unsupported_method
from .responses import ApiResponse, refusal
from .service import MpsService, Outcome


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is this machine, by its spelling alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def is_foreign(headers: Mapping[str, str], listens_at: str) -> bool:
    """Tell whether a foreign page may be behind a request.

    Args:
        headers: Headers of the request.
        listens_at: Host that the emulator listens at.
    """
    # Only browsers send an Origin, and none with what a page asks of its own server by GET.
    if "Origin" in headers:
        return True
    # A name can be made to point here (DNS rebinding), and then a page of that name is at home.
    # Beyond loopback names are in use: those of containers, for example.
    return is_loopback(listens_at) and "Host" in headers and not _is_own(headers["Host"])


def _is_own(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or _is_address(name)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


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


# The API sends parameters in the URL even by POST, so that a line must hold a long description.
_MAX_LINE = 64 * 1024
_MAX_BODY = 1024 * 1024

# The host process's stderr and log belong to its own user.
_SILENT = logging.getLogger(__name__)
_SILENT.disabled = True

# Seconds to go on reading what a client sends after its request was refused.
_LINGER = 1.0


class ApiServer(web.Server):
    """Makes one protocol for each connection to an emulator.

    Args:
        service: What answers the calls.
        host: Host that the emulator listens at.
        refuse: Lets no new connection in for so many seconds.
    """

    def __init__(self, service: MpsService, host: str, refuse: Callable[[float], None]) -> None:
        super().__init__(self._answer)
        self._service = service
        self._host = host
        self._refuse = refuse

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return _Protocol(
            self,
            loop=self._loop,
            logger=_SILENT,
            access_log=_SILENT,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            lingering_time=_LINGER,
            auto_decompress=False,
        )

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        try:
            body = await _body(request)
        except web.HTTPRequestEntityTooLarge:
            return response(refusal(_too_large(), _host(request), "XML"))
        if path.startswith(PREFIX):
            return response(self._control(request, path, query, body))
        if _is_for_people(request):
            return self._page(request)
        outcome = self._api(request, path, query, body)
        return await send(request, outcome.answer, outcome.fault, self._close_for)

    def pre_shutdown(self) -> None:
        """Let no call wait any longer, and no connection stay open for another one."""
        super().pre_shutdown()
        for connection in self.connections:
            if isinstance(connection, ClientConnection):
                connection.ended.set()

    def _close_for(self, seconds: float) -> None:
        self._refuse(seconds)
        for connection in self.connections:
            connection.force_close()

    def _api(self, request: web.BaseRequest, path: str, query: str, body: bytes) -> Outcome:
        headers = headers_by_name(request.headers.items())
        call = read_request(HttpRequest(request.method, _host(request), query, headers, body))
        if path != "/":
            error = EmulatedError(
                "InvalidApi.NotFound", "The API has the path /.", HTTPStatus.NOT_FOUND
            )
            return self._service.refuse(call, error)
        if request.method not in ("GET", "POST"):
            return self._service.refuse(call, unsupported_method(request.method))
        return self._service.answer(call)

    def _control(self, request: web.BaseRequest, path: str, query: str, body: bytes) -> ApiResponse:
        if is_foreign(request.headers, self._host):
            return refusal(_forbidden(), _host(request), "JSON")
        wanted = ControlRequest(request.method, path, dict(parse_qsl(query)), body)
        return control(self._service, wanted)

    def _page(self, request: web.BaseRequest) -> web.Response:
        if is_foreign(request.headers, self._host):
            return response(refusal(_forbidden(), _host(request), "JSON"))
        page = overview(self._service)
        return web.Response(body=page.content, headers=page.headers)


class _Protocol(ClientConnection):
    """A connection whose malformed requests are answered like any other refused call."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,  # noqa: ARG002 - aiohttp's signature
        message: str | None = None,  # noqa: ARG002 - likewise
    ) -> web.StreamResponse:
        """Answer what aiohttp could not read, or what no handler foresaw."""
        error = internal() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _malformed()
        refused = response(refusal(error, _host(request), "XML"))
        refused.force_close()
        return refused


def _is_for_people(request: web.BaseRequest) -> bool:
    # No SDK asks for HTML, and every browser does.
    asks_for_html = "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and request.raw_path == "/" and asks_for_html


async def _body(request: web.BaseRequest) -> bytes:
    if request.headers.get("Expect", "").lower() == "100-continue":
        # Without this, curl waits a second before it sends a large body.
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    return await request.read()


def _host(request: web.BaseRequest) -> str:
    return request.host.encode("ascii", "replace").decode()


def _malformed() -> EmulatedError:
    return EmulatedError(
        "InvalidRequest", "The request is not well-formed HTTP, or a line is too long."
    )


def _too_large() -> EmulatedError:
    message = f"The body of the request is larger than {_MAX_BODY} bytes."
    return EmulatedError("RequestEntityTooLarge", message, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _forbidden() -> EmulatedError:
    message = "Web pages of other hosts may not look here; open 127.0.0.1 or localhost itself."
    return EmulatedError("Forbidden", message, HTTPStatus.FORBIDDEN)
