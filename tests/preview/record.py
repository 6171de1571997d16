"""Makes the recordings again: `python tests/preview/record.py [NAME…]`.

Each scenario runs on the real engine (`pulumi` on PATH, as scripts/test sets it up) and an
emulator; what the engine writes is normalised and kept as recordings/NAME.json, and the comment
on it as recordings/NAME.md. Read the difference in the .md files as a reviewer would.
"""

import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import environment
from preview.normal import Normal
from preview.scenarios import SCENARIOS
from preview.world import new_world
from pulumi_alicloud_mps.preview.plan import StackPreview
from pulumi_alicloud_mps.preview.read import read_previews
from pulumi_alicloud_mps.preview.render import comment

RECORDINGS = Path(__file__).parent / "recordings"

DRIFT_ONLY = {"drift-run-program"}
"""The recordings that only the option distinguishes from a plan."""


def recorded(name: str) -> str:
    """Return what the engine writes in a scenario, normalised."""
    native = name.startswith("native-")
    with tempfile.TemporaryDirectory() as folder, new_world(Path(folder), native=native) as world:
        return Normal(world.stack.folder).recording(SCENARIOS[name](world))


def commented(name: str, recording: str) -> str:
    """Return the comment on a recording."""
    (digest,) = read_previews(recording.encode(), name)
    return comment([StackPreview(digest, drift_only=name in DRIFT_ONLY)])


def main() -> None:
    """Make the recordings that are named, or all."""
    environment.isolate()
    for name in sys.argv[1:] or SCENARIOS:
        recording = recorded(name)
        (RECORDINGS / f"{name}.json").write_text(recording, encoding="utf-8")
        (RECORDINGS / f"{name}.md").write_text(commented(name, recording), encoding="utf-8")
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
