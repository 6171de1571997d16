"""Creating makes one library, says all about it, and never a second one."""

import pytest

from dynamic.local_mps import NEVER, LocalMps
from dynamic.stack import checked, up
from host_process import HostError, HostProcess


@pytest.mark.portability
def test_all_outputs_are_there(host: HostProcess, mps: LocalMps, name: str) -> None:
    """The state of a new library holds its inputs, its ID, its state and its account."""
    program = {"name": name, "model_id": 13, "config": '{"a":1}', "description": "Licensed"}
    made = up(host, **program, force_destroy=True)
    assert made.outputs == {
        **program,
        "region": "cn-shanghai",
        "force_destroy": True,
        "fp_db_id": made.id,
        "state": "active",
        "account_id": mps.account_id,
    }


def test_mps_gets_what_the_program_says(host: HostProcess, mps: LocalMps, name: str) -> None:
    """Name, model, config, description and region arrive at MPS as they were declared."""
    config = '{"ünï":[1,null,2.5]}'
    made = up(host, name=name, model_id=14, config=config, description="a\nb", region="cn-beijing")
    assert mps.library(made.id) == {
        "FpDBId": made.id,
        "Name": name,
        "ModelId": 14,
        "Config": config,
        "Description": "a\nb",
        "Region": "cn-beijing",
        "Status": "active",
    }


def test_what_is_unset_is_not_sent(host: HostProcess, mps: LocalMps, name: str) -> None:
    """MPS's own defaults apply to what the program leaves out."""
    inputs = checked(host, {"name": name})
    mps.forget_calls()
    host.create(inputs)
    (sent,) = (call for call in mps.parameters if call["Action"] == "CreateFpShotDB")
    assert not sent.keys() & {"Config", "Description"}


def test_create_returns_when_the_library_is_active(
    host: HostProcess, mps: LocalMps, name: str
) -> None:
    """A library that needs time is awaited, so that what depends on it finds it ready."""
    with mps.changed(activation_seconds=0.3):
        made = up(host, name=name)
    assert made.outputs["state"] == "active"
    library = mps.library(made.id)
    assert library
    assert library["Status"] == "active"


def test_a_taken_name_is_refused(host: HostProcess, mps: LocalMps, name: str) -> None:
    """A second library of a name is not made; the error names the first and the ways out."""
    made = up(host, name=name)
    with pytest.raises(HostError) as caught:
        up(host, name=name)
    text = str(caught.value)
    assert made.id in text
    assert "adopt" in text
    assert "\n" not in text
    assert caught.value.init_failed is None
    assert mps.named(name) == [made.id]


def test_a_repeated_up_makes_no_second_library(
    host: HostProcess, mps: LocalMps, name: str, another_host: HostProcess
) -> None:
    """An `up` that was cut off after its Create meets its library again, and names it."""
    made = up(host, name=name)
    with pytest.raises(HostError, match=made.id):
        another_host.create(made.inputs)
    assert mps.named(name) == [made.id]


def test_a_name_is_taken_in_its_region_only(host: HostProcess, name: str) -> None:
    """Two regions may each have a library of the same name."""
    first = up(host, name=name, region="cn-shanghai")
    second = up(host, name=name, region="cn-beijing")
    assert first.id != second.id


def test_a_deleted_name_is_free(host: HostProcess, mps: LocalMps, name: str) -> None:
    """A library that is deleted, or about to be, takes no name."""
    first = up(host, name=name)
    host.delete(first.id, first.outputs)
    second = up(host, name=name)
    assert mps.named(name) == [second.id]


@pytest.mark.portability
def test_mps_s_refusal_is_shown(host: HostProcess, mps: LocalMps, name: str) -> None:
    """What only MPS can know fails with its code, its RequestId and what to do."""
    with mps.changed(quota=0), pytest.raises(HostError) as caught:
        up(host, name=name)
    text = str(caught.value)
    assert text.startswith("CreateFpShotDB was refused: ")
    assert "RequestId" in text
    assert caught.value.init_failed is None
    assert mps.named(name) == []


@pytest.mark.parametrize("name", ["a 'quoted'\nname", "ünï 中", "a&b=c%20*~+/"])
def test_an_awkward_name_arrives(host: HostProcess, mps: LocalMps, name: str) -> None:
    """Any text that MPS may store is stored as it is, and errors about it stay one line."""
    made = up(host, name=name)
    assert mps.named(name) == [made.id]
    with pytest.raises(HostError) as caught:
        up(host, name=name)
    assert "\n" not in str(caught.value)


def test_nothing_is_created_for_another_s_keys(mps: LocalMps, name: str) -> None:
    """Wrong keys fail in one line that says which setting to check."""
    with HostProcess(mps.config(secretKey="wrong")) as stranger:
        with pytest.raises(HostError, match="secret of the access key") as caught:
            up(stranger, name=name)
        assert "\n" not in str(caught.value)
    assert mps.named(name) == []


def test_a_wait_has_no_end_before_the_default(host: HostProcess, mps: LocalMps, name: str) -> None:
    """Without a custom timeout a short one of another resource does not count."""
    with mps.changed(activation_seconds=NEVER):
        with pytest.raises(HostError) as caught:
            host.create(checked(host, {"name": name}), timeout=0.1)
        assert caught.value.init_failed
    with mps.changed(activation_seconds=0.5):
        made = up(host, name=f"{name}-2")
    assert made.outputs["state"] == "active"
