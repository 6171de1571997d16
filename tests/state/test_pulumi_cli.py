"""The stack's state by the Pulumi CLI: how it is called, and how its failures are reported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_alicloud_mps.errors import StackStateError
from pulumi_alicloud_mps.state.deployment import Deployment
from pulumi_alicloud_mps.state.pulumi_cli import StackState

COMMON = ["--non-interactive", "--color", "never"]


class FakePulumi:
    """A command `pulumi` that records how it was called, and does what a test sets."""

    def __init__(self, folder: Path) -> None:
        self._notes = folder / "calls.json"
        self._file = folder / "pulumi"
        self.does()

    def does(self, output: str = "{}", error: str = "", code: int = 0) -> None:
        """Let it print that and end so."""
        self._file.write_text(
            f"#!{sys.executable}\n"
            "import json, os, pathlib, sys\n"
            "call = {'arguments': sys.argv[1:], 'given': sys.stdin.read()}\n"
            "assert os.environ['PULUMI_SKIP_UPDATE_CHECK'] == 'true'\n"
            f"pathlib.Path({str(self._notes)!r}).write_text(json.dumps(call))\n"
            f"sys.stdout.write({output!r}); sys.stderr.write({error!r}); sys.exit({code})\n",
            encoding="utf-8",
        )
        self._file.chmod(0o755)

    def hangs(self) -> None:
        """Let it wait for what never comes."""
        self._file.write_text("#!/bin/sh\nexec /bin/sleep 60\n", encoding="utf-8")
        self._file.chmod(0o755)

    @property
    def arguments(self) -> list[str]:
        """What it was last called with."""
        return list(json.loads(self._notes.read_text(encoding="utf-8"))["arguments"])

    @property
    def given(self) -> str:
        """What it last read."""
        return str(json.loads(self._notes.read_text(encoding="utf-8"))["given"])


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    """Put it on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return FakePulumi(tmp_path)


def test_the_state_is_exported(pulumi: FakePulumi) -> None:
    """Secrets are shown only where that is asked for."""
    pulumi.does('{"version": 3}')
    assert StackState().exported() == Deployment({"version": 3})
    assert pulumi.arguments == ["stack", "export", *COMMON]
    StackState().exported(show_secrets=True)
    assert pulumi.arguments == ["stack", "export", "--show-secrets", *COMMON]


@pytest.mark.parametrize("printed", ["", "x", "[]"])
def test_what_is_no_state(pulumi: FakePulumi, printed: str) -> None:
    """What a wrapper of the CLI prints instead of a state is an error like any other."""
    pulumi.does(printed)
    with pytest.raises(StackStateError, match="did not print a state"):
        StackState().exported()


def test_texts_are_utf_8_in_every_locale(tmp_path: Path) -> None:
    """What the CLI prints is read as UTF-8, whatever the locale of the process says."""
    script = tmp_path / "pulumi"
    script.write_text('#!/bin/sh\nprintf \'{"name": "Lieder für Ö"}\'\n', encoding="utf-8")
    script.chmod(0o755)
    code = (
        "from pulumi_alicloud_mps.state.pulumi_cli import StackState\n"
        "print(ascii(StackState().exported().raw['name']))"
    )
    own = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=own, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == ascii("Lieder für Ö"), done.stderr


def test_another_stack(pulumi: FakePulumi) -> None:
    """A stack that is named is the one that every command is for."""
    pulumi.does("org/prod\n")
    assert StackState("prod").name() == "org/prod"
    assert pulumi.arguments == ["stack", "--show-name", "--stack", "prod", *COMMON]


def test_the_state_is_changed(
    pulumi: FakePulumi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new state goes in by standard input, so that no file of it is left but of the old one."""
    monkeypatch.chdir(tmp_path)
    pulumi.does('{"version": 3}')
    copy = StackState().change(Deployment({"version": 3}), Deployment({"version": 4}))
    assert pulumi.arguments == ["stack", "import", *COMMON]
    assert json.loads(pulumi.given) == {"version": 4}
    assert json.loads(copy.read_text(encoding="utf-8")) == {"version": 3}
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_state_that_has_changed_stays(pulumi: FakePulumi, tmp_path: Path) -> None:
    """What another command has written in between is not overwritten."""
    pulumi.does('{"version": 5}')
    with pytest.raises(StackStateError, match="another command has changed the state"):
        StackState().change(Deployment({"version": 3}), Deployment({"version": 4}))
    assert pulumi.arguments == ["stack", "export", *COMMON]
    assert not list(tmp_path.glob("*/*.json"))


def test_the_configuration(pulumi: FakePulumi) -> None:
    """It is read by full key; an object without a plain value counts as unset."""
    pulumi.does('{"alicloud-mps:region": {"value": "cn-beijing"}, "a:b": {"objectValue": {}}}')
    assert StackState().configuration() == {"alicloud-mps:region": "cn-beijing", "a:b": None}


def test_secrets_of_the_configuration(pulumi: FakePulumi) -> None:
    """What is secret is known to be, and is in no representation."""
    pulumi.does('{"a:key": {"value": "hunter2", "secret": true}, "a:b": {"value": "c"}}')
    values = StackState().config_values()
    assert {key: value.secret for key, value in values.items()} == {"a:key": True, "a:b": False}
    assert values["a:key"].text == "hunter2"
    assert "hunter2" not in repr(values)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("error: no stack selected", "no stack selected"),
        ("warning: old\nerror: one\nerror: could not import: 2 errors:\n\t* x\n", "could not"),
        ("error: 2 errors occurred:\n\t* x's dependency\n\t  y\n", "2 errors occurred: * x's depe"),
        ("", "it gave no reason"),
        ("panic: an error: of Go\n", "it gave no reason"),
        (f"error: {'x' * 9999}", "x" * 100),
    ],
)
def test_failures(pulumi: FakePulumi, error: str, reason: str) -> None:
    """What the CLI says last becomes one line of bounded length, which names the command."""
    pulumi.does(error=error, code=255)
    with pytest.raises(StackStateError) as caught:
        StackState().exported()
    line = str(caught.value)
    assert line.startswith(f"pulumi stack export failed: {reason}")
    assert "\n" not in line
    assert len(line) < 600


def test_without_the_cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without Pulumi the line says where to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StackStateError, match="Pulumi CLI is not on PATH; install it"):
        StackState().name()


def test_a_command_that_hangs_is_ended(pulumi: FakePulumi) -> None:
    """Where the caller can't wait for ever, the line says how long it waited."""
    pulumi.hangs()
    with pytest.raises(
        StackStateError, match=r"^pulumi stack export did not finish within 0\.2 s$"
    ):
        StackState(seconds=0.2).exported()


def test_a_state_that_is_being_written_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file backend can't always be read while it is written to: the CLI is then asked again."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    script = tmp_path / "pulumi"
    script.write_text(
        f"#!/bin/sh\nmkdir {tmp_path}/asked || exec echo org/dev\n"
        "echo 'error: failed to load checkpoint: EOF' >&2; exit 255\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    assert StackState().name() == "org/dev"


def test_a_cli_that_cannot_be_run(pulumi: FakePulumi, tmp_path: Path) -> None:
    """What PATH has by the CLI's name, and may not be run, is an error like any other."""
    pulumi.does()
    (tmp_path / "pulumi").chmod(0o644)
    with pytest.raises(StackStateError, match="stack export can't be run: Permission denied"):
        StackState().exported()
