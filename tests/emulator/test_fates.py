"""Faults that change what becomes of libraries and delete jobs."""

from pathlib import Path
from typing import Any

import pytest

from clocks import WallClock
from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Emulator, Fault

_CREATE = "CreateFpShotDB"
_DELETE = "SubmitFpDBDeleteJob"


def _status(client: Client, library: str) -> str:
    (listed,) = client.listed(library)
    return str(listed["Status"])


def _job(client: Client, job: str) -> Any:  # noqa: ANN401 - JSON is anything
    (listed,) = client.ok("QueryFpDBDeleteJobList", JobIds=job)["FpDBDeleteJobList"][
        "FpDBDeleteJob"
    ]
    return listed


@pytest.mark.parametrize("state", ["paused", "deleted", "offline"])
def test_library_that_turns(client: Client, clock: WallClock, state: str) -> None:
    """A library lives as usual until its seconds are over, and then turns to the state."""
    client.set_faults({"action": _CREATE, "kind": "library", "state": state, "seconds": 5})
    library = client.create()
    assert client.record()["Fault"] == "library"
    seen = []
    for _ in range(3):
        seen.append(_status(client, library))
        clock.advance(3)
    assert seen == ["offline", "active", state]


@pytest.mark.parametrize(("state", "first"), [("offline", "offline"), ("paused", "paused")])
def test_library_that_never_becomes_active(
    client: Client, clock: WallClock, state: str, first: str
) -> None:
    """Without seconds the state holds from the beginning, and for ever."""
    client.set_faults({"action": _CREATE, "kind": "library", "state": state})
    answer = client.ok(_CREATE, Name="songs")["FpShotDB"]
    assert answer["State"] == first
    clock.advance(100_000)
    assert _status(client, answer["FpDBId"]) == state


def test_deleted_library(client: Client, clock: WallClock) -> None:
    """A library that is gone makes room, can't be deleted, and counts as MPS is set to count it."""
    client.control("PATCH", "settings", {"quota": 1, "deleted_libraries": "missing"})
    client.set_faults({"action": _CREATE, "kind": "library", "state": "deleted", "seconds": 1})
    library = client.create()
    assert client.call(_CREATE, Name="more").code == "QuotaExceeded.FpShotDB"
    clock.advance(1)
    assert client.ok("ListFpShotDB", FpDBIds=library)["NonExistIds"] == {"String": [library]}
    refused = client.call(_DELETE, FpDBId=library, DelType="Delete")
    assert refused.code == "InvalidParameter.DBNotExist"
    client.create()
    assert client.fired() == [2]


def test_unlisted(client: Client, clock: WallClock) -> None:
    """A new library is neither listed nor known by its ID until its seconds are over."""
    client.set_faults({"action": _CREATE, "calls": [1], "kind": "unlisted", "seconds": 5})
    library = client.create()
    other = client.create()
    assert [item["FpDBId"] for item in client.listed()] == [other]
    answer = client.ok("ListFpShotDB", FpDBIds=f"{library},{other}")
    assert answer["NonExistIds"] == {"String": [library]}
    assert client.ok("ListFpShotFiles", FpDBId=library)
    clock.advance(5)
    assert [item["FpDBId"] for item in client.listed()] == [library, other]
    assert _status(client, library) == "active"


def test_job_failure_once(client: Client, clock: WallClock) -> None:
    """A job fails with its code and message and leaves the library; the next one succeeds."""
    rule = {"action": _DELETE, "calls": [1], "kind": "job_failure"}
    client.set_faults({**rule, "code": "InternalError.Index", "message": "Try again."})
    library = client.create()
    job = client.delete(library)
    assert (_job(client, job)["Status"], "Code" in _job(client, job)) == ("Queuing", False)
    clock.advance(3)
    failed = _job(client, job)
    assert (failed["Status"], failed["Code"]) == ("Fail", "InternalError.Index")
    assert (failed["Message"], "FinishTime" in failed) == ("Try again.", True)
    assert _status(client, library) == "active"
    again = client.delete(library)
    clock.advance(3)
    assert (_job(client, again)["Status"], "Code" in _job(client, again)) == ("Success", False)
    assert _status(client, library) == "deleted"


@pytest.mark.parametrize("spoiler", ["close_before", "error"])
def test_no_fate_without_a_library(client: Client, spoiler: str) -> None:
    """Where a call isn't carried out, the rule for its result hasn't fired."""
    parameters = {"code": "Throttling"} if spoiler == "error" else {}
    client.set_faults(
        {"action": _CREATE, "kind": "unlisted", "seconds": 5},
        {"action": _CREATE, "calls": [2], "kind": spoiler, **parameters},
    )
    assert client.call(_CREATE).code == "MissingName"
    assert (client.record()["Fault"], client.fired()) == (None, [0, 0])
    if spoiler == "error":
        client.call(_CREATE, Name="songs")
    else:
        with pytest.raises(ConnectionError):
            client.call(_CREATE, Name="songs")
    assert (client.record()["Fault"], client.fired()) == (spoiler, [0, 1])


def test_fates_belong_to_the_database(tmp_path: Path, clock: WallClock) -> None:
    """What a fault made of a library or job is the same in every process, and over restarts."""
    path = tmp_path / "mps.sqlite"
    faults = [
        Fault(action=_CREATE, calls=[1], kind="library", state="paused", seconds=4),
        Fault(action=_CREATE, calls=[2], kind="unlisted", seconds=4),
        Fault(action=_DELETE, kind="job_failure", code="Lost"),
    ]
    with Emulator(path, clock=clock, faults=faults) as one, Emulator(path, clock=clock) as two:
        maker, other = Client(one.url, clock), Client(two.url, clock)
        paused, hidden = maker.create("paused"), maker.create("hidden")
        job = maker.delete(paused)
        assert other.control("GET", "faults").json == []
        assert [item["FpDBId"] for item in other.listed()] == [paused]
        assert other.call("ListFpShotDB", FpDBIds=hidden).json["NonExistIds"]
        clock.advance(3)
        assert _status(other, paused) == _status(maker, paused) == "active"
        assert _job(other, job) == _job(maker, job)
    clock.advance(1)
    with Emulator(path, clock=clock) as again:
        reader = Client(again.url, clock)
        assert _status(reader, paused) == "paused"
        assert _status(reader, hidden) == "active"
        assert _job(reader, job)["Code"] == "Lost"
