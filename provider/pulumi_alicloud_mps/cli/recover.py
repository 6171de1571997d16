"""The subcommand `alicloud-mps recover`."""

from __future__ import annotations

import json

import click

from .usage import stack_option, state_copy


@click.command()
@stack_option(needed=True)
@click.option(
    "--confirm",
    "confirmed",
    metavar="FPDBID",
    multiple=True,
    help="A library that is this stack's, although nothing here proves it. Repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be recovered, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def recover(stack: str | None, confirmed: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Recover libraries from interrupted creates.

    Run it in the project's folder, before `pulumi up`; nothing to settle is success.
    """
    # Imported here, because the other subcommands need neither Pulumi nor the SDK.
    from pulumi_alicloud_mps.recovery.recover import recover_stack  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import StackState  # noqa: PLC0415

    recovery = recover_stack(StackState(stack), dry_run=dry_run, confirmed=confirmed)
    if as_json:
        told = [item.to_dict() for item in recovery.results]
        click.echo(json.dumps({"creates": told, **state_copy(recovery.copy)}, indent=2))
        return
    for settled in recovery.results:
        click.echo(settled)
    if not recovery.results:
        click.echo("nothing to settle: no create of a library is pending")
    elif dry_run:
        click.echo("the stack's state was not changed (--dry-run)")
    else:
        click.echo(f"the state as it was before: {recovery.copy}")
