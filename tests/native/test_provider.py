"""What the native provider adds to the operations: its protocol, its spelling, its functions.

What both fronts do is tested in tests/fronts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as pb

from control_api import LocalMps, local_mps
from fronts.conftest import AT_ONCE
from fronts.stack import Host
from host_process import URN, FakeEngine, HostError, ProviderClient
from pulumi_alicloud_mps.inputs import IMMUTABLE
from pulumi_alicloud_mps.settings.schema import SECRETS
from pulumi_alicloud_mps.state.deployment import SECRET_KEY

SONGS = {"name": "songs", "modelId": 13, "region": "cn-shanghai", "forceDestroy": False}
"""Checked inputs as the engine has them."""


@pytest.fixture(scope="module")
def mps() -> Iterator[LocalMps]:
    """Serve an MPS in which everything is done at once."""
    with local_mps(**AT_ONCE) as running:
        yield running


@pytest.fixture(scope="module")
def engine() -> Iterator[FakeEngine]:
    """Take messages."""
    with FakeEngine() as running:
        yield running


@pytest.fixture(scope="module")
def host(mps: LocalMps, engine: FakeEngine) -> Iterator[Host]:
    """Run the plugin of one `pulumi up`."""
    with (
        patch.object(ProviderClient, "native", new=True),
        patch("host_process.in_python", str),
        Host(mps, engine) as running,
    ):
        yield running


def call(host: Host, method: str, request: Any, **structs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a message of any kind
    """Call a method as the engine does, with properties by key."""
    for field, properties in structs.items():
        getattr(request, field).update(properties)
    return host.call(method, request)


def plain(struct: Any) -> dict[str, Any]:  # noqa: ANN401 - protobuf is untyped
    """Return properties by key."""
    properties: dict[str, Any] = rpc.deserialize_properties(struct, keep_unknowns=True)
    return properties


def kinds(host: Host, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, str]:
    """Return how the diff describes each property that has changed."""
    request = pb.DiffRequest(id="0" * 32, urn=URN)
    answer = call(host, "Diff", request, olds=olds, old_inputs=olds, news=news)
    assert sorted(answer.diffs) == sorted(answer.detailedDiff)
    return {key: pb.PropertyDiff.Kind.Name(item.kind) for key, item in answer.detailedDiff.items()}


def invoked(host: Host, function: str, **arguments: object) -> dict[str, Any]:
    """Return what a function answers."""
    request = pb.InvokeRequest(tok=f"alicloud-mps:index:{function}")
    return plain(getattr(call(host, "Invoke", request, args=arguments), "return"))


def test_keys_in_clear_become_secrets(host: Host) -> None:
    """Whatever the configuration calls them, the state has the keys encrypted."""
    settings = {**dict.fromkeys(SECRETS, "key-in-clear"), "region": "cn-shanghai"}
    answer = call(host, "CheckConfig", pb.CheckRequest(), news=settings)
    checked = plain(answer.inputs)
    assert {key for key, value in checked.items() if rpc.is_rpc_secret(value)} == SECRETS
    assert rpc.unwrap_rpc_secret(checked["secretKey"]) == "key-in-clear"
    assert checked["region"] == "cn-shanghai"
    again = call(host, "CheckConfig", pb.CheckRequest(news=answer.inputs)).inputs
    assert again == answer.inputs


def test_a_misspelt_setting(host: Host) -> None:
    """A setting that there is not is named; what the engine itself adds is none."""
    settings = {"regoin": "cn-shanghai", "version": "1.0.0", "pluginDownloadURL": "x"}
    answer = call(host, "CheckConfig", pb.CheckRequest(), news=settings)
    assert [(item.property, item.reason) for item in answer.failures] == [
        ("", "alicloud-mps:regoin: unknown setting; did you mean alicloud-mps:region? [settings]")
    ]


def test_no_change_of_settings_replaces_a_provider(host: Host) -> None:
    """Other keys or another region are an update: a replacement would take every library along."""
    secret = rpc.wrap_rpc_secret("key")
    olds = {"region": "cn-shanghai", "secretKey": secret}
    moved = {"region": "cn-beijing", "secretKey": secret}
    answer = call(host, "DiffConfig", pb.DiffRequest(), olds=olds, news=moved)
    assert (answer.changes, [*answer.diffs]) == (pb.DiffResponse.DIFF_SOME, ["region"])
    assert not answer.replaces
    # The engine sends a secret wrapped or in clear.
    clear = {**olds, "secretKey": "key"}
    answer = call(host, "DiffConfig", pb.DiffRequest(), olds=olds, news=clear)
    assert answer.changes == pb.DiffResponse.DIFF_NONE


def test_a_preview_of_a_create_shows_what_is_known(host: Host) -> None:
    """It says the inputs and that the library will be active, of the rest that it is unknown."""
    host.mps.forget_calls()
    request = pb.CreateRequest(urn=URN, preview=True)
    answer = call(host, "Create", request, properties=SONGS)
    properties = plain(answer.properties)
    unknown = {key for key, value in properties.items() if isinstance(value, Unknown)}
    assert {key: properties[key] for key in properties.keys() - unknown} == {
        **SONGS,
        "state": "active",
    }
    assert {"fpDbId", "accountId"} <= unknown
    assert answer.id == ""
    assert host.mps.calls() == []


@pytest.mark.parametrize("config", [{"y": rpc.UNKNOWN}, {"x": {"y": [1, rpc.UNKNOWN]}}])
def test_a_config_with_a_part_that_is_unknown(host: Host, config: dict[str, Any]) -> None:
    """It is unknown as a whole: SDKs take the output for text, and no mapping."""
    request = pb.CheckRequest(urn=URN)
    checked = call(host, "Check", request, news={**SONGS, "config": config}).inputs
    assert isinstance(plain(checked)["config"], Unknown)
    preview = pb.CreateRequest(urn=URN, preview=True, properties=checked)
    assert isinstance(plain(host.call("Create", preview).properties)["config"], Unknown)


def test_an_asset_is_no_config(host: Host) -> None:
    """A file is no mapping, whatever it consists of on the way here."""
    asset = {SECRET_KEY: "c44067f5952c0a294b673a41bacd8c17", "hash": "f00", "text": "{}"}
    checked = call(host, "Check", pb.CheckRequest(urn=URN), news={**SONGS, "config": asset})
    (failure,) = checked.failures
    assert failure.reason == "config: must be a mapping or a JSON string [inputs]"


def test_a_number_that_the_protocol_rounds(host: Host) -> None:
    """An integer that a float can't hold is refused in a mapping, and kept in JSON text."""
    request = pb.CheckRequest(urn=URN)
    with pytest.raises(HostError, match="config: has a number that Pulumi would round; give it"):
        call(host, "Check", request, news={**SONGS, "config": {"big": [2.0**53 + 2]}})
    text = '{"big":9007199254740993}'
    checked = call(host, "Check", pb.CheckRequest(urn=URN), news={**SONGS, "config": text}).inputs
    assert plain(checked)["config"] == text


