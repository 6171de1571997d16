"""Settings: where each comes from, which source wins, and what is refused."""

import json
import pwd
from pathlib import Path

import pytest

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.access import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    Access,
    Credentials,
    Endpoint,
)
from pulumi_alicloud_mps.settings.credentials import profile_problem
from pulumi_alicloud_mps.settings.reader import _PAIR, Settings, read_settings
from pulumi_alicloud_mps.settings.schema import (
    PROVIDER_NAME,
    SETTINGS,
    UNSUPPORTED,
    Kind,
    Region,
)
from pulumi_alicloud_mps.state.deployment import key_of

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
    (
        "ALIBABACLOUD_ACCESS_KEY_ID",
        "ALIBABACLOUD_ACCESS_KEY_SECRET",
        "ALIBABACLOUD_SECURITY_TOKEN",
    ),
]

PROFILE_SOURCES = [
    "alicloud-mps:profile",
    "alicloud:profile",
    "ALICLOUD_PROFILE",
    "ALIBABA_CLOUD_PROFILE",
]


BUNDLE_SOURCES = [
    "alicloud-mps:caBundle",
    "ALIBABA_CLOUD_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
]


def read(values: dict[str, str]) -> Settings:
    """Read settings from one mapping: what has a colon in its name is configuration."""
    config = {name: value for name, value in values.items() if ":" in name}
    environ = {name: value for name, value in values.items() if ":" not in name}
    return read_settings(config.get, environ)


def keys_in(settings: Settings) -> Credentials | None:
    """Return the keys that were set; None where a profile or the default chain gives them."""
    return settings.access.credentials() if "credentials" in settings.sources else None


def test_nothing_needs_to_be_set() -> None:
    """Without any setting all is left to be found out when the first call is made."""
    settings = read({})
    assert settings == Settings(settings.access)
    assert settings.access == Access(settings.access.credentials)


@pytest.mark.parametrize(
    ("setting", "sources"),
    [
        (setting, sources[number:])
        for setting, sources in (("region", REGION_SOURCES), ("profile", PROFILE_SOURCES))
        for number in range(len(sources))
    ],
)
def test_the_earliest_source_counts(setting: str, sources: list[str]) -> None:
    """A setting comes from the stack's configuration, ours first, and then the environment."""
    found = read({name: f"cn-source{number}" for number, name in enumerate(sources)})
    first = {"region": Region("cn-source0", deliberate=":" in sources[0]), "profile": "cn-source0"}
    assert getattr(found, setting) == first[setting]


@pytest.mark.parametrize("number", range(len(BUNDLE_SOURCES)))
def test_the_earliest_source_gives_the_bundle(number: int, tmp_path: Path) -> None:
    """The authorities come from the stack's configuration, and then from the usual variables."""
    values = {name: str(tmp_path / f"{i}.pem") for i, name in enumerate(BUNDLE_SOURCES[number:])}
    for file in values.values():
        Path(file).touch()
    assert read(values).access.ca_bundle == str(tmp_path / "0.pem")


@pytest.mark.parametrize("profile", range(len(PROFILE_SOURCES)))
@pytest.mark.parametrize("keys", range(len(KEY_SOURCES)))
def test_of_profile_and_keys_the_earlier_wins(profile: int, keys: int) -> None:
    """A later source overrides nothing; beside each other keys win, as for pulumi-alicloud."""
    key, secret, _ = KEY_SOURCES[keys]
    settings = read({PROFILE_SOURCES[profile]: "prod", key: "k", secret: "s"})
    environment = 2
    earlier = min(profile, environment) < min(keys, environment)
    won = (None, "prod") if earlier else (Credentials("k", "s"), settings.profile)
    assert (keys_in(settings), settings.profile) == won


