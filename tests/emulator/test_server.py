"""The emulator as a part of another process: started, closed, and leaving nothing behind."""

import re
import socket
import threading
import time
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
    """A client that keeps its connection, or is in the middle of a request, can't hold it up."""
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
    """An IPv6 address is listened at, and its URL is well-formed."""
    if played:
        monkeypatch.setattr(socket, "socket", PlayedIpv6)
    with Emulator(host="::1", clock=clock) as emulator:
        assert emulator.url.startswith("http://[::1]:")
        assert Client(emulator.url, clock).ok("ListFpShotDB")


def test_the_access_log(clock: WallClock) -> None:
    """Each call is a line without any secret, whatever becomes of it; what is no call is none."""
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
    """A port that is taken is an OSError of the start, and leaves no thread."""
    before = set(threading.enumerate())
    with pytest.raises(OSError, match="in use"), Emulator(port=urlsplit(emulator.url).port or 0):
        pass
    assert set(threading.enumerate()) <= before


def test_a_failed_start_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the server can't run, start raises, and closing works."""

    def fail(*_: object) -> None:
        raise OSError("no event loop to be had")

    monkeypatch.setattr("pulumi_alicloud_mps.emulator.server.ApiServer", fail)
    with pytest.raises(OSError, match="no event loop"), Emulator():
        pass