@pytest.mark.parametrize("left", [{"state": "active"}, {"state": "offline", "neverActive": True}])
def test_a_preview_of_an_update_changes_nothing(host: Host, left: dict[str, Any]) -> None:
    """It answers with the outputs as they will be, waits for no library, and asks MPS nothing."""
    olds = {**SONGS, "fpDbId": "0" * 32, "accountId": "1"}
    request = pb.UpdateRequest(id="0" * 32, urn=URN, preview=True)
    host.mps.forget_calls()
    answer = call(host, "Update", request, olds=olds | left, news={**SONGS, "forceDestroy": True})
    assert plain(answer.properties) == {**olds, "state": "active", "forceDestroy": True}
    assert host.mps.calls() == []


def test_the_detailed_diff(host: Host) -> None:
    """It marks what is added, changed and taken away, and what of that replaces the library."""
    full = {**SONGS, "description": "Licensed", "config": '{"a":1}'}
    assert kinds(host, SONGS, SONGS) == {}
    assert kinds(host, SONGS, {**SONGS, "forceDestroy": True}) == {"forceDestroy": "UPDATE"}
    assert kinds(host, SONGS, full) == {"description": "ADD_REPLACE", "config": "ADD_REPLACE"}
    assert kinds(host, full, SONGS) == {"description": "DELETE_REPLACE", "config": "DELETE_REPLACE"}
    assert kinds(host, SONGS, {**SONGS, "modelId": 11}) == {"modelId": "UPDATE_REPLACE"}


