"""The status page as it is sent: what it shows, who gets it, and that it has no secret."""

import re
from html import unescape

import pytest

from clocks import WallClock
from emulator.calls import Client, Reply, request
from pulumi_alicloud_mps.emulator import Emulator, Fault

_NONE = "\N{EN DASH}"
_BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def _tables(page: bytes) -> dict[str, list[list[str]]]:
    """Return the texts of the cells, row by row, by the ID around them."""
    _, *parts = re.split(r'<div id="(\w+)" data-live>', page.decode())
    return {
        part: [_cells(row) for row in re.findall(r"(?s)<tr\b[^>]*>(.*?)</tr>", content)]
        for part, content in zip(parts[::2], parts[1::2], strict=True)
    }


def _cells(row: str) -> list[str]:
    found = re.findall(r"(?s)<t[dh]\b[^>]*>(.*?)</t[dh]>", row)
    return [" ".join(unescape(re.sub(r"<[^>]*>", "", cell)).split()) for cell in found]


def _tags(page: bytes) -> set[str]:
    return set(re.findall(r"<([a-z]\w*)", page.decode()))


def _page(url: str) -> Reply:
    reply = request(url, "GET", "/", headers=_BROWSER)
    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    return reply


def _rows(url: str, part: str) -> list[list[str]]:
    return _tables(_page(url).body)[part][1:]


@pytest.mark.portability
def test_libraries(client: Client, clock: WallClock) -> None:
    """Every library is shown with its state and its files, the newest first, deleted ones last."""
    songs = client.create("songs", ModelId=13, RegionId="cn-beijing")
    gone = client.create("gone")
    client.control("POST", f"libraries/{songs}/files", {"count": 1284})
    client.control("POST", f"libraries/{gone}/state", {"State": "deleted"})
    clock.advance(3)
    films = client.create("films")
    assert _rows(client.url, "libraries") == [
        ["films", films, "video (12)", "cn-shanghai", "offline", "0"],
        ["songs", songs, "audio (13)", "cn-beijing", "active", "1,284"],
        ["gone", gone, "video (12)", "cn-shanghai", "deleted", "0"],
    ]


def test_jobs(client: Client, clock: WallClock) -> None:
    """Delete jobs of all regions are shown with their results."""
    client.set_faults({"action": "SubmitFpDBDeleteJob", "calls": [1], "kind": "job_failure"})
    for region in ("cn-beijing", "cn-shanghai"):
        client.delete(client.create(region, RegionId=region), RegionId=region)
    clock.advance(3)
    jobs = _rows(client.url, "jobs")
    assert [(job[1], job[3], job[4]) for job in jobs] == [
        ("cn-shanghai", "cn-shanghai", "Success"),
        ("cn-beijing", "cn-beijing", "Fail InternalError"),
    ]


def test_calls(client: Client, emulator: Emulator) -> None:
    """The last calls are shown, the newest first, with outcome and fault."""
    library = client.create("songs")
    client.call("ListFpShotDB", FpDBIds=f"{library},{'f' * 32}")
    client.call("CreateFpShotDB", Name=" ")
    emulator.set_faults([Fault(action="*", kind="close_after")])
    with pytest.raises(OSError, match=r"[Cc]losed|reset"):
        client.call("CreateFpShotDB", Name="lost")
    assert [row[1:] for row in _rows(client.url, "calls")] == [
        ["CreateFpShotDB", "lost", "no answer", "close_after (carried out)"],
        ["CreateFpShotDB", _NONE, "400 InvalidParameter.EmptyValue", _NONE],
        ["ListFpShotDB", f"songs, {'f' * 32}", "200", _NONE],
        ["CreateFpShotDB", "songs", "200", _NONE],
    ]


def test_the_page_is_not_a_call(client: Client) -> None:
    """Opening the page isn't recorded as a call."""
    _page(client.url)
    assert client.control("GET", "requests").json == []


def test_long_lists_are_cut(client: Client) -> None:
    """The last fifty calls are shown, and the page says that there were more."""
    for _ in range(51):
        client.ok("ListFpShotDB")
    assert len(_rows(client.url, "calls")) == 50
    assert b"The last 50 of 51" in _page(client.url).body


_HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{ 7 * 7 }}\u202e"""


@pytest.mark.portability
def test_hostile_text_is_text(client: Client) -> None:
    """Text from callers is shown as it is, and adds no element."""
    harmless = _tags(_page(client.url).body) | {"bdi", "b"}
    client.create(_HOSTILE, RegionId=_HOSTILE)
    client.call("CreateFpShotDB", Action=_HOSTILE, Name=_HOSTILE)
    client.call("ListFpShotDB", FpDBIds=_HOSTILE)
    page = _page(client.url).body
    shown = _tables(page)
    assert [shown["libraries"][1][0], shown["libraries"][1][3]] == [_HOSTILE, _HOSTILE]
    assert _HOSTILE in shown["calls"][2]
    tables = {"table", "thead", "tbody", "tr", "th", "td", "span", "time", "small"}
    assert _tags(page) - tables <= harmless


def test_what_is_not_text_is_shown(client: Client) -> None:
    """Bytes that are not UTF-8 don't keep the page from being made."""
    request(client.url, "GET", "/?Action=%FF&Name=%FE")
    assert _rows(client.url, "calls")[0][1:3] == ["?", "?"]


def test_the_policy(client: Client) -> None:
    """Browsers may run what the page came with, reach this server, and nothing else."""
    headers = _page(client.url).headers
    digest = r"'sha256-[\w+/]+='"
    assert re.fullmatch(
        rf"default-src 'none'; style-src {digest}; script-src {digest}; connect-src 'self';"
        r" img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        headers["Content-Security-Policy"],
    )
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/", {"Accept": "*/*"}),
        ("GET", "/?Action=ListFpShotDB", _BROWSER),
        ("POST", "/", _BROWSER),
    ],
)
def test_calls_get_no_page(
    client: Client, method: str, target: str, headers: dict[str, str]
) -> None:
    """Only a browser that opens the address itself gets the page; anything else is a call."""
    reply = request(client.url, method, target, headers=headers)
    assert (reply.status, reply.content_type) == (400, "text/xml; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/_mps/libraries"])
@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Host", "localhost:8014", 200),
        ("Host", "mps.localhost", 200),
        ("Host", "127.0.0.1", 200),
        ("Host", "[::1]:8014", 200),
        ("Host", "page.example:8014", 403),
        ("Host", "127.0.0.1.page.example", 403),
        ("Host", "localhost.page.example", 403),
        ("Host", "[", 403),
        ("Origin", "http://page.example", 403),
        ("Origin", "null", 403),
    ],
)
def test_foreign_pages(client: Client, path: str, header: str, value: str, status: int) -> None:
    """A web page of another host sees nothing, also where its name points to this machine."""
    client.create("songs")
    reply = request(client.url, "GET", path, headers={**_BROWSER, header: value})
    assert (reply.status, b"songs" in reply.body) == (status, status == 200)


def test_names_beyond_loopback(clock: WallClock) -> None:
    """An emulator that is open to the network is reached by any name, as containers need it."""
    with Emulator(host="0.0.0.0", clock=clock) as emulator:  # noqa: S104 - that is the question
        url = emulator.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - likewise
        assert request(url, "GET", "/", headers={**_BROWSER, "Host": "mps"}).status == 200
