"""As many libraries as the configuration says, by this package's native provider."""

import pulumi

config = pulumi.Config()
for number in range(config.require_int("libraries")):
    inputs = {"modelId": config.require_int("model")}
    pulumi.CustomResource("alicloud-mps:index:FpShotDB", f"library-{number}", inputs)
