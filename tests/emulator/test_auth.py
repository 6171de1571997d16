"""Who is let in: both signatures, and the other checks of the API gateway."""

import hashlib
import string
from contextlib import nullcontext
from urllib.parse import urlencode

import pytest
from alibabacloud_tea_openapi.utils import Utils
from aliyunsdkcore.auth.composer import rpc_signature_composer
from darabonba.request import DaraRequest
from hypothesis import given
from hypothesis import strategies as st

from clocks import WallClock
from emulator.calls import Client, request
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.emulator.auth import (
    HEADER_ALGORITHM,
    header_sign,
    header_string_to_sign,
    sign,
    string_to_sign,
)
from pulumi_alicloud_mps.emulator.records import utc_text
from pulumi_alicloud_mps.emulator.requests import (
    ApiRequest,
    HttpRequest,
    headers_by_name,
    read_request,
)
from pulumi_alicloud_mps.emulator.responses import EmulatedError


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
    """A time stamp may be off by up to 15 minutes."""
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
    """The call after the hundredth in a second is throttled; a second later one is accepted."""
    for _ in range(50):
        client.ok("ListFpShotDB")
    clock.advance(0.5)
    for _ in range(50):
        client.ok("ListFpShotDB")
    reply = client.call("ListFpShotDB")
    assert (reply.status, reply.code) == (400, "Throttling.User")
    client.ok("QueryFpDBDeleteJobList")
    clock.advance(0.5)
    client.ok("ListFpShotDB")


def test_no_rate_limit(clock: WallClock) -> None:
    """A rate of 0 means no limit."""
    with Emulator(settings=EmulatorSettings(calls_per_second=0), clock=clock) as emulator:
        client = Client(emulator.url, clock)
        for _ in range(120):
            client.ok("ListFpShotDB")


_KEY = {"AccessKeyId": "testid", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0"}
_VENDOR = {
    **_KEY,
    "Action": "DescribeRegions",
    "Format": "XML",
    "Version": "2014-05-26",
    "Timestamp": "2016-02-23T12:46:24Z",
    "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
}
_CREATE = {
    **_KEY,
    "Action": "CreateFpShotDB",
    "Version": "2014-06-18",
    "Format": "JSON",
    "RegionId": "cn-shanghai",
    "Name": "demo lib",
    "ModelId": "12",
    "SignatureNonce": "nonce-0001",
    "Timestamp": "2026-01-02T03:04:05Z",
}
_AWKWARD = {
    **_CREATE,
    "Name": "a b+c*d~e/f'g(中)!",
    "Config": '{"a":"x&y=z %20"}',
    "Description": "ünï\n",
    "SignatureType": "",
    "SignatureNonce": "nonce-1",
}

# None of those that the scheme itself has, which Hypothesis takes from the source of the tests.
_NAMES = st.text(string.ascii_letters + string.digits + "._-~*+ ", min_size=1, max_size=12).filter(
    lambda name: not name[0].isupper()
)
_VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    ("method", "parameters", "signature"),
    [
        ("GET", _VENDOR, "OLeaidS1JvxuMvnyHOwuJ+uX5qY="),
        ("POST", _CREATE, "nlVS63iqIzjgRO23YHqvkJ6hyX0="),
        ("GET", _CREATE, "TiSA88k05lW1XPd540gI6aCa17g="),
        ("POST", {**_CREATE, "SignatureType": ""}, "e1LteskhmLaB003mql1u8aCNtKE="),
        ("POST", _AWKWARD, "k+2X2wimJEsdbXvVm4eIKCqwRt4="),
    ],
    ids=["vendor", "post", "get", "empty-value", "awkward"],
)
def test_known_calls(method: str, parameters: dict[str, str], signature: str) -> None:
    """Known calls get their known signatures, byte for byte."""
    assert sign("testsecret", string_to_sign(method, parameters)) == signature


