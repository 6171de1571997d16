"""The signature, against the vendor's example, known values, and the vendor's own SDK."""

import string
from urllib.parse import urlencode

import pytest
from aliyunsdkcore.auth.composer import rpc_signature_composer
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicloud_mps.emulator.auth import sign, string_to_sign
from pulumi_alicloud_mps.emulator.requests import HttpRequest, read_request

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
    """Calls whose signatures are known are signed the same, byte for byte."""
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
