"""What PulumiPlugin.yaml starts: the native provider, from its checkout."""

from pulumi_alicloud_mps.native.plugin import main

main()
