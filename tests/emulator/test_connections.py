"""What faults do to connections, seen by a client of bare HTTP."""

import http.client
import socket
import time
from contextlib import suppress
from urllib.parse import urlencode, urlsplit

import pytest

from emulator.calls import Client, request
from pulumi_alicloud_mps.emulator import Emulator, Fault

_CREATE = "CreateFpShotDB"


def _connection(client: Client) -> http.client.HTTPConnection:
    address = urlsplit(client.url)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)


def _send(client: Client, connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    connection.request("POST", f"/?{urlencode(client.signed(_CREATE, Name='songs'))}")
    return connection.getresponse()


def _close(emulator: Emulator) -> None:
    """Close the emulator, which doesn't wait for clients."""
    start = time.monotonic()
    emulator.close()
    assert time.monotonic() - start < 20


def _left(client: Client) -> int:
    """Return how many libraries there are, without meeting a fault."""
    return len(client.control("GET", "libraries").json)


@pytest.mark.parametrize(("kind", "executed"), [("close_before", False), ("close_after", True)])
def test_close(client: Client, kind: str, executed: bool) -> None:  # noqa: FBT001 - of a table
    """The connection is closed without a byte, before or after the call is carried out."""
    client.set_faults({"action": _CREATE, "calls": [1], "kind": kind})
    with pytest.raises(http.client.RemoteDisconnected):
        client.call(_CREATE, Name="songs")
    assert _left(client) == executed
    record = client.record()
    assert (record["Fault"], record["Executed"]) == (kind, executed)
    assert (record["Code"], record["HTTPStatus"]) == (None, None)
    client.create()


@pytest.mark.parametrize("action", [_CREATE, "ListFpShotDB"])
def test_half_body(client: Client, action: str) -> None:
    """The headers are those of the whole response, the body ends half-way, and the call is done."""
    client.set_faults({"action": action, "calls": [1], "kind": "half_body"})
    with pytest.raises(http.client.IncompleteRead) as caught:
        client.call(action, Name="songs")
    assert caught.value.partial.startswith(b'{"RequestId": ')
    # What is still expected is the other half.
    assert (caught.value.expected or 0) - len(caught.value.partial) in (0, 1)
    assert _left(client) == (action == _CREATE)
    record = client.record()
    assert (record["Fault"], record["HTTPStatus"]) == ("half_body", 200)
    assert record["Executed"] is True


@pytest.mark.parametrize("execute", [True, False, None])
def test_hang(client: Client, *, execute: bool | None) -> None:
    """There is no response; after the seconds the connection is closed."""
    choice = {} if execute is None else {"execute": execute}
    client.set_faults({"action": _CREATE, "kind": "hang", "seconds": 0.2, **choice})
    start = time.monotonic()
    with pytest.raises(http.client.RemoteDisconnected):
        client.call(_CREATE, Name="songs")
    assert time.monotonic() - start >= 0.2
    assert _left(client) == bool(execute)
    assert client.record()["Executed"] is bool(execute)


def test_hang_for_ever(client: Client, emulator: Emulator) -> None:
    """Without seconds the client waits until its own timeout; others are served meanwhile."""
    client.set_faults({"action": _CREATE, "calls": [1], "kind": "hang", "execute": True})
    connection = _connection(client)
    connection.request("POST", f"/?{urlencode(client.signed(_CREATE, Name='songs'))}")
    while not client.listed():
        pass
    connection.sock.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    _close(emulator)
    connection.close()


@pytest.mark.parametrize("kind", ["hang", "slow"])
def test_clients_that_leave(
    client: Client, emulator: Emulator, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A client that leaves before its response delays nothing and leaves no trace."""
    client.set_faults({"action": _CREATE, "calls": [1], "kind": kind, "seconds": 600})
    connection = _connection(client)
    connection.request("POST", f"/?{urlencode(client.signed(_CREATE, Name='songs'))}")
    while not client.control("GET", "requests").json:
        pass
    # A slow call is carried out at once.
    assert _left(client) == (kind == "slow")
    connection.close()
    client.create()
    _close(emulator)
    assert capfd.readouterr() == ("", "")


def test_refuse(client: Client, emulator: Emulator) -> None:
    """Kept connections are closed and new ones refused, until a new script from Python."""
    kept = _connection(client)
    _send(client, kept).read()
    client.set_faults({"action": _CREATE, "calls": [1], "kind": "refuse", "seconds": 600})
    with pytest.raises(http.client.RemoteDisconnected):
        client.call(_CREATE, Name="songs")
    kept.auto_open = 0
    with pytest.raises((http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)):
        _send(client, kept)
    kept.close()
    for target in ("/", "/_mps/health"):
        with pytest.raises(ConnectionRefusedError):
            request(client.url, "GET", target)
    emulator.set_faults([])
    assert len(client.listed()) == 1
    refused = client.control("GET", "requests").json[1]
    assert (refused["Fault"], refused["Executed"]) == ("refuse", False)


def test_slow(client: Client) -> None:
    """The response to a slow call comes when its seconds are over."""
    client.set_faults({"action": _CREATE, "kind": "slow", "seconds": 0.2})
    start = time.monotonic()
    library = client.create()
    assert time.monotonic() - start >= 0.2
    assert client.listed(library)


def test_refuse_for_some_seconds(client: Client) -> None:
    """After its seconds a refusal ends by itself, and the next one can begin."""
    client.set_faults({"action": _CREATE, "calls": [1, 2], "kind": "refuse", "seconds": 0.2})
    for _ in range(2):
        start = time.monotonic()
        with pytest.raises(http.client.RemoteDisconnected):
            client.call(_CREATE, Name="songs")
        while True:
            with suppress(ConnectionRefusedError):
                client.control("GET", "health")
                break
            assert time.monotonic() - start < 60
        assert time.monotonic() - start >= 0.2
    assert client.fired() == [2]
    client.create()


def test_close_while_refusing(
    client: Client, emulator: Emulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """An emulator that refuses connections can be closed, and leaves its port free."""
    client.set_faults({"action": "*", "kind": "refuse", "seconds": 600})
    with pytest.raises(http.client.RemoteDisconnected):
        client.call("ListFpShotDB")
    emulator.close()
    address = urlsplit(client.url)
    socket.create_server((address.hostname or "", address.port or 0)).close()
    assert capfd.readouterr() == ("", "")


def test_faults_before_and_after_the_run() -> None:
    """Faults can be set before the start, and setting them after the end does nothing."""
    emulator = Emulator()
    emulator.set_faults([Fault(action="*", kind="close_before")])
    with emulator, pytest.raises(http.client.RemoteDisconnected):
        request(emulator.url, "POST", "/?Action=ListFpShotDB")
    emulator.set_faults([])
