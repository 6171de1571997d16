"""The libraries of an account, and which of them the stack's state holds."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from pulumi_alicloud_mps.errors import ListingError, SettingsError
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import Library, model_name
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.reader import Settings, read_settings
from pulumi_alicloud_mps.state.deployment import Deployment, parts_of
from pulumi_alicloud_mps.state.pulumi_cli import StackState


@dataclass(frozen=True)
class ListedLibrary:
    """A library, its region, and the logical name of the resource that manages it, if any."""

    library: Library
    region: str
    resource: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON, under the names of a resource's outputs."""
        library = self.library
        return {
            "fp_db_id": library.fp_db_id,
            "name": library.name,
            "model_id": library.model_id,
            "model": model_name(library.model_id),
            "region": self.region,
            "state": library.state,
            "description": library.description or None,
            "resource": self.resource,
        }


@dataclass(frozen=True)
class AccountListing:
    """The libraries of some regions, and where the list may be incomplete."""

    settings: Settings
    regions: Sequence[str]
    libraries: list[ListedLibrary] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def list_account(state: StackState | None, regions: Sequence[str]) -> AccountListing:
    """List the libraries of these regions, or of the configured one.

    Without a stack, only the environment says how to reach MPS.

    Raises:
        MpsError: A setting is missing or wrong, the state can't be read, or a call failed.
    """
    configuration = state.configuration() if state else {}
    settings = read_settings(configuration.get, os.environ)
    listing = AccountListing(settings, chosen_regions(settings, regions))
    held = managed(state.exported()) if state else {}
    with closing(Service(settings.open())) as service:
        for region in listing.regions:
            found, warning = libraries_in(region, service.libraries(region), held)
            listing.libraries.extend(found)
            listing.warnings.extend([warning] if warning else [])
    return listing


def chosen_regions(settings: Settings, regions: Sequence[str]) -> list[str]:
    """Return the requested regions, or else the configured one.

    Raises:
        SettingsError: None is configured.
    """
    if regions:
        return [*dict.fromkeys(regions)]
    if settings.region is None:
        profile = f", and the profile {settings.profile!r} has none" if settings.profile else ""
        raise SettingsError(
            f"--region: no region is configured{profile}; give one such as cn-shanghai, or set"
            " alicloud-mps:region or ALIBABA_CLOUD_REGION"
        )
    return [settings.region.name]


def managed(exported: Deployment) -> dict[str, str]:
    """Return the logical names of the libraries that a state manages, by FpDBId."""
    return {item.id: parts_of(item.urn).name for item in exported.managed}


def libraries_in(
    region: str, libraries: Libraries, held: Mapping[str, str]
) -> tuple[list[ListedLibrary], str | None]:
    """Return the libraries of a region, and a warning if the listing can't be complete.

    Raises:
        ListingError: MPS lists none without IDs, and the state has no ID to ask for.
        ApiError: A call failed.
    """
    refusal: ListingError | None = None
    listed: list[Library] = []
    try:
        listed = libraries.listed()
    except ListingError as error:
        refusal = error
    known = {library.fp_db_id for library in listed}
    # MPS does not document that List without IDs lists all: what the state has is the test.
    sought = (libraries.look_up(fp_db_id) for fp_db_id in sorted(held.keys() - known))
    unlisted = [library for library in sought if library]
    if refusal and not unlisted:
        raise refusal
    found = [
        ListedLibrary(item, region, held.get(item.fp_db_id))
        for item in sorted([*listed, *unlisted], key=lambda item: (item.name, item.fp_db_id))
    ]
    if not unlisted:
        return found, None
    ids = ", ".join(library.fp_db_id for library in unlisted)
    reason = str(refusal) if refusal else f"MPS listed {region} without {ids}, which exists"
    return found, f"{reason}: only libraries of the stack's state are certain to be shown"
