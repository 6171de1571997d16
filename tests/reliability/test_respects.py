"""Each life where MPS differs from its documentation in one respect."""

from collections.abc import Iterator

import pytest

from pulumi_alicloud_mps.emulator.quirks import QUIRKS
from reliability.lives import LIVES, Life
from reliability.matrix import run_with_quirk
from reliability.world import Machine

HIDING = {"create-pair-taken", "recover-nothing-again", "recover-twice", "recover-twice-filled"}
"""The lives that need a List which shows more than the first, see docs/reliability.md."""


def cases() -> Iterator[object]:
    """Return every life with every quirk that its calls can meet."""
    for quirk in QUIRKS:
        for life in LIVES:
            # No life has a text library: tests/mps/test_deletion.py has the guard for those.
            if quirk != "unlisted-text" and (quirk != "list-first" or life.name not in HIDING):
                setting = "list-first=1" if quirk == "list-first" else quirk
                yield pytest.param(life, setting, id=f"{life.name}/{setting}")


@pytest.mark.parametrize(("life", "quirk"), list(cases()))
def test_a_life_comes_to_its_end(machine: Machine, life: Life, quirk: str) -> None:
    """Nothing is lost, made twice, destroyed or told, and what the error says leads to the end."""
    run_with_quirk(machine, life, quirk)
