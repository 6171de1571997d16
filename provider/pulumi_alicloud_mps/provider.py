"""Provider: settings for some libraries of a program, such as another account."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, Unpack

import pulumi

from .settings.program import configured, warn_of_plain_text_secrets
from .settings.schema import (
    CONFIG_SPACES,
    DYNAMIC_PACKAGE,
    OWN_SPACE,
    PROVIDER_NAME,
    SECRETS,
    SETTINGS,
    ProviderArgs,
    inherited_keys,
    unknown_setting,
)
from .state.deployment import key_of


class Provider(pulumi.ProviderResource):
    """Settings for the libraries that use it: another region, account or endpoint.

    Pass it to a library as `opts=pulumi.ResourceOptions(provider=…)`, or to a component as
    `providers=[…]`. Missing settings come from the stack's configuration, or else from the
    environment. Keys and profile go together, and so do the two endpoints: if one of them is set
    here, none of the others is taken from the stack's configuration.
    """

    configuration: Mapping[str, pulumi.Input[Any]]
    """Its settings, by their keys in a stack's configuration."""

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **settings: Unpack[ProviderArgs],
    ) -> None:
        """Declare a provider.

        Args:
            resource_name: The logical name in the stack.
            opts: Pulumi's resource options.
            settings: The fields of `ProviderArgs`.

        Raises:
            TypeError: There is no such setting.
        """
        if unknown := settings.keys() - SETTINGS.keys():
            name = min(unknown)
            raise TypeError(f"{name}: {unknown_setting(name, SETTINGS, space='')}")
        warn_of_plain_text_secrets()
        self.configuration = {**_configuration(settings), PROVIDER_NAME: resource_name}
        super().__init__(DYNAMIC_PACKAGE, resource_name, dict(self.configuration), opts)


def _configuration(given: Mapping[str, Any]) -> dict[str, pulumi.Input[Any]]:
    """Return what is given, and from the stack's configuration what is not, by full key."""
    chosen = {name: value for name, value in given.items() if value is not None}
    found: dict[str, pulumi.Input[Any]] = {}
    for space, key in product(CONFIG_SPACES, inherited_keys(chosen)):
        full_key = f"{space}:{key}"
        if (value := configured(full_key)) is not None:
            secret = key in SECRETS or pulumi.runtime.is_config_secret(full_key)
            found[full_key] = pulumi.Output.secret(value) if secret else value
    for name, value in chosen.items():
        secret = SETTINGS[name].secret
        found[f"{OWN_SPACE}:{key_of(name)}"] = pulumi.Output.secret(value) if secret else value
    return found
