"""The HTTP server: an emulator in a thread of this process, and where each request goes."""

import asyncio
import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from http import HTTPStatus
from pathlib import Path
from typing import Self, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from .connections import ClientConnection, Listener, host_of, response, send
from .control import PREFIX, control
from .faults import Fault
from .page import overview
from .requests import VERSIONS, HttpRequest, headers_by_name, read_request
from .responses import ApiResponse, EmulatedError, refusal
from .service import MpsService
from .settings import EmulatorSettings
from .store import MpsModel

# The API sends parameters in the URL even by POST, so a line must hold a long description.
_MAX_LINE = 64 * 1024
_MAX_BODY = 1024 * 1024

# The host process's stderr and log belong to its own user.
_SILENT = logging.getLogger(__name__)
_SILENT.disabled = True

# Seconds to go on reading what a client sends after its request was refused.
_LINGER = 1.0

# Seconds that open connections get to finish their response when the emulator closes.
_GRACE = 1.0

_Running: TypeAlias = tuple[asyncio.AbstractEventLoop, asyncio.Event, Listener]


class Emulator:
    """A local MPS, served over HTTP from a daemon thread.

    It prints nothing and touches no signals. Use it as a context manager, or call
    :meth:`start` and :meth:`close`; it can be started once.

    Args:
        database: SQLite file that keeps libraries and jobs, created if missing; emulators in
            other processes may share it. None keeps everything in memory.
        settings: Durations, limits, keys and undocumented behaviour.
        host: Address to listen at. Anything but loopback opens the control API to the network.
        port: Port to listen at; 0 takes a free one.
        clock: Seconds since the epoch, for tests that don't want to wait.
        faults: What goes wrong, at first and after a reset.
        access_log: Takes a line for each call when it has been answered: action, status,
            RequestId, milliseconds; ``-`` stands for a missing value.

    Raises:
        DatabaseError: The database can't be used.
    """

    def __init__(  # noqa: PLR0913 - all but one are named where they are given
        self,
        database: Path | None = None,
        *,
        settings: EmulatorSettings | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        faults: Sequence[Fault] = (),
        access_log: Callable[[str], None] | None = None,
    ) -> None:
        self.model = MpsModel(database, settings or EmulatorSettings(), clock)
        self._host = host
        self._port = port
        self._service = MpsService(self.model, tuple(faults))
        self._access_log = access_log
        self._thread: threading.Thread | None = None
        self._running: Future[_Running]

    @property
    def url(self) -> str:
        """Where the emulator listens, e.g. ``http://127.0.0.1:41234``. Known once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def start(self) -> None:
        """Listen, and return when calls are answered.

        Raises:
            OSError: It can't listen at the address, e.g. because the port is in use.
        """
        self._running = Future()
        self._thread = threading.Thread(target=self._run, name="mps-emulator", daemon=True)
        self._thread.start()
        self._running.result()

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace what goes wrong, counting calls from 1 again.

        If the emulator refuses connections at the moment, it takes them again before this
        returns.

        Raises:
            OSError: Another program has taken the port in the meantime.
        """
        self._service.set_faults(faults)
        if self._thread is not None:
            loop, _, listener = self._running.result()
            asyncio.run_coroutine_threadsafe(listener.resume(), loop).result()

    def close(self) -> None:
        """End the server and close the database. A second call does nothing."""
        if self._thread is not None:
            if self._running.exception() is None:
                loop, stop, _ = self._running.result()
                loop.call_soon_threadsafe(stop.set)
            self._thread.join()
            self._thread = None
        self.model.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            # Otherwise start() would wait forever.
            if self._running.done():
                raise
            self._running.set_exception(error)

    async def _serve(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        # asyncio would log what a vanished client leaves behind, on the host process's stderr.
        loop.set_exception_handler(lambda _loop, _context: None)
        listener = Listener(self._host, self._port)
        self._port = listener.port
        try:
            server = ApiServer(self._service, listener, self._access_log)
            await listener.open(server)
            self._running.set_result((loop, stop, listener))
            await stop.wait()
        finally:
            listener.stop()
        server.pre_shutdown()
        await server.shutdown(_GRACE)
        await listener.wait_closed()


class ApiServer(web.Server):
    """Makes one protocol for each connection to a listener."""

    def __init__(
        self,
        service: MpsService,
        listener: Listener,
        access_log: Callable[[str], None] | None,
    ) -> None:
        super().__init__(self._answer)
        self._service = service
        self._listener = listener
        self._access_log = access_log

    def __call__(self) -> web.RequestHandler:
        """Return the protocol of a new connection."""
        return ClientConnection(
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
        if request.headers.get("Expect", "").lower() == "100-continue":
            # Without this, curl waits a second before it sends a large body.
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            message = f"The body of the request is larger than {_MAX_BODY} bytes."
            too_large = EmulatedError("RequestEntityTooLarge", message, error.status)
            return response(refusal(too_large, host_of(request), "XML"))
        path, _, query = request.raw_path.partition("?")
        headers = headers_by_name(request.headers.items())
        received = HttpRequest(request.method, host_of(request), query, headers, body, path)
        # No SDK asks for HTML, and every browser does.
        asks_for_html = "text/html" in request.headers.get("Accept", "")
        is_page = request.method == "GET" and request.raw_path == "/" and asks_for_html
        if not is_page and not path.startswith(PREFIX):
            return await self._answer_call(request, received)
        if is_foreign(request.headers, self._listener.host):
            message = "Web pages of other hosts are refused; open 127.0.0.1 or localhost itself."
            forbidden = EmulatedError("Forbidden", message, HTTPStatus.FORBIDDEN)
            return response(refusal(forbidden, received.host, "JSON"))
        if is_page:
            page, page_headers = overview(self._service)
            return web.Response(body=page, headers=page_headers)
        return response(control(self._service, received))

    async def _answer_call(
        self, request: web.BaseRequest, received: HttpRequest
    ) -> web.StreamResponse:
        start, call = time.monotonic(), read_request(received)
        answer: ApiResponse | None
        fault: Fault | None = None
        if received.path != "/":
            message = "The API has the path /."
            error = EmulatedError("InvalidApi.NotFound", message, HTTPStatus.NOT_FOUND)
            answer = self._service.refuse(call, error)
        elif call.method not in ("GET", "POST"):
            message = f"The API takes GET and POST, not {call.method}."
            error = EmulatedError("UnsupportedHTTPMethod", message)
            answer = self._service.refuse(call, error)
        else:
            answer, fault = self._service.answer(call)
        sent = await send(request, answer, fault, self._listener)
        if self._access_log:
            # Another text may be anything, such as a key that was put there by mistake.
            action = call.action if call.action in VERSIONS else "-"
            status = int(answer.status) if answer else "-"
            request_id = (answer and answer.request_id) or "-"
            milliseconds = round(1000 * (time.monotonic() - start))
            self._access_log(f"{action} {status} {request_id} {milliseconds} ms")
        return sent


def is_foreign(headers: Mapping[str, str], listens_at: str) -> bool:
    """Return whether a web page of another host may be behind a request to this host."""
    # Only browsers send an Origin, and not where a page asks its own server by GET.
    if "Origin" in headers:
        return True
    # A foreign name can be made to point here (DNS rebinding), so that its pages are at home here.
    # Beyond loopback, other names are in use: those of containers, for example.
    if "Host" not in headers or not _is_local(listens_at):
        return False
    try:
        name = urlsplit(f"//{headers['Host']}").hostname or ""
    except ValueError:
        return True
    return not _is_local(name, any_address=True)


def _is_local(host: str, *, any_address: bool = False) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback or any_address
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
