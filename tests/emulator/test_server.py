"""The emulator as a part of another process: started, closed, and leaving nothing behind."""

import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from emulator.calls import Client, Clock, request
from pulumi_alicloud_mps.emulator import Emulator


def test_nothing_is_left(clock: Clock, capfd: pytest.CaptureFixture[str]) -> None:
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
    address = urlsplit(emulator.url)
    place = (address.hostname or "", address.port or 0)
    with socket.create_connection(place) as idle, socket.create_connection(place) as busy:
        idle.sendall(b"GET /_mps/health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(65536)
        busy.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        start = time.monotonic()
        emulator.close()
        assert time.monotonic() - start < 10


@pytest.mark.portability
def test_ipv6(clock: Clock) -> None:
    """An IPv6 address is listened at, and its URL is well-formed."""
    try:
        with Emulator(host="::1", clock=clock) as emulator:
            assert Client(emulator.url, clock).ok("ListFpShotDB")
    except OSError:
        pytest.skip("no IPv6 on this machine")


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
