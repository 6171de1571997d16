"""How many ListFpShotDB calls per second one emulator answers, and how long each takes.

The emulator runs in a process of its own and the client in this one, over one connection that
is kept alive. With ``--core N`` both share that one core. The client signs with the standard
library alone, so that its own cost stays small.

    python benchmarks/emulator_calls.py [--calls 3000] [--core 0] [--json]
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from urllib.parse import quote, urlencode, urlsplit

_WARM_UP = 200
_START = [sys.executable, "-m", "pulumi_alicloud_mps.cli", "emulator", "--calls-per-second", "0"]


def measure(calls: int) -> dict[str, float]:
    """Return calls per second, and the median, 99th percentile and maximum in milliseconds."""
    with subprocess.Popen(_START, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            url = process.stdout.readline().split()[-1]
            durations = _call_repeatedly(url, calls)
        finally:
            process.terminate()
    durations.sort()
    return {
        "calls": calls,
        "calls_per_second": round(calls / sum(durations), 1),
        "median_ms": round(statistics.median(durations) * 1000, 3),
        "p99_ms": round(durations[int(calls * 0.99)] * 1000, 3),
        "max_ms": round(durations[-1] * 1000, 3),
    }


def _call_repeatedly(url: str, calls: int) -> list[float]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    created = _call(connection, "CreateFpShotDB", Name="benchmark")
    library = created["FpShotDB"]["FpDBId"]
    for _ in range(_WARM_UP):
        _call(connection, "ListFpShotDB", FpDBIds=library)
    durations = []
    for _ in range(calls):
        start = time.perf_counter()
        _call(connection, "ListFpShotDB", FpDBIds=library)
        durations.append(time.perf_counter() - start)
    connection.close()
    return durations


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


def main() -> int:
    """Measure and print; the exit code is 1 where there are too few calls a second."""
    options = argparse.ArgumentParser(description="Calls per second of the emulator.")
    options.add_argument("--calls", type=int, default=3000)
    options.add_argument("--core", type=int, help="run everything on this core")
    options.add_argument("--least", type=int, default=300, help="calls a second that are enough")
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    if chosen.core is not None:
        # The emulator's process inherits it.
        os.sched_setaffinity(0, {chosen.core})
    figures = measure(chosen.calls)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<18}{value:>10}")
    return int(figures["calls_per_second"] < chosen.least)


if __name__ == "__main__":
    sys.exit(main())
