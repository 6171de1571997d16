"""Settings: where each comes from, which source wins, and what is refused."""

from __future__ import annotations

import pytest

from pulumi_alicloud_mps.mps.endpoint import Endpoint
from pulumi_alicloud_mps.mps.errors import SettingsError
from pulumi_alicloud_mps.mps.settings import (
    Credentials,
    Region,
    Settings,
    check_region,
    read_settings,
)

REGION_SOURCES = [
    "alicloud-mps:region",
    "alicloud:region",
    "ALICLOUD_REGION",
    "ALIBABA_CLOUD_REGION",
    "ALIBABA_CLOUD_REGION_ID",
]

KEY_SOURCES = [
    ("alicloud-mps:accessKey", "alicloud-mps:secretKey", "alicloud-mps:securityToken"),
    ("alicloud:accessKey", "alicloud:secretKey", "alicloud:securityToken"),
    ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"),
    (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ),
]

PROFILE_SOURCES = [
    "alicloud-mps:profile",
    "alicloud:profile",
    "ALICLOUD_PROFILE",
    "ALIBABA_CLOUD_PROFILE",
]


def read(values: dict[str, str]) -> Settings:
    """Read settings from one mapping: what has a colon in its name is configuration."""
    config = {name: value for name, value in values.items() if ":" in name}
    environ = {name: value for name, value in values.items() if ":" not in name}
    return read_settings(config.get, environ)


def test_nothing_needs_to_be_set() -> None:
    """Without any setting all is left to be found out when the first call is made."""
    assert read({}) == Settings()
    assert not read({}).local


class TestRegion:
    """The region where a resource names none."""

    @pytest.mark.parametrize("number", range(len(REGION_SOURCES)))
    def test_earlier_sources_win(self, number: int) -> None:
        """A region comes from the stack's configuration, ours first, and then the environment."""
        sources = REGION_SOURCES[number:]
        values = {name: f"cn-region{index}" for index, name in enumerate(sources)}
        region = read(values).region
        assert region == Region("cn-region0", deliberate=":" in sources[0])

    @pytest.mark.parametrize("source", REGION_SOURCES)
    def test_an_empty_value_is_none(self, source: str) -> None:
        """An empty region counts as none."""
        assert read({source: ""}).region is None

    @pytest.mark.parametrize("source", REGION_SOURCES)
    @pytest.mark.parametrize("name", ["shanghai", "cn shanghai", "CN-SHANGHAI", "cn-", "cn-x/../y"])
    def test_a_malformed_region_is_refused(self, source: str, name: str) -> None:
        """What can't be a region is refused, and the message names where it was set."""
        with pytest.raises(SettingsError, match=f"^{source}: '.*' is no region; give one such as"):
            read({source: name})

    @pytest.mark.parametrize(
        "name", ["cn-shanghai", "ap-southeast-1", "us-west-1", "cn-north-2-gov-1"]
    )
    def test_every_region_of_alibaba_cloud_is_one(self, name: str) -> None:
        """Regions of all forms that Alibaba Cloud has are accepted."""
        assert check_region(name, "region") == name


