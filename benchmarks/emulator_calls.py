"""How many ListFpShotDB calls a second the emulator answers on one core.

The client is on that core, too, in another process, over one connection that is kept alive. It
signs with the standard library alone, so that its own cost stays small.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, urlencode, urlsplit

from benchmarks.mps import emulator

_WARM_UP = 200


def calls_per_second(calls: int) -> float:
    """Return how many calls a second are answered, one after the other."""
    with _one_core(), emulator("--calls-per-second", "0") as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        created = _call(connection, "CreateFpShotDB", Name="benchmark")
        library = created["FpShotDB"]["FpDBId"]
        for _ in range(_WARM_UP):
            _call(connection, "ListFpShotDB", FpDBIds=library)
        start = time.perf_counter()
        for _ in range(calls):
            _call(connection, "ListFpShotDB", FpDBIds=library)
        seconds = time.perf_counter() - start
        connection.close()
    return calls / seconds


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process, and those that it starts, to one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _call(
    connection: http.client.HTTPConnection, action: str, **parameters: str
) -> dict[str, dict[str, str]]:
    connection.request("POST", f"/?{_signed(action, parameters)}")
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(content.decode())
    decoded: dict[str, dict[str, str]] = json.loads(content)
    return decoded


def _signed(action: str, parameters: dict[str, str]) -> str:
    every = {
        "AccessKeyId": "local",
        "Action": action,
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": uuid.uuid4().hex,
        "SignatureVersion": "1.0",
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "Version": "2014-06-18",
        **parameters,
    }
    text = urlencode(sorted(every.items()), quote_via=quote, safe="~")
    to_sign = f"POST&%2F&{quote(text, safe='~')}"
    digest = hmac.digest(b"local-secret&", to_sign.encode(), hashlib.sha1)
    return f"{text}&Signature={quote(base64.b64encode(digest), safe='')}"
