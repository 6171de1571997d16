"""The table of settings, and what goes by it."""

from pulumi_alicloud_mps.mps.access import Access
from pulumi_alicloud_mps.settings.reader import _PAIR
from pulumi_alicloud_mps.settings.schema import SETTINGS, Kind, ProviderArgs


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
