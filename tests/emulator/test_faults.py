"""Faults: what a script may say, which calls meet which rules, and what happens to those."""

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clocks import WallClock
from emulator.calls import Client, request
from pulumi_alicloud_mps.emulator import Emulator, Fault, FaultError, read_faults
from pulumi_alicloud_mps.emulator.actions import ACTIONS
from pulumi_alicloud_mps.emulator.faults import FaultScript, OddContent

_GOOD = {"action": "*", "kind": "close_after"}
_SLOW = {"action": "*", "kind": "slow", "seconds": 1}
_ERROR = {"action": "*", "kind": "error", "code": "Throttling"}


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"kind": "close_after"}, "action: "),
        ({**_GOOD, "action": "CreateFpShot"}, "action: must be * or one of CreateFpShotDB, "),
        ({"action": "*"}, "kind: "),
        ({**_GOOD, "kind": "explode"}, "kind: "),
        ({**_GOOD, "calls": []}, "calls: "),
        ({**_GOOD, "calls": [0]}, "calls: "),
        ({**_GOOD, "calls": [1, True]}, "calls: "),
        ({**_GOOD, "calls": 1}, "calls: "),
        ({**_GOOD, "probability": 1.5, "seed": 1}, "probability: "),
        ({**_GOOD, "probability": 0.5, "seed": "a"}, "seed: "),
        ({**_GOOD, "probability": 0.5}, "seed: "),
        ({**_GOOD, "seed": 1}, "seed: "),
        ({**_GOOD, "probability": 0.5, "seed": 1, "calls": [1]}, "probability: "),
        ({**_GOOD, "second": 1}, "'second': "),
        ({**_GOOD, "two\nlines": 1}, "'two\\nlines': "),
        ({**_GOOD, "seconds": 1}, "seconds: is not a parameter of the kind close_after"),
        ({**_GOOD, "execute": False}, "execute: "),
        ({"action": "*", "kind": "slow"}, "seconds: is required by the kind slow"),
        ({**_SLOW, "seconds": None}, "seconds: "),
        ({**_SLOW, "seconds": -1}, "seconds: "),
        ({**_SLOW, "seconds": float("inf")}, "seconds: "),
        ({"action": "*", "kind": "error"}, "code: "),
        ({**_ERROR, "code": ""}, "code: "),
        ({**_ERROR, "status": 200}, "status: "),
        ({**_ERROR, "execute": 1}, "execute: "),
        ({"action": "*", "kind": "body"}, "content: "),
        ({"action": "*", "kind": "body", "content": "tea"}, "content: "),
        ({"action": "*", "kind": "library", "state": "paused"}, "action: must be CreateFpShotDB"),
        ({"action": "CreateFpShotDB", "kind": "library", "state": "active"}, "state: "),
        ({"action": "CreateFpShotDB", "kind": "unlisted"}, "seconds: "),
        ({"action": "CreateFpShotDB", "kind": "job_failure"}, "action: must be SubmitFpDBDel"),
        ("slow", ""),
    ],
)
def test_bad_rules(client: Client, rule: object, named: str) -> None:
    """A bad rule refuses the whole script, in one line with its number and the field."""
    client.set_faults(_GOOD)
    before = client.control("GET", "faults").json
    reply = client.control("POST", "faults", [_SLOW, rule])
    assert reply.status == 400
    assert reply.json["error"].startswith(f"rule 2: {named}")
    assert "\n" not in reply.json["error"]
    assert client.control("GET", "faults").json == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the script is not JSON: "),
        (b"[", "the script is not JSON: "),
        (b"[" * 10_000, "the script is not JSON: "),
        (b"\xff", "the script is not JSON: "),
        (b"{}", "the script must be a JSON list of rules"),
        (b"null", "the script must be a JSON list of rules"),
    ],
)
def test_bad_scripts(client: Client, body: bytes, told: str) -> None:
    """Anything but a list of rules is refused in one line."""
    reply = request(client.url, "POST", "/_mps/faults", body)
    assert reply.status == 400
    assert reply.json["error"].startswith(told)
    with pytest.raises(FaultError, match=told):
        read_faults(body)


