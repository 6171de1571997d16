"""The fixtures that come with the package; pytest takes this line in the top conftest.py only."""

pytest_plugins = ["pulumi_alicloud_mps.testing"]
