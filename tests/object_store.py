"""A bucket of OSS on loopback: moto's S3 behind the host names and refusals of OSS."""

import re
import threading
from collections.abc import Iterable
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import unescape

from certificates import self_signed

REGION = "cn-shanghai"
ENDPOINT = f"s3.oss-{REGION}.aliyuncs.com"

_ACCOUNT = "123456789012"
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
_AT_MOTO = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request"
_Answer = tuple[int, Iterable[tuple[str, str]], bytes]


class ObjectStore:
    """One versioned bucket, reached by its own name through `proxy`, and by nothing else.

    As OSS documents, it serves virtual-hosted addresses alone, and no trailing checksums
    (https://www.alibabacloud.com/help/en/oss/developer-reference/compatibility-with-amazon-s3).
    The signature is not verified. A RAM policy decides what may be done.
    """

    def __init__(self, folder: Path, bucket: str, policy: dict[str, Any]) -> None:
        # Only here, since tests are also collected where moto is not installed.
        from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415
        from moto.s3.models import s3_backends  # noqa: PLC0415

        self.host = f"{bucket}.{ENDPOINT}"
        self.used: set[str] = set()
        """The RAM actions that were needed."""
        self.refused: list[str] = []
        """What was refused, and why."""
        self.keys: set[str] = set()
        """The access keys that signed."""
        self.strangers: list[str] = []
        """The hosts that anything else was wanted from."""
        self.policy = policy
        """The RAM policy of whoever asks."""
        self._bucket = bucket
        self._app = create_backend_app("s3")
        # moto keeps one store for the process.
        backend = s3_backends[_ACCOUNT]["aws"]
        backend.reset()
        backend.create_bucket(bucket, "us-east-1")
        backend.put_bucket_versioning(bucket, "Enabled")
        self.context, self.certificate = self_signed(folder, self.host)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def proxy(self) -> str:
        """The proxy behind which the bucket is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What leads a Pulumi CLI to the bucket, and to this machine's own ports."""
        return {
            "AWS_CA_BUNDLE": str(self.certificate),
            "AWS_EC2_METADATA_DISABLED": "true",
            "HTTP_PROXY": self.proxy,
            "HTTPS_PROXY": self.proxy,
            "NO_PROXY": "127.0.0.1",
        }

    def objects(self) -> dict[str, bytes]:
        """Return the content of every object, by key."""
        listed = self._look("/?list-type=2")
        keys = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", listed.decode())]
        return {key: self._look(f"/{quote(key)}") for key in keys}

    def ever(self) -> set[str]:
        """Return the keys of all objects that there are or were."""
        listed = self._look("/?versions").decode()
        return {unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", listed)}

    def versions(self, key: str) -> list[bytes]:
        """Return all versions of an object, newest first."""
        listed = self._look(f"/?versions&prefix={quote(key)}").decode()
        kept = re.findall(r"(?s)<Version>(.*?)</Version>", listed)
        ids = [
            re.findall(r"<VersionId>(.*?)</VersionId>", version)[0]
            for version in kept
            if f"<Key>{key}</Key>" in version
        ]
        return [self._look(f"/{quote(key)}?versionId={number}") for number in ids]

    def restore(self, key: str, content: bytes) -> None:
        """Make an older version the current one, as somebody does in OSS's console."""
        self._served("PUT", f"/{quote(key)}", {}, content)

    def _look(self, target: str) -> bytes:
        status, _, content = self._served("GET", target, {}, b"")
        assert status == 200, content
        return content

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> _Answer:
        """Answer a request to the bucket."""
        reason = self._refusal(method, target, headers)
        if reason:
            self.refused.append(f"{method} {target}: {reason}")
            text = f"<Error><Code>{reason}</Code><Message>{reason}</Message></Error>"
            return 403, [("Content-Type", "application/xml")], text.encode()
        return self._served(method, target, headers, body)

    def _refusal(self, method: str, target: str, headers: dict[str, str]) -> str | None:
        if headers.get("x-amz-content-sha256", "").startswith("STREAMING-UNSIGNED"):
            return "InvalidArgument"
        scope = headers.get("authorization", "").partition("Credential=")[2].split(",")[0]
        key, _, scope = scope.partition("/")
        if not scope.endswith(f"/{REGION}/s3/aws4_request"):
            return "InvalidAccessKeyId"
        self.keys.add(key)
        needed = _needed(method, unquote(urlsplit(target).path)[1:], headers)
        return None if all(self._allowed(*right) for right in needed) else "AccessDenied"

    def _allowed(self, action: str, key: str) -> bool:
        resource = f"acs:oss:*:*:{self._bucket}{'/' + key if key else ''}"
        self.used.add(action)
        return any(
            statement["Effect"] == "Allow"
            and action in statement["Action"]
            and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
            for statement in self.policy["Statement"]
        )

    def _served(self, method: str, target: str, headers: dict[str, str], body: bytes) -> _Answer:
        from werkzeug.datastructures import Headers  # noqa: PLC0415
        from werkzeug.test import EnvironBuilder, run_wsgi_app  # noqa: PLC0415

        path, _, query = target.partition("?")
        # moto knows regions and virtual-hosted addresses of AWS only.
        sent = {**headers, "host": "s3.amazonaws.com", "authorization": _AT_MOTO}
        request = EnvironBuilder(
            path=f"/{self._bucket}{unquote(path)}",
            query_string=query,
            method=method,
            headers=Headers(list(sent.items())),
            data=body,
        )
        chunks, status, answered = run_wsgi_app(self._app, request.get_environ(), buffered=True)
        return int(status.split()[0]), list(answered), b"".join(chunks)


def _needed(method: str, key: str, headers: dict[str, str]) -> list[tuple[str, str]]:
    """Return the RAM actions that a request needs, each with its object."""
    if not key:
        return [("oss:ListObjects" if method == "GET" else "oss:Unknown", "")]
    actions = {
        "GET": "oss:GetObject",
        "HEAD": "oss:GetObject",
        "PUT": "oss:PutObject",
        "DELETE": "oss:DeleteObject",
    }
    source = unquote(headers.get("x-amz-copy-source", "")).partition("/")[2]
    read = [("oss:GetObject", source)] if source else []
    return [(actions.get(method, "oss:Unknown"), key), *read]


def _handler(store: ObjectStore) -> type[BaseHTTPRequestHandler]:
    """Return a proxy that carries on the connection to the bucket itself."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_CONNECT(self) -> None:
            if self.path != f"{store.host}:443":
                store.strangers.append(self.path)
                self.send_error(502)
                return
            self.send_response(200)
            self.end_headers()
            self.connection = self.request = store.context.wrap_socket(
                self.connection, server_side=True
            )
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb", buffering=0)

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            status, answered, content = store.answer(self.command, self.path, headers, body)
            self.send_response_only(status)
            for name, value in answered:
                self.send_header(name, value)
            if not any(name.lower() == "content-length" for name, _ in answered):
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def finish(self) -> None:
            super().finish()
            # The server closes the socket that it accepted, not the one with TLS on it.
            self.connection.close()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in _METHODS:
        setattr(Handler, f"do_{method}", Handler.answer)
    return Handler
