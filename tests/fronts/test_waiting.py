"""A wait ends by its deadline; the library is kept, and the next `up` goes on waiting for it."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from control_api import local_mps
from fronts.stack import NEVER, Host, Managed, checked, kept, up
from host_process import URN, FakeEngine, HostError, HostProcess, Message
from pulumi_alicloud_mps.state.deployment import POINTER


def late(host: Host, name: str) -> Managed:
    """Return a library that was not active in time."""
    inputs = checked(host, {"name": name})
    with host.mps.changed(activation_seconds=NEVER), pytest.raises(HostError) as caught:
        host.create(inputs, timeout=0.1)
    return kept(inputs, caught.value.init_failed)


@pytest.mark.portability
def test_a_late_library_is_kept(host: Host, name: str, front: str) -> None:
    """The custom timeout ends the wait; the ID and all outputs stay in the state."""
    inputs = checked(host, {"name": name, "description": "Licensed"})
    with host.mps.changed(activation_seconds=NEVER), pytest.raises(HostError) as caught:
        host.create(inputs, timeout=0.1)
    failed = caught.value.init_failed
    assert failed
    assert host.mps.named(name) == [failed.id]
    assert failed.properties == {
        **inputs,
        "fp_db_id": failed.id,
        "state": "offline",
        "never_active": True,
        "account_id": host.mps.account_id(),
        **({"__provider": POINTER} if front == "dynamic" else {}),
    }
    (reason,) = failed.reasons
    assert reason == str(caught.value)
    assert re.fullmatch(
        rf"library {failed.id} is still offline after \d s; .*`pulumi up`.*", reason
    )


def test_the_next_up_goes_on_waiting(host: Host, name: str) -> None:
    """Update waits for the library that create left, and returns all outputs when it is active."""
    songs = late(host, name)
    assert host.diff(songs.id, songs.outputs, songs.inputs).changes == "DIFF_SOME"
    before = len(host.engine.shown(URN))
    with ThreadPoolExecutor() as pool:
        updating = pool.submit(host.update, songs.id, songs.outputs, songs.inputs)
        host.engine.await_message(
            lambda message: message in host.engine.messages[before:] and "offline" in message.text
        )
        assert not updating.done()
        host.mps.set_state(songs.id, "active")
        outputs = updating.result()
    assert outputs == {
        **songs.inputs,
        "fp_db_id": songs.id,
        "state": "active",
        "account_id": host.mps.account_id(),
    }
    assert host.mps.named(name) == [songs.id]


def test_an_active_library_is_updated_without_a_call(host: Host, name: str) -> None:
    """Opening the guard is a matter of the state alone, and loses no output."""
    songs = up(host, name=name, config="[1]", description="Licensed")
    news = checked(host, {**songs.inputs, "force_destroy": True}, songs.inputs)
    host.mps.forget_calls()
    outputs = host.update(songs.id, songs.outputs, news)
    assert outputs == {**songs.outputs, "force_destroy": True}
    assert host.mps.calls() == []


def test_calls_that_come_at_the_start_are_served_together(host: Host, name: str) -> None:
    """From the first calls on none waits for another, nor a Ctrl-C for any of them."""
    names = [f"{name}-{number}" for number in range(12)]
    waiting = [up(host, name=one) for one in names]
    for songs in waiting:
        host.mps.set_state(songs.id, "offline")
    with ThreadPoolExecutor(12) as pool, HostProcess(host.mps.config, host.engine.address) as fresh:
        urns = [f"urn:{songs.id}" for songs in waiting]
        going = [
            pool.submit(
                fresh.update, songs.id, {**songs.outputs, "state": "offline"}, songs.inputs, urn=urn
            )
            for songs, urn in zip(waiting, urns, strict=True)
        ]
        for urn in urns:
            host.engine.await_message(partial(_shows, "offline", urn))
        fresh.cancel()
        assert all(isinstance(update.exception(), HostError) for update in going)


def _shows(text: str, urn: str, message: Message) -> bool:
    return message.urn == urn and text in message.text


def test_more_videos_than_mps_makes_at_a_time(engine: FakeEngine) -> None:
    """Libraries wait until others are active before MPS would refuse them; their rows say so."""
    with (
        local_mps(activation_seconds=NEVER, quota=20) as mps,
        HostProcess(mps.config, engine.address) as host,
    ):
        several = [checked(host, {"name": f"clips-{number}"}) for number in range(14)]
        urns = [f"urn:{inputs['name']}" for inputs in several]
        with ThreadPoolExecutor(14) as pool:
            making = []
            for begun, text in (
                (slice(10), "offline"),
                (slice(10, 14), "waiting for a creation slot"),
            ):
                making += [
                    pool.submit(host.create, inputs, urn=urn)
                    for inputs, urn in zip(several[begun], urns[begun], strict=True)
                ]
                for urn in urns[begun]:
                    engine.await_message(partial(_shows, text, urn))
            with mps.changed(activation_seconds=0):
                for inputs in several[:10]:
                    mps.set_state(mps.named(inputs["name"])[0], "active")
                made = [clips.result() for clips in making]
        assert {clips.outputs["state"] for clips in made} == {"active"}
        assert [call["Code"] for call in mps.requests() if call["Code"]] == []
