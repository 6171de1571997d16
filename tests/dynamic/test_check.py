"""What MPS would refuse fails in the preview; what only looks different becomes one spelling."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from dynamic.local_mps import LocalMps
from dynamic.stack import checked
from host_process import URN, FakeEngine, HostProcess

FP_DB_ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"

BAD = [
    ("name", ""),
    ("name", "  "),
    ("name", "\t\n"),
    ("name", "a\0b"),
    ("name", 12),
    ("name", True),
    ("name", ["songs"]),
    ("name", {"songs": 1}),
    ("model_id", 0),
    ("model_id", 10),
    ("model_id", 15),
    ("model_id", -12),
    ("model_id", 12.5),
    ("model_id", 1e300),
    ("model_id", float("nan")),
    ("model_id", "12"),
    ("model_id", "VIDEO"),
    ("model_id", True),
    ("model_id", [12]),
    ("model_id", {"value": 12}),
    ("config", "{"),
    ("config", "nope"),
    ("config", "{'a': 1}"),
    ("config", '{"a": 1}}'),
    ("config", "NaN"),
    ("config", "[Infinity]"),
    ("config", "-Infinity"),
    ("config", "1e400"),
    ("config", '"\\ud800"'),
    ("config", "[" * 100_000),
    ("config", 12),
    ("config", True),
    ("config", {"a": 1}),
    ("description", 12),
    ("description", False),
    ("description", ["text"]),
    ("description", "a\0b"),
    ("region", ""),
    ("region", "shanghai"),
    ("region", "CN-Shanghai"),
    ("region", "cn shanghai"),
    ("region", "cn_shanghai"),
    ("region", "cn-shanghai/"),
    ("region", "cn-shanghai\n"),
    ("region", 12),
    ("region", ["cn-shanghai"]),
    ("force_destroy", "true"),
    ("force_destroy", 1),
    ("force_destroy", [True]),
    ("adopt", ""),
    ("adopt", "songs"),
    ("adopt", FP_DB_ID + "\n"),
    ("adopt", 12),
    ("adopt", True),
    ("modelId", 12),
    ("colour", "red"),
]


@pytest.mark.parametrize(("property_", "value"), BAD, ids=lambda value: repr(value)[:20])
def test_a_bad_input_is_named(
    host: HostProcess, mps: LocalMps, property_: str, value: object
) -> None:
    """A bad input fails with a reason that starts with its name, and without any call."""
    good = {"name": "songs", "model_id": 12}
    mps.forget_calls()
    ((given, reason),) = host.check({**good, property_: value}).failures
    assert given == ""
    assert reason.startswith(f"{property_}: ")
    assert "\n" not in reason
    assert mps.actions == []


@pytest.mark.portability
def test_all_bad_inputs_are_named_at_once(host: HostProcess) -> None:
    """One preview is enough to see everything that is wrong."""
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
    failures = host.check(bad).failures
    assert {reason.partition(":")[0] for _, reason in failures} == set(bad)


def test_a_value_is_in_no_reason(host: HostProcess) -> None:
    """A bad value may be a secret: no reason repeats it."""
    secret = "hunter2"
    names = ("model_id", "config", "region", "force_destroy", "adopt", "colour")
    for _, reason in host.check(dict.fromkeys(names, secret)).failures:
        assert secret not in reason


def test_text_libraries_exist_in_one_region(host: HostProcess) -> None:
    """A text library elsewhere than in Shanghai is refused in the preview."""
    ((given, reason),) = host.check(
        {"name": "songs", "model_id": 11, "region": "cn-beijing"}
    ).failures
    assert given == ""
    assert reason.startswith("model_id: ")
    assert "cn-shanghai" in reason
    assert checked(host, {"name": "songs", "model_id": 11})["model_id"] == 11


@pytest.mark.parametrize("missing", ["name", "model_id"])
def test_adopt_needs_what_it_compares(host: HostProcess, missing: str) -> None:
    """Taking a library over without saying what it is, is refused in the preview."""
    program = {"name": "songs", "model_id": 12, "adopt": FP_DB_ID}
    del program[missing]
    ((_, reason),) = host.check(program).failures
    assert reason.startswith(f"{missing}: ")


@pytest.mark.portability
def test_defaults_are_filled_in(host: HostProcess) -> None:
    """A program that says nothing gets a name of the attempt, a model and the stack's region."""
    inputs = checked(host, {})
    assert re.fullmatch(r"songs-[0-9a-f]{7}-[0-9a-f]{8}", inputs["name"])
    assert inputs == {
        "name": inputs["name"],
        "model_id": 12,
        "region": "cn-shanghai",
        "force_destroy": False,
    }


@pytest.mark.parametrize("old", ["songs-3f2a9c1", "given once"])
def test_the_old_name_is_kept(host: HostProcess, old: str) -> None:
    """A stack or resource that is renamed, or a name that is dropped, renames no library."""
    olds = checked(host, {"name": old})
    assert checked(host, {}, olds) == olds


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ('{"b": 1, "a": [null, 2.5]}', '{"a":[null,2.5],"b":1}'),
        ('\n{"a":[null,2.5],\t"b":1}  ', '{"a":[null,2.5],"b":1}'),
        ('"\\u00fc"', '"ü"'),
        ("", None),
        ("  ", None),
        ("null", None),
        (" null ", None),
    ],
)
def test_config_has_one_spelling(host: HostProcess, spelling: str, canonical: str | None) -> None:
    """Config that means the same becomes the same text, and what means nothing is unset."""
    assert checked(host, {"name": "songs", "config": spelling}).get("config") == canonical


