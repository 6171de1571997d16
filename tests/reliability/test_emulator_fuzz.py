"""An emulator that takes arbitrary requests: it answers or closes, and goes on serving."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import quote

import hypothesis
import pytest
from hypothesis import strategies as st

from emulator.calls import connected, request
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.emulator.actions import ACTIONS

_ACTIONS = [*ACTIONS, "Nothing"]
_PATHS = ["faults", "health", "libraries", "requests", "reset", "settings", "libraries/x/files"]
_METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
_NAMES = st.sampled_from(
    ["Action", "Version", "Format", "FpDBIds", "Timestamp", "Signature", "Name"]
)
_PARAMETERS = st.dictionaries(_NAMES | st.text(max_size=8), st.text(max_size=30), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
_SETTINGS = hypothesis.settings(max_examples=150)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Run an emulator."""
    with Emulator(
        settings=EmulatorSettings(quota=100_000, calls_per_second=0, video_creations=0)
    ) as running:
        yield running


@_SETTINGS
@hypothesis.given(start=st.sampled_from([b"", b"GET / HTTP/1.1\r\n", b"POST /"]), rest=st.binary())
def test_any_bytes(emulator: Emulator, start: bytes, rest: bytes) -> None:
    """Whatever bytes come, the connection is answered or closed, and the next one is served."""
    with connected(emulator.url) as client:
        client.sendall(start + rest)
        client.shutdown(socket.SHUT_WR)
        try:
            while client.recv(65536):
                pass
        except ConnectionResetError:
            pass
    _check_serving(emulator)


@_SETTINGS
@hypothesis.given(
    method=_METHODS,
    action=st.sampled_from(_ACTIONS),
    parameters=_PARAMETERS,
    form=st.none() | st.binary(max_size=60),
)
def test_any_call(
    emulator: Emulator, method: str, action: str, parameters: dict[str, str], form: bytes | None
) -> None:
    """Whatever a call says, its answer is one of HTTP, and no error of the emulator itself."""
    pairs = {"Action": action, **parameters}.items()
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    headers = {} if form is None else {"Content-Type": "application/x-www-form-urlencoded"}
    assert request(emulator.url, method, f"/?{query}", form or b"", headers).status < 500


@_SETTINGS
@hypothesis.given(
    method=_METHODS,
    path=st.sampled_from(_PATHS) | st.text(max_size=12),
    content=_JSON,
    broken=st.binary(max_size=2),
)
def test_any_control(
    emulator: Emulator, method: str, path: str, content: object, broken: bytes
) -> None:
    """Whatever the control API is sent, it answers, and keeps what it had if that is wrong."""
    body = json.dumps(content).encode() + broken
    assert request(emulator.url, method, f"/_mps/{_quoted(path)}", body).status < 500
    _check_serving(emulator)


def _check_serving(emulator: Emulator) -> None:
    assert request(emulator.url, "GET", "/_mps/health").status == 200


def _quoted(text: str) -> str:
    return quote(text.encode(errors="surrogatepass"))
