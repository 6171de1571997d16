"""`alicloud-mps emulator`: what it prints, how it ends, and what its options do."""

import json
import re
import signal
import socket
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from clocks import WallClock
from control_api import ControlApi
from emulator.calls import Client, served
from environment import ran
from pulumi_alicloud_mps.cli import main
from pulumi_alicloud_mps.cli.emulator import emulator as command
from pulumi_alicloud_mps.emulator import EmulatorSettings

_COMMAND = [sys.executable, "-m", "pulumi_alicloud_mps", "emulator"]


@pytest.mark.engine
@pytest.mark.portability
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_until_told_to_end(end: signal.Signals) -> None:
    """It says where it listens and how to use it, and Ctrl-C or SIGTERM ends it without a word."""
    with served() as (process, url):
        assert Client(url, WallClock()).ok("ListFpShotDB")
        process.send_signal(end)
        assert process.wait(20) == 0
        assert process.stdout
        assert process.stderr
        told, error = process.stdout.read(), process.stderr.read()
        assert error == ""
        assert told.splitlines()[-1] == (
            "pulumi config set --secret alicloud-mps:secretKey local-secret"
        )


@pytest.mark.engine
def test_options_reach_the_emulator(tmp_path: Path) -> None:
    """Options, and secrets from the environment, are what the emulator works by."""
    arguments = ["--quota=7", "--deleted-libraries=missing", "--unique-names", "--access-log"]
    database = ["--database", str(tmp_path / "mps.sqlite")]
    environment = {
        "ALICLOUD_MPS_EMULATOR_ACCESS_KEY_ID": "me",
        "ALICLOUD_MPS_EMULATOR_ACCESS_KEY_SECRET": "hush",
        "ALICLOUD_MPS_EMULATOR_SECURITY_TOKEN": "token",
    }
    with served(*arguments, *database, environ=environment) as (process, url):
        client = Client(url, WallClock(), key="me", secret="hush")
        client.create("songs", SecurityToken="token")
        settings = client.control("GET", "settings").json
        process.terminate()
        assert process.stdout
        assert process.stderr
        told, log = process.stdout.read(), process.stderr.read()
    assert re.fullmatch(r"CreateFpShotDB 200 [0-9A-F-]{36} \d+ ms\n", log)
    assert "pulumi config set alicloud-mps:accessKey me\n" in told
    assert "hush" not in told
    assert told.endswith(
        "--secret alicloud-mps:secretKey\npulumi config set --secret alicloud-mps:securityToken\n"
    )
    chosen = {"quota": 7, "deleted_libraries": "missing", "unique_names": True}
    assert {name: settings[name] for name in chosen} == chosen
    with served(*database) as (_, url):
        assert ControlApi(url).only_library()["Name"] == "songs"


def test_port_in_use() -> None:
    """A port that is taken ends it with one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = ran(*_COMMAND, "--port", port)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"Error: can't listen on 127.0.0.1:{port}: ")
    assert ended.stderr.count("\n") == 1


def test_unusable_database(tmp_path: Path) -> None:
    """A file that is no database ends it with one line."""
    path = tmp_path / "notes.txt"
    path.write_text("these are notes\n" * 100)
    ended = CliRunner().invoke(main, ["emulator", "--database", str(path)])
    assert ended.exit_code == 2
    told = f"can't use {path} as the database: file is not a database"
    assert ended.output == f"Error: {told} [emulator]\n"


def test_faults(tmp_path: Path) -> None:
    """A script of faults holds from the first call on."""
    path = tmp_path / "faults.json"
    rule = {"action": "*", "calls": [1], "kind": "error", "code": "Throttling.Api"}
    path.write_text(json.dumps([rule]))
    with served("--faults", str(path)) as (_, url):
        client = Client(url, WallClock())
        assert client.call("ListFpShotDB").code == "Throttling.Api"
        assert client.ok("ListFpShotDB")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "can't read {path}: No such file or directory"),
        ('[{"action": "*", "kind": "slow"}]', "{path}: rule 1: seconds: is required by"),
        ("[", "{path}: the script is not JSON: "),
    ],
)
def test_unusable_faults(tmp_path: Path, text: str | None, told: str) -> None:
    """A script that is missing or bad ends it with one line."""
    path = tmp_path / "faults.json"
    if text is not None:
        path.write_text(text)
    ended = CliRunner().invoke(main, ["emulator", "--faults", str(path)])
    assert ended.exit_code == 2
    assert ended.output.startswith(f"Error: {told.format(path=path)}")
    assert ended.output.count("\n") == 1


def test_defaults_are_those_of_the_settings() -> None:
    """An emulator from the command line is set up like one from Python."""
    given = command.make_context("emulator", []).params
    settings = {name: given[name] for name in EmulatorSettings.model_fields}
    assert EmulatorSettings().changed(settings) == EmulatorSettings()


@pytest.mark.parametrize(
    ("option", "rule"),
    [
        (("--activation-seconds", "nan"), "Input should be a finite number"),
        (("--access-key-id", ""), "String should have at least 1 character"),
        (("--quirk", "nope"), "must be one of odd-libraries, "),
    ],
)
def test_bad_settings_are_one_line(option: tuple[str, str], rule: str) -> None:
    """What only the emulator can judge is reported by the name of its option, too."""
    ended = CliRunner().invoke(main, ["emulator", *option])
    assert (ended.exit_code, ended.output.count("\n")) == (2, 1)
    assert ended.output.startswith(f"Error: Invalid value for '{option[0]}'")
    assert f": {rule}" in ended.output
