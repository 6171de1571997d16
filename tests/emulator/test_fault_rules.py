"""The vocabulary of faults: what rules may say, how bad ones are refused, and the documentation."""

from collections.abc import Mapping

import pytest

from emulator.calls import Client, request
from pulumi_alicloud_mps.emulator import Emulator, Fault, FaultError, read_faults

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
    """What is no list of rules is refused in one line."""
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


def _first_code(client: Client) -> str | None:
    code = client.call("ListFpShotDB").json.get("Code")
    return None if code is None else str(code)


@pytest.mark.parametrize("other", [{"code": "Forbidden"}, None])
def test_replacing_the_script(client: Client, other: Mapping[str, str] | None) -> None:
    """A new script, or none, takes the place of the old one and counts from the beginning."""
    once = {**_ERROR, "calls": [1]}
    client.set_faults(once)
    assert [_first_code(client), _first_code(client)] == ["Throttling", None]
    if other:
        client.set_faults({**once, **other})
    else:
        assert client.control("DELETE", "faults").json == []
    assert _first_code(client) == (other or {}).get("code")


def test_faults_of_the_start(client: Client) -> None:
    """A reset brings back the script of the start, counting from the beginning."""
    rule = Fault(action="*", calls=[1], kind="error", code="Throttling")
    with Emulator(clock=client.clock, faults=[rule]) as emulator:
        client = Client(emulator.url, client.clock)
        assert [_first_code(client), _first_code(client)] == ["Throttling", None]
        client.control("DELETE", "faults")
        assert _first_code(client) is None
        client.control("POST", "reset")
        assert [_first_code(client), _first_code(client)] == ["Throttling", None]