@pytest.mark.parametrize("calls", [[1, 3], (1, 3)])
def test_the_script_is_shown(emulator: Emulator, client: Client, calls: list[int]) -> None:
    """The script is shown as it was written, also one from Python, with how often it has fired."""
    emulator.set_faults([Fault(action="*", calls=calls, kind="error", code="Throttling")])
    client.call("ListFpShotDB")
    (shown,) = client.control("GET", "faults").json
    assert shown == {**_ERROR, "calls": [1, 3], "fired": 1}


@pytest.mark.parametrize("other", [{"code": "Forbidden"}, None])
def test_replacing_the_script(client: Client, other: Mapping[str, str] | None) -> None:
    """A new script, or none, replaces the old one and counts from the beginning."""
    once = {**_ERROR, "calls": [1]}
    client.set_faults(once)
    assert _codes(client, 2) == ["Throttling", None]
    if other:
        client.set_faults({**once, **other})
    else:
        assert client.control("DELETE", "faults").json == []
    assert _codes(client, 1) == [(other or {}).get("code")]


def test_faults_of_the_start(client: Client) -> None:
    """A reset brings back the script of the start, counting from the beginning."""
    rule = Fault(action="*", calls=[1], kind="error", code="Throttling")
    with Emulator(clock=client.clock, faults=[rule]) as emulator:
        client = Client(emulator.url, client.clock)
        assert _codes(client, 2) == ["Throttling", None]
        client.control("DELETE", "faults")
        assert _codes(client, 1) == [None]
        client.control("POST", "reset")
        assert _codes(client, 2) == ["Throttling", None]


_LIST = "ListFpShotDB"
_CREATE = "CreateFpShotDB"

_actions = st.sampled_from(sorted(ACTIONS))
_faults = st.builds(
    lambda action, probability, seed: Fault(
        action=action, kind="close_before", probability=probability, seed=seed
    ),
    st.one_of(_actions, st.just("*")),
    st.floats(0, 1),
    st.integers(),
)


def _error(code: str, **selection: object) -> dict[str, object]:
    return {"action": "*", "kind": "error", "code": code, **selection}


def _codes(client: Client, count: int, action: str = _LIST) -> list[str | None]:
    return [client.call(action, Name="songs").json.get("Code") for _ in range(count)]


def test_numbers(client: Client) -> None:
    """Calls are counted by action, from 1 since the script was set."""
    client.ok(_LIST)
    client.set_faults(_error("A", action=_LIST, calls=[1, 3]))
    assert _codes(client, 1, _CREATE) == [None]
    assert _codes(client, 4) == ["A", None, "A", None]
    assert client.fired() == [2]


def test_every_action(client: Client) -> None:
    """A rule for every action counts the calls of all together."""
    client.set_faults(_error("A", calls=[2]))
    assert _codes(client, 1, _CREATE) + _codes(client, 2) == [None, "A", None]


def test_the_first_rule_wins(client: Client) -> None:
    """Of several rules for a response the first applies, and the others count the call too."""
    client.set_faults(_error("A", calls=[1]), _error("B", calls=[1, 2]), _error("C", calls=[3]))
    assert _codes(client, 4) == ["A", "B", "C", None]
    assert client.fired() == [1, 1, 1]


def test_one_of_each_sort(client: Client) -> None:
    """A call meets the first rule for its response and the first for its result, in any order."""
    client.set_faults(
        _error("A", execute=True),
        {"action": _CREATE, "kind": "library", "state": "paused"},
        {"action": _CREATE, "kind": "unlisted", "seconds": 60},
    )
    assert _codes(client, 1, _CREATE) == ["A"]
    assert client.fired() == [1, 1, 0]
    (library,) = client.control("GET", "libraries").json
    assert library["Status"] == "paused"
    record = client.record()
    assert (record["Fault"], record["Executed"]) == ("library+error", True)


def test_refused_calls_count(client: Client) -> None:
    """A call that MPS refuses counts like any other."""
    client.set_faults(_error("A", action=_CREATE, calls=[2]))
    assert client.call(_CREATE).code == "MissingName"
    assert _codes(client, 1, _CREATE) == ["A"]


def test_only_calls_meet_faults(client: Client) -> None:
    """Control requests and other paths meet no fault."""
    client.set_faults(_error("A", calls=[1]))
    assert client.control("GET", "health").status == 200
    assert client.control("GET", "health").json["status"] == "ok"
    assert _codes(client, 1) == ["A"]


