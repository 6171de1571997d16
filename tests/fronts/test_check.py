"""What MPS would refuse fails in the preview; what only looks different becomes one spelling."""

import re
from collections.abc import Iterator

import pytest
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from control_api import LocalMps
from fronts.stack import Host, checked
from host_process import URN, FakeEngine, HostProcess


@pytest.mark.portability
def test_all_bad_inputs_are_named_at_once(host: Host) -> None:
    """One preview names everything that is wrong, a line for each, and without any call."""
    bad: dict[str, object] = {
        "name": "",
        "model_id": 5,
        "config": "{",
        "description": 1,
        "region": "x",
        "force_destroy": "no",
        "adopt": "x",
        "colour": "red",
    }
    host.mps.forget_calls()
    failures = host.check(bad).failures
    assert {reason.partition(":")[0] for _, reason in failures} == set(bad)
    assert not [reason for given, reason in failures if given or "\n" in reason]
    assert host.mps.calls() == []


@pytest.mark.portability
def test_defaults_are_filled_in(host: Host) -> None:
    """A program that says nothing gets a name of the attempt, a model and the stack's region."""
    inputs = checked(host, {})
    assert re.fullmatch(r"songs-[0-9a-f]{7}-[0-9a-f]{8}", inputs["name"])
    assert inputs == {
        "name": inputs["name"],
        "model_id": 12,
        "region": "cn-shanghai",
        "force_destroy": False,
    }


def test_the_same_name_twice_is_warned_about(host: Host, name: str) -> None:
    """If two resources want one name, the second's warning names the first, but not the name."""
    first, second, third = (f"{URN}-{name}-{number}" for number in range(3))
    elsewhere = {"name": name, "region": "cn-beijing"}
    for urn, program in ((first, {"name": name}), (third, elsewhere), (second, {"name": name})):
        host.check(program, urn=urn)
    # As for a replacement, or in an update after the preview.
    host.check({"name": name}, urn=first)
    host.engine.await_message(lambda message: message.urn == second)
    (message,) = host.engine.shown(second)
    assert message.severity == "WARNING"
    assert message.text.startswith(f"name: is already used by {first} in cn-shanghai")
    assert name not in message.text.replace(first, "")
    assert host.engine.shown(first) + host.engine.shown(third) == []


def test_a_name_that_two_have_already_is_nothing_to_warn_of(host: Host, name: str) -> None:
    """Two libraries may have one name at MPS; only the next create of it would fail."""
    first, second = (f"{URN}-{name}-{number}" for number in range(2))
    program = {"name": name, "region": "cn-shanghai"}
    for urn in (first, second):
        host.check(program, program, urn=urn)
    assert host.engine.shown(second) == []
    host.check(program, urn=second)
    assert len(host.engine.shown(second)) == 1


def test_unknown_names_are_not_compared(host: Host, name: str) -> None:
    """Names that are not known yet may well be different ones."""
    urns = [f"{URN}-{name}-{number}" for number in range(2)]
    for urn in urns:
        host.check({"name": UNKNOWN}, urn=urn)
        host.check({"name": name, "region": UNKNOWN}, urn=urn)
    assert [message for urn in urns for message in host.engine.shown(urn)] == []


UNKNOWN_INPUTS = ["name", "model_id", "config", "description", "region", "force_destroy", "adopt"]


def test_unknown_values_pass(host: Host) -> None:
    """What is known only after another resource exists is no failure in the preview."""
    inputs = checked(host, dict.fromkeys(UNKNOWN_INPUTS, UNKNOWN))
    assert all(isinstance(inputs[name], Unknown) for name in UNKNOWN_INPUTS)


@pytest.fixture(scope="module")
def elsewhere(mps: LocalMps, engine: FakeEngine) -> Iterator[HostProcess]:
    """Run a host whose region comes from the environment alone."""
    environ = {"ALICLOUD_REGION": "cn-beijing"}
    with HostProcess(mps.config_with(region=""), engine.address, environ=environ) as running:
        yield running


def test_an_ambient_region_moves_nothing(elsewhere: HostProcess, engine: FakeEngine) -> None:
    """A library stays where it is when only the environment changed, and a warning says so."""
    olds = {"name": "songs", "model_id": 12, "region": "cn-hangzhou"}
    assert checked(elsewhere, {"name": "songs"}, olds)["region"] == "cn-hangzhou"
    engine.await_message(lambda message: message.severity == "WARNING")
    text = engine.messages[-1].text
    assert "cn-hangzhou" in text
    assert "cn-beijing" in text


@pytest.mark.parametrize(
    ("region", "reason"), [("", "region: "), ("Shanghai", "alicloud-mps:region: ")]
)
def test_bad_settings_are_named(mps: LocalMps, region: str, reason: str) -> None:
    """A setting that is missing or malformed fails in the preview, by its own name."""
    with HostProcess(mps.config_with(region=region)) as host:
        ((given, told),) = host.check({"name": "songs"}).failures
    assert given == ""
    assert told.startswith(reason)