def test_a_replacement_deletes_first(host: Host) -> None:
    """The name is free for the successor, and every immutable input that differs is a reason."""
    other = {"name": "films", "modelId": 11, "region": "cn-beijing", "config": "{}"}
    news = {**SONGS, **other, "description": "Other"}
    request = pb.DiffRequest(id="0" * 32, urn=URN)
    answer = call(host, "Diff", request, olds=SONGS, old_inputs=SONGS, news=news)
    assert {*answer.replaces} == {"name", "modelId", "region", "config", "description"}
    assert len(IMMUTABLE) == len(answer.replaces)
    assert answer.deleteBeforeReplace


def test_an_unknown_input_may_replace(host: Host) -> None:
    """What the program does not know yet counts as another value."""
    found = kinds(host, SONGS, {**SONGS, "description": rpc.UNKNOWN})
    assert found == {"description": "ADD_REPLACE"}


def test_getting_one_library(host: Host) -> None:
    """A library is described by its ID; what is not set is left out."""
    fp_db_id = host.mps.add_library(Name="one", ModelId=13)
    assert invoked(host, "getFpShotDB", fpDbId=fp_db_id) == {
        "id": fp_db_id,
        "fpDbId": fp_db_id,
        "name": "one",
        "modelId": 13,
        "region": "cn-shanghai",
        "state": "active",
    }


def test_getting_libraries(host: Host) -> None:
    """Those of a region that match are described, in the order of MPS."""
    first = host.mps.add_library(Name="many-1", ModelId=11, Description="Films")
    second = host.mps.add_library(Name="many-2", ModelId=13)
    found = invoked(host, "getFpShotDBs", nameRegex="^many-")
    assert found.keys() == {"ids", "names", "fpShotDbs", "region"}
    assert dict(zip(found["ids"], found["names"], strict=True)) == {
        first: "many-1",
        second: "many-2",
    }
    assert {item["fpDbId"]: item.get("description") for item in found["fpShotDbs"]} == {
        first: "Films",
        second: None,
    }
    (audio,) = invoked(host, "getFpShotDBs", nameRegex="^many-", modelId=13)["fpShotDbs"]
    assert audio["fpDbId"] == second
    assert invoked(host, "getFpShotDBs", ids=[])["ids"] == []


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("getFpShotDB", {"fpDbId": "x"}, "fpDbId: 'x' is not an FpDBId"),
        ("getFpShotDB", {"fpDbId": "0" * 32}, "0" * 32),
        ("getFpShotDB", {}, "fpDbId: must be text"),
        ("getFpShotDBs", {"nameRegex": "("}, "nameRegex: is not a valid regular expression"),
        ("getFpShotDBs", {"region": "x"}, "region: "),
        ("getFpShotDBs", {"regoin": "cn-beijing"}, "regoin: is not a property"),
        ("getFpShotDBs", {"nameRegex": 5}, "nameRegex: must be text"),
        ("getFpShotDBs", {"region": 5}, "region: must be text"),
        ("getFpShotDBs", {"ids": "abc"}, "ids: "),
        ("getFpShotDBs", {"modelId": "13"}, "modelId: must be one of "),
        ("getFpShotDBs", {"modelId": 13.5}, "modelId: must be one of "),
        ("getFilms", {}, "alicloud-mps:index:getFilms: is not a function of"),
    ],
)
def test_a_look_up_that_fails(
    host: Host, function: str, arguments: dict[str, object], message: str
) -> None:
    """One line says which argument is wrong, in the program's spelling."""
    with pytest.raises(HostError) as raised:
        invoked(host, function, **arguments)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_messages_are_in_the_spelling_of_the_schema(host: Host) -> None:
    """A refusal names properties as programs in YAML and TypeScript write them."""
    request = pb.CheckRequest(urn=URN)
    answer = call(host, "Check", request, news={"modelId": 5, "forceDestroy": "no"})
    reasons = {item.reason.partition(":")[0] for item in answer.failures}
    assert reasons == {"modelId", "forceDestroy"}


def test_a_failure_without_a_cause_of_ours_is_one_line(host: Host) -> None:
    """Even a defect reaches the user without a stack trace."""
    with pytest.raises(HostError) as raised:
        call(host, "Create", pb.CreateRequest(urn="no urn"), properties={"modelId": [1]})
    assert "Traceback" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_the_plugin_tells_of_itself(host: Host) -> None:
    """Its version and its schema's are the package's, as semantic versioning has them."""
    version = host.call("GetPluginInfo", empty_pb2.Empty()).version
    schema = host.call("GetSchema", pb.GetSchemaRequest()).schema
    assert f'"version": "{version}"' in schema
