"""The header signature: the vendor's example, the vendor's signer, and who is let in by it."""

import hashlib
import string
from contextlib import nullcontext
from urllib.parse import urlencode

import pytest
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Client, request
from pulumi_alicloud_mps.emulator.auth import HEADER_ALGORITHM, header_sign, header_string_to_sign
from pulumi_alicloud_mps.emulator.requests import (
    ApiRequest,
    HttpRequest,
    headers_by_name,
    read_request,
)
from pulumi_alicloud_mps.emulator.responses import EmulatedError

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
_NAMES = st.text(string.ascii_letters + string.digits + "._-~", min_size=1, max_size=12)
_VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
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
    """The call in the vendor's description of the scheme is signed the same, byte for byte."""
    call = _read("POST", _VENDOR_QUERY, _VENDOR_HEADERS, b"", _AUTHORIZATION)
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
    authorization = Utils.get_authorization(made, HEADER_ALGORITHM, digest, "testid", secret)
    call = _read(method, urlencode(query), made.headers, body, authorization)
    assert call.parameters["Signature"] == _expected(call, secret)
    assert call.parameters["AccessKeyId"] == "testid"


@pytest.mark.parametrize(
    ("query", "changed"), [(f"{_VENDOR_QUERY}x", {}), (_VENDOR_QUERY, {"x-acs-action": "Other"})]
)
def test_a_changed_value_is_noticed(query: str, changed: dict[str, str]) -> None:
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
    """A call is refused of which a header that matters is not signed, or another body was."""
    call = _read("POST", _VENDOR_QUERY, {**_VENDOR_HEADERS, **more}, body, authorization)
    assert call.header_signed
    with pytest.raises(EmulatedError, match=code) if code else nullcontext():
        header_string_to_sign(call.header_signed)


def test_headers_stand_for_parameters() -> None:
    """Who calls, and when, is told by the headers alone, under the names of an RPC call."""
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
    """The emulator answers no call that is not signed as a whole."""
    headers = {"Authorization": "ACS3-", "x-acs-action": "ListFpShotDB"}
    reply = request(client.url, "GET", "/", headers={**headers, "x-acs-version": "2014-06-18"})
    assert (reply.status, reply.code) == (400, "IncompleteSignature")
