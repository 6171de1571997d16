"""`python -m pulumi_alicloud_mps.native` is the same as `pulumi-resource-alicloud-mps`."""

from .plugin import main

main()
