"""Creating makes one library, says all about it, and never a second one."""

import pytest

from dynamic.stack import NEVER, Host, checked, up
from host_process import HostError


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


def test_mps_gets_what_the_program_says(host: Host, name: str) -> None:
    """Name, model, config, description and region arrive at MPS as they were declared."""
    config = '{"ünï":[1,null,2.5]}'
    made = up(host, name=name, model_id=14, config=config, description="a\nb", region="cn-beijing")
    assert host.mps.library(made.id) == {
        "FpDBId": made.id,
        "Name": name,
        "ModelId": 14,
        "Config": config,
        "Description": "a\nb",
        "Region": "cn-beijing",
        "Status": "active",
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


@pytest.mark.parametrize("name", ["a 'quoted'\nname", "ünï 中", "a&b=c%20*~+/"])
def test_an_awkward_name_arrives(host: Host, name: str) -> None:
    """Any text that MPS may store is stored as it is, and errors about it stay one line."""
    made = up(host, name=name)
    assert host.mps.named(name) == [made.id]
    with pytest.raises(HostError) as caught:
        up(host, name=name)
    assert "\n" not in str(caught.value)


def test_a_wait_has_no_end_before_the_default(host: Host, name: str) -> None:
    """Without a custom timeout a short one of another resource does not count."""
    with host.mps.changed(activation_seconds=NEVER):
        with pytest.raises(HostError) as caught:
            host.create(checked(host, {"name": name}), timeout=0.1)
        assert caught.value.init_failed
    with host.mps.changed(activation_seconds=0.5):
        made = up(host, name=f"{name}-2")
    assert made.outputs["state"] == "active"
