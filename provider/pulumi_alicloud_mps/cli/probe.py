"""The subcommand `alicloud-mps probe`."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from .output import columns
from .usage import UsageError, check_regions, stack_option

if TYPE_CHECKING:
    from pulumi_alicloud_mps.probe.findings import Findings

_DIFFERS = 3
_ASK = (
    "This makes up to two small audio libraries in {region} of the account {account}, looks at"
    " them, and deletes them again. Go on?"
)


@click.command(epilog="Exit codes: 0 MPS is as assumed; 1 it could not be asked; 3 it differs.")
@click.option(
    "--region",
    callback=check_regions,
    metavar="REGION",
    help="Where to ask. Default: the one that is configured.",
)
@stack_option(needed=False)
@click.option("--clean", is_flag=True, help="Only delete what a probe that was killed has left.")
@click.option("-y", "--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for `emulator --behave-as`.")
def probe(region: str | None, stack: str | None, *, clean: bool, yes: bool, as_json: bool) -> None:
    """Find out how MPS behaves where that is not documented.

    Makes up to two small libraries with names of its own, and deletes them again.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.clock import SystemClock  # noqa: PLC0415
    from pulumi_alicloud_mps.importing.listing import chosen_regions  # noqa: PLC0415
    from pulumi_alicloud_mps.mps.service import Service  # noqa: PLC0415
    from pulumi_alicloud_mps.probe.own_libraries import OwnLibraries  # noqa: PLC0415
    from pulumi_alicloud_mps.probe.probing import Probe  # noqa: PLC0415
    from pulumi_alicloud_mps.settings.reader import read_settings  # noqa: PLC0415
    from pulumi_alicloud_mps.state.pulumi_cli import stack_if_any  # noqa: PLC0415

    state, _ = stack_if_any(stack)
    configuration = state.configuration() if state else {}
    settings = read_settings(configuration.get, os.environ)
    (where,) = chosen_regions(settings, [region] if region else [])
    clock = SystemClock()
    with closing(Service(settings.open(), clock)) as service, _ended_like_interrupted():
        client = service.client(where)
        own = OwnLibraries(client, where, clock, Path.cwd())
        if clean:
            deleted = own.clean()
            text = f"deleted: {', '.join(deleted)}" if deleted else "nothing to clean"
            click.echo(json.dumps({"deleted": deleted}) if as_json else text)
            return
        _confirm(_ASK.format(region=where, account=service.account_id(where)), yes=yes)
        try:
            findings = Probe(client, clock, own, where).run()
        finally:
            if left := own.noted():
                click.echo(
                    f"Left in {where}: {', '.join(left)}; `alicloud-mps probe --clean` deletes"
                    " them",
                    err=True,
                )
    click.echo(json.dumps(findings.to_dict(), indent=2) if as_json else _text(findings))
    if findings.differs:
        sys.exit(_DIFFERS)


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("--yes is needed where nobody can be asked")
    if not click.confirm(question, err=True):
        raise UsageError("nothing was made")


def _text(findings: Findings) -> str:
    from pulumi_alicloud_mps.probe.findings import HEADER, NOT_ASKED  # noqa: PLC0415 - as above

    table = columns([HEADER, *(item.cells() for item in findings.answers)])
    return "\n".join([table, "", "What can't be asked:", *(f"- {item}" for item in NOT_ASKED)])


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end this as Ctrl-C does: with what was made deleted."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
