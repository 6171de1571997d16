"""docs/reference/emulator.md: its programs, commands and script run as they stand."""

import http.client
import json
import shlex
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import get_args

import pytest

from clocks import WallClock
from documents import ROOT, Snippet, snippets
from emulator.calls import Client, served
from environment import ran
from pulumi_alicloud_mps.emulator import Emulator, Fault
from pulumi_alicloud_mps.emulator.faults import FaultKind, FaultyState, OddContent

ADDRESS = "http://127.0.0.1:8014"
"""Where an emulator listens in the guide."""

COMMANDS = list(snippets("console", "emulator.md"))
PROGRAMS = list(snippets("python", "emulator.md"))


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_programs(program: Snippet) -> None:
    """Each program ends without an error, against an emulator at the address that it names."""
    with Emulator() as emulator:
        text = program.text.replace(
            ADDRESS.removeprefix("http://"), emulator.url.removeprefix("http://")
        )
        ended = ran(sys.executable, "-c", text)
    assert (ended.returncode, ended.stderr) == (0, "")


def started(line: str, folder: Path) -> AbstractContextManager[tuple[object, str]]:
    """Run a line of the guide, but at a free port."""
    return served(*(item.replace("8014", "0") for item in shlex.split(line)[2:]), folder=folder)


@pytest.mark.engine
@pytest.mark.parametrize("snippet", COMMANDS, ids=str)
def test_commands(snippet: Snippet, tmp_path: Path) -> None:
    """A command starts an emulator, which prints what the guide shows, and keeps all."""
    (tmp_path / ".alicloud-mps").mkdir()
    line, *shown = snippet.text.splitlines()
    assert line.startswith("$ alicloud-mps emulator ")
    assert not shown or shown == [
        f"listening on {ADDRESS}",
        f"pulumi config set alicloud-mps:endpoint {ADDRESS}",
        "pulumi config set alicloud-mps:region cn-shanghai",
        "pulumi config set alicloud-mps:accessKey local",
        "pulumi config set --secret alicloud-mps:secretKey local-secret",
    ]

    for names in (["songs"], ["films", "songs"]):
        with started(line.removeprefix("$ "), tmp_path) as (_, url):
            client = Client(url, WallClock())
            client.create(names[0])
            assert sorted(library["Name"] for library in client.listed()) == names


def test_the_script_of_faults(tmp_path: Path) -> None:
    """The command takes the script, and its rules apply."""
    (snippet,) = snippets("json", "emulator.md")
    (tmp_path / "faults.json").write_text(snippet.text, encoding="utf-8")

    with started("alicloud-mps emulator --port 8014 --faults faults.json", tmp_path) as (_, url):
        client = Client(url, WallClock())
        rules = client.control("GET", "faults").json
        assert [rule["kind"] for rule in rules] == [
            rule["kind"] for rule in json.loads(snippet.text)
        ]
        with pytest.raises(http.client.HTTPException):
            client.call("CreateFpShotDB", Name="songs")
        (made,) = client.control("GET", "libraries").json
        assert made["Name"] == "songs"
        assert client.fired()[:3] == [1, 1, 0]
        answers = [client.call("ListFpShotDB").json.get("Code") for _ in range(60)]
        assert set(answers) == {None, "Throttling.User"}


def test_there_are_some() -> None:
    """Programs and commands of the guide are found."""
    assert (len(PROGRAMS), len(COMMANDS)) == (4, 2)


TEXT = (ROOT / "docs" / "reference" / "emulator.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    sorted(
        {
            *(f"\n| `{kind}` |" for kind in get_args(FaultKind)),
            *(f"`{word}`" for word in (*get_args(OddContent), *get_args(FaultyState))),
            *(f"`{parameter}`" for parameter in Fault.model_fields),
        }
    ),
)
def test_every_fault_is_in_its_table(text: str) -> None:
    """Each kind of fault is documented, with its parameters and their values."""
    assert text in TEXT
