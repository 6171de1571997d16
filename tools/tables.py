"""Writes the tables of docs/reference that the code has: `python tools/tables.py [FOLDER]`.

These are the settings, the emulator's settings and quirks, and the options of each command. A
table is the first one below its heading; everything around it is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pulumi_alicloud_mps.cli import main
from pulumi_alicloud_mps.emulator import EmulatorSettings
from pulumi_alicloud_mps.emulator.settings import QUIRKS
from pulumi_alicloud_mps.settings.schema import SETTINGS, Kind, Setting
from pulumi_alicloud_mps.state.deployment import key_of

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"

Rows = Sequence[Sequence[str]]


def settings_table() -> Rows:
    """Return the table of settings."""
    sources = ("`Provider`", "stack's configuration `alicloud-mps:`", "`alicloud:`", "environment")
    return [("setting", *sources, "else"), *map(_setting, SETTINGS, SETTINGS.values())]


def _setting(name: str, setting: Setting) -> Sequence[str]:
    key = f"`{key_of(name)}`"
    kind = " (a number)" if setting.kind is Kind.NUMBER else " (a secret)" if setting.secret else ""
    variables = ", ".join(f"`{variable}`" for variable in setting.environment)
    shared = key if setting.shared else ""
    return setting.about, f"`{name}`{kind}", key, shared, variables, setting.default


def emulator_settings_table() -> Rows:
    """Return the table of the emulator's settings."""
    fields = EmulatorSettings.model_fields.items()
    rows = [
        (f"`{name}`", _default(field.default), field.description or "") for name, field in fields
    ]
    return [("Setting", "Default", "Meaning"), *rows]


def _default(value: object) -> str:
    if value in (None, ()):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def quirks_table() -> Rows:
    """Return the table of the emulator's quirks."""
    rows = [(f"`{name}`", description) for name, description in QUIRKS.items()]
    return [("Quirk", "What MPS does"), *rows]


def options_table(command: click.Command) -> Rows:
    """Return the table of a command's options, in the words of its help."""
    context = click.Context(command)
    # The last one is --help.
    options = [it for it in command.get_params(context)[:-1] if isinstance(it, click.Option)]
    return [("option", "", "default"), *(_option(option, context) for option in options)]


def _option(option: click.Option, context: click.Context) -> Sequence[str]:
    names = ", ".join([*option.opts, *option.secondary_opts])
    kind = option.make_metavar(context)
    variable = f" Variable: `{option.envvar}`." if option.envvar else ""
    default = ""
    if option.show_default:
        default = f"`{option.opts[0] if option.is_flag else option.default}`"
    return f"`{names}{'' if option.is_flag else f' {kind}'}`", f"{option.help}{variable}", default


def tables() -> Iterator[tuple[str, str, Rows]]:
    """Yield each table with its document and the heading above it."""
    yield "settings.md", "# Settings", settings_table()
    yield "emulator.md", "## Settings", emulator_settings_table()
    yield "emulator.md", "## Quirks", quirks_table()
    for name, command in main.commands.items():
        rows = options_table(command)
        if len(rows) > 1:
            yield "cli.md", f"## alicloud-mps {name}", rows


def markdown(rows: Rows) -> str:
    """Return a table in Markdown; the first row is its header."""
    first, *others = rows
    lines = [first, ["---"] * len(first), *others]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "".join(f"|{''.join(f' {cell} |' if cell else ' |' for cell in row)}\n" for row in cells)


def _replaced(text: str, heading: str, rows: Rows) -> str:
    before, found, after = f"\n{text}".partition(f"\n{heading}\n")
    section, following, rest = after.partition("\n## ")
    table = re.search(r"(?:^\|.*\n)+", section, re.MULTILINE)
    if not found or table is None:
        raise SystemExit(f"there is no table below {heading!r}; put one there, such as `| | |`")
    written = section[: table.start()] + markdown(rows) + section[table.end() :]
    return (before + found + written + following + rest).removeprefix("\n")


def _write(folder: Path) -> None:
    texts: dict[str, str] = {}
    for name, heading, rows in tables():
        text = texts.get(name) or (REFERENCE / name).read_text(encoding="utf-8")
        texts[name] = _replaced(text, heading, rows)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]) if sys.argv[1:] else REFERENCE)
