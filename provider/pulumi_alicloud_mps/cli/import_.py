"""The subcommand `alicloud-mps import`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulumi_alicloud_mps.errors import with_key
from pulumi_alicloud_mps.mps.models import LibraryState, id_problem

from .output import (
    columns,
    is_terminal,
    library_cells,
    paragraph,
    print_json,
    short,
    state_copy,
    warn_if_local,
)
from .usage import UsageError, region_option, stack_option

if TYPE_CHECKING:
    from pulumi_alicloud_mps.importing.importer import ImportPlan, Reference

_HEADER = ("NAME", "LIBRARY", "FPDBID", "MODEL", "REGION", "STATE")
_PROGRAM_NEEDED = (
    "Add this code to the program; `pulumi preview` then shows no changes. Without it, the next"
    " `pulumi up` will plan to delete what was imported."
)


def _reference(_: click.Context, option: click.Parameter, text: str | None) -> Reference | None:
    from pulumi_alicloud_mps.importing.importer import Reference  # noqa: PLC0415 - as below

    if text is None:
        return None
    variable, _equals, urn = text.partition("=")
    if not variable.isidentifier() or not urn:
        example = "songs=urn:pulumi:…"
        raise UsageError(f"{option.opts[0]}: give the variable and the URN, such as {example}")
    return Reference(variable, urn)


@click.command("import")
@click.argument("name", required=False)
@click.argument("fp_db_id", metavar="[FPDBID]", required=False)
@click.option("--all", "all_", is_flag=True, help="Import all libraries of the region.")
@region_option("import from")
@stack_option(needed=True)
@click.option("--config", metavar="JSON", help="The library's config, which MPS does not list.")
@click.option(
    "--protect/--no-protect",
    default=True,
    show_default=True,
    help="Whether Pulumi refuses to delete what is imported.",
)
@click.option(
    "--parent",
    callback=_reference,
    metavar="VARIABLE=URN",
    help="The parent: its variable in the program, and its URN.",
)
@click.option(
    "--provider",
    callback=_reference,
    metavar="VARIABLE=URN",
    help="The explicit provider: its variable in the program, and its URN.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A new file for the code. Default: standard output.",
)
@click.option("-y", "--yes", is_flag=True, help="Don't ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; needs --yes or --dry-run.")
def import_(  # noqa: PLR0913 - the options of a command
    name: str | None,
    fp_db_id: str | None,
    *,
    all_: bool,
    region: str | None,
    stack: str | None,
    config: str | None,
    protect: bool,
    parent: Reference | None,
    provider: Reference | None,
    out: Path | None,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import existing libraries into the stack's state.

    Prints the code that declares them. NAME is the resource's name in the stack, FPDBID the
    library's ID at MPS; `alicloud-mps libraries` lists them. `pulumi import` does not support
    dynamic resources; for those of the native provider, use it instead. Nothing is changed at MPS.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.importing.importer import Importer, ImportOptions  # noqa: PLC0415
    from pulumi_alicloud_mps.inputs import UNLISTED  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import StackState  # noqa: PLC0415

    _check_usage(name, fp_db_id, config, all_=all_)
    if out and out.is_file():
        raise UsageError(f"--out: {out} already exists; remove it, or give another file")
    if not (yes or dry_run or (is_terminal(sys.stdin) and not as_json)):
        raise UsageError("--yes or --dry-run is required with --json, or without a terminal")
    options = ImportOptions(
        region=region, config=config, protect=protect, parent=parent, provider=provider
    )
    with closing(Importer(StackState(stack), options)) as importer:
        warn_if_local(importer.settings)
        plan = importer.all() if all_ else importer.one(name or "", fp_db_id or "")
        if as_json:
            copy = plan.carry_out() if plan.libraries and not dry_run else None
            print_json({**plan.to_dict(), **state_copy(copy)})
            if out and plan.libraries:
                _write(plan, out)
            return
        for reason in plan.skipped:
            click.echo(f"Skipped: {reason}")
        if not plan.libraries:
            click.echo(f"Nothing to import from {plan.region}.")
            return
        _print_plan(plan, [name for name in UNLISTED if getattr(options, name) is None], all_=all_)
        if dry_run:
            click.echo("\nThe stack's state was not changed (--dry-run).")
        else:
            if not yes:
                click.confirm(f"\nImport into {plan.stack}?", abort=True)
            copy = plan.carry_out()
            click.echo(f"\nImported into {plan.stack}.\nThe previous state is in {copy}")
        _hand_over(plan, out)


def _check_usage(name: str | None, fp_db_id: str | None, config: str | None, *, all_: bool) -> None:
    if all_:
        if name:
            raise UsageError("--all imports every library; give either --all or NAME and FPDBID")
        if config is not None:
            raise UsageError("--config is for a single library; give NAME and FPDBID with it")
        return
    if not name or not fp_db_id:
        raise UsageError("give NAME and FPDBID, or --all")
    if not name.strip() or not name.isprintable() or "::" in name:
        raise UsageError(f"NAME: {name!r} is not a valid resource name")
    if problem := id_problem(fp_db_id):
        raise UsageError(problem)


def _print_plan(plan: ImportPlan, unknown: Sequence[str], *, all_: bool) -> None:
    rows = [
        (short(name), *library_cells(library, plan.region))
        for name, library in plan.libraries.items()
    ]
    click.echo(columns([_HEADER, *rows]))
    for name in unknown:
        way = f"import that one by itself, with --{name}" if all_ else f"give it with --{name}"
        whose = "one of these" if all_ else "this one"
        hint = (
            f"MPS does not list a library's {name}. If {whose} has a {name}, {way}: adding it later"
            " would replace the library."
        )
        click.echo(f"\n{paragraph(hint)}")
    active = LibraryState.ACTIVE.value
    if waiting := [name for name, item in plan.libraries.items() if item.state != active]:
        click.echo(f"\nNot active yet; the next `pulumi up` waits for: {', '.join(waiting)}.")


def _hand_over(plan: ImportPlan, out: Path | None) -> None:
    shown = f"\n{paragraph(_PROGRAM_NEEDED)}\n\n{plan.program}"
    if out is None:
        click.echo(shown, nl=False)
        return
    try:
        _write(plan, out)
    except click.ClickException:
        # The libraries are in the state by now: their code must not be lost.
        click.echo(shown, nl=False)
        raise
    code_in = paragraph(f"The code is in {out}. {_PROGRAM_NEEDED}")
    click.echo(f"\n{code_in}")


def _write(plan: ImportPlan, out: Path) -> None:
    try:
        out.write_text(plan.program, encoding="utf-8")
    except OSError as error:
        message = f"can't write {out}: {error.strerror or error}"
        raise click.ClickException(with_key(message, "file")) from error
