"""Where the host is another than the one we know, the provider works with plain means."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from pulumi.dynamic import Config, ConfigureRequest, CreateResult

from control_api import LocalMps
from fronts.stack import NEVER
from pulumi_alicloud_mps.dynamic.host import current_call, current_rpc, reported
from pulumi_alicloud_mps.dynamic.provider import FpShotDBProvider
from pulumi_alicloud_mps.engine import EngineLog
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.operations import call
from pulumi_alicloud_mps.operations.call import Call


def provider_of(config: dict[str, str]) -> FpShotDBProvider:
    """Return a provider that runs in this process, which is no host."""
    provider = FpShotDBProvider()
    provider.configure(ConfigureRequest(Config(config, "catalogue")))
    return provider


@pytest.fixture
def provider(mps: LocalMps) -> FpShotDBProvider:
    """Return a provider without a host."""
    return provider_of(mps.config)


def created(provider: FpShotDBProvider, **program: object) -> CreateResult:
    """Check and create."""
    inputs: dict[str, Any] = provider.check({}, dict(program)).inputs
    return provider.create(inputs)


def test_there_is_no_call_here() -> None:
    """Outside of the host there is no URN, no timeout and no context, and that is no error."""
    assert current_call() == Call()
    assert current_rpc() == (None, None)


@pytest.mark.portability
def test_a_life_works(provider: FpShotDBProvider, mps: LocalMps, name: str) -> None:
    """All but delete, which has to know the resource, needs nothing of the host."""
    made = created(provider, name=name)
    assert mps.named(name) == [made.id]
    outs: dict[str, Any] = dict(made.outs or {})
    assert outs["state"] == "active"
    news = provider.check({}, {"name": name, "force_destroy": True}).inputs
    assert provider.diff(made.id, outs, news).replaces == []
    outs = dict(provider.update(made.id, outs, news).outs or {})
    assert outs["force_destroy"] is True
    assert provider.read(made.id, outs).outs == outs
    with pytest.raises(Exception, match="the resource's URN is not known"):
        provider.delete(made.id, outs)
    assert mps.named(name) == [made.id]


def test_errors_are_plain_exceptions(provider: FpShotDBProvider, mps: LocalMps, name: str) -> None:
    """Without a context the exception itself says what is to be said, in one line."""
    made = created(provider, name=name)
    with pytest.raises(Exception, match=made.id) as caught:
        created(provider, name=name)
    assert type(caught.value) is Exception
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert mps.named(name) == [made.id]


def test_a_wait_ends_by_the_default(
    provider: FpShotDBProvider, mps: LocalMps, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a request the default timeout ends the wait, and the error names the library."""
    monkeypatch.setattr(call, "DEFAULT_TIMEOUT", 0.1)
    with (
        mps.changed(activation_seconds=NEVER),
        pytest.raises(Exception, match="still offline") as caught,
    ):
        created(provider, name=name)
    (fp_db_id,) = mps.named(name)
    assert fp_db_id in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("several\nlines\r\n  of text"),
        KeyError("region"),
        SystemExit(3),
        KeyboardInterrupt(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_happens_is_one_exception(error: BaseException) -> None:
    """Nothing but an `Exception` of one line leaves a method: else the CLI would hang."""

    @reported
    def method() -> None:
        raise error

    with pytest.raises(Exception, match=type(error).__name__) as caught:
        method()
    assert type(caught.value) is Exception
    assert "\n" not in str(caught.value)
    assert "\r" not in str(caught.value)


def in_a_handler(method: Callable[[], object], request: object) -> list[bytes]:
    """Call a method as the host's handler does, and return the details that it leaves."""
    details: list[bytes] = []

    # The names count: by them the frame is found.
    def handler(request: object, context: object) -> object:  # noqa: ARG001
        return method()

    def take(metadata: tuple[tuple[str, bytes], ...]) -> None:
        details.extend(value for _, value in metadata)

    with pytest.raises(Exception, match=r"."):
        handler(request, SimpleNamespace(set_trailing_metadata=take))
    return details


def test_a_bug_in_the_wait_loses_no_library(
    provider: FpShotDBProvider, mps: LocalMps, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong once the library exists, its ID gets into the state."""

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Libraries, "wait_until_active", broken)
    inputs = provider.check({}, {"name": name}).inputs
    request = SimpleNamespace(urn="", timeout=0)
    (details,) = in_a_handler(lambda: provider.create(inputs), request)
    (fp_db_id,) = mps.named(name)
    assert fp_db_id.encode() in details


@pytest.mark.parametrize(
    "address", ["", "tests/a.py::test_b", "no address", "127.0.0.1", "host:", ":", "host:name"]
)
def test_only_an_address_is_connected(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A last argument that is no engine's address is left alone."""

    def refused(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(grpc, "insecure_channel", refused)
    EngineLog(address).info("text")
