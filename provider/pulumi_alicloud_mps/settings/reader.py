"""Reads the settings: from the stack's configuration first, then from the environment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.access import Access, CallLog, CallRecord, Credentials
from pulumi_alicloud_mps.mps.models import check_region
from pulumi_alicloud_mps.state.deployment import key_of

from .credentials import credentials_source, region_of_profile
from .endpoint import LOCAL, VPC, parse_endpoint, start_local
from .schema import (
    CONFIG_SPACES,
    NAME_BY_KEY,
    OWN_SPACE,
    PROVIDER_NAME,
    SETTINGS,
    SHARED_SPACE,
    UNSUPPORTED,
    Kind,
    Region,
)

_PAIR = ("access_key", "secret_key", "security_token")

ConfigReader = Callable[[str], object]


@dataclass(frozen=True)
class Settings:
    """All settings of one stack or explicit provider.

    Attributes:
        access: How to reach MPS, except for the embedded one; see `open`.
        region: The region if a resource names none.
        local: Whether the embedded MPS is meant.
        profile: The profile of the aliyun CLI that gives the keys.
        call_log: The file that each call is logged to.
        sources: Where each setting was found, by name: a key of the configuration, a variable of
            the environment or a file. What is missing was set nowhere.
    """

    access: Access
    region: Region | None = None
    local: bool = False
    profile: str | None = None
    call_log: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    def open(self) -> Access:
        """Return how to reach MPS, with the embedded one started if that is meant.

        Raises:
            SettingsError: The embedded MPS or the log of calls can't be kept where it belongs.
        """
        access = self.access
        if self.call_log:
            access = replace(access, log=_file_log(self.call_log, self.sources["call_log"]))
        if self.local:
            access = start_local(access)
        return access


def read_settings(config: ConfigReader, environ: Mapping[str, str]) -> Settings:
    """Read the settings; `config` returns what a key such as `alicloud-mps:region` has, or None.

    Raises:
        SettingsError: A value is malformed, or one half of a key pair is missing.
    """
    reader = _Reader(config, environ)
    credentials, profile = reader.identity()
    region = reader.region(credentials, profile)
    values = reader.others()
    endpoint, call_log = values.get("endpoint"), values.pop("call_log", None)
    if endpoint in {LOCAL, VPC}:
        values.pop("endpoint")
    access = Access(
        credentials=(lambda: credentials) if credentials else credentials_source(profile),
        vpc=endpoint == VPC,
        **values,
    )
    return Settings(access, region, endpoint == LOCAL, profile, call_log, reader.sources)


class _Reader:
    """Looks settings up, and records where each was found."""

    def __init__(self, config: ConfigReader, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ
        self._provider = config(PROVIDER_NAME)
        self.sources: dict[str, str] = {}

    def region(self, credentials: Credentials | None, profile: str | None) -> Region | None:
        for space in CONFIG_SPACES:
            name, source = self._configured("region", space)
            if name:
                return Region(check_region(name, source), deliberate=True)
        name, source = self._in_environment("region")
        # Explicit keys have nothing to do with the profile, nor with its region.
        if not name and not credentials:
            name, source = region_of_profile(profile, self._environ)
            if name:
                self.sources["region"] = source
        return Region(check_region(name, source), deliberate=False) if name else None

    def identity(self) -> tuple[Credentials | None, str | None]:
        # The first source that has either counts: a profile that was written down for the stack
        # is not overruled by keys that happen to be in the environment.
        for space in CONFIG_SPACES:
            # Other credentials than those of the rest of the stack must not be used.
            for key in UNSUPPORTED if space == SHARED_SPACE else ():
                if self._config(f"{space}:{key}"):
                    raise SettingsError(
                        f"{space}:{key}: is not supported here; configure credentials with"
                        f" {OWN_SPACE}:profile (a profile of the aliyun CLI can assume a role) or"
                        f" {OWN_SPACE}:accessKey and {OWN_SPACE}:secretKey"
                    )
            names = [f"{space}:{key_of(name)}" for name in _PAIR]
            if credentials := self._pair(names, [self._value(name, space)[0] for name in _PAIR]):
                return credentials, None
            if profile := self._configured("profile", space)[0]:
                return None, profile
        for variables in zip(*(SETTINGS[name].environment for name in _PAIR), strict=True):
            if credentials := self._pair(variables, map(self._environ.get, variables)):
                return credentials, None
        return None, self._in_environment("profile")[0]

    def others(self) -> dict[str, Any]:
        """Return the values that were set, but for regions and keys, by name."""
        found: dict[str, Any] = {}
        for name in (name for name, setting in SETTINGS.items() if not setting.shared):
            value, source = self._configured(name)
            if value is None:
                value, source = self._in_environment(name)
            if value is not None:
                found[name] = _read(SETTINGS[name].kind, value, source)
        return found

    def _pair(self, names: Sequence[str], values: Iterable[str | None]) -> Credentials | None:
        key, secret, token = values
        if not key and not secret:
            return None
        if not key or not secret:
            given, missing = (names[0], names[1]) if key else (names[1], names[0])
            raise SettingsError(
                f"{self._name(missing)}: missing, but {self._argument(given)} is set; set both, or"
                " neither"
            )
        self.sources["credentials"] = self._name(names[0])
        return Credentials(key, secret, token or None)

    def _configured(self, name: str, space: str = OWN_SPACE) -> tuple[Any, str]:
        value, source = self._value(name, space)
        if value is not None:
            self.sources[name] = source
        return value, source

    def _in_environment(self, name: str) -> tuple[str | None, str]:
        for variable in SETTINGS[name].environment:
            if text := self._environ.get(variable):
                self.sources[name] = variable
                return text, variable
        return None, ""

    def _value(self, name: str, space: str) -> tuple[Any, str]:
        key = f"{space}:{key_of(name)}"
        value, source = self._config(key), self._name(key)
        if isinstance(value, str):
            value = value.strip() or None
        elif value is not None and SETTINGS[name].kind is not Kind.NUMBER:
            way = "" if self._provider else f"; set it with `pulumi config set {key} VALUE`"
            raise SettingsError(f"{source}: expected text{way}")
        return value, source

    def _name(self, key: str) -> str:
        """Return the name by which a message starts, such as `provider p: secret_key`."""
        argument = self._argument(key)
        return key if argument == key else f"provider {self._provider}: {argument}"

    def _argument(self, key: str) -> str:
        """Return what a setting is called where it was set: by an argument or a key."""
        space, _, name = key.partition(":")
        # A provider has no arguments for what only pulumi-alicloud's space has.
        return NAME_BY_KEY[name] if self._provider and space == OWN_SPACE else key


def _read(kind: Kind, value: Any, source: str) -> object:  # noqa: ANN401 - as it was set
    if kind is Kind.NUMBER:
        # A stack's configuration has text, and an explicit provider numbers.
        try:
            number = float(str(value))
        except ValueError:
            number = math.nan
        if not 0 < number < math.inf:
            raise SettingsError(f"{source}: must be a number greater than 0, such as 10")
        return number
    # Two words stand for more than one host.
    if kind is Kind.HOST or (kind is Kind.ENDPOINT and value not in {LOCAL, VPC}):
        return parse_endpoint(value, source)
    if kind is Kind.ACCOUNT and not (value.isascii() and value.isdigit()):
        raise SettingsError(f"{source}: must be the ID of an account, such as 1234567890123456")
    if kind is Kind.FILE and not Path(value).exists():
        raise SettingsError(f"{source}: {value} not found; set it to the path of a CA bundle")
    return value


def _file_log(path: str, setting: str) -> CallLog:
    """Return a log that appends to a file, which several processes may write."""
    try:
        Path(path).open("a", encoding="utf-8").close()
    except OSError as error:
        raise SettingsError(f"{setting}: can't write {path}: {error.strerror}") from None

    def write(record: CallRecord) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # A disk that is full must not fail a call that MPS has carried out.
        with suppress(OSError), Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{moment} {record}\n")

    return write
