"""Tests on mocks: the program's own logic, in milliseconds."""

from libraries import songs
from pulumi_alicloud_mps import FpModel
from pulumi_alicloud_mps.testing import MpsMocks


def test_songs(mps_mocks: MpsMocks) -> None:
    """The songs are in an audio library, and no deletion may destroy their fingerprints."""
    libraries = mps_mocks.run(songs)
    assert libraries["songs"]["model_id"] == FpModel.AUDIO
    assert not libraries["songs"]["force_destroy"]
