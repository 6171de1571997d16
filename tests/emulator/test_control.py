"""The control API: what a test can see and change."""

import json

import pytest

from clocks import WallClock
from emulator.calls import Client, request
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.emulator.records import utc_text


def test_health(client: Client, emulator: Emulator) -> None:
    """Health answers as soon as the emulator does, with its account."""
    answer = client.control("GET", "health").json
    assert answer == {"status": "ok", "AccountId": emulator.model.account_id}


def test_libraries(client: Client, clock: WallClock) -> None:
    """All regions' libraries are shown with what List hides; deleted ones on request."""
    client.create("songs", RegionId="cn-beijing", Config='{"a": 1}')
    gone = client.create("gone")
    client.delete(gone)
    clock.advance(3)
    (shown,) = client.control("GET", "libraries").json
    assert len(shown.pop("FpDBId")) == 32
    assert shown == {
        "Name": "songs",
        "Description": "",
        "ModelId": 12,
        "Status": "active",
        "Config": '{"a": 1}',
        "Region": "cn-beijing",
    }
    every = client.control("GET", "libraries?deleted=true").json
    assert [library["Status"] for library in every] == ["active", "deleted"]


def test_requests(client: Client, clock: WallClock) -> None:
    """Every call is recorded in order with its outcome, and without secrets."""
    client.create("songs")
    client.call("ListFpShotDB", FpDBIds="x", SecurityToken=None)
    client.call("Nonsense")
    record = client.control("GET", "requests").json
    told = ("Action", "Code", "HTTPStatus", "Executed", "Fault")
    assert [tuple(entry[name] for name in told) for entry in record] == [
        ("CreateFpShotDB", None, 200, True, None),
        ("ListFpShotDB", "InvalidParameter.UUIDFormatInvalid", 400, False, None),
        ("Nonsense", "InvalidApi.NotFound", 404, False, None),
    ]
    assert record[0]["Time"] == utc_text(clock())
    assert record[0]["Parameters"] == {
        "Action": "CreateFpShotDB",
        "Version": "2014-06-18",
        "Format": "JSON",
        "AccessKeyId": "local",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "Timestamp": utc_text(clock()),
        "Name": "songs",
    }
    client.control("DELETE", "requests")
    assert client.control("GET", "requests").json == []


def test_no_secret_is_shown(clock: WallClock) -> None:
    """No record, setting, refusal or page shows the secret, the token or a signature."""
    secrets = {"access_key_secret": "hush-secret", "security_token": "hush-token"}
    with Emulator(settings=EmulatorSettings().changed(secrets), clock=clock) as emulator:
        client = Client(emulator.url, clock, secret="hush-secret")
        client.ok("ListFpShotDB", SecurityToken="hush-token")
        shown = client.control("GET", "requests").body + client.control("GET", "settings").body
        refused = client.control("PATCH", "settings", {"access_key_secret": ["hush-secret"]}).body
        client.call("ListFpShotDB", SecurityToken="hush-other", Signature="hush-signature")
        page = request(emulator.url, "GET", "/", headers={"Accept": "text/html"}).body
        assert b"ListFpShotDB" in page
    assert b"hush" not in shown + refused + page
    assert b'Signature"' not in shown
    assert "hush" not in repr(emulator.model.settings)


def test_settings(client: Client) -> None:
    """Settings are shown and changed one by one, and take effect at once."""
    before = client.control("GET", "settings").json
    after = client.control("PATCH", "settings", {"quota": 0, "activation_seconds": 1}).json
    assert after == {**before, "quota": 0, "activation_seconds": 1.0}
    assert client.call("CreateFpShotDB", Name="songs").code == "QuotaExceeded.FpShotDB"


def test_reset(client: Client) -> None:
    """A reset forgets all but the account, and restores the settings of the start."""
    account = client.ok("GetCallerIdentity")["AccountId"]
    before = client.control("GET", "settings").json
    library = client.create(SignatureNonce="once")
    client.control("POST", f"libraries/{library}/files", {"count": 1})
    client.delete(library)
    client.control("PATCH", "settings", {"quota": 1})
    client.control("POST", "reset")
    assert client.control("GET", "requests").json == []
    assert client.control("GET", "libraries?deleted=true").json == []
    assert client.control("GET", "settings").json == before
    assert client.ok("QueryFpDBDeleteJobList")["FpDBDeleteJobList"] == {"FpDBDeleteJob": []}
    assert client.ok("GetCallerIdentity", SignatureNonce="once")["AccountId"] == account


def test_create_behind_the_stack(client: Client) -> None:
    """A library can be created without a call: it is active at once, and meets no fault."""
    client.set_faults({"action": "CreateFpShotDB", "kind": "unlisted", "seconds": 60})
    described = {"Name": "目录", "ModelId": 13, "Description": "d", "Config": "{}"}
    made = client.control("POST", "libraries", {**described, "Region": "cn-beijing"}).json
    assert made == {
        **described,
        "FpDBId": made["FpDBId"],
        "Status": "active",
        "Region": "cn-beijing",
    }
    assert client.control("GET", "libraries").json == [made]
    (listed,) = client.listed(made["FpDBId"], RegionId="cn-beijing")
    assert listed["Status"] == "active"
    assert client.fired() == [0]