class TestRegion:
    """The region where a resource names none."""

    @pytest.mark.parametrize("source", REGION_SOURCES)
    def test_an_empty_value_is_none(self, source: str) -> None:
        """An empty region counts as none."""
        assert read({source: ""}).region is None

    @pytest.mark.parametrize("source", REGION_SOURCES)
    @pytest.mark.parametrize("name", ["shanghai", "cn shanghai", "CN-SHANGHAI", "cn-", "cn-x/../y"])
    def test_a_malformed_region_is_refused(self, source: str, name: str) -> None:
        """What can't be a region is refused, and the message names where it was set."""
        with pytest.raises(
            SettingsError, match=f"^{source}: '.*' is not a region; give one such as"
        ):
            read({source: name})


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
        assert keys_in(read(values)) == Credentials("key-0", "secret-0", "token-0")

    @pytest.mark.parametrize("names", KEY_SOURCES)
    def test_a_token_is_optional(self, names: tuple[str, str, str]) -> None:
        """A key pair needs no token, and an empty one is none."""
        key, secret, token = names
        keys = keys_in(read({key: "k", secret: "s", token: ""}))
        assert keys == Credentials("k", "s", None)

    @pytest.mark.parametrize("names", KEY_SOURCES)
    @pytest.mark.parametrize("missing", [0, 1])
    def test_half_a_pair_is_refused(self, names: tuple[str, str, str], missing: int) -> None:
        """Half a key pair is an error that names the missing half, and shows no value."""
        given = names[1 - missing]
        with pytest.raises(SettingsError) as caught:
            read({given: "s3cret"})
        assert str(caught.value) == (
            f"{names[missing]}: missing, but {given} is set; set both, or neither"
        )

    def test_pairs_are_not_mixed(self) -> None:
        """One half from here and the other from there make no pair."""
        with pytest.raises(SettingsError, match=r"^ALICLOUD_SECRET_KEY: missing"):
            read({"ALICLOUD_ACCESS_KEY": "k", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"})

    def test_a_token_alone_is_nothing(self) -> None:
        """A token without a key pair is no credential."""
        assert keys_in(read({"ALICLOUD_SECURITY_TOKEN": "t"})) is None

    @pytest.mark.portability
    def test_secrets_are_not_shown(self) -> None:
        """Neither secret nor token shows when settings are printed."""
        settings = read(dict(zip(KEY_SOURCES[0], ("AK", "s3cret", "t0ken"), strict=True)))
        text = f"{settings!r} {keys_in(settings)!r}"
        assert "AK" in text
        assert "s3cret" not in text
        assert "t0ken" not in text

    def test_blanks_around_a_value_do_not_count(self) -> None:
        """Blanks around a value of the configuration, pasted along, are dropped."""
        settings = read({"alicloud-mps:accessKey": " k\n", "alicloud-mps:secretKey": "\ts "})
        assert keys_in(settings) == Credentials("k", "s")


class TestUnsupported:
    """Ways to keys that pulumi-alicloud has and this package does not."""

    @pytest.mark.parametrize("key", UNSUPPORTED)
    @pytest.mark.parametrize("beside", [{}, {"alicloud:accessKey": "k", "alicloud:secretKey": "s"}])
    def test_they_are_refused(self, key: str, beside: dict[str, str]) -> None:
        """A stack is never called for with other keys than pulumi-alicloud would use."""
        with pytest.raises(SettingsError, match=f"^alicloud:{key}: is not supported here; conf"):
            read({**beside, f"alicloud:{key}": '{"roleArn": "s3cret"}'})

    @pytest.mark.parametrize("key", UNSUPPORTED)
    def test_own_keys_make_them_irrelevant(self, key: str) -> None:
        """With keys or a profile of this package's own, those of pulumi-alicloud don't matter."""
        other = {f"alicloud:{key}": "x"}
        assert read({**other, "alicloud-mps:profile": "prod"}).profile == "prod"
        names = dict(zip(KEY_SOURCES[0], ("k", "s", ""), strict=True))
        assert keys_in(read({**other, **names})) == Credentials("k", "s")


class TestEndpoint:
    """Where the API is."""

    @pytest.mark.parametrize(
        ("word", "local", "vpc"), [("local", True, False), ("vpc", False, True)]
    )
    def test_two_words_are_none(self, word: str, *, local: bool, vpc: bool) -> None:
        """Two words stand for the embedded MPS, and for the hosts inside of a VPC."""
        settings = read({"alicloud-mps:endpoint": word})
        assert (settings.local, settings.access.vpc, settings.access.endpoint) == (local, vpc, None)

    def test_it_comes_from_our_configuration_only(self) -> None:
        """An endpoint is set for this package alone, since that of another API would not do."""
        assert read({"alicloud-mps:endpoint": "mts.x"}).access.endpoint == Endpoint("mts.x")
        assert read({"alicloud-mps:stsEndpoint": "sts.x"}).access.sts_endpoint == Endpoint("sts.x")
        assert read({"alicloud:endpoint": "x", "ALICLOUD_ENDPOINT": "x"}).access.endpoint is None

    @pytest.mark.parametrize("key", ["alicloud-mps:endpoint", "alicloud-mps:stsEndpoint"])
    def test_a_malformed_one_is_named(self, key: str) -> None:
        """An endpoint that can't be used is an error that names its setting."""
        with pytest.raises(SettingsError, match=f"^{key}: 'a b' is not a host name"):
            read({key: "a b"})


class TestProfileRegion:
    """The region of the aliyun CLI's profile."""

    @pytest.fixture(autouse=True)
    def _profiles(self, tmp_path: Path) -> None:
        self.home = {"HOME": str(tmp_path)}
        self.file = tmp_path / ".aliyun" / "config.json"
        self.file.parent.mkdir()
        self.write(
            {"name": "dev", "region_id": "cn-hangzhou"}, {"name": "prod", "region_id": "cn-beijing"}
        )

    def write(self, *profiles: dict[str, object], current: str = "dev") -> None:
        """Write the CLI's configuration."""
        content = {"current": current, "profiles": profiles}
        self.file.write_text(json.dumps(content), encoding="utf-8")

    @pytest.mark.parametrize(
        ("values", "region"),
        [
            ({}, "cn-hangzhou"),
            ({"ALICLOUD_PROFILE": "prod"}, "cn-beijing"),
            ({"alicloud-mps:profile": "prod"}, "cn-beijing"),
            ({"alicloud:profile": "prod", "ALIBABA_CLOUD_PROFILE": "dev"}, "cn-beijing"),
        ],
    )
    def test_it_is_the_last_source(self, values: dict[str, str], region: str) -> None:
        """The profile that the keys come from gives its region, where nothing else does."""
        settings = read({**self.home, **values})
        assert settings.region == Region(region, deliberate=False)
        name = "dev" if region == "cn-hangzhou" else "prod"
        assert settings.sources["region"].startswith(f"{self.file} (profile '{name}'")

    @pytest.mark.parametrize("source", REGION_SOURCES)
    def test_every_other_source_wins(self, source: str) -> None:
        """A region that is set anywhere wins over that of a profile."""
        region = read({**self.home, source: "cn-shenzhen"}).region
        assert region == Region("cn-shenzhen", deliberate=":" in source)

    @pytest.mark.parametrize("names", KEY_SOURCES)
    def test_other_keys_have_no_part_in_it(self, names: tuple[str, str, str]) -> None:
        """With keys from elsewhere, the profile's region is nobody's intention."""
        assert read({**self.home, names[0]: "k", names[1]: "s"}).region is None

    @pytest.mark.parametrize(
        "text",
        [
            *("", "{", "[]", "null", '{"current": "dev"}', '{"current": "dev", "profiles": [1]}'),
            *(
                json.dumps({"current": "dev", "profiles": [{"name": "dev", "region_id": none}]})
                for none in ("", None, 12)
            ),
        ],
    )
    def test_an_unreadable_file_has_none(self, text: str) -> None:
        """A file that is no configuration of the CLI, or a profile without region, has none."""
        self.file.write_text(text, encoding="utf-8")
        assert read(self.home).region is None

    def test_a_malformed_one_is_refused(self) -> None:
        """A region that can't be one is refused, and the message names file and profile."""
        self.write({"name": "dev", "region_id": "Shanghai"})
        with pytest.raises(SettingsError) as caught:
            read(self.home)
        assert str(caught.value).startswith(
            f"{self.file} (profile 'dev'): 'Shanghai' is not a region"
        )

    def test_a_user_without_home_has_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without HOME, and with a user that has no entry, there is no profile and no failure."""
        monkeypatch.delenv("HOME")
        monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
        assert read({"ALICLOUD_PROFILE": "prod"}).region is None
        assert profile_problem("prod", {}, "") == "~/.aliyun/config.json not found"

    def test_profiles_can_be_disabled(self) -> None:
        """The credentials package's variable that disables profiles disables their regions."""
        assert read({**self.home, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}).region is None


DEFAULTS = {
    "connect_timeout": CONNECT_TIMEOUT,
    "read_timeout": READ_TIMEOUT,
    "calls_per_second": None,
}
NUMBERS = [
    (key_of(name), name, DEFAULTS[name])
    for name, setting in SETTINGS.items()
    if setting.kind is Kind.NUMBER
]


@pytest.mark.parametrize(("key", "setting", "default"), NUMBERS)
class TestNumbers:
    """Timeouts in seconds, and the rate of calls."""

    @pytest.mark.parametrize("value", ["2.5", 2.5, " 2.5 "])
    def test_text_and_numbers_count(
        self, key: str, setting: str, default: float | None, value: object
    ) -> None:
        """A number is one, as a stack's configuration has it and as a program gives it."""
        config: dict[str, object] = {f"alicloud-mps:{key}": value}
        assert getattr(read_settings(config.get, {}).access, setting) == 2.5
        assert getattr(read({f"alicloud-mps:{key}": ""}).access, setting) == default

    @pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "ten", "1,5", True, [1], {"a": 1}])
    def test_others_are_refused(
        self, key: str, setting: str, default: float | None, value: object
    ) -> None:
        """What is no number above zero is refused, and the message names the key."""
        config: dict[str, object] = {f"alicloud-mps:{key}": value}
        with pytest.raises(
            SettingsError, match=f"^alicloud-mps:{key}: must be a number greater than 0"
        ):
            read_settings(config.get, {})
        assert getattr(read({}).access, setting) == default


