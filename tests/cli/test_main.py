"""The command line: what it prints, how it ends, and that it is documented."""

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from environment import ran
from pulumi_alicloud_mps import cli
from pulumi_alicloud_mps.cli import main


@pytest.mark.portability
@pytest.mark.parametrize("arguments", [["preview-comment"], ["--help"], ["emulator"]])
def test_an_output_that_takes_nothing(arguments: list[str]) -> None:
    """An output that can't be written, as on a full disk, ends a command with one line."""
    with Path(os.devnull).open(encoding="utf-8") as only_read:
        ended = subprocess.run(
            [sys.executable, "-m", "pulumi_alicloud_mps", *arguments],
            input='{"steps": []}',
            stdout=only_read,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (1, "Error: Bad file descriptor [file]\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-"])
def test_a_closed_stream(closed: str) -> None:
    """A standard stream that is closed is no terminal, and no reason for a traceback."""
    script = f'"$0" -m pulumi_alicloud_mps probe --region cn-shanghai {closed}'
    done = ran("/bin/sh", "-c", script, sys.executable)
    assert done.returncode in {1, 2}
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_every_command_is_there() -> None:
    """What a module of the command line defines as a command can be called."""
    for found in pkgutil.iter_modules(cli.__path__):
        module = importlib.import_module(f"{cli.__name__}.{found.name}")
        commands = [it for it in vars(module).values() if isinstance(it, click.Command)]
        assert {*commands} <= {main, *main.commands.values()}


def test_without_a_command() -> None:
    """Alone it prints its help."""
    ended = CliRunner().invoke(main, [])
    assert ended.exit_code == 0
    assert ended.output == CliRunner().invoke(main, ["--help"]).output


@pytest.mark.portability
def test_version() -> None:
    """The version is that of the installed package."""
    ended = CliRunner().invoke(main, ["-V"])
    assert ended.exit_code == 0
    assert ended.output.startswith("alicloud-mps, version ") or "version" in ended.output
    told = ran(sys.executable, "-m", "pulumi_alicloud_mps", "-V").stdout
    assert told.startswith("alicloud-mps, version ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["libraries", "--region", "nonsense"],
            "'nonsense' is not a region; give one such as cn-shanghai",
        ),
        (["doctor", "--region", "cn-shanghai", "--region", "x y"], "'x y' is not a region"),
        (["import", "--all", "--region", "nonsense"], "'nonsense' is not a region"),
        (["recover", "--nothing"], "--nothing"),
        (["libraries", "--stack"], "Option '--stack' requires an argument"),
        (["nothing"], "No such command 'nothing'"),
        (["emulator", "--list-without-ids", "some"], "'some' is not one of 'all', 'none'"),
        (["emulator", "--host", ""], ""),
        (["emulator", "--quota", "-1"], "-1 is not in the range"),
        (["emulator", "--port", "x"], "'x' is not a valid integer; see"),
        (["recover", "--confirm"], "recover --help"),
        (["--nothing"], "No such option '--nothing'"),
        (["emulator", "--port", "70000"], "70000 is not in the range"),
        (["emulator", "--activation-seconds", "soon"], "'soon' is not a valid number; see"),
    ],
)
def test_usage_errors_are_one_line(arguments: list[str], told: str) -> None:
    """What does not fit is one line that says what, and where the options are; the code is 2."""
    ended = CliRunner().invoke(main, arguments)
    assert ended.exit_code == 2
    assert ended.output.startswith("Error: ")
    assert told in ended.output
    assert ended.output.endswith(" --help` [usage]\n")
    assert ended.output.count("\n") == 1


@pytest.mark.portability
def test_start_up_is_light() -> None:
    """The command itself loads no HTTP server, no SDK and no pydantic."""
    heavy = {"aiohttp", "aliyunsdkcore", "alibabacloud_credentials", "pydantic", "tenacity"}
    code = f"import sys, pulumi_alicloud_mps.cli; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert ran(sys.executable, "-c", code).returncode == 0
