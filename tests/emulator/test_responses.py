"""The two formats of responses, and where parameters may be."""

import re
import xml.etree.ElementTree as ET

import pytest

from emulator.calls import Client

_REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def test_json(client: Client) -> None:
    """A successful response is a JSON object with an upper-case RequestId."""
    reply = client.call("ListFpShotDB")
    assert reply.content_type.startswith("application/json")
    assert _REQUEST_ID.fullmatch(reply.json["RequestId"])


def test_json_error(client: Client) -> None:
    """An error has the five fields of the API gateway."""
    reply = client.call("CreateFpShotDB")
    assert list(reply.json) == ["RequestId", "HostId", "Code", "Message", "Recommend"]
    assert reply.json["HostId"] == client.url.removeprefix("http://")
    assert reply.code == "MissingName"


@pytest.mark.parametrize("form", [None, "XML", "xml"])
def test_xml(client: Client, form: str | None) -> None:
    """MPS answers in XML by default."""
    library = client.create("a <b> & \x01", Description="中")
    reply = client.call("ListFpShotDB", FpDBIds=f"{library},{'f' * 32}", Format=form)
    assert reply.content_type.startswith("text/xml")
    root = ET.fromstring(reply.body)  # noqa: S314 - our own server's
    assert root.tag == "ListFpShotDBResponse"
    assert root.findtext("FpShotDBList/FpShotDB/Name") == "a <b> & \ufffd"
    assert root.findtext("FpShotDBList/FpShotDB/Description") == "中"
    assert root.findtext("NonExistIds/String") == "f" * 32


def test_xml_error(client: Client) -> None:
    """An error in XML has the fields of the one in JSON."""
    reply = client.call("CreateFpShotDB", Format=None)
    root = ET.fromstring(reply.body)  # noqa: S314 - our own server's
    assert root.tag == "Error"
    fields = [child.tag for child in root]
    assert fields == ["RequestId", "HostId", "Code", "Message", "Recommend"]
    assert (reply.status, root.findtext("Code")) == (400, "MissingName")


@pytest.mark.parametrize(("method", "in_body"), [("GET", False), ("POST", False), ("POST", True)])
def test_where_parameters_stand(client: Client, method: str, *, in_body: bool) -> None:
    """Parameters are read from the query of GET and POST, and from a form."""
    client.method, client.in_body = method, in_body
    library = client.create("a+b c/ü", Description="")
    assert client.listed(library)[0]["Name"] == "a+b c/ü"
