"""What a provider's process does when it is told to stop, and when nobody is left to tell it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dynamic.local_mps import NEVER, LocalMps
from dynamic.stack import checked, kept, up
from host_process import FakeEngine, HostError, HostProcess, eventually


@pytest.fixture
def own_engine() -> Iterator[FakeEngine]:
    """Take messages until the test stops it."""
    with FakeEngine() as running:
        yield running


@pytest.fixture
def own_host(mps: LocalMps, own_engine: FakeEngine) -> Iterator[HostProcess]:
    """Run a host that the test may stop."""
    with HostProcess(mps.config(), own_engine.address) as running:
        yield running


def interrupted(
    engine: FakeEngine, host: HostProcess, operation: Callable[[], object], shown: str
) -> HostError:
    """Pass a Ctrl-C on while an operation waits, and return how it ends."""
    with ThreadPoolExecutor() as pool:
        going = pool.submit(operation)
        engine.await_message(lambda message: shown in message.text)
        host.cancel()
        error = going.exception()
    assert isinstance(error, HostError)
    return error


@pytest.mark.portability
def test_a_ctrl_c_ends_the_wait_and_keeps_the_library(
    own_host: HostProcess,
    own_engine: FakeEngine,
    mps: LocalMps,
    name: str,
    another_host: HostProcess,
) -> None:
    """The first Ctrl-C ends waiting; the ID stays in the state and the next `up` goes on."""
    inputs = checked(own_host, {"name": name})
    with mps.changed(activation_seconds=NEVER):
        error = interrupted(own_engine, own_host, lambda: own_host.create(inputs), "offline")
    late = kept(inputs, error.init_failed)

    assert mps.named(name) == [late.id]
    assert re.search(r"was interrupted after \d+ s \(offline\); run `pulumi up` again", str(error))

    mps.put(late.id, "active")

    assert another_host.update(late.id, late.outputs, late.inputs)["state"] == "active"


def test_a_ctrl_c_ends_the_wait_for_a_deletion(
    own_host: HostProcess,
    own_engine: FakeEngine,
    mps: LocalMps,
    name: str,
    another_host: HostProcess,
) -> None:
    """An interrupted deletion is awaited by the next `destroy`, and not started twice."""
    songs = up(own_host, name=name)
    with mps.changed(deletion_seconds=NEVER):
        error = interrupted(
            own_engine, own_host, lambda: own_host.delete(songs.id, songs.outputs), "Queuing"
        )
    mps.forget_calls()
    with pytest.raises(HostError, match=rf"deletes library {songs.id} is still Queuing"):
        another_host.delete(songs.id, songs.outputs, timeout=0.1)

    assert "run the same command again" in str(error)
    assert "SubmitFpDBDeleteJob" not in mps.actions


def test_nothing_is_created_after_a_ctrl_c(own_host: HostProcess, mps: LocalMps, name: str) -> None:
    """A create that had not begun at the Ctrl-C asks MPS for nothing."""
    inputs = checked(own_host, {"name": name})
    own_host.cancel()
    with pytest.raises(HostError, match="the run was interrupted, and nothing more was started"):
        own_host.create(inputs)

    assert mps.named(name) == []


@pytest.mark.portability
def test_a_host_without_its_engine_ends(
    own_host: HostProcess, own_engine: FakeEngine, mps: LocalMps, name: str
) -> None:
    """A host whose CLI was killed stops by itself, also in the middle of a wait."""
    inputs = checked(own_host, {"name": name})
    with mps.changed(activation_seconds=NEVER), ThreadPoolExecutor() as pool:
        going = pool.submit(own_host.create, inputs)
        own_engine.await_message(lambda message: "offline" in message.text)
        own_engine.stop()
        eventually(lambda: own_host.ended)

        assert isinstance(going.exception(), HostError)
    assert len(mps.named(name)) == 1
