"""The emulator in another process: its start and end, and whatever is sent to it."""

import re
import socket
import threading
import time
import xml.etree.ElementTree as ET
from http.client import RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest

from clocks import WallClock
from emulator.calls import Client, connected, request
from pulumi_alicloud_mps.emulator import Emulator, Fault


def test_nothing_is_left(clock: WallClock, capfd: pytest.CaptureFixture[str]) -> None:
    """After it is closed there is no thread, no open port and no output."""
    before = set(threading.enumerate())
    with Emulator(clock=clock) as emulator:
        Client(emulator.url, clock).create()
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        request(emulator.url, "GET", "/_mps/health")
    assert capfd.readouterr() == ("", "")


def test_close_twice() -> None:
    """Closing again, or without a start, does nothing."""
    emulator = Emulator()
    emulator.close()
    emulator.close()
    started = Emulator()
    started.start()
    started.close()
    started.close()


@pytest.mark.portability
def test_close_with_open_connections(emulator: Emulator) -> None:
    """A client that keeps its connection, or is in the middle of a request, can't delay the end."""
    with connected(emulator.url) as idle, connected(emulator.url) as busy:
        idle.sendall(b"GET /_mps/health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(65536)
        busy.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        start = time.monotonic()
        emulator.close()
        assert time.monotonic() - start < 10


class PlayedIpv6(socket.socket):
    """A socket to which IPv6 is a name for IPv4."""

    def __init__(self, family: int = -1, *rest: Any, **more: Any) -> None:  # noqa: ANN401 - socket's own
        super().__init__(socket.AF_INET if family == socket.AF_INET6 else family, *rest, **more)

    def setsockopt(self, level: int, *rest: Any) -> None:  # noqa: ANN401 - socket's own
        """Have no option of IPv6."""
        if level != socket.IPPROTO_IPV6:
            super().setsockopt(level, *rest)

    def bind(self, address: Any) -> None:  # noqa: ANN401 - socket's own
        """Bind to the same port of IPv4."""
        super().bind(("127.0.0.1", address[1]))

    def connect(self, address: Any) -> None:  # noqa: ANN401 - socket's own
        """Connect to the same port of IPv4."""
        super().connect(("127.0.0.1", address[1]))


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


# On a machine without IPv6 it is played alone.
@pytest.mark.portability
@pytest.mark.parametrize("played", [True, False] if _has_ipv6() else [True])
def test_ipv6(clock: WallClock, monkeypatch: pytest.MonkeyPatch, *, played: bool) -> None:
    """It can listen at an IPv6 address, and its URL is well-formed."""
    if played:
        monkeypatch.setattr(socket, "socket", PlayedIpv6)
    with Emulator(host="::1", clock=clock) as emulator:
        assert emulator.url.startswith("http://[::1]:")
        assert Client(emulator.url, clock).ok("ListFpShotDB")


def test_the_access_log(clock: WallClock) -> None:
    """Every call is one line, however it ends, without any secret; other requests have none."""
    lines: list[str] = []
    rule = Fault(action="CreateFpShotDB", kind="close_after")
    with Emulator(clock=clock, faults=[rule], access_log=lines.append) as emulator:
        client = Client(emulator.url, clock)
        answers = [client.call("ListFpShotDB"), client.call("ListFpShotDB", Signature="hush")]
        answers.append(client.call("hush\n"))
        with pytest.raises(RemoteDisconnected):
            client.call("CreateFpShotDB", Name="hush")
        client.control("GET", "requests")
    ids = [answer.json["RequestId"] for answer in answers]
    expected = ["ListFpShotDB 200 {}", "ListFpShotDB 400 {}", "- 404 {}", "CreateFpShotDB - -"]
    assert [re.sub(r" \d+ ms$", "", line) for line in lines] == [
        text.format(request_id) for text, request_id in zip(expected, [*ids, ""], strict=True)
    ]


def test_port_in_use(emulator: Emulator) -> None:
    """Where the port is in use, the start raises an OSError and leaves no thread."""
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="in use"), Emulator(port=urlsplit(emulator.url).port or 0):
        pass
    assert set(threading.enumerate()) <= before


def test_a_port_that_is_free_again() -> None:
    """A start that failed for the port can be tried again."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        emulator = Emulator(port=other.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            emulator.start()
    with emulator:
        assert request(emulator.url, "GET", "/_mps/health").status == 200


def test_a_failed_start_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the server can't run, start raises, and closing works."""

    def fail(*_: object) -> None:
        raise OSError("no event loop to be had")

    monkeypatch.setattr("pulumi_alicloud_mps.emulator.server.ApiServer", fail)
    with pytest.raises(OSError, match="no event loop"), Emulator():
        pass


