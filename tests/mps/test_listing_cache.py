"""What a region has is listed before a creation, and not more often than needed."""

import math
from dataclasses import replace

import pytest

from core import Core
from mps.creations import SPEC, failure
from pulumi_alicloud_mps.errors import (
    MpsError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)
from pulumi_alicloud_mps.mps.presence import FRESH_SECONDS, ListingCache
from raw_server import refused


def test_creations_that_begin_together_share_a_listing(core: Core) -> None:
    """Any number of creations takes one listing while it is fresh, and another one then."""
    for number in range(3):
        core.creation.create(replace(SPEC, name=f"songs-{number}"), math.inf)
    assert core.relay.actions == ["ListFpShotDB", *["CreateFpShotDB"] * 3]
    core.clock.sleep(FRESH_SECONDS + 0.1)
    core.creation.create(SPEC, math.inf)
    assert core.relay.count("ListFpShotDB") == 2


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("Forbidden.RAM", 403, RefusedError),
        ("InternalError", 500, OutcomeUnknownError),
        ("Throttling.User", 400, ThrottledError),
    ],
)
def test_without_a_listing_nothing_is_created(
    code: str, status: int, kind: type[MpsError], core: Core
) -> None:
    """Where the listing fails, it is not known whether the name is free: nothing is created."""
    for number in range(1, 9):
        core.relay.answer("ListFpShotDB", number, refused(code, status=status))
    failure(core, kind)
    assert core.relay.count("CreateFpShotDB") == 0


def test_what_began_before_a_doubt_is_not_kept(core: Core) -> None:
    """A listing that was on its way when another was called for is not relied on afterwards."""
    listing = ListingCache(core.presence.list_all, core.clock)

    def doubt(answer: bytes) -> bytes:
        core.store()
        listing.forget()
        return answer

    core.relay.alter("ListFpShotDB", 1, doubt)
    assert listing.recent(math.inf) == {}
    assert len(listing.recent(math.inf) or ()) == 1


@pytest.mark.parametrize("listing", ["none", "refused"])
def test_a_listing_that_is_not_offered_is_done_without(listing: str, core: Core) -> None:
    """Where MPS lists nothing without IDs, which is undocumented, libraries are made still."""
    core.change(list_without_ids=listing)
    assert core.creation.create(SPEC, math.inf).name == "songs"
