"""What the commands have in common: options, and usage errors of one line with exit code 2."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from pulumi_alicloud_mps.errors import with_key
from pulumi_alicloud_mps.mps.models import region_problem

Command = TypeVar("Command", bound=Callable[..., Any] | click.Command)


class UsageError(click.ClickException):
    """The arguments are wrong, or something keeps a command from starting.

    Its line ends in a key, as those of the package's other errors do.
    """

    exit_code = 2

    def __init__(self, message: str, key: str = "usage") -> None:
        super().__init__(with_key(message, key))


class Integer(click.IntRange):
    """A whole number; click would name it an integer range in errors."""

    name = "integer"


class Number(click.FloatRange):
    """A number; click would name it a float range."""

    name = "number"


def content_of(path: Path) -> bytes:
    """Return what a file holds that the arguments name."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror or error}", "file") from error


def _region(name: str) -> str:
    if problem := region_problem(name):
        raise click.BadParameter(problem)
    return name


def region_option(purpose: str, *, several: bool = False) -> Callable[[Command], Command]:
    """Return the option `--region`; a repeatable one is passed as `regions`."""
    return click.option(
        "--region",
        "regions" if several else "region",
        type=_region,
        metavar="REGION",
        multiple=several,
        help=f"The region to {purpose}{'; repeatable' * several}. Default: the configured one.",
    )


def stack_option(*, needed: bool) -> Callable[[Command], Command]:
    """Return the option `--stack` of a command that needs a stack, or can do without."""
    if_any = "" if needed else ", if any"
    help_text = f"The stack. Default: the selected one{if_any}."
    return click.option("--stack", metavar="STACK", help=help_text)