class TestCaBundle:
    """The certificate authorities to trust."""

    @pytest.mark.parametrize("source", BUNDLE_SOURCES)
    def test_a_missing_file_is_refused(self, source: str) -> None:
        """A file that is not there is refused, and the message names where it was set."""
        with pytest.raises(SettingsError, match=f"^{source}: /nowhere/ca.pem not found; set it to"):
            read({source: "/nowhere/ca.pem"})


def test_a_log_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    """A log of calls that can't be written is refused by the setting's name, before any call."""
    settings = read({"alicloud-mps:callLog": str(tmp_path)})
    with pytest.raises(SettingsError, match=r"^alicloud-mps:callLog: can't write .*director"):
        settings.open()


class TestSources:
    """Where each setting was found."""

    def test_nothing_set_has_no_source(self) -> None:
        """What is set nowhere is found nowhere."""
        assert read({}).sources == {}

    @pytest.mark.portability
    def test_each_names_its_own(self, tmp_path: Path) -> None:
        """Each setting is shown with the key, the variable or the file that it came from."""
        bundle = tmp_path / "ca.pem"
        bundle.touch()
        settings = read(
            {
                "alicloud-mps:endpoint": "vpc",
                "alicloud-mps:stsEndpoint": "sts.example",
                "alicloud:region": "cn-shanghai",
                "ALICLOUD_REGION": "cn-beijing",
                "ALIBABA_CLOUD_ACCESS_KEY_ID": "k",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s3cret",
                "REQUESTS_CA_BUNDLE": str(bundle),
                "alicloud-mps:connectTimeout": "2",
                "alicloud-mps:readTimeout": "20",
                "alicloud-mps:callsPerSecond": "5",
                "alicloud-mps:accountId": "123",
                "ALICLOUD_MPS_CALL_LOG": "calls.log",
            }
        )
        assert settings.sources == {
            "endpoint": "alicloud-mps:endpoint",
            "sts_endpoint": "alicloud-mps:stsEndpoint",
            "region": "alicloud:region",
            "credentials": "ALIBABA_CLOUD_ACCESS_KEY_ID",
            "ca_bundle": "REQUESTS_CA_BUNDLE",
            "connect_timeout": "alicloud-mps:connectTimeout",
            "read_timeout": "alicloud-mps:readTimeout",
            "calls_per_second": "alicloud-mps:callsPerSecond",
            "account_id": "alicloud-mps:accountId",
            "call_log": "ALICLOUD_MPS_CALL_LOG",
        }
        assert settings.sources.keys() == {*SETTINGS, "credentials"} - {"profile", *_PAIR}


