"""As many libraries as the configuration says, by this package."""

import pulumi

from pulumi_alicloud_mps import FpShotDB

config = pulumi.Config()
for number in range(config.require_int("libraries")):
    FpShotDB(f"library-{number}", model_id=config.require_int("model"))
