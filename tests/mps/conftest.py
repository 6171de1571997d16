"""A library that is at MPS."""

import pytest

from core import Core
from pulumi_alicloud_mps.emulator.records import LibraryRecord


@pytest.fixture
def stored(core: Core) -> LibraryRecord:
    """A library that somebody else has made."""
    return core.store()
