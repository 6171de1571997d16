"""What a region has is listed before a creation, and not more often than needed."""

import math
from dataclasses import replace

import pytest

from connections import Connections
from fake_clock import FakeClock
from mps.creations import SPEC, change, failure, store
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.mps.creation import Creation
from pulumi_alicloud_mps.mps.errors import (
    MpsError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)
from pulumi_alicloud_mps.mps.listing_cache import FRESH_SECONDS, ListingCache
from raw_server import refused
from relay import Relay


def test_creations_that_begin_together_share_a_listing(
    creation: Creation, relay: Relay, clock: FakeClock
) -> None:
    """Any number of creations takes one listing while it is fresh, and another one then."""
    for number in range(3):
        creation.create(replace(SPEC, name=f"songs-{number}"), math.inf)
    assert relay.actions == ["ListFpShotDB", *["CreateFpShotDB"] * 3]
    clock.sleep(FRESH_SECONDS + 0.1)
    creation.create(SPEC, math.inf)
    assert relay.count("ListFpShotDB") == 2


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("Forbidden.RAM", 403, RefusedError),
        ("InternalError", 500, OutcomeUnknownError),
        ("Throttling.User", 400, ThrottledError),
    ],
)
def test_without_a_listing_nothing_is_created(
    code: str, status: int, kind: type[MpsError], creation: Creation, relay: Relay
) -> None:
    """Where the listing fails, it is not known whether the name is free: nothing is created."""
    for number in range(1, 9):
        relay.answer("ListFpShotDB", number, refused(code, status=status))
    assert type(failure(creation)) is kind
    assert relay.count("CreateFpShotDB") == 0


def test_what_began_before_a_doubt_is_not_kept(
    relay: Relay, connections: Connections, clock: FakeClock, emulator: Emulator
) -> None:
    """A listing that was on its way when another was called for is not relied on afterwards."""
    listing = ListingCache(connections.client(relay.url), clock)

    def doubt(answer: bytes) -> bytes:
        store(emulator)
        listing.forget()
        return answer

    relay.alter("ListFpShotDB", 1, doubt)
    assert listing.recent(math.inf) == {}
    assert len(listing.recent(math.inf) or ()) == 1


@pytest.mark.parametrize("listing", ["none", "refused"])
def test_a_listing_that_is_not_offered_is_done_without(
    listing: str, creation: Creation, emulator: Emulator
) -> None:
    """Where MPS lists nothing without IDs, which is undocumented, libraries are made still."""
    change(emulator, list_without_ids=listing)
    assert creation.create(SPEC, math.inf).name == "songs"
