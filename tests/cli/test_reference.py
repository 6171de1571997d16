"""docs/reference/cli.md has every command, in the words of its help."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pulumi_alicloud_mps.cli import main

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def section(name: str) -> list[str]:
    """Return the document's lines about a command."""
    _, begin, rest = TEXT.partition(f"\n## alicloud-mps {name}\n")
    assert begin, f"docs/reference/cli.md has no section on {name}"
    return rest.partition("\n## ")[0].splitlines()


def test_every_command() -> None:
    """No command is missing, and none is there that does not exist; they are in help's order."""
    told = [line.split()[2] for line in TEXT.splitlines() if line.startswith("## alicloud-mps ")]
    assert told == main.list_commands(click.Context(main))


@pytest.mark.parametrize("name", sorted(main.commands))
def test_the_list_of_commands(name: str) -> None:
    """In the list of commands each one's first sentence is whole, on 80 columns."""
    listed = CliRunner().invoke(main, ["-h"], terminal_width=80).output
    (line,) = [line for line in listed.splitlines() if line.split()[:1] == [name]]
    assert line.endswith(".")
    assert not line.endswith("...")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_usage(name: str) -> None:
    """It shows how a command is called, and what it does in the words of its help."""
    command = main.commands[name]
    context = click.Context(command, info_name=f"alicloud-mps {name}")
    pieces = " ".join(command.collect_usage_pieces(context))
    assert section(name)[1:4] == ["```text", f"alicloud-mps {name} {pieces}", "```"]
    told = " ".join(" ".join(section(name)).split())
    for paragraph in (command.help or "").split("\n\n"):
        assert " ".join(paragraph.split()) in told
