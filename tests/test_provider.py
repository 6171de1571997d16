"""Explicit providers: which settings they carry, and which libraries they serve."""

from typing import Any

import pulumi
import pytest

from mock_engine import PROVIDER_TOKEN, SECRET, Engine
from pulumi_alicloud_mps import FpShotDB, Provider
from pulumi_alicloud_mps.settings.schema import SETTINGS

_SETTINGS = [
    ("region", "region", "cn-beijing"),
    ("profile", "profile", "prod"),
    ("access_key", "accessKey", "AK"),
    ("secret_key", "secretKey", "hunter2"),
    ("security_token", "securityToken", "t0ken"),
    ("endpoint", "endpoint", "vpc"),
    ("sts_endpoint", "stsEndpoint", "sts.example"),
    ("account_id", "accountId", "123"),
    ("ca_bundle", "caBundle", "/ca.pem"),
    ("connect_timeout", "connectTimeout", 2.5),
    ("read_timeout", "readTimeout", 20),
    ("calls_per_second", "callsPerSecond", 5),
    ("call_log", "callLog", "calls.log"),
]
ARGUMENTS = {argument: value for argument, _, value in _SETTINGS}
KEYS = {f"alicloud-mps:{key}": value for _, key, value in _SETTINGS}
SECRETS = {"alicloud-mps:accessKey", "alicloud-mps:secretKey", "alicloud-mps:securityToken"}


def settings(engine: Engine, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - of several types
    """Declare a provider, and return what it is configured with, secrets in clear."""
    engine.run(lambda: Provider("beijing", **arguments))
    (request,) = engine.requested(PROVIDER_TOKEN)
    values = pulumi.runtime.rpc.deserialize_properties(request.object)
    assert values.pop("alicloud-mps:provider") == "beijing"
    return {
        key: value["value"] if isinstance(value, dict) and SECRET in value else value
        for key, value in values.items()
    }


def secrets(engine: Engine) -> set[str]:
    """Return the settings that are secrets."""
    (request,) = engine.requested(PROVIDER_TOKEN)
    return {
        key for key, value in request.object.fields.items() if SECRET in value.struct_value.fields
    }


def test_settings_have_the_keys_of_the_configuration() -> None:
    """What a provider is given arrives under the keys that a stack's configuration has."""
    assert ARGUMENTS.keys() == SETTINGS.keys()
    assert settings(Engine(), **ARGUMENTS) == KEYS


@pytest.mark.portability
def test_keys_are_secrets() -> None:
    """Keys are secrets in the state, whether the program says so or not."""
    engine = Engine()
    settings(engine, **ARGUMENTS)
    assert secrets(engine) == SECRETS


@pytest.mark.portability
def test_what_is_left_out_is_the_stack_s() -> None:
    """A provider that is given a region alone calls as the rest of the stack does."""
    config = {
        "alicloud-mps:endpoint": "mts.example",
        "alicloud-mps:region": "cn-shanghai",
        "alicloud-mps:secretKey": "hunter2",
        "alicloud-mps:readTimeout": "30",
        "alicloud:region": "cn-hangzhou",
        "alicloud:accessKey": "AK",
        "catalogue:region": "nowhere",
    }
    engine = Engine(config=config)
    assert settings(engine, region="cn-beijing") == {
        "alicloud-mps:endpoint": "mts.example",
        "alicloud-mps:region": "cn-beijing",
        "alicloud-mps:secretKey": "hunter2",
        "alicloud-mps:readTimeout": "30",
        "alicloud:accessKey": "AK",
    }
    assert secrets(engine) == {"alicloud-mps:secretKey", "alicloud:accessKey"}


def test_what_is_secret_in_the_stack_stays_so() -> None:
    """A setting that the stack's configuration encrypts is a secret of the provider, too."""
    engine = Engine(
        config={"alicloud-mps:endpoint": "mts.example"}, secrets=["alicloud-mps:endpoint"]
    )
    settings(engine)
    assert secrets(engine) == {"alicloud-mps:endpoint"}


@pytest.mark.parametrize(
    "arguments",
    [{"profile": "prod"}, {"access_key": "AK2", "secret_key": "s"}, {"security_token": "t"}],
)
def test_keys_of_two_sources_are_not_mixed(arguments: dict[str, str]) -> None:
    """A provider with keys or a profile of its own takes none of either from the stack."""
    config = {
        f"{space}:{key}": "stack"
        for space in ("alicloud-mps", "alicloud")
        for key in ("profile", "accessKey", "secretKey", "securityToken")
    }
    found = settings(Engine(config=config), **arguments)
    assert sorted(found.values()) == sorted(arguments.values())


def test_a_role_of_the_stack_is_not_forgotten() -> None:
    """A provider without keys of its own does not call with the stack's as they are."""
    engine = Engine(config={"alicloud:assumeRole": "{}", "alicloud:accessKey": "AK"})
    assert settings(engine) == {"alicloud:assumeRole": "{}", "alicloud:accessKey": "AK"}
    assert settings(Engine(config=engine.config), profile="prod") == {
        "alicloud-mps:profile": "prod"
    }


@pytest.mark.parametrize("argument", ["endpoint", "sts_endpoint"])
def test_endpoints_of_two_sources_are_not_mixed(argument: str) -> None:
    """A provider with an endpoint of its own asks nobody else's STS."""
    config = {"alicloud-mps:endpoint": "stack", "alicloud-mps:stsEndpoint": "stack"}
    found = settings(Engine(config=config), **{argument: "own.example"})
    assert list(found.values()) == ["own.example"]


def test_an_unknown_argument_is_refused() -> None:
    """A misspelt argument is a TypeError, as of any other resource."""
    arguments: dict[str, Any] = {"regoin": "cn-beijing"}
    with pytest.raises(TypeError, match=r"^regoin: unknown setting; did you mean region\?$"):
        Provider("beijing", **arguments)


class Catalogue(pulumi.ComponentResource):
    """A component with a library."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("test:index:Catalogue", name, None, opts)
        FpShotDB("songs", opts=pulumi.ResourceOptions(parent=self))


@pytest.mark.parametrize("way", ["provider", "providers", "list", "component"])
def test_libraries_take_it(way: str) -> None:
    """A library is served by the provider it is given, also through a component or parent."""
    engine = Engine()

    def program() -> None:
        beijing = Provider("beijing", region="cn-beijing")
        Provider("other")
        ways: dict[str, dict[str, Any]] = {
            "provider": {"provider": beijing},
            "providers": {"providers": {"pulumi-python": beijing}},
        }
        given = ways.get(way, {"providers": [beijing]})
        if way == "component":
            Catalogue("catalogue", pulumi.ResourceOptions(**given))
        else:
            FpShotDB("songs", opts=pulumi.ResourceOptions(**given))

    engine.run(program)
    (request,) = engine.requested()
    assert "pulumi:providers:pulumi-python::beijing::" in request.provider
