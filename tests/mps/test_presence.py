"""Presence: a library is called gone on proof, and on nothing else."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from clocks import HeldClock
from connections import REGION, Connections
from core import Core
from pulumi_alicloud_mps.emulator.records import LibraryState
from pulumi_alicloud_mps.errors import ApiError, NotListedError
from pulumi_alicloud_mps.mps.coalescing import JOIN_SECONDS
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.mps.presence import CONFIRM_SECONDS, Presence
from pulumi_alicloud_mps.operations.advice import advised
from raw_server import Answer, Fault, RawServer, by_action, http, ok, refused

ID, OTHER = "a" * 32, "b" * 32
SHOWN = {"FpDBId": ID, "Name": "songs", "ModelId": 13, "Status": "paused"}
NOT_THERE = ok(NonExistIds={"String": [ID]})


def make(core: Core) -> str:
    """Put another active library into MPS, which shows deleted ones as missing."""
    core.change(deleted_libraries="missing")
    library = core.store(description="")
    core.model.force_state(library.id, "active")
    return library.id


def judge(connections: Connections, server: RawServer) -> Presence:
    """Return the judge of an MPS that is played."""
    return Presence(connections.client(server.url), REGION, connections.clock)


@pytest.mark.parametrize("state", ["offline", "active", "paused"])
def test_what_is_listed_is_there(state: LibraryState, core: Core) -> None:
    """A library that MPS lists is described as it is listed."""
    fp_db_id = make(core)
    core.model.force_state(fp_db_id, state)
    assert core.presence.find(fp_db_id) == Library(fp_db_id, "songs", 13, state, "")


def test_an_ordinary_refresh_costs_nothing_more(core: Core) -> None:
    """200 libraries, eight at a time, take 26 calls: one alone, seven together, then each eight."""
    core.change(quota=200)
    first, *ids = [make(core) for _ in range(200)]
    clock, begun = HeldClock(), threading.Event()

    def hold(answer: bytes) -> Answer:
        begun.set()
        clock.until_waiting(7)
        return answer

    core.relay.alter("ListFpShotDB", 1, hold)
    with Connections(clock) as connections, ThreadPoolExecutor(8) as pool:
        presence = Presence(connections.client(core.relay.url), REGION, clock)
        alone = pool.submit(presence.find, first)
        assert begun.wait(20)
        for group in (ids[:7], *(ids[start : start + 8] for start in range(7, 199, 8))):
            found = [pool.submit(presence.find, fp_db_id) for fp_db_id in group]
            clock.until_waiting(len(group))
            clock.time += JOIN_SECONDS
            assert None not in [item.result() for item in (alone, *found)]
    assert core.relay.actions == ["ListFpShotDB"] * 26


def test_deleted_is_proof(core: Core) -> None:
    """MPS's word `deleted` is proof at once."""
    fp_db_id = make(core)
    core.change(deleted_libraries="status")
    core.model.force_state(fp_db_id, "deleted")
    assert core.presence.find(fp_db_id) is None
    assert core.presence.find(fp_db_id, listed=False) is None


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "answer", [NOT_THERE, ok(FpShotDBList={"FpShotDB": [{**SHOWN, "Status": "removed"}]})]
)
def test_a_finished_job_is_proof_however_it_is_listed(
    answer: Answer, core: Core, *, listed: bool
) -> None:
    """A library that a delete job has ended is gone at once, even if it never was listed."""
    job = {"Id": OTHER, "FpDBId": ID, "Status": "Success", "DelType": "Delete"}
    jobs = ok(FpDBDeleteJobList={"FpDBDeleteJob": [job]})
    with RawServer(by_action(ListFpShotDB=answer, QueryFpDBDeleteJobList=jobs)) as server:
        assert judge(core, server).find(ID, listed=listed) is None
    assert core.clock.pauses == []


def test_a_job_that_may_have_purged_proves_nothing(core: Core) -> None:
    """Without DelType a job may be a purge, MPS's default: what is listed beside it is there."""
    job = {"Id": OTHER, "FpDBId": ID, "Status": "Success"}
    jobs = ok(FpDBDeleteJobList={"FpDBDeleteJob": [job]})
    listed = ok(FpShotDBList={"FpShotDB": [SHOWN]})
    with RawServer(by_action(ListFpShotDB=listed, QueryFpDBDeleteJobList=jobs)) as server:
        presence = judge(core, server)
        assert presence.find(ID) is not None
        assert not presence.is_deleted(ID, math.inf)


