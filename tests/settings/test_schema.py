"""The table of settings, and its reference."""

from documents import ROOT
from pulumi_alicloud_mps.mps.access import Access
from pulumi_alicloud_mps.settings.reader import _PAIR
from pulumi_alicloud_mps.settings.schema import SETTINGS, Kind, ProviderArgs
from pulumi_alicloud_mps.state.deployment import key_of


def row(name: str) -> str:
    """Return the row that the reference has of a setting."""
    setting, key = SETTINGS[name], f"`{key_of(name)}`"
    what = " (a number)" if setting.kind is Kind.NUMBER else " (a secret)" if setting.secret else ""
    cells = (
        setting.about,
        f"`{name}`{what}",
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


def test_every_setting_is_used() -> None:
    """Each setting is one that the client gets, but for the region, the keys and the log."""
    others = {name for name, setting in SETTINGS.items() if not setting.shared}
    assert SETTINGS.keys() - others == {"region", "profile", *_PAIR}
    assert others - {"call_log"} <= Access.__dataclass_fields__.keys()


def test_every_setting_is_an_argument() -> None:
    """A type checker takes every setting, and a number for those that are read as one."""
    types = {name: kind.__forward_arg__ for name, kind in ProviderArgs.__annotations__.items()}
    numbers = {name for name, setting in SETTINGS.items() if setting.kind is Kind.NUMBER}
    assert types == {name: "Number" if name in numbers else "Text" for name in SETTINGS}