def test_probability(client: Client) -> None:
    """A probability meets some calls, and the same ones whenever the script is set again."""
    script = (_error("A", probability=0.5, seed=7), _error("B", probability=0.5, seed=8))
    runs = []
    for _ in range(2):
        client.set_faults(*script)
        runs.append(_codes(client, 20))
    assert runs[0] == runs[1]
    assert {*runs[0]} == {"A", "B", None}


@given(st.lists(_actions, max_size=40), _faults, st.integers())
def test_rules_do_not_disturb_each_other(actions: list[str], rule: Fault, seed: int) -> None:
    """What a rule meets doesn't depend on the rules beside it."""
    other = Fault(action=_CREATE, kind="unlisted", seconds=1, probability=0.5, seed=seed)
    alone, together = FaultScript([rule]), FaultScript([other, rule])
    for action in actions:
        met, _ = alone.meet(action)
        assert (together.meet(action)[0] is None) == (met is None)


@given(st.lists(_actions, max_size=40))
def test_the_ends_of_probability(actions: list[str]) -> None:
    """A probability of 0 meets nothing, one of 1 everything."""
    never, always = (
        FaultScript([Fault(action="*", kind="close_before", probability=chance, seed=1)])
        for chance in (0.0, 1.0)
    )
    for action in actions:
        assert never.meet(action)[0] is None
        assert always.meet(action)[0] is not None


def test_error(client: Client) -> None:
    """An error comes in the API's shape, with the status and message that belong to its code."""
    client.set_faults({"action": "*", "kind": "error", "code": "ServiceUnavailable"})
    reply = client.call(_CREATE, Name="songs")
    assert list(reply.json) == ["RequestId", "HostId", "Code", "Message", "Recommend"]
    assert (reply.status, reply.code) == (503, "ServiceUnavailable")
    record = client.record()
    assert (record["Code"], record["HTTPStatus"]) == ("ServiceUnavailable", 503)
    assert (record["Fault"], record["Executed"]) == ("error", False)
    assert client.control("GET", "libraries").json == []


@pytest.mark.parametrize("status", [400, 404, 429, 500, 502, 503, 599])
def test_error_after_the_call(client: Client, status: int) -> None:
    """An error of any status and message can come after the call was carried out."""
    rule = {"action": "*", "kind": "error", "code": "Odd", "message": "no\n", "status": status}
    client.set_faults({**rule, "execute": True})
    reply = client.call(_CREATE, Name="songs")
    assert (reply.status, reply.code, reply.json["Message"]) == (status, "Odd", "no\n")
    assert len(client.control("GET", "libraries").json) == 1
    assert client.record()["Executed"] is True


def test_a_call_refused_anyway(client: Client) -> None:
    """A call that MPS would refuse is not executed, and the fault hides why."""
    client.set_faults({"action": "*", "kind": "error", "code": "Odd", "execute": True})
    assert client.call(_CREATE).code == "Odd"
    record = client.record()
    assert (record["Code"], record["Fault"], record["Executed"]) == ("Odd", "error", False)


_BODIES = {
    "null": b"null",
    "list": b"[]",
    "empty": b"",
    "html": b"<html>",
    "invalid_utf8": b'{"RequestId": "\xff',
    "wrong_types": b'{"RequestId": 1, ',
    "nothing_listed": b'{"RequestId": "0000',
}


@pytest.mark.parametrize("status", [None, 502])
@pytest.mark.parametrize("execute", [True, False])
@pytest.mark.parametrize("content", get_args(OddContent))
def test_body(client: Client, content: str, *, execute: bool, status: int | None) -> None:
    """Each odd body comes with any status, before or after the call is carried out."""
    choice = {} if status is None else {"status": status}
    rule = {"action": _CREATE, "kind": "body", "content": content, "execute": execute}
    client.set_faults({**rule, **choice})
    reply = client.call(_CREATE, Name="songs")
    assert reply.status == (status or 200)
    assert reply.body.startswith(_BODIES[content])
    assert reply.content_type.startswith("text/html" if content == "html" else "application/json")
    assert len(client.listed()) == execute
    record = client.control("GET", "requests").json[0]
    assert (record["Fault"], record["Executed"]) == ("body", execute)
    assert (record["Code"], record["HTTPStatus"]) == (None, reply.status)


