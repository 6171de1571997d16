"""The command ``alicloud-mps``."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from pulumi_alicloud_mps.errors import MpsError, with_key
from pulumi_alicloud_mps.operations.advice import keyed
from pulumi_alicloud_mps.package import PACKAGE

from .doctor import doctor
from .emulator import emulator
from .import_ import import_
from .libraries import libraries
from .plugin import plugin
from .preview_comment import preview_comment
from .probe import probe
from .recover import recover
from .usage import UsageError


class Commands(click.Group):
    """Subcommands whose errors are one line each; a usage error says where to look."""

    def make_context(self, info_name: str | None, *args: Any, **extra: Any) -> click.Context:  # noqa: ANN401 - click's signature
        """Read the options before the subcommand."""
        try:
            return super().make_context(info_name, *args, **extra)
        except click.UsageError as error:
            raise _one_line(error, info_name or "") from error

    def invoke(self, ctx: click.Context) -> object:
        """Run a subcommand."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _one_line(error, f"{ctx.command_path} {ctx.invoked_subcommand}") from error
        except MpsError as error:
            raise click.ClickException(keyed(error)) from error

    def main(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - click's signature
        """Run the command line; click ends it quietly if its output is closed."""
        try:
            return super().main(*arguments, **options)
        except OSError as error:
            # What nothing else explains, such as a full disk.
            parts = [error.filename, error.strerror or error]
            message = ": ".join(str(item) for item in parts if item)
            click.echo(f"Error: {with_key(message, 'file')}", err=True)
            sys.exit(1)
        finally:
            try:
                if sys.stdout is not None:
                    sys.stdout.flush()
            except OSError:
                # Otherwise the interpreter fails again at its exit, with a traceback and code 120.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: click.UsageError, command: str) -> UsageError:
    """Return click's error, which says where to look instead of its usage block."""
    message = " ".join(error.format_message().split()).rstrip(".")
    # The error about an option without its value does not name the command.
    command = error.ctx.command_path if error.ctx else command
    return UsageError(f"{message}; see `{command} --help`")


@click.group(
    cls=Commands,
    commands=[doctor, emulator, import_, libraries, plugin, preview_comment, probe, recover],
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
)
@click.version_option(None, "-V", "--version", package_name=PACKAGE)
@click.pass_context
def main(context: click.Context) -> None:
    """Manage media fingerprint libraries of Alibaba Cloud MPS."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
