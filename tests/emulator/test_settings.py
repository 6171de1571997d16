"""The settings, and that each is documented."""

from pathlib import Path

import pytest

from pulumi_alicloud_mps.emulator import EmulatorSettings, SettingsError

_DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"


@pytest.mark.parametrize("name", sorted(EmulatorSettings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    """docs/emulator.md names each setting in its table."""
    assert f"| `{name}` |" in _DOCUMENT.read_text()


def test_a_refused_change_shows_no_secret() -> None:
    """The error for a bad secret names the setting and not the value."""
    with pytest.raises(SettingsError, match=r"^setting 'security_token': ") as caught:
        EmulatorSettings().changed({"security_token": 1234567})
    assert "1234567" not in str(caught.value)


def test_a_change_leaves_the_original() -> None:
    """Settings are never changed in place."""
    settings = EmulatorSettings()
    assert settings.changed({"quota": 1}).quota == 1
    assert settings.quota == 5
