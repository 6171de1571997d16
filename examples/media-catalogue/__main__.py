"""A catalogue in each region of the stack's configuration, whose IDs other stacks read."""

import pulumi

from catalogue import MediaCatalogue
from pulumi_alicloud_mps import FpModel

regions: dict[str, list[str]] = pulumi.Config().require_object("catalogues")

catalogues = {
    region: MediaCatalogue(region, region=region, models=[FpModel[name] for name in names])
    for region, names in regions.items()
}

# By region, then by kind of media: consumer/ finds what it needs without knowing our resources.
pulumi.export("fp_db_ids", {region: item.fp_db_ids for region, item in catalogues.items()})
