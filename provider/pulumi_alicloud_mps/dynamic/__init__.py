"""The dynamic provider: a thin front that translates between Pulumi and the core."""
