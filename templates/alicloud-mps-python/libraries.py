"""The libraries of the stack, apart from its configuration, so that they can be tested."""

from pulumi_alicloud_mps import FpModel, FpShotDB


def songs() -> FpShotDB:
    """Declare the library of the licensed songs."""
    return FpShotDB("songs", model_id=FpModel.AUDIO, description="Licensed songs")