@given(
    st.sampled_from(["GET", "POST"]),
    st.dictionaries(_NAMES, _VALUES, max_size=6),
    st.dictionaries(_NAMES, _VALUES, max_size=3),
    _VALUES,
)
def test_the_official_sdk_agrees(
    method: str, query: dict[str, str], form: dict[str, str], secret: str
) -> None:
    """Whatever the vendor's SDK composes and signs is accepted, as it comes over the wire."""
    url, to_sign = rpc_signature_composer.get_signed_url(
        dict(query), "testid", secret, "JSON", method, form
    )
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode(form).encode()
    call = read_request(HttpRequest(method, "host", url.removeprefix("/?"), headers, body))
    assert string_to_sign(method, call.parameters) == to_sign
    assert sign(secret, to_sign) == call.parameters["Signature"]


@given(st.dictionaries(_NAMES, _VALUES, min_size=1, max_size=4), st.data())
def test_a_changed_value_is_noticed(parameters: dict[str, str], data: st.DataObject) -> None:
    """A signature fits the parameters that were signed, and no others."""
    name = data.draw(st.sampled_from(sorted(parameters)))
    changed = {**parameters, name: parameters[name] + "x"}
    assert string_to_sign("GET", changed) != string_to_sign("GET", parameters)


# The example of the vendor's page on the signature, from its query to its signature.
_VENDOR_QUERY = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
_VENDOR_HEADERS = {
    "host": "ecs.cn-shanghai.aliyuncs.com",
    "x-acs-action": "RunInstances",
    "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "x-acs-date": "2023-10-26T10:22:32Z",
    "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
    "x-acs-version": "2014-05-26",
}
_AUTHORIZATION = (
    f"{HEADER_ALGORITHM} Credential=me,SignedHeaders={';'.join(_VENDOR_HEADERS)},Signature=?"
)
_VENDOR_SIGNATURE = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"

# The vendor's signer leaves names as they are, and real ones need no encoding.
_HEADER_NAMES = st.text(string.ascii_letters + string.digits + "._-~", min_size=1, max_size=12)
_HEADER_VALUES = st.text(string.ascii_letters + string.digits + " ,;=:/中ü", max_size=20)


def _read(
    method: str, query: str, headers: dict[str, str], body: bytes, authorization: str
) -> ApiRequest:
    sent = headers_by_name({**headers, "Authorization": authorization}.items())
    return read_request(HttpRequest(method, "host", query, sent, body))


def _expected(call: ApiRequest, secret: str) -> str:
    assert call.header_signed
    return header_sign(secret, header_string_to_sign(call.header_signed))


def test_the_vendors_example() -> None:
    """The call in the vendor's description of the scheme gets its signature, byte for byte."""
    call = _read("POST", _VENDOR_QUERY, _VENDOR_HEADERS, b"", _AUTHORIZATION)
    assert _expected(call, "YourAccessKeySecret") == _VENDOR_SIGNATURE


@given(
    st.sampled_from(["GET", "POST"]),
    st.dictionaries(_HEADER_NAMES, _VALUES, max_size=6),
    st.dictionaries(_HEADER_NAMES, _VALUES, max_size=3),
    st.dictionaries(st.sampled_from(["User-Agent", "x-acs-more", "X-Acs-Other"]), _HEADER_VALUES),
    _VALUES,
)
def test_the_official_signer_agrees(
    method: str, query: dict[str, str], form: dict[str, str], more: dict[str, str], secret: str
) -> None:
    """Whatever the vendor's SDK signs is accepted, as it comes over the wire."""
    body = urlencode(form).encode()
    digest = hashlib.sha256(body).hexdigest()
    made = DaraRequest()
    made.method, made.pathname, made.query = method, "/", query
    made.headers = {**_VENDOR_HEADERS, "x-acs-content-sha256": digest, **more}
    authorization = Utils.get_authorization(made, HEADER_ALGORITHM, digest, "testid", secret)
    call = _read(method, urlencode(query), made.headers, body, authorization)
    assert call.parameters["Signature"] == _expected(call, secret)
    assert call.parameters["AccessKeyId"] == "testid"