def test_libraries_behind_the_stack_take_room(client: Client) -> None:
    """They count towards the quota, which they can't exceed either."""
    client.control("PATCH", "settings", {"quota": 1})
    client.control("POST", "libraries", {"Name": "songs"})
    assert client.call("CreateFpShotDB", Name="more").code == "QuotaExceeded.FpShotDB"
    reply = client.control("POST", "libraries", {"Name": "more"})
    assert (reply.status, "QuotaExceeded" in reply.json["error"]) == (400, True)


@pytest.mark.parametrize("state", ["paused", "active", "offline", "deleted"])
def test_state(client: Client, clock: WallClock, state: str) -> None:
    """A library can be put into any state, and stays there whatever the clock says."""
    library = client.create()
    answer = client.control("POST", f"libraries/{library}/state", {"State": state})
    assert answer.json == {"FpDBId": library, "State": state}
    clock.advance(60)
    assert client.listed(library)[0]["Status"] == state


def test_deleted_is_final(client: Client) -> None:
    """A deleted library takes neither a state nor files."""
    library = client.create()
    client.control("POST", f"libraries/{library}/state", {"State": "deleted"})
    for what, content in (("state", {"State": "active"}), ("files", {"count": 1})):
        reply = client.control("POST", f"libraries/{library}/{what}", content)
        assert (reply.status, reply.json["error"]) == (404, f"no such library: {library}")


@pytest.mark.parametrize(
    ("method", "path", "content", "named"),
    [
        ("PATCH", "settings", {"quotas": 1}, "quotas"),
        ("PATCH", "settings", {"quota": "1"}, "quota"),
        ("PATCH", "settings", {"quota": True}, "quota"),
        ("PATCH", "settings", {"deletion_seconds": 7, "quota": -1}, "quota"),
        ("PATCH", "settings", {"activation_seconds": float("inf")}, "activation_seconds"),
        ("PATCH", "settings", {"list_without_ids": "some"}, "list_without_ids"),
        ("PATCH", "settings", {"access_key_secret": "\ud800"}, "access_key_secret"),
        ("PATCH", "settings", {"\ud800": 1}, "ud800"),
        ("POST", "libraries", {}, "Name"),
        ("POST", "libraries", {"Name": " "}, "Name"),
        ("POST", "libraries", {"Name": "\ud800"}, "UTF-8"),
        ("POST", "libraries", {"Name": "a", "ModelId": "12"}, "ModelId"),
        ("POST", "libraries", {"Name": "a", "ModelId": 15}, "ModelId"),
        ("POST", "libraries", {"Name": "a", "Config": {}}, "Config"),
        ("POST", "libraries", {"Name": "a", "Description": None}, "Description"),
        ("POST", "libraries", {"Name": "a", "FpDBId": "f" * 32}, "FpDBId"),
        ("POST", "libraries", {"Name": "a", "two\nlines": ""}, "two\\nlines"),
        ("POST", "libraries", ["a"], "JSON object"),
        ("POST", "libraries/{}/files", {"count": 0}, "count"),
        ("POST", "libraries/{}/files", {"count": "3"}, "count"),
        ("POST", "libraries/{}/files", {"count": 10_001}, "count"),
        ("POST", "libraries/{}/files", [3], "JSON object"),
        ("POST", "libraries/{}/state", {"State": "gone"}, "State"),
        ("POST", "libraries/{}/state", {"State": ["active"]}, "State"),
        ("POST", "libraries/{}/state", None, "not JSON"),
    ],
)
def test_what_does_not_fit_is_refused(
    client: Client, method: str, path: str, content: object, named: str
) -> None:
    """A wrong request changes nothing, and its error is one line that names what is wrong."""
    library = client.create()
    before = [client.control("GET", part).body for part in ("settings", "libraries")]
    reply = client.control(method, path.format(library), content)
    assert reply.status == 400
    assert named in reply.json["error"]
    assert "\n" not in reply.json["error"]
    assert [client.control("GET", part).body for part in ("settings", "libraries")] == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("GET", "", 404),
        ("POST", "libraries/unknown/files", 404),
        ("PUT", "libraries", 405),
        ("PATCH", "faults", 405),
        ("PUT", "settings", 405),
        ("GET", "libraries/%FF/state", 405),
    ],
)
def test_bad_requests(client: Client, method: str, path: str, status: int) -> None:
    """Unknown paths and other methods are refused in one line."""
    reply = client.control(method, path, {})
    assert (reply.status, bool(reply.json["error"])) == (status, True)


def test_web_pages_are_kept_out(client: Client) -> None:
    """A page in a browser on this machine can't control the emulator."""
    client.create()
    reply = request(client.url, "POST", "/_mps/reset", b"", {"Origin": "http://page.example"})
    assert (reply.status, json.loads(reply.body)["Code"]) == (403, "Forbidden")
    assert len(client.control("GET", "libraries").json) == 1
