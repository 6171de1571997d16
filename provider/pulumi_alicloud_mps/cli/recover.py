"""The subcommand `alicloud-mps recover`."""

from __future__ import annotations

import click

from .output import print_json, state_copy
from .usage import stack_option


@click.command()
@stack_option(needed=True)
@click.option(
    "--confirm",
    "confirmed",
    metavar="FPDBID",
    multiple=True,
    help="ID of a library that you confirm belongs to this stack; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be recovered, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def recover(stack: str | None, confirmed: tuple[str, ...], *, dry_run: bool, as_json: bool) -> None:
    """Recover libraries from interrupted creates.

    Run it in the project's folder before `pulumi up`. If no create was interrupted, it succeeds and
    changes nothing.
    """
    # Imported here, because the other subcommands need neither Pulumi nor the SDK.
    from pulumi_alicloud_mps.recovery.recover import recover_stack  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import StackState  # noqa: PLC0415

    results, copy = recover_stack(StackState(stack), dry_run=dry_run, confirmed=confirmed)
    if as_json:
        print_json({"creates": [item.to_dict() for item in results], **state_copy(copy)})
        return
    for result in results:
        click.echo(result)
    if not results:
        click.echo("nothing to recover: no create of a library is pending")
    elif dry_run:
        click.echo("the stack's state was not changed (--dry-run)")
    else:
        click.echo(f"the previous state is in {copy}")
