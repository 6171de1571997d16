"""The options of `import`: a wrong one is an error of one line, before anything is asked."""

import dataclasses
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from pulumi_alicloud_mps.cli import main
from pulumi_alicloud_mps.cli.import_ import _hand_over, import_
from pulumi_alicloud_mps.importing.importer import ImportOptions, ImportPlan
from pulumi_alicloud_mps.inputs import UNLISTED

ID = "0" * 32


def run(*arguments: str) -> Result:
    """Run `alicloud-mps`."""
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give NAME and FPDBID, or --all"),
        (["songs"], "give NAME and FPDBID, or --all"),
        (["a::b", ID], "NAME: 'a::b' is not a valid resource name"),
        (["a\nb", ID], "NAME: 'a\\nb' is not a valid resource name"),
        ([" ", ID], "NAME: ' ' is not a valid resource name"),
        (["songs", "0123"], "'0123' is not an FpDBId: 16 to 64 letters, digits, - and _"),
        (["songs", ID, "--all"], "--all imports every library"),
        (["--all", "--config", "{}"], "--config is for a single library"),
        (["--all", "--yes", "--parent", "urn:x"], "--parent: give the variable and the URN"),
        (["--all", "--yes", "--provider", "a b=urn:x"], "--provider: give the variable"),
        (["songs", ID], "--yes or --dry-run is required with --json"),
        (["songs", ID, "--json"], "--yes or --dry-run is required with --json"),
    ],
)
def test_options_that_do_not_fit(arguments: list[str], told: str) -> None:
    """The line names the option, and the code is 2."""
    ended = run("import", *arguments)
    assert ended.exit_code == 2
    assert ended.output.startswith("Error: ")
    assert ended.output.count("\n") == 1
    assert told in ended.output


def test_what_mps_does_not_list_can_be_given() -> None:
    """Each input that makes a library another one, and that MPS does not list, has its option."""
    options = {name for option in import_.params for name in option.opts}
    assert {f"--{name}" for name in UNLISTED} <= options
    assert set(UNLISTED) <= {field.name for field in dataclasses.fields(ImportOptions)}


def test_a_file_that_exists_is_kept(tmp_path: Path) -> None:
    """The code overwrites no file, such as the program: that is checked before anything else."""
    file = tmp_path / "__main__.py"
    file.write_text("import pulumi\n", encoding="utf-8")
    ended = run("import", "songs", ID, "--yes", "--out", str(file))
    assert ended.exit_code == 2
    told = f"--out: {file} already exists; remove it, or give another file"
    assert ended.output == f"Error: {told} [usage]\n"
    assert file.read_text(encoding="utf-8") == "import pulumi\n"


def test_code_that_can_t_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The libraries are in the state by then, so that the code is printed instead."""
    program = "songs = FpShotDB()\n"
    plan = ImportPlan("catalogue/dev", "cn-shanghai", {}, [], program, lambda: tmp_path)
    with pytest.raises(click.ClickException, match=r"^can't write .*no/songs\.py: No such file"):
        _hand_over(plan, tmp_path / "no" / "songs.py")
    assert capsys.readouterr().out.endswith("\n\nsongs = FpShotDB()\n")
