"""How users' tests look into an emulator and change it."""

from collections.abc import Iterator

import pytest

from pulumi_alicloud_mps.emulator import Emulator, Fault
from pulumi_alicloud_mps.testing import MpsEmulator


@pytest.fixture
def mps() -> Iterator[MpsEmulator]:
    """Return an emulator as a test sees it."""
    with Emulator() as running:
        yield MpsEmulator(running.url)


@pytest.mark.portability
def test_faults_of_both_kinds(mps: MpsEmulator) -> None:
    """A fault may be written as in a script or as a Fault, and both become the same rule."""
    rule = {"action": "CreateFpShotDB", "calls": [1], "kind": "close_after"}
    mps.set_faults(rule)
    written = mps.faults()
    mps.set_faults(Fault(action="CreateFpShotDB", calls=[1], kind="close_after"))
    assert written == mps.faults() == [{**rule, "fired": 0}]


def test_mistakes_are_one_line(mps: MpsEmulator) -> None:
    """What the emulator refuses is an error in its own words."""
    fp_db_id = mps.add_library(Name="songs")
    with pytest.raises(ValueError, match=r"^State: must be one of offline, active, paused"):
        mps.set_state(fp_db_id, "broken")
    with pytest.raises(ValueError, match=r"^unknown setting 'quotas'$"):
        mps.change_settings(quotas=1)
    with pytest.raises(ValueError, match=r"^no such library: 1$"):
        mps.fill("1")
