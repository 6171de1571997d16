"""A library, an explicit provider and look-ups, in Python."""

import pulumi

import pulumi_alicloud_mps_native as mps

config = pulumi.Config()

songs = mps.FpShotDB(
    "songs",
    model_id=mps.FpModel.AUDIO,
    description=config.require("description"),
    force_destroy=config.require_bool("forceDestroy"),
)

# Another region and account; all else is as the stack's configuration says.
partner = mps.Provider(
    "partner",
    region="ap-southeast-1",
    access_key=config.require_secret("partnerAccessKey"),
    secret_key=config.require_secret("partnerSecretKey"),
)

films = mps.FpShotDB(
    "films",
    model_id=mps.FpModel.VIDEO,
    opts=pulumi.ResourceOptions(provider=partner),
)

found = mps.get_fp_shot_db_output(fp_db_id=songs.fp_db_id)
listed = mps.get_fp_shot_dbs_output(
    ids=pulumi.Output.all(films.fp_db_id), opts=pulumi.InvokeOutputOptions(provider=partner)
)

pulumi.export("fpDbId", songs.fp_db_id)
pulumi.export("name", found.name)
pulumi.export("names", listed.names)
