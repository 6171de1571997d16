"""The subcommand `alicloud-mps emulator`."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .usage import Integer, Number, UsageError

if TYPE_CHECKING:
    from pulumi_alicloud_mps.emulator import EmulatorSettings

_GIVEN = click.core.ParameterSource.COMMANDLINE

_ENDING = frozenset({signal.SIGINT, signal.SIGTERM})


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=Integer(0, 65535),
    metavar="PORT",
    default=0,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="SQLite file that keeps the libraries. Default: in memory.",
)
@click.option(
    "--activation-seconds",
    type=Number(0),
    metavar="SECONDS",
    default=3.0,
    show_default=True,
    help="From creation until active.",
)
@click.option(
    "--deletion-seconds",
    type=Number(0),
    metavar="SECONDS",
    default=3.0,
    show_default=True,
    help="From a delete job to its success.",
)
@click.option(
    "--quota",
    type=Integer(0),
    metavar="N",
    default=5,
    show_default=True,
    help="Libraries in the account.",
)
@click.option(
    "--calls-per-second",
    type=Integer(0),
    metavar="N",
    default=100,
    show_default=True,
    help="Calls in any one second; 0 means no limit.",
)
@click.option(
    "--video-creations",
    type=Integer(0),
    metavar="N",
    default=10,
    show_default=True,
    help="Video libraries on their way to active in a region; 0 means no limit.",
)
@click.option(
    "--access-key-id",
    envvar="ALICLOUD_MPS_EMULATOR_ACCESS_KEY_ID",
    show_envvar=True,
    default="local",
    show_default=True,
    help="The key that is accepted.",
)
@click.option(
    "--access-key-secret",
    envvar="ALICLOUD_MPS_EMULATOR_ACCESS_KEY_SECRET",
    show_envvar=True,
    default="local-secret",
    show_default=True,
    help="Its secret.",
)
@click.option(
    "--security-token",
    envvar="ALICLOUD_MPS_EMULATOR_SECURITY_TOKEN",
    show_envvar=True,
    help="STS token that calls must carry. Default: none may.",
)
@click.option(
    "--list-without-ids",
    type=click.Choice(["all", "none", "refused"]),
    default="all",
    show_default=True,
    help="What ListFpShotDB does without IDs.",
)
@click.option(
    "--deleted-libraries",
    type=click.Choice(["status", "missing"]),
    default="status",
    show_default=True,
    help="How ListFpShotDB shows a deleted library.",
)
@click.option("--unique-names", is_flag=True, help="Refuse a second library of the same name.")
@click.option(
    "--quirk",
    "quirks",
    metavar="NAME[=N]",
    multiple=True,
    default=(),
    help="Something in which MPS may differ from its documentation. Repeatable.",
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
    help="JSON file of `alicloud-mps probe`, for all that is not given. Default: none.",
)
def emulator(
    *,
    host: str,
    port: int,
    database: Path | None,
    script: Path | None,
    behave_as: Path | None,
    **settings: object,
) -> None:
    """Serve a local MPS until Ctrl-C or SIGTERM. See docs/reference/emulator.md.

    In a browser, its URL shows libraries, delete jobs and the last calls as they happen.
    """
    # Imported here, because the other subcommands must not pay for an HTTP server.
    from pulumi_alicloud_mps.emulator import (  # noqa: PLC0415
        DatabaseError,
        Emulator,
        EmulatorSettings,
        EmulatorSettingsError,
        FaultError,
        read_faults,
    )

    if not host:
        raise click.BadParameter(
            "must not be empty; 127.0.0.1 is this machine", param_hint="--host"
        )
    with _held_back(), ExitStack() as entered:
        try:
            chosen = EmulatorSettings().changed({**settings, **_probed(behave_as)})
            faults = read_faults(_content(script)) if script else []
            served = Emulator(database, settings=chosen, host=host, port=port, faults=faults)
            running = entered.enter_context(served)
        except FaultError as error:
            raise UsageError(f"{script}: {error}") from error
        except (DatabaseError, EmulatorSettingsError) as error:
            raise UsageError(str(error)) from error
        except OSError as error:
            raise UsageError(f"can't listen on {host}:{port}: {error.strerror or error}") from error
        click.echo(f"listening on {running.url}\n{_configuration(running.url, chosen)}")
        signal.sigwait(_ENDING)


def _configuration(url: str, settings: EmulatorSettings) -> str:
    """Return what sets a stack up for the emulator; Pulumi asks for a secret of one's own."""
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
    """Return what a probe found out, but for what the command line gives."""
    if path is None:
        return {}
    try:
        found = dict(json.loads(_content(path))["emulator"])
    except (ValueError, KeyError, TypeError):
        raise UsageError(f"{path}: not written by `alicloud-mps probe --json`") from None
    given = click.get_current_context().get_parameter_source
    return {key: value for key, value in found.items() if given(key) is not _GIVEN}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"can't read {path}: {error.strerror or error}") from error


@contextmanager
def _held_back() -> Iterator[None]:
    # From before a thread starts, so that no signal is lost and none interrupts the closing.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        # An impatient second Ctrl-C asks for what has happened by now.
        while signal.sigpending() & _ENDING:
            signal.sigwait(_ENDING)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
