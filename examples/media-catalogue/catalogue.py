"""MediaCatalogue: the fingerprint libraries of one region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from pulumi_alicloud_mps import FpModel, FpShotDB


class MediaCatalogue(pulumi.ComponentResource):
    """A library for each kind of media that a region needs.

    Args:
        name: The logical name of the component; those of its libraries begin with it.
        region: Where the libraries are. MPS can compare media with those of its own region only.
        models: The kinds of media.
        opts: Pulumi's own options. What they say of protection holds for the libraries.
    """

    libraries: Mapping[str, FpShotDB]
    """The libraries by kind of media, such as `video`."""
    fp_db_ids: pulumi.Output[dict[str, str]]
    """Their IDs by kind of media."""

    def __init__(
        self,
        name: str,
        *,
        region: str,
        models: Sequence[FpModel],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("examples:media:MediaCatalogue", name, None, opts)
        kinds = {model.name.lower(): model for model in models}
        self.libraries = {
            kind: FpShotDB(
                f"{name}-{kind}",
                model_id=model,
                region=region,
                description=f"Licensed {kind}",
                # The parent passes on `protect`, providers and the like.
                opts=pulumi.ResourceOptions(parent=self),
            )
            for kind, model in kinds.items()
        }
        self.fp_db_ids = pulumi.Output.all(
            **{kind: library.fp_db_id for kind, library in self.libraries.items()}
        )
        self.register_outputs({"fp_db_ids": self.fp_db_ids})
