"""What an account has, also where MPS is unwilling to list it."""

import pytest

from connections import REGION
from control_api import ControlApi
from core import Core
from pulumi_alicloud_mps.errors import ListingError
from pulumi_alicloud_mps.importing.listing import libraries_in, managed
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, Deployment


def test_what_is_there_and_who_has_it(core: Core, mps: ControlApi) -> None:
    """Each library comes with the resource that manages it, and without a warning."""
    first, second = (mps.add_library(Name=name) for name in ("a", "b"))
    found, warning = libraries_in(REGION, core.libraries, {second: "songs", "0" * 32: "gone"})
    assert [(item.library.fp_db_id, item.resource) for item in found] == [
        (first, None),
        (second, "songs"),
    ]
    assert warning is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("none", f"MPS listed {REGION} without "),
        ("refused", f"MPS lists the libraries of {REGION} only by ID"),
    ],
)
def test_a_listing_that_is_no_list(core: Core, mps: ControlApi, answer: str, message: str) -> None:
    """What the state knows is shown all the same, and that there may be more is said."""
    known = mps.add_library(Name="known")
    mps.add_library(Name="unknown")
    mps.change_settings(list_without_ids=answer)
    found, warning = libraries_in(REGION, core.libraries, {known: "songs"})
    assert [item.library.fp_db_id for item in found] == [known]
    assert warning is not None
    assert warning.startswith(message)
    assert "only libraries of the stack's state are certain to be shown" in warning


def test_nothing_to_go_by(core: Core, mps: ControlApi) -> None:
    """Where MPS wants IDs and no state has any, that is an error."""
    mps.change_settings(list_without_ids="refused")
    with pytest.raises(ListingError, match="only by ID; pass the IDs"):
        libraries_in(REGION, core.libraries, {})


def test_managed() -> None:
    """What a program only reads, or has not made yet, is not managed."""
    entry = {"type": LIBRARY_TYPE, "urn": "urn:pulumi:dev::p::t::songs"}
    resources = [
        {**entry, "id": "1"},
        {**entry, "id": "2", "external": True},
        entry,
        {**entry, "id": "3", "type": "other"},
    ]
    assert managed(Deployment({"deployment": {"resources": resources}})) == {"1": "songs"}
    assert managed(Deployment()) == {}
