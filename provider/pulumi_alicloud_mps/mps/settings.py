"""Where each setting comes from: the stack's configuration first, then the environment."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .cli_profile import region_of_profile
from .endpoint import LOCAL, VPC, Endpoint, parse_endpoint
from .errors import SettingsError
from .setting_names import CONFIG_SPACES, OWN_SPACE, ConfigReader, SettingNames

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0

REGION_PATTERN = re.compile(r"[a-z]{2}(-[a-z0-9]+)+")

_KEYS = ("accessKey", "secretKey", "securityToken")
UNSUPPORTED = (
    "assumeRole",
    "assumeRoleWithOidc",
    "credentialsUri",
    "ecsRoleName",
    "sharedCredentialsFile",
)
"""Ways of pulumi-alicloud to other keys than those that are beside them."""

_ENVIRONMENT = {
    "region": ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"),
    "profile": ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
    # The first is the SDK's; the others are those of requests and of OpenSSL.
    "ca_bundle": ("ALIBABA_CLOUD_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
    "call_log": ("ALICLOUD_MPS_CALL_LOG",),
}
_KEYS_IN_ENVIRONMENT = (
    ("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"),
    (
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
        "ALIBABA_CLOUD_SECURITY_TOKEN",
    ),
)


@dataclass(frozen=True)
class Credentials:
    """An access key pair, the STS token of a temporary one, and the link of a chain it is from."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    origin: str | None = field(default=None, compare=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may appear in no message."""
        return tuple(text for text in (self.access_key_secret, self.security_token) if text)


@dataclass(frozen=True)
class Region:
    """A region that a resource gets where it names none.

    A `deliberate` one was written down for this stack; one from the environment is not, and never
    moves a library that exists.
    """

    name: str
    deliberate: bool


@dataclass(frozen=True)
class Settings:
    """How to reach MPS; what is None is found out when the first call is made.

    Attributes:
        local: Whether the embedded MPS is meant.
        vpc: Whether the hosts inside of a VPC are called where no endpoint is set.
        ca_bundle: The file of the certificate authorities to trust; None means those of
            `certifi`.
        connect_timeout: How long to wait for a connection, in seconds.
        read_timeout: How long to wait for an answer, in seconds.
        calls_per_second: The most calls that one process makes, or None.
        account_id: The ID of the account, where STS is not to be asked for it.
        call_log: The file that each call is noted in.
        sources: Where each of these was found, by name: a key of the configuration, a variable of
            the environment or a file. What is missing was set nowhere.
    """

    endpoint: Endpoint | None = None
    sts_endpoint: Endpoint | None = None
    local: bool = False
    vpc: bool = False
    region: Region | None = None
    profile: str | None = None
    credentials: Credentials | None = None
    ca_bundle: str | None = None
    connect_timeout: float = CONNECT_TIMEOUT
    read_timeout: float = READ_TIMEOUT
    calls_per_second: float | None = None
    account_id: str | None = None
    call_log: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)


def read_settings(config: ConfigReader, environ: Mapping[str, str]) -> Settings:
    """Read the settings; `config` looks a key such as `alicloud-mps:region` up, or gives None.

    Raises:
        SettingsError: A value is malformed, or one half of a key pair is missing.
    """
    reader = _Reader(config, environ)
    place, endpoint = reader.place()
    credentials, profile = reader.identity()
    return Settings(
        endpoint=endpoint,
        sts_endpoint=reader.sts_endpoint(),
        local=place == LOCAL,
        vpc=place == VPC,
        # Keys of one's own have no part in the profile, nor in the region that goes with it.
        region=reader.region() or (None if credentials else reader.profile_region(profile)),
        profile=profile,
        credentials=credentials,
        ca_bundle=reader.ca_bundle(),
        connect_timeout=reader.number("connect_timeout", "connectTimeout") or CONNECT_TIMEOUT,
        read_timeout=reader.number("read_timeout", "readTimeout") or READ_TIMEOUT,
        calls_per_second=reader.number("calls_per_second", "callsPerSecond"),
        account_id=reader.account_id(),
        call_log=reader.call_log(),
        sources=reader.sources,
    )


def check_region(name: str, setting: str) -> str:
    """Return the region's name if it can be one.

    Raises:
        SettingsError: It is none, such as a name with blanks.
    """
    if not REGION_PATTERN.fullmatch(name):
        raise SettingsError(f"{setting}: {name!r} is not a region; give one such as cn-shanghai")
    return name


