"""The command ``alicloud-mps``, if it is not on PATH: ``python -m pulumi_alicloud_mps``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="alicloud-mps")
