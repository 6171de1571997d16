"""The diagnosis of one stack, or of an environment without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from difflib import get_close_matches

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import MpsError, RefusedError, SettingsError, StackStateError
from pulumi_alicloud_mps.importing.listing import chosen_regions, managed
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.reader import Settings, read_settings
from pulumi_alicloud_mps.settings.schema import (
    CONFIG_SPACES,
    NAMES,
    NOT_IN_CLEAR,
    OWN_SPACE,
)
from pulumi_alicloud_mps.state.deployment import Deployment
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue, cli_version, stack_if_any

from .calls import CALL_SECONDS, Calls
from .checks import Check, Report, failed, passed, skipped

LOWEST_CLI = (3, 216)
"""The lowest version of the Pulumi CLI that this package works with."""

_SETTINGS = [f"{space}:{name}" for space in CONFIG_SPACES for name in NAMES]
_NOBODY = "0" * 32
_CHAIN = "the default chain of Alibaba Cloud: profile file, OIDC, role of the machine"
_PROXIES = ("https_proxy", "HTTPS_PROXY")


@dataclass
class _Stack:
    """What is known of the stack; nothing where there is none."""

    config: Mapping[str, ConfigValue] = field(default_factory=dict)
    exported: Deployment = field(default_factory=Deployment)


def diagnose(
    stack: str | None, regions: Sequence[str], environ: Mapping[str, str], clock: Clock
) -> Report:
    """Check all that a `pulumi up` needs, as far as that changes nothing."""
    checks = [_cli()]
    found, check = _stack(stack)
    checks.append(check)
    checks += _in_clear(found.config)
    checks += _unread(found.config)
    config = {key: value.text for key, value in found.config.items()}
    sources: dict[str, str] = {}
    try:
        settings = read_settings(config.get, environ)
        sources = _sources(settings, regions, environ)
        chosen = chosen_regions(settings, regions)
        access = settings.open()
    except SettingsError as error:
        return Report(sources, [*checks, failed("settings", error)])
    denied: list[str] = []
    checks += _settings_in_the_state(found, chosen[0], environ, clock)
    with closing(Service(access, clock)) as service:
        for region in chosen:
            calls = Calls(service, region, clock)
            checks += calls.checks(managed(found.exported), _accounts(found.exported))
            denied += calls.denied
            if calls.origin:
                sources["credentials"] = calls.origin
    return Report(sources, checks, sorted(set(denied)))


def _cli() -> Check:
    try:
        version = cli_version()
    except StackStateError as error:
        return failed("pulumi", error)
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers and tuple(map(int, numbers.groups())) < LOWEST_CLI:
        lowest = ".".join(map(str, LOWEST_CLI))
        return failed("pulumi", f"the CLI is {version}; install {lowest} or newer")
    return passed("pulumi", version)


def _stack(name: str | None) -> tuple[_Stack, Check]:
    try:
        state, reason = stack_if_any(name)
        if state is None:
            why = reason or "no project here"
            return _Stack(), skipped("stack", f"only the environment is read: {why}")
        found = _Stack(state.config_values(), state.exported(show_secrets=True))
        return found, passed("stack", state.qualified_name())
    except StackStateError as error:
        return _Stack(), failed("stack", error)


def _in_clear(config: Mapping[str, ConfigValue]) -> Iterator[Check]:
    """Find keys that Pulumi would copy into the state as they are."""
    for key in NOT_IN_CLEAR:
        value = config.get(key)
        if value and value.text and not value.secret:
            yield failed(
                key,
                "is stored in plain text in the stack's configuration, and Pulumi copies it into"
                f" the state; set it again with `pulumi config set --secret {key}`, and rotate"
                " the key",
            )


def _settings_in_the_state(
    stack: _Stack, region: str, environ: Mapping[str, str], clock: Clock
) -> Iterator[Check]:
    """Try what refresh and destroy use, where the configuration says otherwise by now."""
    kept = stack.exported.default_settings()
    current = {key: value.text for key, value in stack.config.items()}
    if kept is None or all(kept.get(key) == current.get(key) for key in _SETTINGS):
        return
    name = "settings in the state"
    try:
        settings = read_settings(kept.get, environ)
        region = settings.region.name if settings.region else region
        with closing(Service(settings.open(), clock)) as service:
            until = clock.now() + CALL_SECONDS
            service.account_id(region, until)
            service.libraries(region).reach(_NOBODY, until)
    except MpsError as error:
        if not (isinstance(error, RefusedError) and error.blames_parameters):
            yield failed(
                name,
                "refresh and destroy use the configuration of the last `pulumi up`, which differs"
                f" from today's: {error}; run `pulumi up` without --refresh",
            )
            return
    yield passed(name, "differ from the configuration, and work")


def _unread(config: Mapping[str, ConfigValue]) -> Iterator[Check]:
    """Find keys of our own space that are no settings, as misspelt ones are."""
    for key in sorted(config):
        space, _, name = key.partition(":")
        if space == OWN_SPACE and name not in NAMES:
            close = get_close_matches(name, sorted(NAMES), 1)
            way = f"{OWN_SPACE}:{close[0]} is a setting" if close else "remove it"
            yield failed(key, f"unknown setting; {way}")


def _sources(
    settings: Settings, regions: Sequence[str], environ: Mapping[str, str]
) -> dict[str, str]:
    chain = "the profile" if settings.profile else _CHAIN
    found = {"credentials": chain, **settings.sources}
    if settings.local:
        found["credentials"] = "those of the embedded MPS"
    if regions:
        found["region"] = "--region"
    if proxy := next((name for name in _PROXIES if environ.get(name)), None):
        found["proxy"] = proxy
    return dict(sorted(found.items()))


def _accounts(exported: Deployment) -> set[str]:
    """Return the accounts of what the stack's own settings manage, not an explicit provider's."""
    found = {
        item.outputs.get("account_id") for item in exported.libraries if item.has_default_provider
    }
    return {account for account in found if isinstance(account, str)}
