"""Whatever is sent, the emulator answers in the API's shape and goes on."""

import time
import xml.etree.ElementTree as ET

import pytest

from emulator.calls import Client, connected, request
from pulumi_alicloud_mps.emulator import Emulator

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
    """Bytes that are no proper call are refused in the API's shape, silently."""
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
    """Proper HTTP that is no proper call is refused with a code and a request ID."""
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
    """An unforeseen fault is an InternalError without a trace of its cause, and is recorded."""
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
    """A client that waits to be told to send its body is told so."""
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
    """Calls on a connection that is kept don't stall for 40 ms, as two writes would make them."""
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
