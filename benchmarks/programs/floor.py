"""As many resources that do nothing as the configuration says."""

import pulumi

from benchmarks.programs.empty import Empty

config = pulumi.Config()
for number in range(config.require_int("libraries")):
    Empty(f"library-{number}", config.require_int("model"))
