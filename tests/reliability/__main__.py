"""The command `python -m reliability`, which `scripts/reliability` runs."""

import sys

from reliability.runner import main

if __name__ == "__main__":
    sys.exit(main())
