"""As many resources of a native provider that does nothing as the configuration says."""

import pulumi

config = pulumi.Config()
for number in range(config.require_int("libraries")):
    inputs = {"name": f"library-{number}", "modelId": config.require_int("model")}
    pulumi.CustomResource("empty:index:Empty", f"library-{number}", inputs)
