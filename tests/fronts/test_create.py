"""Creating makes one library, says all about it, and never a second one."""

import pytest

from control_api import LocalMps
from fronts.stack import NEVER, Host, checked, up
from host_process import FakeEngine, HostError
from relay import Relay


@pytest.mark.portability
def test_all_outputs_are_there(host: Host, name: str) -> None:
    """The state of a new library holds its inputs, its ID, its state and its account."""
    program = {"name": name, "model_id": 13, "config": '{"a":1}', "description": "Licensed"}
    made = up(host, **program, force_destroy=True)
    assert made.outputs == {
        **program,
        "region": "cn-shanghai",
        "force_destroy": True,
        "fp_db_id": made.id,
        "state": "active",
        "account_id": host.mps.account_id(),
    }


@pytest.mark.portability
def test_mps_s_refusal_is_shown(host: Host, name: str) -> None:
    """What only MPS can know fails with its code, its RequestId and what to do."""
    with host.mps.changed(quota=0), pytest.raises(HostError) as caught:
        up(host, name=name)
    text = str(caught.value)
    assert text.startswith("CreateFpShotDB was refused: ")
    assert "RequestId" in text
    assert caught.value.init_failed is None
    assert host.mps.named(name) == []


def test_a_wait_has_no_end_before_the_default(host: Host, name: str) -> None:
    """Without a custom timeout a short one of another resource does not count."""
    with host.mps.changed(activation_seconds=NEVER):
        with pytest.raises(HostError) as caught:
            host.create(checked(host, {"name": name}), timeout=0.1)
        assert caught.value.init_failed
    with host.mps.changed(activation_seconds=0.5):
        made = up(host, name=f"{name}-2")
    assert made.outputs["state"] == "active"


def test_half_a_character_from_mps_loses_no_library(
    mps: LocalMps, engine: FakeEngine, name: str
) -> None:
    """A text that MPS has cut within a character is kept as far as it is one."""
    with Relay(mps.url) as relay:
        relay.alter("ListFpShotDB", 2, lambda answer: answer.replace(b"videos", b"\\ud83c"))
        with Host(mps, engine, endpoint=relay.url) as host:
            made = up(host, name=name, model_id=13, description="videos")
    assert made.outputs["description"] == "?"
