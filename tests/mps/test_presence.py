"""Presence: a library is called gone on proof, and on nothing else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from connections import REGION, Connections
from fake_clock import FakeClock, SteppedClock
from mps.creations import change
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.records import LibraryState, NewLibrary
from pulumi_alicloud_mps.mps.coalescing import BATCH_WINDOW
from pulumi_alicloud_mps.mps.errors import ApiError, NotListedError
from pulumi_alicloud_mps.mps.models import Library
from pulumi_alicloud_mps.mps.presence import CONFIRM_SECONDS, Presence
from raw_server import Answer, Fault, RawServer, by_action, http, ok, refused
from relay import Relay

ID, OTHER = "a" * 32, "b" * 32
SHOWN = {"FpDBId": ID, "Name": "songs", "ModelId": 13, "Status": "paused"}
NOT_THERE = ok(NonExistIds={"String": [ID]})


@pytest.fixture
def presence(relay: Relay, connections: Connections, clock: FakeClock) -> Presence:
    """Return the judge behind the relay, who has seen nothing so far."""
    return Presence(connections.client(relay.url), REGION, clock)


@pytest.fixture
def make(emulator: Emulator) -> Callable[[], str]:
    """Return what puts another active library into MPS, which shows deleted ones as missing."""
    change(emulator, deleted_libraries="missing")

    def made() -> str:
        library = emulator.model.create_library(NewLibrary("songs", model_id=13))
        emulator.model.force_state(library.id, "active")
        return library.id

    return made


def judge(connections: Connections, server: RawServer) -> Presence:
    """Return the judge of an MPS that is played."""
    return Presence(connections.client(server.url), REGION, connections.clock)


@pytest.mark.parametrize("state", ["offline", "active", "paused"])
def test_what_is_listed_is_there(
    state: LibraryState, presence: Presence, make: Callable[[], str], emulator: Emulator
) -> None:
    """A library that MPS lists is described as it is listed."""
    fp_db_id = make()
    emulator.model.force_state(fp_db_id, state)
    assert presence.find(fp_db_id) == Library(fp_db_id, "songs", 13, state, "")


def test_an_ordinary_refresh_costs_nothing_more(
    relay: Relay, emulator: Emulator, make: Callable[[], str]
) -> None:
    """200 libraries, eight at a time, take 26 calls: one alone, seven together, then each eight."""
    change(emulator, quota=200)
    first, *ids = [make() for _ in range(200)]
    clock, begun = SteppedClock(), threading.Event()

    def hold(answer: bytes) -> Answer:
        begun.set()
        clock.until_waiting(7)
        return answer

    relay.alter("ListFpShotDB", 1, hold)
    with Connections(clock) as connections, ThreadPoolExecutor(8) as pool:
        presence = Presence(connections.client(relay.url), REGION, clock)
        alone = pool.submit(presence.find, first)
        assert begun.wait(20)
        for group in (ids[:7], *(ids[start : start + 8] for start in range(7, 199, 8))):
            found = [pool.submit(presence.find, fp_db_id) for fp_db_id in group]
            clock.until_waiting(len(group))
            clock.time += BATCH_WINDOW
            assert None not in [item.result() for item in (alone, *found)]
    assert relay.actions == ["ListFpShotDB"] * 26


def test_deleted_is_proof(presence: Presence, make: Callable[[], str], emulator: Emulator) -> None:
    """MPS's word `deleted` is proof at once."""
    change(emulator, deleted_libraries="status")
    fp_db_id = make()
    emulator.model.force_state(fp_db_id, "deleted")
    assert presence.find(fp_db_id) is None
    assert presence.find(fp_db_id, listed=False) is None


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "answer", [NOT_THERE, ok(FpShotDBList={"FpShotDB": [{**SHOWN, "Status": "removed"}]})]
)
def test_a_finished_job_is_proof_however_it_is_listed(
    answer: Answer, connections: Connections, clock: FakeClock, *, listed: bool
) -> None:
    """A library that a delete job has ended is gone at once, even if it never was listed."""
    job = {"Id": OTHER, "FpDBId": ID, "Status": "Success"}
    jobs = ok(FpDBDeleteJobList={"FpDBDeleteJob": [job]})
    with RawServer(by_action(ListFpShotDB=answer, QueryFpDBDeleteJobList=jobs)) as server:
        assert judge(connections, server).find(ID, listed=listed) is None
    assert clock.pauses == []


