"""Endpoints: what is one, and which are called by plain HTTP."""

import pytest

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.access import Endpoint
from pulumi_alicloud_mps.settings.endpoint import parse_endpoint


@pytest.mark.parametrize(
    ("text", "host", "secure", "loopback"),
    [
        ("mts.cn-shanghai.aliyuncs.com", "mts.cn-shanghai.aliyuncs.com", True, False),
        ("https://mts.example/", "mts.example", True, False),
        ("mts.example:8443", "mts.example:8443", True, False),
        ("127.0.0.1:8080", "127.0.0.1:8080", False, True),
        ("http://127.8.9.1/", "127.8.9.1", False, True),
        ("https://127.0.0.1:8080", "127.0.0.1:8080", True, True),
        ("localhost:9", "localhost:9", False, True),
        ("http://[::1]:8080", "[::1]:8080", False, True),
        ("https://[2001:db8::1]", "[2001:db8::1]", True, False),
    ],
)
def test_https_is_for_all_but_loopback(
    text: str, host: str, *, secure: bool, loopback: bool
) -> None:
    """Every host is called by HTTPS, but this machine by plain HTTP unless set otherwise."""
    endpoint = parse_endpoint(text)
    assert endpoint == Endpoint(host, secure=secure)
    assert endpoint.loopback is loopback


@pytest.mark.parametrize(
    "text",
    [
        "http://mts.cn-shanghai.aliyuncs.com",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://0.0.0.0:80",
        "http://[2001:db8::1]",
    ],
)
def test_plain_http_stays_on_this_machine(text: str) -> None:
    """Plain HTTP to another machine is refused: it would show all that is signed."""
    with pytest.raises(
        SettingsError, match=r"^alicloud-mps:endpoint: plain HTTP is allowed only to this"
    ):
        parse_endpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "https://",
        "ftp://mts.example",
        "https://mts.example/path",
        "mts.example?x=1",
        "user@mts.example",
        "https://user:word@mts.example",
        "mts.example:99999",
        "mts.example:",
        "[::1",
        "mts example",
        "mts..example",
        "mts_\n.example",
        "münchen.example",
        "-",
        "x" * 300,
    ],
)
def test_a_malformed_endpoint_is_refused(text: str) -> None:
    """What is no host is refused, and the message names the setting and gives an example."""
    with pytest.raises(
        SettingsError, match=r"^alicloud-mps:endpoint: '.*' is not a host name; give"
    ):
        parse_endpoint(text)


def test_a_password_in_it_is_not_shown() -> None:
    """A password that was written into an endpoint is not repeated."""
    with pytest.raises(SettingsError, match=r"…@mts.example") as caught:
        parse_endpoint("https://user:s3cret@mts.example")
    assert "s3cret" not in str(caught.value)


def test_the_setting_is_named() -> None:
    """A message about an endpoint names the setting that it came from."""
    with pytest.raises(SettingsError, match=r"^alicloud-mps:stsEndpoint: "):
        parse_endpoint("a b", "alicloud-mps:stsEndpoint")