_MANY = b"a" * 100_000

_GARBAGE = {
    "not-http": b"\x00\x01\x02\x03\r\n\r\n",
    "tls": bytes.fromhex("16030100c8010000c40303") + b"\x00" * 50 + b"\r\n\r\n",
    "bad-version": b"GET / HTTP/9.z\r\n\r\n",
    "bad-header": b"GET / HTTP/1.1\r\nHost a\r\n\r\n",
    "long-line": b"GET /?" + _MANY + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "many-headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    "bad-length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
    "bad-chunk": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
    "two-lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0"
    ),
    "non-ascii-host": b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n",
    "non-utf8-query": b"GET /?Name=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "no-host": b"GET / HTTP/1.0\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
}


def _exchange(url: str, sent: bytes) -> bytes:
    with connected(url) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


@pytest.mark.parametrize("sent", _GARBAGE.values(), ids=list(_GARBAGE))
def test_garbage(client: Client, sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    """Malformed requests are refused as the API does it, and nothing is printed."""
    head, _, body = _exchange(client.url, sent).partition(b"\r\n\r\n")
    assert head.split()[1].startswith(b"4"), head
    error = ET.fromstring(body)  # noqa: S314 - our own server's
    assert error.tag == "Error"
    assert error.findtext("Code")
    assert b"Traceback" not in body
    assert client.ok("ListFpShotDB")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/", b"", 400),
        ("POST", "/", b"", 400),
        ("POST", "/", b"\xff\xfe=%ff", 400),
        ("POST", "/", b"a" * 2_000_000, 413),
        ("GET", "/?Name=%FF%FE&Action=CreateFpShotDB&Format=json", b"", 400),
        ("GET", "/?%FF=1&Format=JSON", b"", 400),
        ("GET", "/?Action=%00&Version=1&Format=JSON", b"", 404),
        ("GET", "/elsewhere?Format=JSON", b"", 404),
        ("GET", "/_mps?Format=JSON", b"", 404),
        ("PUT", "/?Format=JSON", b"", 400),
        ("PATCH", "/?Format=JSON", b"{}", 400),
        # aiohttp's parser knows no such method, so that the parameters are never seen.
        ("BREW", "/?Format=JSON", b"", 400),
    ],
)
def test_bad_calls(client: Client, method: str, target: str, body: bytes, status: int) -> None:
    """Well-formed requests that are not valid calls are refused with a code and a request ID."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = request(client.url, method, target, body, form)
    assert reply.status == status
    if reply.content_type.startswith("application/json"):
        error = reply.json
    else:
        error = {child.tag: child.text for child in ET.fromstring(reply.body)}  # noqa: S314 - ours
    assert error["Code"]
    assert error["RequestId"]
    assert client.ok("ListFpShotDB")


@pytest.mark.portability
def test_a_fault_inside(
    client: Client, emulator: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """An unexpected failure is a recorded InternalError that doesn't show its cause."""
    emulator.model.settings = "broken"  # type: ignore[assignment]
    reply = client.call("ListFpShotDB")
    assert (reply.status, reply.code) == (500, "InternalError")
    assert "broken" not in reply.body.decode()
    assert capfd.readouterr() == ("", "")
    assert client.control("GET", "requests").json[0]["Code"] == "InternalError"


def test_clients_that_leave(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    """A client that leaves in the middle of a request disturbs nobody."""
    for part in (b"", b"GET", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"):
        with connected(client.url) as connection:
            connection.sendall(part)
    assert client.ok("ListFpShotDB")
    assert capfd.readouterr() == ("", "")


def test_expected_continue(client: Client) -> None:
    """A client that waits for permission to send its body gets it."""
    head = (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n"
    )
    with connected(client.url) as connection:
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"Format=JSON")
        assert b"MissingAction" in connection.recv(65536)


def test_long_parameters(client: Client) -> None:
    """Thirty thousand characters fit into a URL, and many more into a form."""
    assert client.listed(client.create(Description="d" * 30_000))
    client.in_body = True
    library = client.create(Description="d" * 300_000)
    assert len(client.listed(library)[0]["Description"]) == 300_000


def test_no_delay_on_kept_connections(client: Client) -> None:
    """Calls on a kept connection don't stall for 40 ms, as two writes would."""
    sent = b"GET /_mps/health HTTP/1.1\r\nHost: a\r\n\r\n"
    durations = []
    with connected(client.url) as connection:
        for _ in range(60):
            start = time.perf_counter()
            connection.sendall(sent)
            assert connection.recv(65536).endswith(b"}")
            durations.append(time.perf_counter() - start)
    # At its beginning a connection has no such delay; later a busy machine may add one.
    assert min(durations[20:]) < 0.03