def test_missing_twice_beside_another_is_proof(core: Core) -> None:
    """NonExistIds proves something when it lasts, and what else was asked for is listed."""
    other = make(core)
    core.presence.find(other)
    assert core.presence.find(ID) is None
    assert core.clock.pauses == [CONFIRM_SECONDS]
    assert core.relay.requests[-1].parameters["FpDBIds"] == f"{ID},{other}"


@pytest.mark.parametrize(
    ("status", "proven"), [("Queuing", True), ("Running", True), ("Fail", False)]
)
def test_missing_twice_with_a_job_is_proof(status: str, core: Core, *, proven: bool) -> None:
    """NonExistIds that lasts proves something where MPS knows a job of it that has not failed."""
    job = {"Id": OTHER, "FpDBId": ID, "Status": status}
    jobs = ok(FpDBDeleteJobList={"FpDBDeleteJob": [job]})
    with RawServer(by_action(ListFpShotDB=NOT_THERE, QueryFpDBDeleteJobList=jobs)) as server:
        outcome = nullcontext() if proven else pytest.raises(NotListedError)
        with outcome:
            assert judge(core, server).find(ID) is None


def test_missing_once_proves_nothing(core: Core) -> None:
    """A library that one odd answer denies is there, when the next one lists it."""
    fp_db_id, other = make(core), make(core)
    core.presence.find(other)
    core.relay.answer("ListFpShotDB", 2, ok(NonExistIds={"String": [fp_db_id]}))
    found = core.presence.find(fp_db_id)
    assert found is not None
    assert found.fp_db_id == fp_db_id


def test_missing_alone_proves_nothing(core: Core) -> None:
    """Where nothing else was asked for, the error says what was seen and what to do."""
    with pytest.raises(NotListedError) as caught:
        core.presence.find(ID)
    assert str(caught.value) == (
        f"MPS does not list {ID} in cn-shanghai (NonExistIds, twice), no other library was"
        " looked up to compare, and no delete job of it has succeeded. That does not prove that it"
        " is gone; nothing was changed"
    )
    assert "and leave out `--parallel 1`" in advised(caught.value)


def test_what_is_asked_for_meanwhile_is_a_witness(core: Core) -> None:
    """A missing library that is asked for first is gone, where others are asked for beside it."""
    other = make(core)

    def ask(_: float) -> None:
        core.presence.find(other)

    core.clock.on_pause = ask
    assert core.presence.find(ID) is None


def test_a_host_that_knows_none_proves_nothing(core: Core) -> None:
    """Where the other libraries are denied as well, none of them is gone."""
    other = make(core)
    core.presence.find(other)
    core.model.force_state(other, "deleted")
    with pytest.raises(NotListedError, match=f"nor does it list {other}"):
        core.presence.find(ID)


def test_what_never_was_listed_is_not_gone(core: Core) -> None:
    """NonExistIds proves nothing of a library that MPS may not list yet; the error names it."""
    core.presence.find(make(core))
    with pytest.raises(NotListedError, match=f"{ID} and has not done so since it was created"):
        core.presence.find(ID, listed=False)


@pytest.mark.parametrize(
    "answer",
    [
        refused("Forbidden.RAM", status=403),
        refused("InvalidAccessKeyId.NotFound", status=404),
        refused("InvalidParameter.DBNotExist"),
        refused("Throttling"),
        http(404, b"not found"),
        http(502, b"<html>"),
        http(200, b"{}"),
        ok(FpShotDBList={"FpShotDB": []}),
        ok(NonExistIds={"String": [OTHER]}),
        Fault.CLOSE,
    ],
)
def test_an_error_is_never_gone(answer: Answer, core: Core) -> None:
    """A library is not called gone for an error, nor for an answer that does not mention it."""
    with RawServer(answer) as server:
        presence = judge(core, server)
        with pytest.raises(ApiError):
            presence.find(ID, deadline=core.clock.now() + 60)
        with pytest.raises(ApiError):
            presence.look_up(ID, core.clock.now() + 60)


def test_what_is_listed_and_denied_is_there(core: Core) -> None:
    """A library that the answer shows is there, whatever else the answer says of its ID."""
    with RawServer(ok(FpShotDBList={"FpShotDB": [SHOWN]}, NonExistIds={"String": [ID]})) as server:
        assert judge(core, server).find(ID) == Library(ID, "songs", 13, "paused")
