"""Checks of what a stack needs to work: settings, credentials, permissions, the network.

None of them changes anything.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    IDENTITY,
    AccountMismatchError,
    ListingError,
    MpsError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    SettingsError,
    StackStateError,
    ThrottledError,
)
from pulumi_alicloud_mps.importing.listing import chosen_regions, libraries_in, managed
from pulumi_alicloud_mps.mps.models import WRITES, Action
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.advice import SETTINGS_OF_LAST_UP, advised, keyed
from pulumi_alicloud_mps.package import PLUGIN, package_version
from pulumi_alicloud_mps.settings.reader import Settings, read_settings
from pulumi_alicloud_mps.settings.schema import (
    CONFIG_SPACES,
    NAME_BY_KEY,
    OWN_SPACE,
    SHARED_SPACE,
    plain_text_secrets,
    unknown_setting,
)
from pulumi_alicloud_mps.state.deployment import (
    NATIVE_LIBRARY_TYPE,
    Deployment,
    is_default_provider,
)
from pulumi_alicloud_mps.state.project_folder import Project
from pulumi_alicloud_mps.state.pulumi_cli import (
    ConfigValue,
    cli_version,
    plugin_version,
    stack_if_any,
)

LOWEST_CLI = (3, 216)
"""The oldest version of the Pulumi CLI that this package works with."""

_SETTINGS = [f"{space}:{name}" for space in CONFIG_SPACES for name in NAME_BY_KEY]
_SHARED_SETTINGS = {f"{SHARED_SPACE}:{name}" for name in NAME_BY_KEY}
_UNREAD = (
    "is not passed to the native provider; if it needs this setting, set it under"
    f" {OWN_SPACE}: with `pulumi config set`"
)
_PROXIES = ("https_proxy", "HTTPS_PROXY")
_UNKNOWN_ID = "0" * 32
_CALL_SECONDS = 15.0
# Such a failure says nothing about the calls that follow.
_OF_ONE_CALL = (AccountMismatchError, ListingError, ThrottledError)


class Result(StrEnum):
    """How a check ended."""

    OK = "ok"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """What was checked, how that ended, and one line about it, without any secret."""

    name: str
    result: Result
    detail: str
    region: str | None = None


@dataclass(frozen=True)
class Report:
    """All checks.

    Attributes:
        sources: Where each setting was found, by name; never its value.
        checks: The checks, in order.
        denied: The API actions that RAM refused.
    """

    sources: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)

    @property
    def problems(self) -> int:
        """How many checks found a problem."""
        return sum(check.result is Result.PROBLEM for check in self.checks)

    def policy(self) -> dict[str, object] | None:
        """Return the RAM policy that allows what was refused, or None."""
        if not self.denied:
            return None
        actions = [f"mts:{action}" for action in sorted(self.denied)]
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        return {"Version": "1", "Statement": [statement]}

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "problems": self.problems,
            "settings": self.sources,
            "checks": [
                {
                    "check": item.name,
                    "region": item.region,
                    "result": item.result.value,
                    "detail": item.detail,
                }
                for item in self.checks
            ],
            "policy": self.policy(),
        }


def diagnose(stack: str | None, regions: Sequence[str]) -> Report:
    """Check everything that `pulumi up` needs, as far as that changes nothing."""
    report = Report(checks=[_check_cli()])
    checks = report.checks
    config: Mapping[str, ConfigValue] = {}
    exported = Deployment()
    types: set[str] = set()
    try:
        project = Project.of(Path.cwd())
        state, reason = stack_if_any(stack)
        if state is None:
            why = f"only the environment is read: {reason or 'no project here'}"
            checks.append(Check("stack", Result.SKIPPED, why))
        else:
            config, exported = state.config_values(), state.exported(show_secrets=True)
            checks.append(Check("stack", Result.OK, state.qualified_name()))
        if project is not None:
            types = project.library_types(exported)
            checks += [_check_plugin(project)] if NATIVE_LIBRARY_TYPE in types else []
    except StackStateError as error:
        checks.append(_problem("stack", error))
    is_native = types == {NATIVE_LIBRARY_TYPE}
    checks += _check_configuration(config, is_native=is_native)
    values = {key: value.text for key, value in config.items()}
    unread = sorted(_SHARED_SETTINGS & values.keys()) if NATIVE_LIBRARY_TYPE in types else []
    checks += [Check(key, Result.SKIPPED, _UNREAD) for key in unread]
    if is_native:
        values = {key: value for key, value in values.items() if key not in unread}
    try:
        settings = read_settings(values.get, os.environ)
        report.sources.update(_sources(settings, regions))
        chosen = chosen_regions(settings, regions)
        access = settings.open()
    except SettingsError as error:
        checks.append(_problem("settings", error))
        return report
    # What the last `up` configured the default provider with.
    defaults = (item.settings for item in exported.resources if is_default_provider(item.urn))
    kept = next(defaults, None)
    if kept is not None and any(kept.get(key) != values.get(key) for key in _SETTINGS):
        checks.append(_check_settings_in_the_state(kept, chosen[0]))
    # Libraries of an explicit provider may be in another account.
    own = [item.outputs for item in exported.libraries if item.has_default_provider]
    accounts = {account for item in own if isinstance(account := item.get("account_id"), str)}
    with closing(Service(access)) as service:
        for region in chosen:
            Calls(report, service, region, Clock()).check(managed(exported), accounts)
    return report


class Calls:
    """Makes the read-only calls in one region, and adds what they find to a report."""

    def __init__(self, report: Report, service: Service, region: str, clock: Clock) -> None:
        self._report = report
        self._service = service
        self._region = region
        self._clock = clock
        self._denied: set[str] = set()
        self._stopped = False

    def check(self, held: Mapping[str, str], accounts: Collection[str]) -> None:
        """Make the calls; the state manages the `held` libraries, which belong to `accounts`."""
        client = partial(self._service.client, self._region)
        calls: dict[str, Callable[[float], object]] = {
            IDENTITY: lambda until: self._identify(accounts, until),
            Action.LIST: lambda until: client().list_libraries([_UNKNOWN_ID], until),
            Action.LIST_FILES: lambda until: client().has_files(_UNKNOWN_ID, until),
            Action.LIST_DELETIONS: lambda until: client().delete_jobs(deadline=until),
            f"{Action.LIST} without IDs": lambda _: self._list(held),
        }
        for name, call in calls.items():
            if self._stopped:
                self._add(name, Result.SKIPPED, "would fail for the same reason")
            elif name.partition(" ")[0] in self._denied:
                self._add(name, Result.SKIPPED, "RAM does not allow the action")
            else:
                self._check(name, call)
        for name in WRITES:
            self._add(name, Result.SKIPPED, "would change something")

    def _check(self, name: str, call: Callable[[float], object]) -> None:
        try:
            found = call(self._clock.now() + _CALL_SECONDS)
        except MpsError as error:
            if isinstance(error, RefusedError) and error.blames_parameters:
                # Only the library is unknown: the call itself is allowed.
                self._add(name, Result.OK, "answered")
                return
            if isinstance(error, RefusedError) and error.denied and name != IDENTITY:
                self._denied.add(error.action)
                self._report.denied.add(error.action)
            elif not isinstance(error, _OF_ONE_CALL):
                # STS has a host of its own: that it can't be reached says nothing about MPS.
                unreachable = isinstance(error, (NotSentError, OutcomeUnknownError))
                self._stopped = not (name == IDENTITY and unreachable)
            self._add(name, Result.PROBLEM, keyed(error))
        else:
            self._add(name, Result.OK, found if isinstance(found, str) else "answered")

    def _add(self, name: str, result: Result, detail: str) -> None:
        self._report.checks.append(Check(name, result, detail, self._region))

    def _identify(self, accounts: Collection[str], until: float) -> str:
        current = self._service.account_id(self._region, until)
        if origin := self._service.keys_origin():
            self._report.sources["credentials"] = origin
        if others := sorted({*accounts} - {current}):
            raise AccountMismatchError.of(
                "the stack's libraries belong to account",
                ", ".join(others),
                current,
                ". If they were created with `endpoint: local`, set that again, run `pulumi up` and"
                " `pulumi destroy`, then unset it",
            )
        return f"account {current}"

    def _list(self, held: Mapping[str, str]) -> str:
        found, warning = libraries_in(self._region, self._service.libraries(self._region), held)
        if warning:
            raise ListingError(warning)
        return f"answered, with {len(found)} librar{'y' if len(found) == 1 else 'ies'}"


def _check_cli() -> Check:
    try:
        version = cli_version()
    except StackStateError as error:
        return _problem("pulumi", error)
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and tuple(map(int, numbers.groups())) < LOWEST_CLI:
        lowest = ".".join(map(str, LOWEST_CLI))
        outdated = StackStateError(f"the CLI is {version}; install {lowest} or newer")
        return _problem("pulumi", outdated)
    return Check("pulumi", Result.OK, version)


def _check_plugin(project: Project) -> Check:
    """Start the native provider that the engine would, and compare its version with our own."""
    name, folder = "plugin", project.plugin_folder
    found = shutil.which(PLUGIN, path=str(folder) if folder else None)
    if found is None:
        if project.has_package and folder is None:
            return Check(name, Result.OK, "as `packages` of Pulumi.yaml says")
        where = f"in {folder}, which `plugins` of Pulumi.yaml names" if folder else "on PATH"
        advice = "add to Pulumi.yaml what `alicloud-mps plugin` prints"
        return _problem(name, StackStateError(f"{PLUGIN} not found {where}; {advice}"))
    try:
        version = plugin_version(found)
    except StackStateError as error:
        return _problem(name, error)
    if version != (own := package_version()):
        other = f"{found} is version {version}, but this command is {own}"
        return _problem(name, StackStateError(f"{other}; use both from one environment"))
    return Check(name, Result.OK, f"{version}, {found}")


def _check_configuration(config: Mapping[str, ConfigValue], *, is_native: bool) -> Iterator[Check]:
    plain = {key for key, value in config.items() if value.text and not value.secret}
    # The native provider has its keys encrypted in the state.
    for key, warning in plain_text_secrets(lambda key: key in plain, in_state=not is_native):
        yield _problem(key, SettingsError(warning))
    for key in sorted(config):
        space, _, name = key.partition(":")
        if space == OWN_SPACE and name not in NAME_BY_KEY:
            yield _problem(key, SettingsError(unknown_setting(name)))


def _check_settings_in_the_state(kept: Mapping[str, object], region: str) -> Check:
    """Try what refresh and destroy use: the stack's configuration has changed since."""
    name = "settings in the state"
    try:
        settings = read_settings(kept.get, os.environ)
        region = settings.region.name if settings.region else region
        with closing(Service(settings.open())) as service:
            until = Clock().now() + _CALL_SECONDS
            service.account_id(region, until)
            service.client(region).list_libraries([_UNKNOWN_ID], until)
    except MpsError as error:
        if not (isinstance(error, RefusedError) and error.blames_parameters):
            outdated = SettingsError(
                f"{SETTINGS_OF_LAST_UP}, which differs from today's: {advised(error)}; run"
                " `pulumi up` without --refresh"
            )
            return _problem(name, outdated)
    return Check(name, Result.OK, "differ from the configuration, and work")


def _sources(settings: Settings, regions: Sequence[str]) -> dict[str, str]:
    chain = "the default chain of Alibaba Cloud: profile file, OIDC, role of the machine"
    found = {"credentials": "the profile" if settings.profile else chain, **settings.sources}
    if settings.local:
        found["credentials"] = "those of the embedded MPS"
    if regions:
        found["region"] = "--region"
    if proxy := next((name for name in _PROXIES if os.environ.get(name)), None):
        found["proxy"] = proxy
    return dict(sorted(found.items()))


def _problem(name: str, error: MpsError) -> Check:
    return Check(name, Result.PROBLEM, keyed(error))