class TestKeys:
    """Key pairs."""

    @pytest.mark.parametrize("number", range(len(KEY_SOURCES)))
    def test_earlier_sources_win(self, number: int) -> None:
        """Keys come from the stack's configuration, ours first, and then the environment."""
        values = {
            name: f"{part}-{index}"
            for index, names in enumerate(KEY_SOURCES[number:])
            for part, name in zip(("key", "secret", "token"), names, strict=True)
        }
        assert read(values).credentials == Credentials("key-0", "secret-0", "token-0")

    @pytest.mark.parametrize("names", KEY_SOURCES)
    def test_a_token_is_optional(self, names: tuple[str, str, str]) -> None:
        """A key pair needs no token, and an empty one is none."""
        key, secret, token = names
        assert read({key: "k", secret: "s", token: ""}).credentials == Credentials("k", "s", None)

    @pytest.mark.parametrize("names", KEY_SOURCES)
    @pytest.mark.parametrize("missing", [0, 1])
    def test_half_a_pair_is_refused(self, names: tuple[str, str, str], missing: int) -> None:
        """Half a key pair is an error that names the missing half, and shows no value."""
        given = names[1 - missing]
        with pytest.raises(SettingsError) as caught:
            read({given: "s3cret"})
        assert str(caught.value) == (
            f"{names[missing]}: missing beside {given}; set both, or neither"
        )

    def test_pairs_are_not_mixed(self) -> None:
        """One half from here and the other from there make no pair."""
        with pytest.raises(SettingsError, match=r"^ALICLOUD_SECRET_KEY: missing"):
            read({"ALICLOUD_ACCESS_KEY": "k", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"})

    def test_a_token_alone_is_nothing(self) -> None:
        """A token without a key pair is no credential."""
        assert read({"ALICLOUD_SECURITY_TOKEN": "t"}).credentials is None

    def test_secrets_are_not_shown(self) -> None:
        """Neither secret nor token shows when settings are printed."""
        settings = read(dict(zip(KEY_SOURCES[0], ("AK", "s3cret", "t0ken"), strict=True)))
        assert "AK" in repr(settings)
        assert "s3cret" not in repr(settings)
        assert "t0ken" not in repr(settings)

    def test_blanks_around_a_value_do_not_count(self) -> None:
        """Blanks around a value of the configuration, pasted along, are dropped."""
        settings = read({"alicloud-mps:accessKey": " k\n", "alicloud-mps:secretKey": "\ts "})
        assert settings.credentials == Credentials("k", "s")


class TestProfile:
    """The profile of the aliyun CLI."""

    @pytest.mark.parametrize("number", range(len(PROFILE_SOURCES)))
    def test_earlier_sources_win(self, number: int) -> None:
        """A profile comes from the stack's configuration, ours first, then the environment."""
        values = {name: f"p{index}" for index, name in enumerate(PROFILE_SOURCES[number:])}
        assert read(values).profile == "p0"

    @pytest.mark.parametrize(("profile", "keys"), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)])
    def test_a_profile_wins_over_later_keys(self, profile: int, keys: int) -> None:
        """A profile of the stack's configuration is not overridden by keys of a later source."""
        key, secret, _ = KEY_SOURCES[keys]
        settings = read({PROFILE_SOURCES[profile]: "prod", key: "k", secret: "s"})
        assert settings.credentials is None
        assert settings.profile == "prod"

    @pytest.mark.parametrize("keys", [0, 1])
    def test_keys_win_over_a_later_profile(self, keys: int) -> None:
        """Keys of the stack's configuration are not overridden by a profile of a later source."""
        key, secret, _ = KEY_SOURCES[keys]
        settings = read({PROFILE_SOURCES[keys + 1]: "prod", key: "k", secret: "s"})
        assert settings.credentials == Credentials("k", "s")

    @pytest.mark.parametrize("source", range(len(KEY_SOURCES)))
    def test_keys_win_over_a_profile_beside_them(self, source: int) -> None:
        """Keys win over a profile of the same source, as for pulumi-alicloud."""
        key, secret, _ = KEY_SOURCES[source]
        settings = read({PROFILE_SOURCES[source]: "prod", key: "k", secret: "s"})
        assert settings.credentials == Credentials("k", "s")


class TestEndpoint:
    """Where the API is."""

    def test_it_comes_from_our_configuration_only(self) -> None:
        """An endpoint is set for this package alone, since that of another API would not do."""
        assert read({"alicloud-mps:endpoint": "mts.x"}).endpoint == Endpoint("mts.x")
        assert read({"alicloud-mps:stsEndpoint": "sts.x"}).sts_endpoint == Endpoint("sts.x")
        assert read({"alicloud:endpoint": "x", "ALICLOUD_ENDPOINT": "x"}).endpoint is None

    def test_local_is_the_embedded_mps(self) -> None:
        """The word local means the embedded MPS."""
        settings = read({"alicloud-mps:endpoint": "local"})
        assert settings.local
        assert settings.endpoint is None

    @pytest.mark.parametrize("key", ["alicloud-mps:endpoint", "alicloud-mps:stsEndpoint"])
    def test_a_malformed_one_is_named(self, key: str) -> None:
        """An endpoint that can't be used is an error that names its setting."""
        with pytest.raises(SettingsError, match=f"^{key}: 'a b' is no host name"):
            read({key: "a b"})


@pytest.mark.parametrize("key", ["endpoint", "stsEndpoint", "region", "profile", "accessKey"])
def test_configuration_that_is_no_text_is_refused(key: str) -> None:
    """A structured value is refused, naming the key and how to set it, without the value."""
    config: dict[str, object] = {f"alicloud-mps:{key}": {"a": "s3cret"}}
    with pytest.raises(SettingsError) as caught:
        read_settings(config.get, {})
    assert str(caught.value) == (
        f"alicloud-mps:{key}: expected text; set it with"
        f" `pulumi config set alicloud-mps:{key} VALUE`"
    )
