"""What a provider's process does when it is stopped, and when its engine is gone."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from fronts.stack import NEVER, Host, checked, kept, up
from host_process import HostError, eventually


def interrupted(host: Host, operation: Callable[[], object], shown: str) -> HostError:
    """Pass a Ctrl-C on while an operation waits, and return how it ends."""
    with ThreadPoolExecutor() as pool:
        going = pool.submit(operation)
        host.engine.await_message(lambda message: shown in message.text)
        host.cancel()
        error = going.exception()
    assert isinstance(error, HostError)
    return error


@pytest.mark.portability
def test_a_ctrl_c_ends_the_wait_and_keeps_the_library(
    host: Host, another_host: Host, name: str
) -> None:
    """The first Ctrl-C ends waiting; the ID stays in the state and the next `up` goes on."""
    inputs = checked(another_host, {"name": name})
    with host.mps.changed(activation_seconds=NEVER):
        error = interrupted(another_host, lambda: another_host.create(inputs), "offline")
    late = kept(inputs, error.init_failed)
    assert host.mps.named(name) == [late.id]
    assert re.search(r"was interrupted after \d+ s \(offline\); run `pulumi up` again", str(error))
    host.mps.set_state(late.id, "active")
    assert host.update(late.id, late.outputs, late.inputs)["state"] == "active"


def test_a_ctrl_c_ends_the_wait_for_a_deletion(host: Host, another_host: Host, name: str) -> None:
    """An interrupted deletion is awaited by the next `destroy`, and not started twice."""
    songs = up(another_host, name=name)
    with host.mps.changed(deletion_seconds=NEVER):
        error = interrupted(
            another_host, lambda: another_host.delete(songs.id, songs.outputs), "Queuing"
        )
    host.mps.forget_calls()
    with pytest.raises(HostError, match=rf"deletes library {songs.id} is still Queuing"):
        host.delete(songs.id, songs.outputs, timeout=0.1)
    assert "run the same command again" in str(error)
    assert "SubmitFpDBDeleteJob" not in host.mps.calls()


def test_nothing_is_created_after_a_ctrl_c(another_host: Host, name: str) -> None:
    """A create that had not begun at the Ctrl-C asks MPS for nothing."""
    inputs = checked(another_host, {"name": name})
    another_host.cancel()
    with pytest.raises(HostError, match="the run was interrupted, and nothing more was started"):
        another_host.create(inputs)
    assert another_host.mps.named(name) == []


@pytest.mark.portability
def test_a_host_without_its_engine_ends(another_host: Host, name: str) -> None:
    """A host whose CLI was killed stops by itself, also in the middle of a wait."""
    mps, engine = another_host.mps, another_host.engine
    inputs = checked(another_host, {"name": name})
    with mps.changed(activation_seconds=NEVER), ThreadPoolExecutor() as pool:
        going = pool.submit(another_host.create, inputs)
        engine.await_message(lambda message: "offline" in message.text)
        engine.stop()
        eventually(lambda: another_host.ended)
        assert isinstance(going.exception(), HostError)
    assert len(mps.named(name)) == 1
