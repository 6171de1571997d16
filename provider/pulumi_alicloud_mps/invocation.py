"""How a function of this package runs in a program: with whose settings, at once or later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pulumi
from pulumi.runtime.sync_await import _sync_await

from .provider import PACKAGE, Provider
from .settings.program import warn_of_clear_secrets

Configuration = Mapping[str, Any]

T = TypeVar("T")


def provider_settings(opts: pulumi.InvokeOptions | None) -> Configuration | None:
    """Return the settings of the provider that is meant; None means those of the stack.

    Raises:
        pulumi.RunError: They are not known yet.
    """
    warn_of_clear_secrets()
    provider = _provider(opts)
    if provider is None:
        return None
    settings = pulumi.Output.from_input(dict(provider.configuration))
    # As Pulumi's own SDKs wait for the answer of a function.
    if not _sync_await(settings.is_known()):
        raise pulumi.RunError(
            "the settings of the provider are not known yet in this preview; use the `_output` form"
            " of the function"
        )
    return _sync_await(settings.future())


def later(
    opts: pulumi.InvokeOptions | None, function: Callable[..., T], *arguments: object
) -> pulumi.Output[T]:
    """Call a function with settings and arguments when they are known, and not before."""
    warn_of_clear_secrets()
    provider = _provider(opts)
    # What its keys open is not a secret, though they are.
    settings = pulumi.Output.unsecret(
        pulumi.Output.from_input(dict(provider.configuration) if provider else None)
    )
    known = pulumi.Output.all(_made(opts), settings, *arguments)
    # In a thread, so that several look-ups go on at once.
    return known.apply(lambda values: asyncio.to_thread(function, *values[1:]))


def _made(opts: pulumi.InvokeOptions | None) -> pulumi.Output[object]:
    """Return what is known only when all that the look-up depends on has been made."""

    def identities(found: Any) -> pulumi.Output[Any]:  # noqa: ANN401 - one resource or several
        resources = found if isinstance(found, Sequence) else [found]
        return pulumi.Output.all(*(getattr(item, "id", item.urn) for item in resources))

    return pulumi.Output.from_input(getattr(opts, "depends_on", None) or []).apply(identities)


def _provider(opts: pulumi.InvokeOptions | None) -> Provider | None:
    if opts is None:
        return None
    found = opts.provider
    if found is None and opts.parent is not None:
        found = opts.parent.get_provider(f"{PACKAGE}:dynamic/alicloud-mps:FpShotDB")
    if found is not None and not isinstance(found, Provider):
        raise pulumi.RunError("provider: must be a pulumi_alicloud_mps.Provider")
    return found
