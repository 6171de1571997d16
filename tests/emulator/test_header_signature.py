"""The header signature: the vendor's example, the vendor's signer, and who is let in by it."""

import hashlib
import string
from urllib.parse import urlencode

import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Clock, request
from emulator.header_calls import HeaderClient
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.header_signature import ALGORITHM, sign
from pulumi_alicloud_mps.emulator.records import utc_text
from pulumi_alicloud_mps.emulator.wire import Call, Received, headers_by_name, read_call

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
_VENDOR_SIGNATURE = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"

# The vendor's signer leaves names as they are, and real ones need no encoding.
_NAMES = st.text(string.ascii_letters + string.digits + "._-~", min_size=1, max_size=12)
_VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_HEADER_VALUES = st.text(string.ascii_letters + string.digits + " ,;=:/中ü", max_size=20)


@pytest.fixture
def client(emulator: Emulator, clock: Clock) -> HeaderClient:
    """Return a client that signs in the headers with the default keys."""
    return HeaderClient(emulator.url, clock)


def _read(
    method: str, query: str, headers: dict[str, str], body: bytes, authorization: str
) -> Call:
    sent = headers_by_name({**headers, "Authorization": authorization}.items())
    return read_call(Received(method, "host", query, sent, body))


def _expected(call: Call, secret: str) -> str:
    assert call.header_signed
    call.header_signed.check()
    return sign(secret, call.header_signed.string_to_sign(call.method))


def test_the_vendors_example() -> None:
    """The call in the vendor's description of the scheme is signed the same, byte for byte."""
    names = ";".join(_VENDOR_HEADERS)
    authorization = f"{ALGORITHM} Credential=me,SignedHeaders={names},Signature=?"
    call = _read("POST", _VENDOR_QUERY, _VENDOR_HEADERS, b"", authorization)
    assert _expected(call, "YourAccessKeySecret") == _VENDOR_SIGNATURE


@given(
    st.sampled_from(["GET", "POST"]),
    st.dictionaries(_NAMES, _VALUES, max_size=6),
    st.dictionaries(_NAMES, _VALUES, max_size=3),
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
    authorization = Utils.get_authorization(made, ALGORITHM, digest, "testid", secret)
    call = _read(method, urlencode(query), made.headers, body, authorization)
    assert call.parameters["Signature"] == _expected(call, secret)
    assert call.parameters["AccessKeyId"] == "testid"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_parameters_in_query_and_form(client: HeaderClient, method: str) -> None:
    """Parameters are taken from the query and from a form, with any text in them."""
    client.method = method
    made = client.call("CreateFpShotDB", {"Description": "a b+c"}, Name="a b+c*d~e/f'g(中)!")
    library = made.json["FpShotDB"]
    assert (library["Name"], library["Description"]) == ("a b+c*d~e/f'g(中)!", "a b+c")


def test_the_answer_is_json_unless_xml_is_asked_for(client: HeaderClient) -> None:
    """Without a Format the answer is JSON, as the SDKs of this scheme expect."""
    client.headers = {"accept": None}
    assert client.call("ListFpShotDB").content_type.startswith("application/json")
    assert client.call("ListFpShotDB", Format="XML").content_type.startswith("text/xml")
    client.headers = {"accept": "application/xml"}
    assert client.call("ListFpShotDB").content_type.startswith("text/xml")


def test_wrong_secret(client: HeaderClient) -> None:
    """A wrong signature is refused with the string that the server signed, and no secret."""
    client.secret = "other"
    reply = client.call("ListFpShotDB")
    assert (reply.status, reply.code) == (400, "SignatureDoesNotMatch")
    assert f"server string to sign is:{ALGORITHM}\n" in reply.json["Message"]
    assert "local-secret" not in reply.json["Message"]


@pytest.mark.parametrize(
    ("query", "body"), [("Name=other", b""), ("Name=songs&ModelId=13", b""), ("Name=songs", b"x")]
)
def test_query_and_body_are_signed(client: HeaderClient, query: str, body: bytes) -> None:
    """What the call says can't be changed on its way."""
    reply = client.send(query, body, client.signed("CreateFpShotDB", "Name=songs"))
    assert (reply.status, reply.code) == (400, "SignatureDoesNotMatch")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"x-acs-action": "ListFpShotDB"}, "SignatureDoesNotMatch"),
        ({"x-acs-version": "2014-06-18 "}, None),
        ({"authorization": f"{ALGORITHM} Credential=local"}, "IncompleteSignature"),
        ({"authorization": f"{ALGORITHM} "}, "IncompleteSignature"),
        ({"authorization": "Bearer token"}, "IncompleteSignature"),
        (
            {"authorization": "ACS3-HMAC-SM3 Credential=local,SignedHeaders=host,Signature=x"},
            "InvalidParameter",
        ),
        ({"x-acs-more": "unsigned"}, "IncompleteSignature"),
    ],
    ids=str,
)
def test_headers_are_signed(
    client: HeaderClient, changed: dict[str, str], code: str | None
) -> None:
    """A header that matters can be neither changed nor left unsigned."""
    headers = {**client.signed("CreateFpShotDB", "Name=songs"), **changed}
    assert client.send("Name=songs", b"", headers).json.get("Code") == code


@pytest.mark.parametrize(
    "name", ["host", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"]
)
def test_required_headers(client: HeaderClient, name: str) -> None:
    """A call that lacks one of these headers, or doesn't sign it, is refused, naming it."""
    client.unsigned = [name]
    replies = [client.call("ListFpShotDB")]
    if name != "host":
        client.headers, client.unsigned = {name: None}, []
        replies.append(client.call("ListFpShotDB"))
    for reply in replies:
        assert (reply.status, reply.code) == (400, "IncompleteSignature")
        assert f" {name} " in reply.json["Message"]


def test_common_parameters_count_for_nothing(client: HeaderClient) -> None:
    """Who calls, and when, is told by the headers alone."""
    reply = client.call(
        "ListFpShotDB", AccessKeyId="stranger", Timestamp="x", SecurityToken="y", Signature="z"
    )
    assert reply.status == 200


def test_nonce(client: HeaderClient, clock: Clock) -> None:
    """A nonce is good for one call in 31 minutes; one that was refused leaves it free."""
    client.headers = {"x-acs-signature-nonce": "once"}
    client.secret = "other"
    assert client.call("ListFpShotDB").code == "SignatureDoesNotMatch"
    client.secret = "local-secret"
    assert client.call("ListFpShotDB").status == 200
    assert client.call("ListFpShotDB").code == "SignatureNonceUsed"
    clock.advance(31 * 60 + 1)
    assert client.call("ListFpShotDB").status == 200


def test_the_record(client: HeaderClient) -> None:
    """A call is recorded by the same names as an RPC call, and without secrets."""
    client.call("CreateFpShotDB", Name="songs")
    reply = request(client.url, "GET", "/_mps/requests")
    assert reply.json[0]["Parameters"] == {
        "Action": "CreateFpShotDB",
        "Version": "2014-06-18",
        "Format": "JSON",
        "AccessKeyId": "local",
        "SignatureMethod": ALGORITHM,
        "Timestamp": utc_text(client.clock()),
        "Name": "songs",
    }
