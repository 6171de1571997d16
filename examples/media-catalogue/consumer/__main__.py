"""The settings of a service that compares uploads with the catalogue of its region."""

import pulumi

config = pulumi.Config()
region = config.require("region")

# Another team's stack: it is read, and nothing of it can be changed from here.
catalogue = pulumi.StackReference(config.require("catalogue"))
libraries = catalogue.require_output("fp_db_ids")[region]

# What SubmitFpShotJob wants as FpDBId, by kind of media.
pulumi.export(
    "environment",
    {
        "MPS_REGION": region,
        "MPS_AUDIO_LIBRARY": libraries["audio"],
        "MPS_VIDEO_LIBRARY": libraries["video"],
    },
)
