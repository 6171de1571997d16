"""What the commands have in common: errors of one line with exit code 2, and parts of JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

Given = TypeVar("Given", bound=Sequence[str] | None)
Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)


class UsageError(click.ClickException):
    """Options don't fit each other or what is there, or something keeps a command from starting."""

    exit_code = 2


class Integer(click.IntRange):
    """A whole number, which click would call an integer range."""

    name = "integer"


class Number(click.FloatRange):
    """A number, which it would call a float range."""

    name = "number"


def one_line(error: click.UsageError, command: str) -> UsageError:
    """Return what click would tell in four lines, about that command if it tells of none."""
    message = " ".join(error.format_message().split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else command
    return UsageError(f"{message}; see `{command} --help`")


def check_regions(context: click.Context, option: click.Parameter, value: Given) -> Given:
    """Refuse the names that can be no region's, of an option that takes one or several."""
    # Imported here, because most commands are not given one.
    from pulumi_alicloud_mps.settings.reader import REGION_PATTERN  # noqa: PLC0415

    given: Sequence[str] | None = value
    for name in [given] if isinstance(given, str) else given or []:
        if not REGION_PATTERN.fullmatch(name):
            raise click.BadParameter(
                f"{name!r} is not a region such as cn-shanghai", context, option
            )
    return value


def regions_option(purpose: str) -> Callable[[Command], Command]:
    """Return the option `--region` of a command that takes several, to list or to try."""
    return click.option(
        "--region",
        "regions",
        callback=check_regions,
        metavar="REGION",
        multiple=True,
        help=f"The region to {purpose}, repeatable. Default: the one that is configured.",
    )


def stack_option(*, needed: bool) -> Callable[[Command], Command]:
    """Return the option `--stack` of a command that needs a stack, or goes on without."""
    if_any = "" if needed else ", if one is"
    help_text = f"The stack. Default: the one that is selected{if_any}."
    return click.option("--stack", metavar="STACK", help=help_text)


def state_copy(path: Path | None) -> dict[str, object]:
    """Return for JSON whether the stack's state was changed, and where it is as it was before."""
    return {"state_changed": path is not None, "state_before": str(path) if path else None}