class _Reader:
    """Looks settings up, and takes note of where each was found."""

    def __init__(self, config: ConfigReader, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ
        self._names = SettingNames(config)
        self.sources: dict[str, str] = {}

    def place(self) -> tuple[str | None, Endpoint | None]:
        text, key = self._configured("endpoint", "endpoint")
        # Either word stands for more than one host.
        if not text or text in {LOCAL, VPC}:
            return text, None
        return text, parse_endpoint(text, key)

    def sts_endpoint(self) -> Endpoint | None:
        text, key = self._configured("sts_endpoint", "stsEndpoint")
        return parse_endpoint(text, key) if text else None

    def region(self) -> Region | None:
        for space in CONFIG_SPACES:
            name, key = self._configured("region", "region", space)
            if name:
                return Region(check_region(name, key), deliberate=True)
        name, variable = self._in_environment("region")
        return Region(check_region(name, variable), deliberate=False) if name else None

    def profile_region(self, profile: str | None) -> Region | None:
        name, source = region_of_profile(profile, self._environ)
        if not name:
            return None
        self.sources["region"] = source
        return Region(check_region(name, source), deliberate=False)

    def identity(self) -> tuple[Credentials | None, str | None]:
        # The first source that has either counts: a profile that was written down for the stack
        # is not overruled by keys that happen to lie in the environment.
        for space in CONFIG_SPACES:
            if space != OWN_SPACE:
                self._refuse_unsupported(space)
            names = tuple(f"{space}:{key}" for key in _KEYS)
            credentials = self._pair(names, [self._text(name) for name in names])
            if credentials:
                return credentials, None
            profile, _ = self._configured("profile", "profile", space)
            if profile:
                return None, profile
        for names in _KEYS_IN_ENVIRONMENT:
            if credentials := self._pair(names, [self._environ.get(name) for name in names]):
                return credentials, None
        profile, _ = self._in_environment("profile")
        return None, profile

    def _refuse_unsupported(self, space: str) -> None:
        """Refuse to call as somebody else than the rest of the stack does."""
        for key in UNSUPPORTED:
            if self._config(f"{space}:{key}"):
                raise SettingsError(
                    f"{space}:{key}: is not supported here; say which keys to use by"
                    f" {OWN_SPACE}:profile (a profile of the aliyun CLI can take a role) or"
                    f" {OWN_SPACE}:accessKey and {OWN_SPACE}:secretKey"
                )

    def ca_bundle(self) -> str | None:
        path, source = self._configured("ca_bundle", "caBundle")
        if not path:
            path, source = self._in_environment("ca_bundle")
        if path and not Path(path).exists():
            raise SettingsError(
                f"{source}: {path} not found; give the file of the certificates to trust"
            )
        return path

    def account_id(self) -> str | None:
        text, name = self._configured("account_id", "accountId")
        if text and not (text.isascii() and text.isdigit()):
            raise SettingsError(f"{name}: must be the ID of an account, such as 1234567890123456")
        return text

    def call_log(self) -> str | None:
        path, _ = self._configured("call_log", "callLog")
        return path or self._in_environment("call_log")[0]

    def number(self, setting: str, key: str) -> float | None:
        full_key = f"{OWN_SPACE}:{key}"
        name, value = self._names.full(full_key), self._config(full_key)
        if value is None or value == "":
            return None
        self.sources[setting] = name
        try:
            # A stack's configuration has text, and an explicit provider numbers.
            number = math.nan if isinstance(value, bool) else float(str(value))
        except ValueError:
            number = math.nan
        if not 0 < number < math.inf:
            raise SettingsError(f"{name}: must be a number above 0, such as 10")
        return number

    def _pair(self, names: tuple[str, ...], values: list[str | None]) -> Credentials | None:
        key, secret, token = values
        if not key and not secret:
            return None
        if not key or not secret:
            given, missing = (names[0], names[1]) if key else (names[1], names[0])
            raise SettingsError(
                f"{self._names.full(missing)}: missing beside {self._names.short(given)}; set both,"
                " or neither"
            )
        self.sources["credentials"] = self._names.full(names[0])
        return Credentials(key, secret, token or None)

    def _configured(self, setting: str, key: str, space: str = OWN_SPACE) -> tuple[str | None, str]:
        full_key = f"{space}:{key}"
        name, text = self._names.full(full_key), self._text(full_key)
        if text:
            self.sources[setting] = name
        return text, name

    def _in_environment(self, setting: str) -> tuple[str | None, str]:
        for variable in _ENVIRONMENT[setting]:
            if text := self._environ.get(variable):
                self.sources[setting] = variable
                return text, variable
        return None, ""

    def _text(self, key: str) -> str | None:
        value = self._config(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            way = "" if self._names.explicit else f"; set it with `pulumi config set {key} VALUE`"
            raise SettingsError(f"{self._names.full(key)}: expected text{way}")
        return value.strip()
