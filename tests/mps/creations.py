"""What the tests of creations share."""

import math
from dataclasses import replace

import pytest

from core import Core
from pulumi_alicloud_mps.errors import MpsError
from pulumi_alicloud_mps.mps.creation import JournalEntry
from pulumi_alicloud_mps.mps.models import LibrarySpec

SPEC = LibrarySpec("songs", 13, None, "licensed")


STEM = "songs-3f2a9c1-"
ATTEMPT = replace(SPEC, name=f"{STEM}5b20d7e4", stem=STEM)
"""The same with a name that was generated for the attempt."""


def failure(core: Core, kind: type[MpsError] = MpsError, spec: LibrarySpec = SPEC) -> MpsError:
    """Create a library, and return how that fails: with an error of just this kind."""
    with pytest.raises(kind) as caught:
        core.creation.create(spec, math.inf)
    assert kind in {MpsError, type(caught.value)}
    return caught.value


class Kept(JournalEntry):
    """A journal entry of a create that was asked for so many seconds ago, without an answer."""

    def __init__(self, ago: float | None) -> None:
        self.ago = ago
        self.told: list[str] = []

    def unanswered_for(self) -> float | None:
        """Tell the age."""
        return self.ago

    def record_request(self) -> None:
        """Take note."""
        self.told.append("asking")

    def record_response(self, fp_db_id: str) -> None:
        """Take note of the ID."""
        self.told.append(fp_db_id)

    def record_unknown_outcome(self) -> None:
        """Take note that nothing is known."""
        self.told.append("unresolved")

    def clear(self) -> None:
        """Take note that nothing was made."""
        self.told.append("clear")
