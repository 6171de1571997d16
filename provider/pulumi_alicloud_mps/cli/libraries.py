"""The subcommand `alicloud-mps libraries`."""

from __future__ import annotations

import click

from .output import columns, library_cells, print_json, short, warn_if_local
from .usage import region_option, stack_option

_HEADER = ("NAME", "FPDBID", "MODEL", "REGION", "STATE", "IN STACK", "DESCRIPTION")


@click.command()
@region_option("list", several=True)
@stack_option(needed=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def libraries(regions: tuple[str, ...], stack: str | None, *, as_json: bool) -> None:
    """List libraries, and which of them the stack manages.

    In a project, the stack's configuration says how to reach MPS; elsewhere, only the environment
    does, or a login of the aliyun CLI.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.importing.listing import list_account  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import stack_if_any  # noqa: PLC0415

    state, reason = stack_if_any(stack)
    if reason:
        click.echo(f"Warning: using the environment only, without a stack: {reason}", err=True)
    listing = list_account(state, regions)
    warn_if_local(listing.settings)
    for warning in listing.warnings:
        click.echo(f"Warning: {warning}", err=True)
    if as_json:
        print_json([item.to_dict() for item in listing.libraries])
    elif listing.libraries:
        rows = [
            (
                *library_cells(item.library, item.region),
                short(item.resource or ""),
                short(item.library.description or ""),
            )
            for item in listing.libraries
        ]
        click.echo(columns([_HEADER, *rows]))
    else:
        click.echo(f"MPS lists no libraries in {', '.join(listing.regions)}")
