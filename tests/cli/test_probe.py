"""The command: asks first, reports what differs, and leaves nothing behind."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from control_api import ControlApi, LocalMps
from emulator.calls import served
from pulumi_alicloud_mps.cli import main
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.state import pulumi_cli


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Serve an MPS that does everything at once."""
    settings = EmulatorSettings(activation_seconds=0, deletion_seconds=0)
    with Emulator(settings=settings) as running:
        yield running


@dataclass
class Stack:
    """The configuration of a stack on that MPS."""

    config: dict[str, str]

    def configuration(self) -> dict[str, str]:
        """Return it by full key."""
        return self.config


@pytest.fixture(autouse=True)
def stack(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in the folder of a stack on it."""
    monkeypatch.chdir(tmp_path)
    found = (Stack(ControlApi(emulator.url).config), None)
    monkeypatch.setattr(pulumi_cli, "stack_if_any", lambda _: found)


def probe(*arguments: str) -> Result:
    """Run `alicloud-mps probe`."""
    return CliRunner().invoke(main, ["probe", *arguments])


def test_nobody_is_surprised(emulator: Emulator) -> None:
    """Where nobody can be asked, nothing is made without `--yes`."""
    ended = probe()
    assert ended.exit_code == 2
    assert "--yes is required when standard input is not a terminal" in ended.output
    assert emulator.model.libraries() == []


@pytest.mark.parametrize(("quirks", "code"), [([], 0), (["bare-create"], 3)])
def test_the_code_says_whether_anything_differs(
    emulator: Emulator, quirks: list[str], code: int
) -> None:
    """A table has each answer beside what is assumed, and what can't be asked."""
    ControlApi(emulator.url).change_settings(quirks=quirks)
    ended = probe("--yes")
    assert ended.exit_code == code
    assert ("differs  answer to Create" in ended.output) is bool(quirks)
    assert (
        "Not covered by the probe:\n-  whether MPS lists the files of a text library"
        in ended.output
    )
    assert ControlApi(emulator.url).libraries() == []


def test_what_was_found_is_taken_over(emulator: Emulator, tmp_path: Path) -> None:
    """An emulator behaves as what was probed, but for what its command line gives."""
    ControlApi(emulator.url).change_settings(quirks=["upper-ids"], unique_names=True)
    found = tmp_path / "found.json"
    found.write_text(probe("--yes", "--json").stdout)
    options = ["--behave-as", str(found), "--deletion-seconds", "7"]
    with served(*options) as (_, url):
        settings = ControlApi(url).settings()
    assert (settings["quirks"], settings["unique_names"]) == (["upper-ids"], True)
    assert settings["deletion_seconds"] == 7


def test_another_file_is_refused(tmp_path: Path) -> None:
    """What no probe has written is refused in one line."""
    (tmp_path / "other.json").write_text(json.dumps([1]))
    ended = CliRunner().invoke(main, ["emulator", "--behave-as", str(tmp_path / "other.json")])
    assert ended.exit_code == 2
    assert "not written by `alicloud-mps probe --json`" in ended.output


def test_what_was_left_is_cleaned(emulator: Emulator) -> None:
    """`--clean` deletes what a probe has left, and nothing else."""
    mps = ControlApi(emulator.url)
    mine, left = mps.add_library(Name="songs"), mps.add_library(Name="alicloud-mps-probe-0a1b2c3d")
    ended = probe("--clean")
    assert (ended.exit_code, ended.output) == (0, f"deleted: {left}\n")
    assert [item["FpDBId"] for item in mps.libraries()] == [mine]
    assert probe("--clean").output == "nothing to clean\n"
    assert json.loads(probe("--clean", "--json").output) == {"deleted": []}


def test_what_somebody_has_filled_is_left(emulator: Emulator) -> None:
    """`--clean` refuses to delete a library with content, whatever its name is."""
    mps = ControlApi(emulator.url)
    filled = mps.add_library(Name="alicloud-mps-probe-0a1b2c3d")
    mps.fill(filled)
    ended = probe("--clean")
    assert ended.exit_code == 1
    assert f"library {filled} holds fingerprints" in ended.output
    assert mps.only_library()["FpDBId"] == filled
    assert "`alicloud-mps probe --clean` deletes it when it is empty" in ended.output
    LocalMps(emulator.url, emulator).empty(filled)
    assert probe("--clean").output == f"deleted: {filled}\n"


def test_sigterm_leaves_nothing(emulator: Emulator) -> None:
    """A probe that is terminated while it waits deletes what it made, as on Ctrl-C."""
    mps = ControlApi(emulator.url)
    mps.change_settings(activation_seconds=1e6)

    def end() -> None:
        mps.await_calls("ListFpShotDB")
        os.kill(os.getpid(), signal.SIGTERM)

    ending = threading.Thread(target=end)
    ending.start()
    assert probe("--yes").exit_code == 1
    ending.join()
    assert mps.calls().count("CreateFpShotDB") == 1
    assert mps.libraries() == []
