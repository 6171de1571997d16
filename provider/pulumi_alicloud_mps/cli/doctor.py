"""The subcommand `alicloud-mps doctor`."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from .output import columns
from .usage import regions_option, stack_option

if TYPE_CHECKING:
    from pulumi_alicloud_mps.doctor.checks import Report

_UNHEALTHY = 1


@click.command(epilog="Exit codes: 0 everything works; 1 something is missing.")
@regions_option("try")
@stack_option(needed=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(regions: tuple[str, ...], stack: str | None, *, as_json: bool) -> None:
    """Tell where each setting comes from, and what is missing.

    Tries the calls that change nothing. Shows no setting's value.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.clock import SystemClock  # noqa: PLC0415
    from pulumi_alicloud_mps.doctor.diagnosis import diagnose  # noqa: PLC0415

    report = diagnose(stack, regions, os.environ, SystemClock())
    click.echo(json.dumps(report.shown(), indent=2) if as_json else _text(report))
    if report.problems:
        sys.exit(_UNHEALTHY)


def _text(report: Report) -> str:
    checks = [
        (item.result.value, item.name, item.region or "", item.detail) for item in report.checks
    ]
    parts = [columns([("SETTING", "FROM"), *report.sources.items()])] if report.sources else []
    parts.append(columns([("RESULT", "CHECK", "REGION", "DETAIL"), *checks]))
    if policy := report.policy():
        parts.append(
            f"Add this RAM policy to the user or role:\n\n{json.dumps(policy, indent=2)}\n\n"
            "To create and delete, it also needs mts:CreateFpShotDB and mts:SubmitFpDBDeleteJob,"
            " which are never tried here."
        )
    count = report.problems
    parts.append(f"{count} problem{'s' * (count > 1)}" if count else "Everything works.")
    return "\n\n".join(parts)
