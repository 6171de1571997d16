"""The command: files and standard input, exit codes, and its documentation."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from environment import ran
from preview.digests import digest, library, replacement, step
from preview.record import RECORDINGS
from pulumi_alicloud_mps.cli.preview_comment import preview_comment

REPLACED = str(RECORDINGS / "replace-destroys.json")
CREATED = str(RECORDINGS / "create.json")
NOTHING = str(RECORDINGS / "no-changes.json")
FAILED = str(RECORDINGS / "failed-program.json")


def run(*arguments: str, given: bytes = b"") -> Result:
    """Run the command."""
    return CliRunner().invoke(preview_comment, arguments, input=given)


def test_standard_input_and_file() -> None:
    """Both give the same comment."""
    expected = (RECORDINGS / "create.md").read_text(encoding="utf-8")
    assert run(CREATED).output == run(given=Path(CREATED).read_bytes()).output == expected
    assert run("-", given=Path(CREATED).read_bytes()).output == expected
    together = run(NOTHING, "-", given=Path(CREATED).read_bytes())
    assert (together.exit_code, together.output) == (0, run(NOTHING, CREATED).output)


@pytest.mark.parametrize(
    ("switch", "name", "code"),
    [
        ("--fail-on-loss", "replace-name", 0),
        ("--fail-on-loss", "replace-destroys", 3),
        ("--fail-on-loss", "delete", 3),
        ("--fail-on-loss", "drift", 3),
        ("--fail-on-loss", "drift-and-plan", 3),
        ("--fail-on-loss", "replace-retained", 0),
        ("--fail-on-loss", "delete-retained", 0),
        ("--fail-on-loss", "delete-moved", 0),
        ("--fail-on-loss", "create", 0),
        ("--fail-on-loss", "infra", 0),
        ("--fail-on-loss", "failed-program", 5),
        ("--fail-on-loss", "replace-protected", 5),
        ("--expect-no-changes", "no-changes", 0),
        ("--expect-no-changes", "no-changes-listed", 0),
        ("--expect-no-changes", "drift-none", 0),
        ("--expect-no-changes", "create", 4),
        ("--expect-no-changes", "first-of-nothing", 4),
        ("--expect-no-changes", "update-late", 4),
        ("--expect-no-changes", "drift-streamed", 4),
        ("--expect-no-changes", "failed-credentials", 5),
    ],
)
def test_exit_codes(switch: str, name: str, code: int) -> None:
    """A switch fails the command with a code of its own, after the comment."""
    ended = run(switch, str(RECORDINGS / f"{name}.json"))
    assert ended.exit_code == code
    assert ended.output == (RECORDINGS / f"{name}.md").read_text(encoding="utf-8")


def test_the_worst_code_counts() -> None:
    """Of several previews and switches, a failure comes before a loss before a change."""
    switches = ["--fail-on-loss", "--expect-no-changes"]
    assert run(*switches, CREATED, NOTHING).exit_code == 4
    assert run(*switches, CREATED, REPLACED).exit_code == 3
    assert run(*switches, REPLACED, FAILED).exit_code == 5
    assert run(REPLACED, FAILED, CREATED).exit_code == 0


@pytest.mark.portability
def test_several_stacks() -> None:
    """Several previews make one comment, with the sum first and every stack's marker last."""
    prod = step("create", "songs", owner="urn:pulumi:prod::catalogue", newState=library())
    lines = run(given=digest(replacement("films")) + digest(prod)).output.splitlines()
    assert lines[0] == "## 2 stacks: 1 library replaced, 1 created"
    assert "### ⚠️ `catalogue/dev`: 1 library replaced" in lines
    assert "### `catalogue/prod`: 1 library created" in lines
    assert lines[-1] == (
        "<!-- alicloud-mps preview-comment: catalogue/dev -->"
        "<!-- alicloud-mps preview-comment: catalogue/prod -->"
    )


def test_a_stack_without_resources() -> None:
    """A preview that names no stack gets the given name."""
    ended = run("--stack", "catalogue/dev", given=b'{"changeSummary": {}}')
    assert ended.output == (
        "### ✅ `catalogue/dev`: no changes\n\n"
        "<!-- alicloud-mps preview-comment: catalogue/dev -->\n"
    )


def test_footer() -> None:
    """The commit and the log are named at the end."""
    lines = run("--commit", "a" * 40, "--url", "https://ci/1", CREATED).output.splitlines()
    assert lines[-3] == "<sub>Preview of `aaaaaaaaaaaa` · [Log](<https://ci/1>)</sub>"


def test_drift_only() -> None:
    """With `--drift`, a plan behind a refresh is left out."""
    output = run("--drift", str(RECORDINGS / "drift-and-plan.json")).output
    assert output.startswith("### ⚠️ Drift of `catalogue/dev`: 1 library gone\n")
    assert "created" not in output.partition("\n")[0]


@pytest.mark.parametrize("name", ["no-changes", "no-changes-listed", "create"])
def test_drift_where_nothing_was_refreshed(name: str) -> None:
    """With `--drift`, a preview that refreshed nothing does not pass for one without drift."""
    output = run("--drift", str(RECORDINGS / f"{name}.json")).output
    assert output.startswith(
        "### Drift of `catalogue/dev`: unknown, because nothing was refreshed\n"
    )


def test_drift_of_several_previews() -> None:
    """A summary counts the previews that refreshed nothing."""
    output = run("--drift", NOTHING, str(RECORDINGS / "drift-none.json")).output
    assert output.startswith("## 1 stack: 1 not refreshed\n")


def test_a_stack_given_twice() -> None:
    """A file given twice is read once, and two previews of one stack are one stack."""
    drift = str(RECORDINGS / "drift-none.json")
    assert run(CREATED, CREATED).output == run(CREATED).output
    lines = run(CREATED, drift).output.splitlines()
    assert lines[0] == "## 1 stack: 4 libraries created"
    assert lines[-1] == "<!-- alicloud-mps preview-comment: catalogue/dev -->"


def test_unreadable() -> None:
    """What can't be read ends the command with one line and code 2, without a comment."""
    missing = run("nowhere.json")
    empty = run()
    assert (missing.exit_code, empty.exit_code) == (2, 2)
    assert missing.output == "Error: can't read nowhere.json: No such file or directory [file]\n"
    assert empty.output.startswith("Error: standard input is empty: ")
    assert empty.output.count("\n") == 1


def test_no_standard_input() -> None:
    """A closed standard input is an empty one."""
    closed = 'exec "$0" -m pulumi_alicloud_mps preview-comment <&-'
    ended = ran("/bin/sh", "-c", closed, sys.executable)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: standard input is empty: ")
    assert ended.stderr.count("\n") == 1


def test_help() -> None:
    """Every option is in the help."""
    told = run("--help").output
    for parameter in preview_comment.params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in told
