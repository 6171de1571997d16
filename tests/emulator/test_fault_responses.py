"""What faults answer instead of the truth."""

from typing import get_args

import pytest

from emulator.calls import Client
from pulumi_alicloud_mps.emulator.faults import OddContent

_CREATE = "CreateFpShotDB"


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
    """Each odd body comes as a success or an error, before or after the call is carried out."""
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
    """A body of wrong types can be parsed, and has the fields of every answer, or of an error."""
    rule = {"action": "*", "kind": "body", "content": "wrong_types"}
    client.set_faults({**rule, "calls": [1]}, {**rule, "status": 500})
    answer = client.ok("ListFpShotDB")
    assert {"FpShotDB", "FpShotDBList", "JobId", "FpDBDeleteJobList", "AccountId"} <= set(answer)
    assert client.call("ListFpShotDB").json["Code"] == 400


def test_nothing_listed(client: Client) -> None:
    """A List can say nothing at all of a library that is there, in the shape of any List."""
    fp_db_id = client.create()
    client.set_faults({"action": "ListFpShotDB", "kind": "body", "content": "nothing_listed"})
    answer = client.ok("ListFpShotDB", FpDBIds=fp_db_id)
    assert answer["RequestId"]
    assert answer["FpShotDBList"] == {"FpShotDB": []}
    assert "NonExistIds" not in answer
