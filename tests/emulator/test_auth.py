"""Who is let in: the checks of the API gateway."""

import pytest

from clocks import WallClock
from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.emulator.records import utc_text


@pytest.mark.parametrize(
    "name",
    [
        "AccessKeyId",
        "SignatureMethod",
        "SignatureVersion",
        "SignatureNonce",
        "Signature",
        "Timestamp",
        "Action",
        "Version",
    ],
)
def test_common_parameters_are_required(client: Client, name: str) -> None:
    """A call without one of the common parameters is refused, naming it."""
    parameters = client.signed("ListFpShotDB")
    del parameters[name]
    reply = client.send(parameters)
    assert (reply.status, reply.code) == (400, f"Missing{name}")


def test_wrong_secret(client: Client) -> None:
    """A wrong signature is refused with the string that the server signed."""
    client.secret = "other"
    reply = client.call("ListFpShotDB")
    assert (reply.status, reply.code) == (400, "SignatureDoesNotMatch")
    assert "POST&%2F&AccessKeyId%3Dlocal" in reply.json["Message"]
    assert "local-secret" not in reply.json["Message"]


def test_unknown_key(client: Client) -> None:
    """An unknown access key is not found."""
    client.key = "stranger"
    reply = client.call("ListFpShotDB")
    assert (reply.status, reply.code) == (404, "InvalidAccessKeyId.NotFound")


@pytest.mark.parametrize(
    "other", [{"SignatureMethod": "HMAC-SHA256"}, {"SignatureVersion": "2.0"}], ids=str
)
def test_other_signature_schemes(client: Client, other: dict[str, str]) -> None:
    """Only the scheme that MPS documents is accepted."""
    assert client.call("ListFpShotDB", **other).code == "InvalidParameter"


@pytest.mark.parametrize(("skew", "accepted"), [(-899, True), (899, True), (-901, False)])
def test_time_stamp(client: Client, clock: WallClock, skew: float, *, accepted: bool) -> None:
    """A time stamp may be off by 15 minutes, and no more."""
    reply = client.call("ListFpShotDB", Timestamp=utc_text(clock() + skew))
    assert reply.json.get("Code") == (None if accepted else "InvalidTimeStamp.Expired")


@pytest.mark.parametrize("text", ["now", "2026-01-02 03:04:05", "2026-1-2T3:4:5Z", "20260102"])
def test_malformed_time_stamp(client: Client, text: str) -> None:
    """A time stamp of another form is refused as such."""
    assert client.call("ListFpShotDB", Timestamp=text).code == "InvalidTimeStamp.Format"


def test_nonce(client: Client, clock: WallClock) -> None:
    """A nonce is good for one call in 31 minutes."""
    client.ok("ListFpShotDB", SignatureNonce="once")
    clock.advance(30 * 60)
    assert client.call("ListFpShotDB", SignatureNonce="once").code == "SignatureNonceUsed"
    clock.advance(61)
    client.ok("ListFpShotDB", SignatureNonce="once")


def test_a_refused_call_uses_no_nonce(client: Client) -> None:
    """A badly signed call leaves its nonce free for the right one."""
    wrong = client.call("ListFpShotDB", SignatureNonce="once", Signature="wrong")
    assert wrong.code == "SignatureDoesNotMatch"
    client.ok("ListFpShotDB", SignatureNonce="once")


@pytest.mark.parametrize(
    ("configured", "sent", "accepted"),
    [
        ("token", "token", True),
        ("token", "other", False),
        ("token", None, False),
        (None, "token", False),
        (None, None, True),
    ],
)
def test_security_token(
    clock: WallClock, configured: str | None, sent: str | None, *, accepted: bool
) -> None:
    """Calls carry the configured STS token, or none if none is configured."""
    with Emulator(settings=EmulatorSettings(security_token=configured), clock=clock) as emulator:
        reply = Client(emulator.url, clock).call("ListFpShotDB", SecurityToken=sent)
    if accepted:
        assert reply.status == 200
    else:
        code = "InvalidSecurityToken.MismatchWithAccessKey"
        assert (reply.status, reply.code) == (403, code)


def test_rate(client: Client, clock: WallClock) -> None:
    """The call after the hundredth in a second is throttled, and a second later all is well."""
    for _ in range(50):
        client.ok("ListFpShotDB")
    clock.advance(0.5)
    for _ in range(50):
        client.ok("ListFpShotDB")
    reply = client.call("ListFpShotDB")
    assert (reply.status, reply.code) == (400, "Throttling.User")
    clock.advance(0.5)
    client.ok("ListFpShotDB")


def test_no_rate_limit(clock: WallClock) -> None:
    """A rate of 0 means no limit."""
    with Emulator(settings=EmulatorSettings(calls_per_second=0), clock=clock) as emulator:
        client = Client(emulator.url, clock)
        for _ in range(120):
            client.ok("ListFpShotDB")
