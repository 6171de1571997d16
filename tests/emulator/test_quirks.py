"""Quirks: each changes just what docs/reference/emulator.md says of it."""

import re

import pytest

from clocks import WallClock
from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettingsError
from pulumi_alicloud_mps.emulator.records import DEFAULT_REGION


def quirk(client: Client, *names: str) -> None:
    """Have these quirks, and only these."""
    assert client.control("PATCH", "settings", {"quirks": names}).status == 200


@pytest.mark.parametrize("name", ["", "odd", "list-first", "list-first=N", "bare-create=1"])
def test_an_unknown_quirk_is_refused(emulator: Emulator, name: str) -> None:
    """An unknown quirk is refused, with the names of the known ones."""
    with pytest.raises(
        EmulatorSettingsError, match=r"must be one of odd-libraries, .*, list-first=N"
    ):
        emulator.model.settings.changed({"quirks": [name]})


def test_odd_libraries(client: Client) -> None:
    """List without IDs has three odd libraries of somebody else."""
    ours = client.create()
    quirk(client, "odd-libraries")
    listed = client.listed()
    assert listed[0]["FpDBId"] == ours
    assert [item.get("ModelId") for item in listed] == [12, 12, None, 99]
    assert len(client.listed(ours)) == 1


def test_bare_create(client: Client) -> None:
    """The response has the ID alone; the library has all that was requested."""
    quirk(client, "bare-create")
    made = client.ok("CreateFpShotDB", Name="songs", Description="all")["FpShotDB"]
    assert made.keys() == {"FpDBId"}
    assert client.listed(made["FpDBId"])[0]["Description"] == "all"


@pytest.mark.parametrize(
    ("name", "kept"), [("trimmed-text", "Für alle"), ("recoded-text", " F?r  alle ")]
)
def test_text(client: Client, name: str, kept: str) -> None:
    """Names and descriptions are not stored as they were sent."""
    quirk(client, name)
    (library,) = client.listed(client.create(" Für  alle ", Description=" Für  alle "))
    assert (library["Name"], library["Description"]) == (kept, kept)


def test_other_states(client: Client, clock: WallClock) -> None:
    """States have other names, also in the response to Create, except `deleted`."""
    quirk(client, "other-states")
    made = client.ok("CreateFpShotDB", Name="songs")["FpShotDB"]
    assert made["State"] == "preparing"
    clock.advance(3)
    assert client.listed(made["FpDBId"])[0]["Status"] == "normal"
    client.control("POST", f"libraries/{made['FpDBId']}/state", {"State": "deleted"})
    assert client.listed(made["FpDBId"])[0]["Status"] == "deleted"


def test_other_job_words(client: Client, clock: WallClock) -> None:
    """The statuses of delete jobs have other names."""
    quirk(client, "other-job-words")
    job, seen = client.delete(client.create()), []
    for _ in range(3):
        seen.append(client.job(job)["Status"])
        clock.advance(1.5)
    assert seen == ["Waiting", "Running", "Succeeded"]


@pytest.mark.parametrize(("name", "after"), [("denied-first", 1), ("denied-always", 0)])
def test_denials(client: Client, name: str, after: int) -> None:
    """A library is denied once, or for as long as the quirk is on; List without IDs has it."""
    ours = client.create()
    quirk(client, name)
    assert client.ok("ListFpShotDB", FpDBIds=ours)["NonExistIds"] == {"String": [ours]}
    assert len(client.listed()) == 1
    assert len(client.listed(ours)) == after


def test_empty_pages(client: Client, emulator: Emulator) -> None:
    """Every page of files comes after an empty one, and none is lost."""
    quirk(client, "empty-pages")
    ours = client.create()
    emulator.model.add_files(emulator.model.libraries()[0], 3)
    sizes, token = [], None
    while token != "":
        page = client.ok("ListFpShotFiles", FpDBId=ours, PageSize=2, NextPageToken=token)
        sizes.append(len(page["FpShotFileList"]["FpShotFile"]))
        token = page["NextPageToken"]
    assert sizes == [0, 2, 0, 1]


def test_upper_ids(client: Client) -> None:
    """IDs have the form of upper-case UUIDs, and every action takes them."""
    quirk(client, "upper-ids")
    ours = client.create()
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", ours)
    assert len(client.listed(ours)) == 1
    client.delete(ours)


@pytest.mark.parametrize(("model_id", "listed"), [(11, 0), (13, 1)])
def test_unlisted_text(client: Client, emulator: Emulator, model_id: int, listed: int) -> None:
    """What a text library holds is not listed."""
    quirk(client, "unlisted-text")
    ours = client.create(ModelId=model_id)
    emulator.model.add_files(emulator.model.libraries()[0], 1)
    page = client.ok("ListFpShotFiles", FpDBId=ours)
    assert len(page["FpShotFileList"]["FpShotFile"]) == listed


def test_list_first(client: Client) -> None:
    """List without IDs shows the first libraries of the region only, others by their ID."""
    first, second = client.create("a"), client.create("b")
    quirk(client, "list-first=1")
    assert [item["FpDBId"] for item in client.listed(RegionId=DEFAULT_REGION)] == [first]
    assert len(client.listed(second)) == 1