@pytest.mark.parametrize(
    ("query", "changed"), [(f"{_VENDOR_QUERY}x", {}), (_VENDOR_QUERY, {"x-acs-action": "Other"})]
)
def test_a_changed_header_is_noticed(query: str, changed: dict[str, str]) -> None:
    """A signature fits the query and the headers that were signed, and no others."""
    call = _read("POST", query, {**_VENDOR_HEADERS, **changed}, b"", _AUTHORIZATION)
    assert _expected(call, "YourAccessKeySecret") != _VENDOR_SIGNATURE


@pytest.mark.parametrize(
    ("authorization", "more", "body", "code"),
    [
        ("Bearer token", {}, b"", "IncompleteSignature"),
        (f"{HEADER_ALGORITHM} Credential=me", {}, b"", "IncompleteSignature"),
        (_AUTHORIZATION.replace("SHA256", "SM3"), {}, b"", "InvalidParameter"),
        *(
            (_AUTHORIZATION.replace(f"{name};", ""), {}, b"", "IncompleteSignature")
            for name in ("host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256")
        ),
        (_AUTHORIZATION.replace("host", "host;x-acs-more"), {}, b"", None),
        (_AUTHORIZATION, {"x-acs-more": "unsigned"}, b"", "IncompleteSignature"),
        (_AUTHORIZATION, {}, b"another", "SignatureDoesNotMatch"),
    ],
)
def test_what_matters_is_signed(
    authorization: str, more: dict[str, str], body: bytes, code: str | None
) -> None:
    """A call is refused if a header that matters is not signed, or another body was."""
    call = _read("POST", _VENDOR_QUERY, {**_VENDOR_HEADERS, **more}, body, authorization)
    assert call.header_signed
    with pytest.raises(EmulatedError, match=code) if code else nullcontext():
        header_string_to_sign(call.header_signed)


def test_headers_stand_for_parameters() -> None:
    """Who calls, and when, is read from the headers alone, under the names of an RPC call."""
    headers = {**_VENDOR_HEADERS, "x-acs-security-token": "token"}
    query = "Name=songs&Timestamp=x&AccessKeyId=stranger&SecurityToken=y&Signature=z"
    assert _read("GET", query, headers, b"", _AUTHORIZATION).parameters == {
        "Action": "RunInstances",
        "Version": "2014-05-26",
        "Format": "JSON",
        "AccessKeyId": "me",
        "SecurityToken": "token",
        "SignatureMethod": HEADER_ALGORITHM,
        "SignatureNonce": _VENDOR_HEADERS["x-acs-signature-nonce"],
        "Signature": "?",
        "Timestamp": _VENDOR_HEADERS["x-acs-date"],
        "Name": "songs",
    }


@pytest.mark.parametrize(
    ("query", "accepted", "answered"),
    [("", "*/*", "JSON"), ("Format=XML", "*/*", "XML"), ("", "application/xml", "XML")],
)
def test_the_answer_is_json_unless_xml_is_asked_for(
    query: str, accepted: str, answered: str
) -> None:
    """Without a Format the answer is JSON, as the SDKs of this scheme expect."""
    headers = {**_VENDOR_HEADERS, "accept": accepted}
    assert _read("GET", query, headers, b"", _AUTHORIZATION).response_format == answered


def test_a_call_that_leaves_something_open_is_refused(client: Client) -> None:
    """The emulator refuses a call that is not completely signed."""
    headers = {"Authorization": "ACS3-", "x-acs-action": "ListFpShotDB"}
    reply = request(client.url, "GET", "/", headers={**headers, "x-acs-version": "2014-06-18"})
    assert (reply.status, reply.code) == (400, "IncompleteSignature")
