"""A library whose state a team keeps in OSS: docs/how-to/team-state.md."""

import pulumi

from pulumi_alicloud_mps import FpModel, FpShotDB

config = pulumi.Config()
songs = FpShotDB("songs", model_id=FpModel.AUDIO, description=config.require_secret("description"))

pulumi.export("songs", songs.fp_db_id)
