"""The subcommand `alicloud-mps import`."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_alicloud_mps.mps.models import id_problem

from .output import columns, model_text, short, tell_local
from .usage import UsageError, check_regions, stack_option, state_copy

if TYPE_CHECKING:
    from pulumi_alicloud_mps.importing.plan import ImportPlan, Reference

_NO_CONFIG = (
    "MPS does not list a library's config. If it has one, declare it with --config: to add it later"
    " would replace the library"
)
_AFTERWARDS = (
    "Add this to the program; `pulumi preview` then shows no changes. Without it, the next"
    " `pulumi up` will plan to delete the libraries."
)


@click.command("import")
@click.argument("name", required=False)
@click.argument("fp_db_id", metavar="[FPDBID]", required=False)
@click.option("--all", "all_", is_flag=True, help="Import every library of the region instead.")
@click.option(
    "--region",
    callback=check_regions,
    metavar="REGION",
    help="Where they are. Default: the one that is configured.",
)
@stack_option(needed=True)
@click.option("--config", metavar="JSON", help="The library's config, which MPS does not list.")
@click.option(
    "--protect/--no-protect",
    default=True,
    show_default=True,
    help="Whether Pulumi is to refuse their deletion.",
)
@click.option("--parent", metavar="VARIABLE=URN", help="Their parent, and its variable.")
@click.option(
    "--provider", metavar="VARIABLE=URN", help="Their explicit provider, and its variable."
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file for the code. Default: standard output.",
)
@click.option("-y", "--yes", is_flag=True, help="Don't ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; asks nothing.")
def import_(  # noqa: PLR0913 - the options of a command
    name: str | None,
    fp_db_id: str | None,
    *,
    all_: bool,
    region: str | None,
    stack: str | None,
    config: str | None,
    protect: bool,
    parent: str | None,
    provider: str | None,
    out: Path | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put existing libraries into the stack's state.

    It prints the code that declares them. NAME is the name of the resource in the stack, FPDBID the
    library's ID at MPS; `alicloud-mps libraries` lists them. This is what `pulumi import` can't do
    for dynamic resources. Nothing is changed at MPS.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.importing.importer import Importer  # noqa: PLC0415
    from pulumi_alicloud_mps.importing.plan import ImportOptions  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import StackState  # noqa: PLC0415

    _check_usage(name, fp_db_id, config, all_=all_)
    if out and out.is_file():
        raise UsageError(f"--out: {out} already exists; remove it, or give another file")
    if not (yes or dry_run or (sys.stdin.isatty() and not as_json)):
        raise UsageError("--yes is needed where nobody can be asked (or --dry-run)")
    wishes = ImportOptions(
        region=region,
        config=config,
        protect=protect,
        parent=_reference(parent, "--parent"),
        provider=_reference(provider, "--provider"),
    )
    with closing(Importer(StackState(stack), wishes)) as importer:
        tell_local(importer.settings)
        plan = importer.all() if all_ else importer.one(name or "", fp_db_id or "")
        if as_json:
            copy = plan.carry_out() if plan.libraries and not dry_run else None
            click.echo(json.dumps({**plan.to_dict(), **state_copy(copy)}, indent=2))
            if out and plan.libraries:
                _write(plan, out)
            return
        _tell_plan(plan, config)
        if not plan.libraries:
            return
        if dry_run:
            click.echo("\nThe stack's state was not changed (--dry-run).")
        else:
            _carry_out(plan, yes=yes)
        _write_program(plan, out)


def _carry_out(plan: ImportPlan, *, yes: bool) -> None:
    if not yes:
        click.confirm(f"\nImport into {plan.stack}?", abort=True)
    copy = plan.carry_out()
    click.echo(f"\nImported into {plan.stack}; the state as it was before: {copy}")


def _tell_plan(plan: ImportPlan, config: str | None) -> None:
    for reason in plan.skipped:
        click.echo(f"Skipped: {reason}")
    if not plan.libraries:
        click.echo("Nothing to import.")
        return
    header = ("", "NAME", "LIBRARY", "FPDBID", "MODEL", "REGION", "STATE")
    rows = [
        (
            "=",
            item.logical_name,
            short(item.library.name),
            item.library.fp_db_id,
            model_text(item.library.model_id),
            str(item.inputs.region),
            item.library.state,
        )
        for item in plan.libraries
    ]
    click.echo(columns([header, *rows]))
    if config is None:
        click.echo(f"\n{_NO_CONFIG}.")
    if waiting := [item.logical_name for item in plan.libraries if not item.active]:
        click.echo(f"\nNot active, so that the next `pulumi up` waits: {', '.join(waiting)}.")


def _write_program(plan: ImportPlan, out: Path | None) -> None:
    if out is None:
        click.echo(f"\n{_AFTERWARDS}\n\n{plan.program}", nl=False)
        return
    try:
        _write(plan, out)
    except click.ClickException:
        # The libraries are in the state by now: their code must not be lost.
        click.echo(f"\n{_AFTERWARDS}\n\n{plan.program}", nl=False)
        raise
    click.echo(f"\nThe code is in {out}. {_AFTERWARDS}")


def _write(plan: ImportPlan, out: Path) -> None:
    try:
        out.write_text(plan.program, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"can't write {out}: {error.strerror or error}") from error


def _check_usage(name: str | None, fp_db_id: str | None, config: str | None, *, all_: bool) -> None:
    if all_ and name:
        raise UsageError("--all imports every library; give either it or NAME and FPDBID")
    if all_ and config is not None:
        raise UsageError("--config belongs to one library; give NAME and FPDBID with it")
    if all_:
        return
    if not name or not fp_db_id:
        raise UsageError("give NAME and FPDBID, or --all")
    if not name.strip() or not name.isprintable() or "::" in name:
        raise UsageError(f"NAME: {name!r} can't be the name of a resource")
    if problem := id_problem(fp_db_id):
        raise UsageError(problem)


def _reference(text: str | None, option: str) -> Reference | None:
    from pulumi_alicloud_mps.importing.plan import Reference  # noqa: PLC0415 - as above

    if text is None:
        return None
    variable, _, urn = text.partition("=")
    if not variable.isidentifier() or not urn:
        raise UsageError(f"{option}: give the variable and the URN, as in songs=urn:pulumi:…")
    return Reference(variable, urn)
