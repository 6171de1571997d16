"""Tests of the whole stack: the real Pulumi CLI, and an MPS of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from pulumi.automation import CommandError

from pulumi_alicloud_mps.testing import MpsEmulator, StackMaker

PROJECT = Path(__file__).parent


def test_the_stack(mps_stack: StackMaker, mps_emulator: MpsEmulator) -> None:
    """The stack is made once, survives a lost answer, and can't take fingerprints with it."""
    stack = mps_stack(PROJECT, config={"unit-test:languages": '["en"]'})
    # MPS carries out the first Create, and the answer gets lost.
    mps_emulator.set_faults({"action": "CreateFpShotDB", "calls": [1], "kind": "close_after"})
    outputs = stack.up().outputs

    (library,) = mps_emulator.libraries()
    assert outputs["soundtracks"].value == {"en": library["FpDBId"]}
    assert "create" not in stack.preview().change_summary

    mps_emulator.fill(library["FpDBId"], 3)
    with pytest.raises(CommandError, match="holds fingerprints"):
        stack.destroy()

    assert mps_emulator.libraries() == [library]
