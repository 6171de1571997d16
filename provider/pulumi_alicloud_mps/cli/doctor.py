"""The subcommand `alicloud-mps doctor`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from pulumi_alicloud_mps.mps.models import WRITES

from .output import columns, print_json
from .usage import region_option, stack_option

if TYPE_CHECKING:
    from pulumi_alicloud_mps.doctor import Report

_UNHEALTHY = 1


@click.command(epilog="Exit codes: 0 everything works; 1 there are problems.")
@region_option("check", several=True)
@stack_option(needed=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(regions: tuple[str, ...], stack: str | None, *, as_json: bool) -> None:
    """Check settings, credentials, permissions and the network.

    Shows where each setting comes from, never its value, and makes only calls that change nothing.
    """
    # Imported here, because the other subcommands need neither pydantic nor the SDK.
    from pulumi_alicloud_mps.doctor import diagnose  # noqa: PLC0415

    report = diagnose(stack, regions)
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(_text(report))
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
            "Creating and deleting libraries also needs"
            f" {' and '.join(f'mts:{action}' for action in WRITES)}, which `doctor` never calls."
        )
    count = report.problems
    parts.append(f"{count} problem{'s' * (count > 1)}" if count else "Everything works.")
    return "\n\n".join(parts)
