"""Where each setting comes from: the stack's configuration first, then the environment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .endpoint import LOCAL, Endpoint, parse_endpoint
from .errors import SettingsError

REGION_PATTERN = re.compile(r"[a-z]{2}(-[a-z0-9]+)+")

ConfigReader = Callable[[str], object]

# Stack configuration of our own wins over that of pulumi-alicloud, so that a stack that is set up
# for the latter works as it is.
_CONFIG_SPACES = ("alicloud-mps", "alicloud")
_ENVIRONMENT = {
    "region": ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"),
    "profile": ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
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
    """An access key pair, and the STS token that goes with a temporary one."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)

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
    """

    endpoint: Endpoint | None = None
    sts_endpoint: Endpoint | None = None
    local: bool = False
    region: Region | None = None
    profile: str | None = None
    credentials: Credentials | None = None


def read_settings(config: ConfigReader, environ: Mapping[str, str]) -> Settings:
    """Read the settings; `config` looks a key such as `alicloud-mps:region` up, or gives None.

    Raises:
        SettingsError: A value is malformed, or one half of a key pair is missing.
    """
    own, _ = _CONFIG_SPACES
    local = _text(config, f"{own}:endpoint") == LOCAL
    credentials, profile = _identity(config, environ)
    return Settings(
        endpoint=None if local else _endpoint(config, f"{own}:endpoint"),
        sts_endpoint=_endpoint(config, f"{own}:stsEndpoint"),
        local=local,
        region=_region(config, environ),
        profile=profile,
        credentials=credentials,
    )


def check_region(name: str, setting: str) -> str:
    """Return the region's name if it can be one.

    Raises:
        SettingsError: It is none, such as a name with blanks.
    """
    if not REGION_PATTERN.fullmatch(name):
        raise SettingsError(f"{setting}: {name!r} is no region; give one such as cn-shanghai")
    return name


def _endpoint(config: ConfigReader, key: str) -> Endpoint | None:
    text = _text(config, key)
    return parse_endpoint(text, key) if text else None


def _region(config: ConfigReader, environ: Mapping[str, str]) -> Region | None:
    for space in _CONFIG_SPACES:
        key = f"{space}:region"
        if name := _text(config, key):
            return Region(check_region(name, key), deliberate=True)
    for variable in _ENVIRONMENT["region"]:
        if name := environ.get(variable):
            return Region(check_region(name, variable), deliberate=False)
    return None


def _identity(
    config: ConfigReader, environ: Mapping[str, str]
) -> tuple[Credentials | None, str | None]:
    # The first source that has either counts: a profile that was written down for the stack is
    # not overruled by keys that happen to lie in the environment.
    for space in _CONFIG_SPACES:
        names = tuple(f"{space}:{key}" for key in ("accessKey", "secretKey", "securityToken"))
        key, secret, token = (_text(config, name) for name in names)
        credentials = _pair(names, key, secret, token)
        profile = _text(config, f"{space}:profile")
        if credentials or profile:
            return credentials, profile
    variables = (environ.get(name) for name in _ENVIRONMENT["profile"])
    return _environment_keys(environ), next(filter(None, variables), None)


def _environment_keys(environ: Mapping[str, str]) -> Credentials | None:
    for names in _KEYS_IN_ENVIRONMENT:
        key, secret, token = (environ.get(name) for name in names)
        if credentials := _pair(names, key, secret, token):
            return credentials
    return None


def _pair(
    names: tuple[str, ...], key: str | None, secret: str | None, token: str | None
) -> Credentials | None:
    if not key and not secret:
        return None
    if not key or not secret:
        given, missing = (names[0], names[1]) if key else (names[1], names[0])
        raise SettingsError(f"{missing}: missing beside {given}; set both, or neither")
    return Credentials(key, secret, token or None)


def _text(config: ConfigReader, key: str) -> str | None:
    value = config(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise SettingsError(f"{key}: expected text; set it with `pulumi config set {key} VALUE`")
    return value.strip()
