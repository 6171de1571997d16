"""The subcommand `alicloud-mps libraries`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from .output import columns, model_text, short, tell_local
from .usage import regions_option, stack_option

if TYPE_CHECKING:
    from pulumi_alicloud_mps.importing.listing import ListedLibrary

_HEADER = ("NAME", "FPDBID", "MODEL", "REGION", "STATE", "IN STACK", "DESCRIPTION")


@click.command()
@regions_option("list")
@stack_option(needed=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def libraries(regions: tuple[str, ...], stack: str | None, *, as_json: bool) -> None:
    """List libraries, and which of them the stack manages.

    In a project, the stack's configuration says how to reach MPS; elsewhere the environment alone
    does, or a login of the aliyun CLI.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.importing.listing import list_account  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import stack_if_any  # noqa: PLC0415

    state, reason = stack_if_any(stack)
    if reason:
        click.echo(f"Warning: no stack is read, only the environment: {reason}", err=True)
    listing = list_account(state, regions)
    tell_local(listing.settings)
    for warning in listing.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if as_json:
        click.echo(json.dumps([item.to_dict() for item in listing.libraries], indent=2))
    elif listing.libraries:
        click.echo(columns([_HEADER, *map(_cells, listing.libraries)]))
    else:
        click.echo(f"MPS lists no libraries in {', '.join(listing.regions)}")


def _cells(item: ListedLibrary) -> tuple[str, ...]:
    library = item.library
    return (
        short(library.name),
        library.fp_db_id,
        model_text(library.model_id),
        item.region,
        library.state,
        item.resource or "",
        short(library.description or ""),
    )
