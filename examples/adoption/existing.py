"""Makes two libraries on the embedded MPS, as an account has them from before there was a stack.

It stands in for the account, and is no part of what you would copy. It prints the FpDBIds as
`pulumi config set` takes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import urlopen

import click

from pulumi_alicloud_mps import FpModel
from pulumi_alicloud_mps.emulator import Emulator

# Where the embedded MPS of a project keeps its libraries.
DATABASE = Path(__file__).parent / ".alicloud-mps" / "mps.sqlite"
LIBRARIES = {
    "music": {
        "Name": "licensed-music",
        "ModelId": FpModel.AUDIO,
        "Description": "Licensed music",
    },
    "films": {"Name": "licensed-films", "ModelId": FpModel.VIDEO},
}


@click.command()
def main() -> None:
    """Make the libraries, with ten fingerprints in each."""
    DATABASE.parent.mkdir(exist_ok=True)
    with Emulator(DATABASE) as mps:
        for key, properties in LIBRARIES.items():
            fp_db_id = post(f"{mps.url}/_mps/libraries", properties)["FpDBId"]
            post(f"{mps.url}/_mps/libraries/{fp_db_id}/files", {"count": 10})
            click.echo(f"{key}={fp_db_id}")


def post(url: str, content: object) -> dict[str, str]:
    """Ask the emulator's control API."""
    with urlopen(url, json.dumps(content).encode()) as answer:  # noqa: S310 - loopback
        return dict(json.load(answer))


if __name__ == "__main__":
    main()