@pytest.mark.parametrize(
    "key", ["endpoint", "stsEndpoint", "region", "profile", "accessKey", "caBundle"]
)
def test_configuration_that_is_no_text_is_refused(key: str) -> None:
    """A structured value is refused, naming the key and how to set it, without the value."""
    config: dict[str, object] = {f"alicloud-mps:{key}": {"a": "s3cret"}}
    with pytest.raises(SettingsError) as caught:
        read_settings(config.get, {})
    assert str(caught.value) == (
        f"alicloud-mps:{key}: expected text; set it with"
        f" `pulumi config set alicloud-mps:{key} VALUE`"
    )


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"region": "x y"}, "region: 'x y' is not a region"),
        ({"endpoint": "a b"}, "endpoint: 'a b' is not a host name"),
        ({"stsEndpoint": "http://mts.example"}, "sts_endpoint: plain HTTP is allowed only to this"),
        ({"callsPerSecond": 0}, "calls_per_second: must be a number greater than 0"),
        ({"connectTimeout": "ten"}, "connect_timeout: must be a number greater than 0"),
        ({"caBundle": "/nowhere/ca.pem"}, "ca_bundle: /nowhere/ca.pem not found"),
        ({"accessKey": "AK"}, "secret_key: missing, but access_key is set; set both"),
        ({"secretKey": "s3cret"}, "access_key: missing, but secret_key is set; set both"),
        ({"profile": {"a": "s3cret"}}, "profile: expected text"),
    ],
)
def test_an_explicit_provider_is_named(values: dict[str, object], line: str) -> None:
    """Errors in a provider's own settings name it and the argument, not the stack's key."""
    config = {f"alicloud-mps:{key}": value for key, value in values.items()}
    config[PROVIDER_NAME] = "beijing"
    with pytest.raises(SettingsError) as caught:
        read_settings(config.get, {})
    told = str(caught.value)
    assert told.startswith(f"provider beijing: {line}")
    assert "alicloud-mps:" not in told
    assert "s3cret" not in told


def test_what_only_a_stack_has_is_named_as_that() -> None:
    """Errors in what a provider took from pulumi-alicloud's space name the stack's key."""
    config = {"alicloud:region": "x y", PROVIDER_NAME: "beijing"}
    with pytest.raises(SettingsError, match=r"^alicloud:region: 'x y' is not a region"):
        read_settings(config.get, {})
