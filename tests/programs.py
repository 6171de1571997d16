"""Lines of users' programs, for mypy and pyright: each is accepted, or refused where it says so."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

import pulumi

from pulumi_alicloud_mps import FpModel, FpShotDB, FpShotDBArgs, FpShotDBArgsDict


def accepted(opts: pulumi.ResourceOptions, config: pulumi.Config, **given: str) -> None:
    """Declare libraries in every form."""
    songs = FpShotDB("songs")
    FpShotDB("songs", opts)
    FpShotDB("songs", None, opts)
    FpShotDB("songs", opts, name="songs", model_id=13)
    FpShotDB("songs", name=songs.name, model_id=FpModel.AUDIO, opts=opts)
    FpShotDB("songs", FpShotDBArgs(model_id="AUDIO", config={"a": [1]}), opts)
    FpShotDB("songs", {"model_id": songs.model_id, "config": songs.config.apply(str)}, opts)
    FpShotDB("songs", args=FpShotDBArgs(description=given.get("description")), opts=opts)
    FpShotDB("songs", model_id=config.require("model"), force_destroy=config.get_bool("force"))
    shared: FpShotDBArgsDict = {"region": pulumi.Output.from_input("cn-beijing")}
    FpShotDB("songs", shared)
    FpShotDB("songs", **shared, opts=opts)
    inputs = FpShotDBArgs(**shared)
    inputs.adopt = songs.id
    FpShotDB("songs", inputs)
    FpShotDB.get("songs", songs.id, opts)
    FpShotDB.get("songs", "id", region="cn-beijing", opts=opts)


def refused(opts: pulumi.ResourceOptions) -> None:
    """Declare libraries as none can be."""
    FpShotDB("songs", models="AUDIO")  # type: ignore[call-arg]
    FpShotDB("songs", force_destroy="yes")  # type: ignore[arg-type]
    FpShotDB("songs", {"models": "AUDIO"})  # type: ignore[arg-type]
    FpShotDB("songs", FpShotDBArgs(adopt=13))  # type: ignore[arg-type]
    FpShotDB("songs", "cn-beijing", opts)  # type: ignore[arg-type]
