"""A server on loopback that answers with the very bytes it is given, or not at all."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

_LONGEST = 20.0
_TLS_HELLO = b"\x16"


class Fault(Enum):
    """What can happen to a connection instead of an answer."""

    CLOSE = auto()
    RESET = auto()
    SILENCE = auto()


Answer = bytes | Fault


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the query."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def action(self) -> str:
        """The action that is called."""
        return self.parameters.get("Action", "")


Responder = Callable[[Request], Answer]


def http(status: int, body: bytes, *headers: str) -> bytes:
    """Return the bytes of an answer after which the connection ends."""
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ok(**content: object) -> bytes:
    """Return a successful answer of the API."""
    return http(200, json.dumps({"RequestId": "REQUEST-OK", **content}).encode())


def refused(code: str, message: str = "no", status: int = 400) -> bytes:
    """Return an error of the API."""
    content = {"RequestId": "REQUEST-NO", "HostId": "mps", "Code": code, "Message": message}
    return http(status, json.dumps(content).encode())


def script(*answers: Answer) -> Responder:
    """Give these answers in turn, and the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def by_action(**answers: Answer) -> Responder:
    """Give each action its own answer."""
    return lambda request: answers[request.action]


class RawServer:
    """Answers each connection's one request as `respond` says.

    Args:
        respond: Gives the answer to a request; a bare answer is given to all.
        port: Where to listen; 0 takes a free port.
        tls: Speak TLS with this context.
        tunnel: Answer CONNECT like a proxy, and speak TLS with this context in the tunnel, in the
            place of the host that was asked for.
    """

    def __init__(
        self,
        respond: Responder | Answer,
        *,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        tunnel: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._respond: Responder = respond if callable(respond) else lambda _: respond
        self._tls = tls
        self._tunnel = tunnel
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    @property
    def actions(self) -> list[str]:
        """The actions that were called, in order."""
        return [request.action for request in self.requests]

    def count(self, action: str) -> int:
        """Tell how often an action was called."""
        return self.actions.count(action)

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections. A second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        # Wakes accept(), which a mere close() of the listener would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(_LONGEST)
        self._listener.close()

    def _spawn(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(_LONGEST)
            self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            request = _read(connection)
            if self._tunnel and request and request.method == "CONNECT":
                self.requests.append(request)
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                connection = self._tunnel.wrap_socket(connection, server_side=True)
                request = _read(connection)
            if request:
                self.requests.append(request)
                self._answer(connection, self._respond(request))
        except OSError:
            pass  # the client went away, or did not trust the certificate
        finally:
            connection.close()

    def _answer(self, connection: socket.socket, answer: Answer) -> None:
        if answer is Fault.RESET:
            # Without lingering, close() sends RST.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif answer is Fault.SILENCE:
            self._closing.wait(_LONGEST)
        elif isinstance(answer, bytes):
            connection.sendall(answer)


def _read(connection: socket.socket) -> Request | None:
    """Read one request; None where the client sent none."""
    with connection.makefile("rb") as stream:
        if stream.peek(1)[:1] == _TLS_HELLO:
            return Request("TLS", "", {}, b"")
        line = stream.readline().decode().split()
        if not line:
            return None
        fields = iter(lambda: stream.readline().decode().strip(), "")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (field.partition(":") for field in fields)
        }
        body = stream.read(int(headers.get("content-length", 0)))
    return Request(line[0], line[1], headers, body)
