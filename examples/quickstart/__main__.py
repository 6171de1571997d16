"""A library for audio fingerprints on the embedded MPS: run it with scripts/quickstart."""

import pulumi

from pulumi_alicloud_mps import FpModel, FpShotDB

songs = FpShotDB("songs", model_id=FpModel.AUDIO, description="Licensed catalogue")

pulumi.export("songs", songs.fp_db_id)
pulumi.export("state", songs.state)
