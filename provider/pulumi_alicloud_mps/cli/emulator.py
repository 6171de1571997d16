"""The subcommand `alicloud-mps emulator`."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click

from .usage import Integer, Number, UsageError, content_of

if TYPE_CHECKING:
    from pulumi_alicloud_mps.emulator import EmulatorSettings

_GIVEN = click.core.ParameterSource.COMMANDLINE
_KEY = "emulator"
_ENDING = frozenset({signal.SIGINT, signal.SIGTERM})

_KINDS: dict[object, dict[str, Any]] = {
    float: {"type": Number(0), "metavar": "SECONDS"},
    int: {"type": Integer(0), "metavar": "N"},
    bool: {"is_flag": True},
}


@cache
def _setting_options() -> list[click.Option]:
    """Return an option for each of the emulator's settings, as its model describes them."""
    from pulumi_alicloud_mps.emulator import EmulatorSettings  # noqa: PLC0415

    options = []
    for name, field in EmulatorSettings.model_fields.items():
        flag, more = f"--{name.replace('_', '-')}", _KINDS.get(field.annotation)
        summary, _, _ = str(field.description).partition(". ")
        if name == "quirks":
            flag, summary = "--quirk", f"{summary}. Repeatable"
            more = {"metavar": "NAME[=N]", "multiple": True}
        elif get_origin(field.annotation) is Literal:
            more = {"type": click.Choice(get_args(field.annotation))}
        elif more is None:
            # Keys can also come from the environment: other users can see a command line.
            variable = f"ALICLOUD_MPS_EMULATOR_{name.upper()}"
            more = {"envvar": variable, "show_envvar": True}
        options.append(
            click.Option(
                [flag, name],
                default=field.default,
                show_default=field.default not in (None, False, ()),
                help=f"{summary}.",
                **more,
            )
        )
    return options


class _EmulatorCommand(click.Command):
    """A command with an option for each of the emulator's settings.

    They are made when they are needed: the other subcommands must not pay for an HTTP server.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *own, help_option = super().get_params(ctx)
        return [*own, *_setting_options(), help_option]


@click.command(cls=_EmulatorCommand)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=Integer(0, 65535),
    metavar="PORT",
    default=0,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file that keeps the libraries, created if missing. Default: in memory.",
)
@click.option(
    "--faults",
    "script",
    type=click.Path(dir_okay=False, path_type=Path),
    help="JSON file that says which calls fail, and how. Default: none.",
)
@click.option(
    "--behave-as",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Output of `alicloud-mps probe --json`; supplies every setting not given. Default: none.",
)
@click.option(
    "--access-log",
    is_flag=True,
    help="Print a line for each call on stderr: action, status, RequestId, milliseconds.",
)
def emulator(  # noqa: PLR0913 - each is an option
    *,
    host: str,
    port: int,
    database: Path | None,
    script: Path | None,
    behave_as: Path | None,
    access_log: bool,
    **settings: object,
) -> None:
    """Serve a local MPS until Ctrl-C or SIGTERM. See docs/reference/emulator.md.

    In a browser, its URL shows libraries, delete jobs and the last calls as they happen.
    """
    # Imported here, because the other subcommands must not pay for an HTTP server.
    from pulumi_alicloud_mps import emulator as mps  # noqa: PLC0415

    if not host:
        message = "must not be empty; 127.0.0.1 is this machine"
        raise click.BadParameter(message, param_hint="--host")
    with _held_back(), ExitStack() as entered:
        try:
            chosen = _chosen(settings).changed(_probed(behave_as))
            served = mps.Emulator(
                database,
                settings=chosen,
                host=host,
                port=port,
                faults=mps.read_faults(content_of(script)) if script else [],
                access_log=_log if access_log else None,
            )
            url = entered.enter_context(served).url
        except mps.FaultError as error:
            raise UsageError(f"{script}: {error}", _KEY) from error
        except mps.EmulatorSettingsError as error:
            raise UsageError(f"{behave_as}: {error}", _KEY) from error
        except mps.DatabaseError as error:
            raise UsageError(str(error), _KEY) from error
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"can't listen on {host}:{port}: {reason}", _KEY) from error
        click.echo(f"listening on {url}\n{_configuration(url, chosen)}")
        signal.sigwait(_ENDING)


def _log(line: str) -> None:
    # Calls are answered even if nobody reads the output any more.
    with suppress(OSError):
        click.echo(line, err=True)


def _chosen(given: dict[str, object]) -> EmulatorSettings:
    from pulumi_alicloud_mps import emulator as mps  # noqa: PLC0415

    try:
        return mps.EmulatorSettings().changed(given)
    except mps.EmulatorSettingsError as error:
        option = next(item for item in _setting_options() if item.name == error.setting)
        raise click.BadParameter(error.rule, param=option) from None


def _configuration(url: str, settings: EmulatorSettings) -> str:
    """Return what sets up a stack for the emulator; Pulumi asks for a secret of the user's own."""
    known = settings.access_key_secret == type(settings)().access_key_secret
    commands = (
        f"alicloud-mps:endpoint {url}",
        "alicloud-mps:region cn-shanghai",
        f"alicloud-mps:accessKey {settings.access_key_id}",
        f"--secret alicloud-mps:secretKey{f' {settings.access_key_secret}' if known else ''}",
        *(["--secret alicloud-mps:securityToken"] if settings.security_token else []),
    )
    return "\n".join(f"pulumi config set {command}" for command in commands)


def _probed(path: Path | None) -> dict[str, object]:
    """Return what a probe found out, except for what the command line gives."""
    if path is None:
        return {}
    try:
        found = dict(json.loads(content_of(path))["emulator"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path}: not written by `alicloud-mps probe --json`", _KEY) from None
    given = click.get_current_context().get_parameter_source
    return {key: value for key, value in found.items() if given(key) is not _GIVEN}


@contextmanager
def _held_back() -> Iterator[None]:
    # From before a thread starts, so that no signal is lost and none interrupts the closing.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        # A second, impatient Ctrl-C has nothing left to stop.
        while signal.sigpending() & _ENDING:
            signal.sigwait(_ENDING)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