def test_missing_twice_beside_another_is_proof(
    presence: Presence, make: Callable[[], str], clock: FakeClock, relay: Relay
) -> None:
    """NonExistIds proves something when it lasts, and what else was asked for is listed."""
    other = make()
    presence.find(other)
    assert presence.find(ID) is None
    assert clock.pauses == [CONFIRM_SECONDS]
    assert relay.requests[-1].parameters["FpDBIds"] == f"{ID},{other}"


@pytest.mark.parametrize(
    ("status", "proven"), [("Queuing", True), ("Running", True), ("Fail", False)]
)
def test_missing_twice_with_a_job_is_proof(
    status: str, connections: Connections, *, proven: bool
) -> None:
    """NonExistIds that lasts proves something where MPS knows a job of it that has not failed."""
    job = {"Id": OTHER, "FpDBId": ID, "Status": status}
    jobs = ok(FpDBDeleteJobList={"FpDBDeleteJob": [job]})
    with RawServer(by_action(ListFpShotDB=NOT_THERE, QueryFpDBDeleteJobList=jobs)) as server:
        outcome = nullcontext() if proven else pytest.raises(NotListedError)
        with outcome:
            assert judge(connections, server).find(ID) is None


def test_missing_once_proves_nothing(
    presence: Presence, make: Callable[[], str], relay: Relay
) -> None:
    """A library that one odd answer denies is there, when the next one lists it."""
    fp_db_id, other = make(), make()
    presence.find(other)
    relay.answer("ListFpShotDB", 2, ok(NonExistIds={"String": [fp_db_id]}))
    found = presence.find(fp_db_id)
    assert found is not None
    assert found.fp_db_id == fp_db_id


def test_missing_alone_proves_nothing(presence: Presence) -> None:
    """Where nothing else was asked for, the error says what was seen and what to do."""
    with pytest.raises(NotListedError) as caught:
        presence.find(ID)
    assert str(caught.value) == (
        f"MPS does not list {ID} in cn-shanghai (NonExistIds, twice), no other one was asked for"
        " before, and no delete job of it has succeeded: that does not prove that it is gone, and"
        " nothing was changed. Check region and endpoint, and leave out `--parallel 1`; if the MPS"
        " console does not have the library either, take it out of the state with `pulumi state"
        " delete`"
    )


def test_what_is_asked_for_meanwhile_is_a_witness(
    presence: Presence, make: Callable[[], str], clock: FakeClock
) -> None:
    """A missing library that is asked for first is gone, where others are asked for beside it."""
    other = make()

    def ask(_: float) -> None:
        presence.find(other)

    clock.on_pause = ask
    assert presence.find(ID) is None


def test_a_host_that_knows_none_proves_nothing(
    presence: Presence, make: Callable[[], str], emulator: Emulator
) -> None:
    """Where the other libraries are denied as well, none of them is gone."""
    other = make()
    presence.find(other)
    emulator.model.force_state(other, "deleted")
    with pytest.raises(NotListedError, match=f"nor does it list {other}"):
        presence.find(ID)


def test_what_never_was_listed_is_not_gone(presence: Presence, make: Callable[[], str]) -> None:
    """NonExistIds proves nothing of a library that MPS may not list yet; the error names it."""
    presence.find(make())
    with pytest.raises(NotListedError, match=f"{ID} and has not done so since it was created"):
        presence.find(ID, listed=False)


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
def test_an_error_is_never_gone(answer: Answer, connections: Connections) -> None:
    """A library is not called gone for an error, nor for an answer that does not mention it."""
    with RawServer(answer) as server:
        presence = judge(connections, server)
        with pytest.raises(ApiError):
            presence.find(ID, deadline=connections.clock.now() + 60)
        with pytest.raises(ApiError):
            presence.listed(ID, connections.clock.now() + 60)


def test_what_is_listed_and_denied_is_there(connections: Connections) -> None:
    """A library that the answer shows is there, whatever else the answer says of its ID."""
    with RawServer(ok(FpShotDBList={"FpShotDB": [SHOWN]}, NonExistIds={"String": [ID]})) as server:
        assert judge(connections, server).find(ID) == Library(ID, "songs", 13, "paused")
