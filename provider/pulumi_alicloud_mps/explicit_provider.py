"""Provider: settings of their own for some libraries of a program, such as another account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from .mps.setting_names import CONFIG_SPACES, PROVIDER_NAME
from .mps.settings import UNSUPPORTED
from .stack_configuration import SECRETS, configured_input, warn_of_clear_secrets

PACKAGE = "pulumi-python"
"""The package that every dynamic resource belongs to."""

# Half of one source and half of another would be a key pair or a service that does not exist.
_SETTING_GROUPS = (
    frozenset({"profile", "accessKey", "secretKey", "securityToken", "accountId", *UNSUPPORTED}),
    frozenset({"endpoint", "stsEndpoint"}),
)


class Provider(pulumi.ProviderResource):
    """Settings for the libraries that are given it: another region, account or endpoint.

    Give it to a library by `opts=pulumi.ResourceOptions(provider=…)`, or to a component by
    `providers=[…]`. What it leaves out is as for libraries without a provider: from the stack's
    configuration, else from the environment. Keys and profile go together, and so do the two
    endpoints: with one of them, none of the others is taken from the stack's configuration.
    """

    configuration: Mapping[str, pulumi.Input[Any]]
    """Its settings, by the key that they have in a stack's configuration."""

    def __init__(  # noqa: PLR0913 - the settings, and a resource's name and options
        self,
        resource_name: str,
        *,
        region: pulumi.Input[str] | None = None,
        profile: pulumi.Input[str] | None = None,
        access_key: pulumi.Input[str] | None = None,
        secret_key: pulumi.Input[str] | None = None,
        security_token: pulumi.Input[str] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        sts_endpoint: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        ca_bundle: pulumi.Input[str] | None = None,
        connect_timeout: pulumi.Input[float] | None = None,
        read_timeout: pulumi.Input[float] | None = None,
        calls_per_second: pulumi.Input[float] | None = None,
        call_log: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a provider.

        Args:
            resource_name: The logical name in the stack.
            region: Where libraries are that name no region themselves, such as `cn-beijing`.
            profile: A profile of the aliyun CLI, which gives the keys.
            access_key: The ID of an access key. A secret in the state, as the next two are.
            secret_key: The secret of the access key.
            security_token: The STS token of a temporary key pair.
            endpoint: MPS's host, `vpc` for the region's host inside of a VPC, or `local` for the
                embedded MPS; by default the region's public host.
            sts_endpoint: The host of STS, which tells whose the keys are.
            account_id: The account that the keys belong to; STS is not asked then.
            ca_bundle: The file of the certificate authorities to trust.
            connect_timeout: How long to wait for a connection; 5 seconds by default.
            read_timeout: How long to wait for an answer; 10 seconds by default.
            calls_per_second: The most calls that the provider makes.
            call_log: The file that each call is noted in.
            opts: Pulumi's own options.
        """
        warn_of_clear_secrets()
        given = {
            "region": region,
            "profile": profile,
            "accessKey": access_key,
            "secretKey": secret_key,
            "securityToken": security_token,
            "endpoint": endpoint,
            "stsEndpoint": sts_endpoint,
            "accountId": account_id,
            "caBundle": ca_bundle,
            "connectTimeout": connect_timeout,
            "readTimeout": read_timeout,
            "callsPerSecond": calls_per_second,
            "callLog": call_log,
        }
        self.configuration = {**_configuration(given), PROVIDER_NAME: resource_name}
        super().__init__(PACKAGE, resource_name, dict(self.configuration), opts)


def _configuration(given: Mapping[str, pulumi.Input[Any] | None]) -> dict[str, pulumi.Input[Any]]:
    """Return what is given, and from the stack's configuration what is not, by full key."""
    own, _ = CONFIG_SPACES
    chosen = {key: value for key, value in given.items() if value is not None}
    settled = chosen.keys() | {
        key for group in _SETTING_GROUPS if group & chosen.keys() for key in group
    }
    inherited = {
        full_key: value
        for space in CONFIG_SPACES
        for full_key in (f"{space}:{key}" for key in {*given, *UNSUPPORTED} - settled)
        if (value := configured_input(full_key)) is not None
    }
    return inherited | {
        f"{own}:{key}": pulumi.Output.secret(value) if key in SECRETS else value
        for key, value in chosen.items()
    }
