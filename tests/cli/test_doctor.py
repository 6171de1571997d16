"""`alicloud-mps doctor` where there is no project: the CLI, the settings, exit codes."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from environment import ran
from pulumi_alicloud_mps.cli import main


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every project."""
    monkeypatch.chdir(tmp_path)


def cli_of(version: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a Pulumi CLI of that version on PATH."""
    file = folder / "pulumi"
    file.write_text(f"#!{sys.executable}\nprint({version!r})\n", encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def run(*options: str) -> Result:
    """Run `alicloud-mps doctor`."""
    return CliRunner().invoke(main, ["doctor", *options])


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (
            "v3.99.1",
            "problem  pulumi            the CLI is 3.99.1; install 3.216 or newer [stack-state]",
        ),
        ("v3.216.0-dev.1", "ok       pulumi            3.216.0-dev.1"),
        ("4.0.0", "ok       pulumi            4.0.0"),
    ],
)
def test_the_cli(version: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CLI that is too old is a problem."""
    cli_of(version, tmp_path, monkeypatch)
    assert told in run().output


def test_without_the_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing CLI is a problem, and hides no other one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = run()
    assert ended.exit_code == 1
    assert "problem  pulumi            the Pulumi CLI is not on PATH" in ended.output
    assert (
        "skipped  stack             only the environment is read: no project here" in ended.output
    )
    assert "problem  settings          --region: no region is configured" in ended.output
    assert ended.output.endswith("\n\n2 problems\n")


def test_no_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the region is missing, it still says where the other settings are from."""
    cli_of("3.230.0", tmp_path, monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ALICLOUD_PROFILE", "nobody")
    ended = run()
    assert ended.exit_code == 1
    assert "\nprofile      ALICLOUD_PROFILE\n" in ended.output
    assert "no region is configured, and the profile 'nobody' has none; give one" in ended.output
    assert ended.output.endswith("\n\n1 problem\n")


def test_a_bad_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong setting is reported by its name, in JSON too."""
    cli_of("3.230.0", tmp_path, monkeypatch)
    monkeypatch.setenv("ALICLOUD_REGION", "cn-shanghai")
    monkeypatch.setenv("ALICLOUD_SECRET_KEY", "hunter2")

    ended = run("--json")

    assert ended.exit_code == 1
    assert "hunter2" not in ended.output
    report = json.loads(ended.output)
    assert report["problems"] == 1
    assert report["checks"][-1] == {
        "check": "settings",
        "region": None,
        "result": "problem",
        "detail": "ALICLOUD_ACCESS_KEY: missing, but ALICLOUD_SECRET_KEY is set; set both, or"
        " neither [settings]",
    }


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"profiles": []}', "has no profile 'dev'; it has none; set"),
        (
            '{"profiles": [{"name": "dev", "mode": "Odd", "access_key_secret": "hunter2"}]}',
            "gives profile 'dev' the mode 'Odd', which is not supported; set",
        ),
        ('{"access_key_secret": "hunter2', "is not valid JSON; set"),
    ],
)
def test_a_profile_without_keys(content: str, told: str, tmp_path: Path) -> None:
    """That a profile is not there, of an unknown mode or malformed are three different lines."""
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    own = {"HOME": str(tmp_path), "ALICLOUD_PROFILE": "dev", "ALICLOUD_REGION": "cn-shanghai"}
    # A process of its own, since the credentials package reads the home folder at its import.
    ended = ran(str(Path(sys.executable).with_name("alicloud-mps")), "doctor", environ=own)
    assert f"credentials: the profile 'dev' gave none: {file} {told}" in ended.stdout
    assert "hunter2" not in ended.stdout + ended.stderr