def test_wrong_types_are_json(client: Client) -> None:
    """A body of wrong types can be parsed, and has the fields of every response, or of an error."""
    rule = {"action": "*", "kind": "body", "content": "wrong_types"}
    client.set_faults({**rule, "calls": [1]}, {**rule, "status": 500})
    answer = client.ok("ListFpShotDB")
    assert {"FpShotDB", "FpShotDBList", "JobId", "FpDBDeleteJobList", "AccountId"} <= set(answer)
    assert client.call("ListFpShotDB").json["Code"] == 400


def test_nothing_listed(client: Client) -> None:
    """A List can omit a library that exists, and not name it in NonExistIds either."""
    fp_db_id = client.create()
    client.set_faults({"action": "ListFpShotDB", "kind": "body", "content": "nothing_listed"})
    answer = client.ok("ListFpShotDB", FpDBIds=fp_db_id)
    assert answer["RequestId"]
    assert answer["FpShotDBList"] == {"FpShotDB": []}
    assert "NonExistIds" not in answer


_DELETE = "SubmitFpDBDeleteJob"


def _status(client: Client, library: str) -> str:
    (listed,) = client.listed(library)
    return str(listed["Status"])


@pytest.mark.parametrize("state", ["paused", "deleted", "offline"])
def test_library_that_changes(client: Client, clock: WallClock, state: str) -> None:
    """A library is as usual until its seconds are over, and then changes to the state."""
    client.set_faults({"action": _CREATE, "kind": "library", "state": state, "seconds": 5})
    library = client.create()
    assert client.record()["Fault"] == "library"
    seen = []
    for _ in range(3):
        seen.append(_status(client, library))
        clock.advance(3)
    assert seen == ["offline", "active", state]


@pytest.mark.parametrize("state", ["offline", "paused"])
def test_library_that_never_becomes_active(client: Client, clock: WallClock, state: str) -> None:
    """Without seconds the state holds from the beginning, and for ever."""
    client.set_faults({"action": _CREATE, "kind": "library", "state": state})
    answer = client.ok(_CREATE, Name="songs")["FpShotDB"]
    assert answer["State"] == state
    clock.advance(100_000)
    assert _status(client, answer["FpDBId"]) == state


def test_deleted_library(client: Client, clock: WallClock) -> None:
    """A library that is gone makes room, can't be deleted, and is listed as the settings say."""
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
    assert (client.job(job)["Status"], "Code" in client.job(job)) == ("Queuing", False)
    clock.advance(3)
    failed = client.job(job)
    assert (failed["Status"], failed["Code"]) == ("Fail", "InternalError.Index")
    assert (failed["Message"], "FinishTime" in failed) == ("Try again.", True)
    assert _status(client, library) == "active"
    again = client.delete(library)
    clock.advance(3)
    assert (client.job(again)["Status"], "Code" in client.job(again)) == ("Success", False)
    assert _status(client, library) == "deleted"


@pytest.mark.parametrize("kind", ["close_before", "error"])
def test_no_effect_without_a_library(client: Client, kind: str) -> None:
    """Where a call isn't carried out, the rule for its result hasn't fired."""
    parameters = {"code": "Throttling"} if kind == "error" else {}
    client.set_faults(
        {"action": _CREATE, "kind": "unlisted", "seconds": 5},
        {"action": _CREATE, "calls": [2], "kind": kind, **parameters},
    )
    assert client.call(_CREATE).code == "MissingName"
    assert (client.record()["Fault"], client.fired()) == (None, [0, 0])
    if kind == "error":
        client.call(_CREATE, Name="songs")
    else:
        with pytest.raises(ConnectionError):
            client.call(_CREATE, Name="songs")
    assert (client.record()["Fault"], client.fired()) == (kind, [0, 1])


def test_effects_belong_to_the_database(tmp_path: Path, clock: WallClock) -> None:
    """What a fault did to a library or job is the same in every process, and after a restart."""
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
        assert other.job(job) == maker.job(job)
    clock.advance(1)
    with Emulator(path, clock=clock) as again:
        reader = Client(again.url, clock)
        assert _status(reader, paused) == "paused"
        assert _status(reader, hidden) == "active"
        assert reader.job(job)["Code"] == "Lost"
