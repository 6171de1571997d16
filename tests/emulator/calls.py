"""A small client of the emulator, and its command."""

import http.client
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from clocks import WallClock
from control_api import ControlApi
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_alicloud_mps.emulator.auth import sign, string_to_sign
from pulumi_alicloud_mps.emulator.records import utc_text


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The header Content-Type."""
        return self.headers["Content-Type"]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The error's code."""
        return str(self.json["Code"])


@dataclass
class Client:
    """Signs and sends calls; every part of a call can be overridden, to get it wrong."""

    url: str
    clock: WallClock
    key: str = LOCAL_ACCESS_KEY_ID
    secret: str = LOCAL_ACCESS_KEY_SECRET
    method: str = "POST"
    in_body: bool = False
    extra: dict[str, str] = field(default_factory=dict)

    def call(self, action: str, **parameters: object) -> Reply:
        """Call an action; a parameter that is None is left out, also a common one."""
        return self.send(self.signed(action, **parameters))

    def ok(self, action: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON is anything
        """Call an action that must succeed, and return its answer."""
        reply = self.call(action, **parameters)
        assert reply.status == 200, reply.body
        return reply.json

    def signed(self, action: str, **parameters: object) -> dict[str, str]:
        """Return all parameters of a call."""
        every = {
            "Action": action,
            "Version": "2015-04-01" if action == "GetCallerIdentity" else "2014-06-18",
            "Format": "JSON",
            "AccessKeyId": self.key,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": uuid.uuid4().hex,
            "Timestamp": utc_text(self.clock()),
            **self.extra,
            **parameters,
        }
        sent = {name: str(value) for name, value in every.items() if value is not None}
        sent.setdefault("Signature", sign(self.secret, string_to_sign(self.method, sent)))
        return sent

    def send(self, parameters: Mapping[str, str]) -> Reply:
        """Send parameters as they are."""
        text = urlencode(parameters)
        if not self.in_body:
            return request(self.url, self.method, f"/?{text}")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return request(self.url, self.method, "/", text.encode(), form)

    def create(self, name: str = "songs", **parameters: object) -> str:
        """Create a library and return its ID."""
        library = self.ok("CreateFpShotDB", Name=name, **parameters)["FpShotDB"]
        return str(library["FpDBId"])

    def listed(self, *ids: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the libraries that a list of some IDs, or of none, has."""
        answer = self.ok("ListFpShotDB", FpDBIds=",".join(ids), **parameters)
        return answer["FpShotDBList"]["FpShotDB"]

    def delete(self, library: str, **parameters: object) -> str:
        """Submit a delete job and return its ID."""
        answer = self.ok("SubmitFpDBDeleteJob", FpDBId=library, DelType="Delete", **parameters)
        return str(answer["JobId"])

    def job(self, job_id: str) -> Any:  # noqa: ANN401 - JSON is anything
        """Return a delete job."""
        answer = self.ok("QueryFpDBDeleteJobList", JobIds=job_id)
        (job,) = answer["FpDBDeleteJobList"]["FpDBDeleteJob"]
        return job

    def set_faults(self, *rules: Mapping[str, object]) -> None:
        """Replace the script of faults."""
        ControlApi(self.url).set_faults(*rules)

    def fired(self) -> list[int]:
        """Return how often each rule of the script has fired."""
        return [rule["fired"] for rule in ControlApi(self.url).faults()]

    def record(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the record of the last call."""
        return ControlApi(self.url).requests()[-1]

    def control(self, method: str, path: str, content: object = None) -> Reply:
        """Send a request to the control API, and return what it answers as it is."""
        body = b"" if content is None else json.dumps(content).encode()
        return request(self.url, method, f"/_mps/{path}", body)


def request(
    url: str, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Reply:
    """Send one HTTP request on a connection of its own."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.headers), answer.read())
    finally:
        connection.close()


def connected(url: str) -> socket.socket:
    """Return a connection of bare bytes to whatever listens there."""
    address = urlsplit(url)
    return socket.create_connection((address.hostname or "", address.port or 0), 20)


@contextmanager
def served(
    *arguments: str, folder: Path | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `alicloud-mps emulator` until the end of the block; yield the process and its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "pulumi_alicloud_mps", "emulator", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environ or {})},
    ) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.terminate()
    assert process.returncode == 0