@pytest.mark.parametrize("nothing", ["", "null", None])
def test_an_empty_description_is_unset(host: HostProcess, nothing: str | None) -> None:
    """MPS does not tell an empty description from none, and neither does a diff."""
    assert "description" not in checked(host, {"name": "songs", "description": nothing})


def test_checked_inputs_stay_as_they_are(host: HostProcess) -> None:
    """Checking twice is checking once."""
    inputs = checked(host, {"name": "songs", "model_id": 13, "config": '{"b": 1}'})
    assert checked(host, inputs) == inputs
    assert checked(host, inputs, inputs) == inputs


def test_the_same_name_twice_is_warned_about(
    host: HostProcess, engine: FakeEngine, name: str
) -> None:
    """Of two resources that want one name, the second is told of the first, but not the name."""
    first, second, third = (f"{URN}-{name}-{number}" for number in range(3))
    elsewhere = {"name": name, "region": "cn-beijing"}
    for urn, program in ((first, {"name": name}), (third, elsewhere), (second, {"name": name})):
        host.check(program, urn=urn)
    # As for a replacement, or in an update after the preview.
    host.check({"name": name}, urn=first)
    engine.await_message(lambda message: message.urn == second)
    (message,) = engine.shown(second)
    assert message.severity == "WARNING"
    assert message.text.startswith(
        f"name: is that of another resource in cn-shanghai, too ({first}"
    )
    assert name not in message.text.replace(first, "")
    assert engine.shown(first) + engine.shown(third) == []


def test_unknown_names_are_not_compared(host: HostProcess, engine: FakeEngine, name: str) -> None:
    """Names that are not known yet may well be different ones."""
    urns = [f"{URN}-{name}-{number}" for number in range(2)]
    for urn in urns:
        host.check({"name": UNKNOWN}, urn=urn)
        host.check({"name": name, "region": UNKNOWN}, urn=urn)
    assert [message for urn in urns for message in engine.shown(urn)] == []


UNKNOWN_INPUTS = ["name", "model_id", "config", "description", "region", "force_destroy", "adopt"]


@pytest.mark.parametrize("property_", UNKNOWN_INPUTS)
def test_unknown_values_pass(host: HostProcess, property_: str) -> None:
    """What is known only after another resource exists is no failure in the preview."""
    inputs = checked(host, {"name": "songs", "model_id": 12, property_: UNKNOWN})
    assert isinstance(inputs[property_], Unknown)


def test_an_unknown_value_hides_no_bad_one(host: HostProcess) -> None:
    """The known inputs are checked, whatever is unknown beside them."""
    program = {"name": UNKNOWN, "adopt": UNKNOWN, "model_id": 5}
    ((_, reason),) = host.check(program).failures
    assert reason.startswith("model_id: ")


@pytest.fixture(scope="module")
def elsewhere(mps: LocalMps, engine: FakeEngine) -> Iterator[HostProcess]:
    """Run a host whose region comes from the environment alone."""
    environ = {"ALICLOUD_REGION": "cn-beijing"}
    with HostProcess(mps.config(region=""), engine.address, environ=environ) as running:
        yield running


def test_an_ambient_region_is_a_default(elsewhere: HostProcess) -> None:
    """A new library goes where the environment says, when nothing else does."""
    assert checked(elsewhere, {"name": "songs"})["region"] == "cn-beijing"


def test_an_ambient_region_moves_nothing(elsewhere: HostProcess, engine: FakeEngine) -> None:
    """A library stays where it is when only the environment changed, and a warning says so."""
    olds = {"name": "songs", "model_id": 12, "region": "cn-hangzhou"}
    assert checked(elsewhere, {"name": "songs"}, olds)["region"] == "cn-hangzhou"
    engine.await_message(lambda message: message.severity == "WARNING")
    text = engine.messages[-1].text
    assert "cn-hangzhou" in text
    assert "cn-beijing" in text


def test_the_stack_s_region_is_an_intention(host: HostProcess) -> None:
    """Another region in the stack's configuration is taken at its word."""
    olds = {"name": "songs", "model_id": 12, "region": "cn-hangzhou"}
    assert checked(host, {"name": "songs"}, olds)["region"] == "cn-shanghai"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"alicloud-mps:region": ""}, "region: "),
        ({"alicloud-mps:region": "Shanghai"}, "alicloud-mps:region: "),
        ({"alicloud-mps:secretKey": ""}, "alicloud-mps:secretKey: "),
    ],
)
def test_bad_settings_are_named(mps: LocalMps, config: dict[str, Any], reason: str) -> None:
    """A setting that is missing or malformed fails in the preview, by its own name."""
    with HostProcess({**mps.config(), **config}) as host:
        ((given, told),) = host.check({"name": "songs"}).failures
    assert given == ""
    assert told.startswith(reason)
