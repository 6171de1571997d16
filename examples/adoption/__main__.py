"""One library is taken over by this stack, another one stays somebody else's and is read."""

import pulumi

from pulumi_alicloud_mps import FpModel, FpShotDB

config = pulumi.Config()

music = FpShotDB(
    "music",
    # What the library is. A contradiction fails, and nothing is created or changed.
    name="licensed-music",
    model_id=FpModel.AUDIO,
    description="Licensed music",
    # After the first `pulumi up` this line may go: the state knows the library.
    adopt=config.get("music"),
    # `pulumi destroy` must not end what was there before this stack.
    opts=pulumi.ResourceOptions(retain_on_delete=True),
)

films = FpShotDB.get("films", config.require("films"))

pulumi.export("music", music.fp_db_id)
pulumi.export("films", {"name": films.name, "state": films.state})
