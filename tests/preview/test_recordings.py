"""The comment on real previews, each of which a reviewer has read."""

import re

import pytest

from preview.gfm import skeleton
from preview.record import RECORDINGS, commented
from preview.scenarios import SCENARIOS
from pulumi_alicloud_mps.preview.truncate import LIMIT

NAMES = sorted(path.stem for path in RECORDINGS.glob("*.json"))
POINTER = "gASV"


def test_every_scenario_is_recorded() -> None:
    """There are thirty recordings and more, one of each scenario."""
    assert sorted(SCENARIOS) == NAMES == sorted(path.stem for path in RECORDINGS.glob("*.md"))
    assert len(NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_comment(name: str) -> None:
    """The comment is, to the letter, the one that was reviewed."""
    recording = (RECORDINGS / f"{name}.json").read_text(encoding="utf-8")
    expected = (RECORDINGS / f"{name}.md").read_text(encoding="utf-8")
    assert commented(name, recording) == expected
    assert len(expected) <= LIMIT
    assert POINTER not in expected
    assert "*Shortened to fit" not in expected
    assert "__provider" not in expected
    assert skeleton(expected)[0].startswith("### ")
    assert expected.endswith("\n<!-- alicloud-mps preview-comment: catalogue/dev -->\n")


@pytest.mark.parametrize("path", sorted(RECORDINGS.iterdir()), ids=lambda path: path.name)
def test_nothing_of_a_machine_is_recorded(path: object) -> None:
    """No recording holds a secret, or a path of the machine that it was made on."""
    text = RECORDINGS.joinpath(str(path)).read_text(encoding="utf-8")
    assert not re.search(r"hunter[0-9]|/root|/home|/tmp|/usr|site-packages|local-secret", text)
