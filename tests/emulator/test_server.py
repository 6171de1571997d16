"""The emulator as a part of another process: started, closed, and leaving nothing behind."""

import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emulator.calls import Client, Clock, request
from pulumi_alicloud_mps.emulator import DatabaseError, Emulator


def test_nothing_is_left(clock: Clock, capfd: pytest.CaptureFixture[str]) -> None:
    """After it is closed there is no thread, no open port and no output."""
    before = threading.active_count()
    with Emulator(clock=clock) as emulator:
        Client(emulator.url, clock).create()
    assert threading.active_count() == before
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


def test_only_loopback_by_default(emulator: Emulator) -> None:
    """Unless told otherwise, it listens on this machine only."""
    assert emulator.url.startswith("http://127.0.0.1:")


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
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"), Emulator(port=urlsplit(emulator.url).port or 0):
        pass
    assert threading.active_count() == before


def test_unusable_database(tmp_path: Path) -> None:
    """A database that can't be used is an error of the construction."""
    with pytest.raises(DatabaseError):
        Emulator(tmp_path)


def test_a_failed_start_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the server can't run, start raises, and closing works."""

    def fail(*_: object) -> None:
        raise OSError("no event loop to be had")

    monkeypatch.setattr("pulumi_alicloud_mps.emulator.server.ApiServer", fail)
    with pytest.raises(OSError, match="no event loop"), Emulator():
        pass


def test_emulators_share_a_database(tmp_path: Path, clock: Clock) -> None:
    """Two emulators on one file are one MPS, also over a restart."""
    path = tmp_path / "mps.sqlite"
    with Emulator(path, clock=clock) as one, Emulator(path, clock=clock) as two:
        library = Client(one.url, clock).create()
        assert Client(two.url, clock).listed(library)
        Client(two.url, clock).delete(library)
    clock.advance(3)
    with Emulator(path, clock=clock) as again:
        assert Client(again.url, clock).listed(library)[0]["Status"] == "deleted"


@pytest.mark.portability
def test_clients_at_once(emulator: Emulator, clock: Clock) -> None:
    """Calls from several threads are all answered."""
    names: list[str] = []

    def create(number: int) -> None:
        names.append(Client(emulator.url, clock).create(f"library-{number}"))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == len(emulator.model.libraries()) == 5
