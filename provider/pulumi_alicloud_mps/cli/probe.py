"""The subcommand `alicloud-mps probe`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from .output import columns, is_terminal, print_json
from .usage import UsageError, region_option, stack_option

_DIFFERS = 3
_HEADER = ("", "QUESTION", "ASSUMED", "FOUND")


@click.command(
    epilog="Exit codes: 0 MPS behaves as assumed; 1 it could not be asked; 3 it differs."
)
@region_option("ask")
@stack_option(needed=False)
@click.option("--clean", is_flag=True, help="Only delete what a killed probe left behind.")
@click.option("-y", "--yes", is_flag=True, help="Don't ask for confirmation.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for `emulator --behave-as`.")
def probe(region: str | None, stack: str | None, *, clean: bool, yes: bool, as_json: bool) -> None:
    """Find out how MPS behaves in undocumented cases.

    Creates up to two small libraries with names of its own, and deletes them again.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.importing.listing import chosen_regions  # noqa: PLC0415
    from pulumi_alicloud_mps.mps.service import Service  # noqa: PLC0415
    from pulumi_alicloud_mps.probe import NOT_ASKED, Probe  # noqa: PLC0415
    from pulumi_alicloud_mps.settings.reader import read_settings  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import stack_if_any  # noqa: PLC0415

    state, _ = stack_if_any(stack)
    configuration = state.configuration() if state else {}
    settings = read_settings(configuration.get, os.environ)
    (where,) = chosen_regions(settings, [region] if region else [])
    with closing(Service(settings.open())) as service, _sigterm_interrupts():
        asking = Probe(service.libraries(where), Path.cwd())
        if clean:
            deleted = asking.clean()
            if as_json:
                print_json({"deleted": deleted})
            else:
                click.echo(f"deleted: {', '.join(deleted)}" if deleted else "nothing to clean")
            return
        if not yes:
            _confirm(where, service.account_id(where))
        try:
            findings = asking.run()
        finally:
            if left := asking.leftovers():
                click.echo(
                    f"Left in {where}: {', '.join(left)}; `alicloud-mps probe --clean` deletes"
                    " them",
                    err=True,
                )
    if as_json:
        print_json(findings.to_dict())
    else:
        rows = [
            ("differs" if item.differs else "", item.question, item.assumed, item.found)
            for item in findings.answers
        ]
        click.echo(columns([_HEADER, *rows]))
        click.echo("\nNot covered by the probe:")
        click.echo(columns([("-", item) for item in NOT_ASKED]))
    if findings.differs:
        sys.exit(_DIFFERS)


def _confirm(region: str, account_id: str) -> None:
    if not is_terminal(sys.stdin):
        raise UsageError("--yes is required when standard input is not a terminal")
    question = (
        f"This creates up to two small audio libraries in {region} of account {account_id}, looks"
        " at them, and deletes them again. Continue?"
    )
    if not click.confirm(question, err=True):
        raise UsageError("cancelled; nothing was created")


@contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end the command as Ctrl-C does: what was created is deleted."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
