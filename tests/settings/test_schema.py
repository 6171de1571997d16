"""The table of settings, and its reference."""

from documents import ROOT
from pulumi_alicloud_mps.settings.schema import SETTINGS, key_of


def row(name: str) -> str:
    """Return the row that the reference has of a setting."""
    setting, key = SETTINGS[name], f"`{key_of(name)}`"
    cells = (
        setting.about,
        f"`{name}`",
        key,
        key if setting.shared else "",
        ", ".join(f"`{variable}`" for variable in setting.environment),
        setting.default,
    )
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def test_every_setting_is_documented() -> None:
    """The reference has the table of settings, in order, word for word."""
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("\n| setting |")
    assert rest.partition("\n\n")[0].splitlines()[2:] == [row(name) for name in SETTINGS]
