"""The settings, and that each is documented."""

from pathlib import Path

import pytest

from pulumi_alicloud_mps.emulator import EmulatorSettings

_DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "emulator.md"


@pytest.mark.parametrize("name", sorted(EmulatorSettings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    """docs/reference/emulator.md names each setting in its table."""
    assert f"| `{name}` |" in _DOCUMENT.read_text()
