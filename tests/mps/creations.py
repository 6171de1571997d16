"""What the tests of creations share."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.records import Library as Stored
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_alicloud_mps.mps.creation import Creation
from pulumi_alicloud_mps.mps.errors import MpsError
from pulumi_alicloud_mps.mps.models import LibrarySpec

SPEC = LibrarySpec("songs", 13, None, "licensed")


STEM = "songs-3f2a9c1-"
ATTEMPT = replace(SPEC, name=f"{STEM}5b20d7e4", stem=STEM)
"""The same with a name that was generated for the attempt."""


def store(emulator: Emulator, **changes: Any) -> Stored:  # noqa: ANN401 - any field
    """Put a library like the one of SPEC into MPS, as somebody else would."""
    new = NewLibrary("songs", model_id=13, description="licensed")
    return emulator.model.create_library(replace(new, **changes))


def change(emulator: Emulator, **settings: object) -> None:
    """Change settings of the emulator."""
    emulator.model.settings = emulator.model.settings.changed(settings)


def failure(creation: Creation, spec: LibrarySpec = SPEC) -> MpsError:
    """Create a library, and return how that fails."""
    with pytest.raises(MpsError) as caught:
        creation.create(spec, math.inf)
    return caught.value
