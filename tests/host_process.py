"""A front's real process of its own, with the test in the place of the engine.

It is that of the dynamic provider, or of the native one where `ProviderClient.native` is set. Its
tests are written in the properties and the words of the first: what the second says is translated.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import grpc
from google.protobuf import empty_pb2, json_format  # type: ignore[import-untyped]
from pulumi.output import Unknown
from pulumi.runtime import rpc
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from environment import built
from pulumi_alicloud_mps.spelling import RESPELLED
from pulumi_alicloud_mps.state.deployment import (
    NATIVE_LIBRARY_TYPE,
    NATIVE_PROVIDER_TYPE,
    POINTER,
    PROVIDER_KEY,
    by_key,
    by_name,
    key_of,
    name_of,
)

URN = "urn:pulumi:test::catalogue::pulumi-python:dynamic/alicloud-mps:FpShotDB::songs"

Properties = dict[str, Any]

_SPACE = "alicloud-mps:"
# Not the key of a setting, such as `alicloud-mps:accountId`.
_KEY = re.compile(rf"(?<![:\w])({'|'.join(map(key_of, RESPELLED))})\b(?:: (true|false)\b)?")

_PATIENCE = 60.0
_STOP_PATIENCE = 5.0
_EXPORT = 'echo >> "${0%/*}/exports"; exec cat "${0%/*}/state.json"'


@dataclass(frozen=True)
class Message:
    """A message that the engine was asked to show."""

    severity: str
    text: str
    urn: str
    ephemeral: bool


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """The engine as far as a provider talks to it: it takes messages, and keeps them."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.debugged: list[Message] = []
        self._changed = threading.Condition()
        self._server: Any = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer no more; a second time is no error."""
        self._server.stop(None).wait()

    def Log(self, request: engine_pb2.LogRequest, context: object) -> Any:  # noqa: ANN401, ARG002, N802 - gRPC's signature
        """Keep a message, or what Pulumi shows with `--debug` alone."""
        severity = engine_pb2.LogSeverity.Name(request.severity)
        message = Message(severity, in_python(request.message), request.urn, request.ephemeral)
        with self._changed:
            (self.debugged if severity == "DEBUG" else self.messages).append(message)
            self._changed.notify_all()
        return empty_pb2.Empty()

    def await_message(self, wanted: Callable[[Message], bool]) -> None:
        """Return when there has been such a message; fail when none comes."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(wanted, self.messages)), _PATIENCE)

    def shown(self, urn: str) -> list[Message]:
        """Return the messages about one resource."""
        with self._changed:
            return [message for message in self.messages if message.urn == urn]


@dataclass(frozen=True)
class InitFailed:
    """What the host said of a resource that exists but is not ready."""

    id: str
    properties: Properties
    reasons: list[str]


class HostError(Exception):
    """A call failed; `str()` is the text that the Go engine would show."""

    def __init__(self, message: str, init_failed: InitFailed | None) -> None:
        super().__init__(message)
        self.init_failed = init_failed


@dataclass(frozen=True)
class Checked:
    """An answer of Check; `failures` are pairs of property and reason."""

    inputs: Properties
    failures: list[tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """An answer of Diff."""

    changes: str
    replaces: list[str]
    delete_before_replace: bool


@dataclass(frozen=True)
class Resource:
    """A resource as the state would have it."""

    id: str
    outputs: Properties


@dataclass(frozen=True)
class ReadAnswer(Resource):
    """An answer of Read; the inputs are None where it has none."""

    inputs: Properties | None


class ProviderClient:
    """The calls that the engine makes to a provider.

    Properties are plain dicts. `__provider` is added where it is missing and taken out of the
    answers. Unknown values are `pulumi.runtime.rpc.UNKNOWN` going in and `Unknown` coming out,
    which may go in again.
    """

    pointer = POINTER
    native: bool = False

    def _send(self, method: str, request: object, timeout: float | None = None) -> Any:  # noqa: ANN401 - a message of any kind
        """Send a request; the timeout is None for calls that have none, and 0 for the default."""
        raise NotImplementedError

    def check(
        self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None, *, urn: str = URN
    ) -> Checked:
        """Check inputs; no `olds` means a resource that is created or replaced."""
        request = provider_pb2.CheckRequest(urn=urn, randomSeed=os.urandom(32))
        self._fill(request.news, news)
        if olds is not None:
            self._fill(request.olds, olds)
        answer = self._send("Check", request)
        failures = [(item.property, in_python(item.reason)) for item in answer.failures]
        return Checked(self._plain(answer.inputs), failures)

    def diff(
        self,
        id_: str,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        *,
        old_inputs: Mapping[str, Any] | None = None,
        urn: str = URN,
    ) -> Difference:
        """Compare what the state has with new inputs."""
        request = provider_pb2.DiffRequest(id=id_, urn=urn)
        if old_inputs is not None:
            self._fill(request.old_inputs, old_inputs)
        self._fill(request.olds, olds)
        self._fill(request.news, news)
        answer = self._send("Diff", request)
        replaces = [name_of(key) for key in answer.replaces]
        return Difference(self._changes(answer), replaces, answer.deleteBeforeReplace)

    def create(self, props: Mapping[str, Any], *, timeout: float = 0, urn: str = URN) -> Resource:
        """Create; a timeout of 0 is none."""
        request = provider_pb2.CreateRequest(urn=urn, timeout=timeout)
        self._fill(request.properties, props)
        answer = self._send("Create", request, timeout)
        return Resource(answer.id, self._plain(answer.properties))

    def read(
        self,
        id_: str,
        outputs: Mapping[str, Any],
        inputs: Mapping[str, Any] | None = None,
        *,
        urn: str = URN,
    ) -> ReadAnswer:
        """Read; for the `get` form the engine sends the inputs as outputs."""
        request = provider_pb2.ReadRequest(id=id_, urn=urn)
        self._fill(request.properties, outputs)
        if inputs is not None:
            self._fill(request.inputs, inputs)
        answer = self._send("Read", request, 0)
        read = self._plain(answer.inputs) if answer.HasField("inputs") else None
        return ReadAnswer(answer.id, self._plain(answer.properties), read)

    def update(
        self,
        id_: str,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        *,
        timeout: float = 0,
        urn: str = URN,
    ) -> Properties:
        """Update, and return the outputs."""
        request = provider_pb2.UpdateRequest(id=id_, urn=urn, timeout=timeout)
        self._fill(request.olds, olds)
        self._fill(request.news, news)
        return self._plain(self._send("Update", request, timeout).properties)

    def delete(
        self, id_: str, outputs: Mapping[str, Any], *, timeout: float = 0, urn: str = URN
    ) -> None:
        """Delete."""
        request = provider_pb2.DeleteRequest(id=id_, urn=urn, timeout=timeout)
        self._fill(request.properties, outputs)
        self._send("Delete", request, timeout)

    def _changes(self, answer: provider_pb2.DiffResponse) -> str:
        return str(provider_pb2.DiffResponse.DiffChanges.Name(answer.changes))

    def _fill(self, struct: Any, properties: Mapping[str, Any]) -> None:  # noqa: ANN401 - protobuf is untyped
        sent = {key: _sendable(value) for key, value in properties.items()}
        if self.native:
            sent = {key if key == PROVIDER_KEY else key_of(key): sent[key] for key in sent}
        struct.update(sent if self.native else {PROVIDER_KEY: self.pointer, **sent})

    def _plain(self, struct: Any) -> Properties:  # noqa: ANN401 - protobuf is untyped
        properties: Properties = rpc.deserialize_properties(struct, keep_unknowns=True)
        if self.native:
            return by_name(properties)
        # The host adds that of the request, the provider itself the only one that programs send.
        assert properties.pop(PROVIDER_KEY) in {self.pointer, POINTER}
        return properties


class HostProcess(ProviderClient):
    """A running `python -u -m pulumi.dynamic`, or the native plugin, started as the engine does.

    Args:
        config: The stack's configuration.
        engine: Address of the engine.
        directory: Where the project lies; by default a new folder.
        environ: Added to HOME and PATH.
    """

    def __init__(
        self,
        config: Mapping[str, str],
        engine: str = "127.0.0.1:1",
        *,
        directory: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._config = dict(config)
        self._command = [sys.executable, "-u", "-m", self.module, engine]
        self._own_directory = tempfile.TemporaryDirectory()
        self.directory = directory or Path(self._own_directory.name)
        self._environ = {**built(), **(environ or {})}
        self._environ["PATH"] = f"{self._fake_pulumi()}{os.pathsep}{self._environ['PATH']}"
        self.state: list[Properties] = []
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed on exit
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Any = None
        self._stub: Any = None

    def __enter__(self) -> Self:
        try:
            self._start()
            self.configure(self._config)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._stop(self._process)
        self._output.close()
        self._own_directory.cleanup()
        self._bin.cleanup()

    @property
    def written(self) -> str:
        """What the host has written to stderr: Pulumi would show it to the user."""
        self._output.seek(0)
        return self._output.read().decode()

    @property
    def ended(self) -> bool:
        """Whether the process has come to its end."""
        return self._process is not None and self._process.poll() is not None

    def configure(self, config: Mapping[str, str]) -> None:
        """Hand over the configuration of the stack."""
        request = provider_pb2.ConfigureRequest()
        request.args.update(self._settings(config))
        if self.native:
            request.name = config.get(f"{_SPACE}provider", "default")
            request.urn = f"urn:pulumi:test::catalogue::{NATIVE_PROVIDER_TYPE}::{request.name}"
        self.call("Configure", request)

    @property
    def module(self) -> str:
        """What is run."""
        return "pulumi_alicloud_mps.native" if self.native else "pulumi.dynamic"

    def _changes(self, answer: provider_pb2.DiffResponse) -> str:
        changes = super()._changes(answer)
        if self.native and (answer.detailedDiff or changes == "DIFF_NONE"):
            # What the engine would have found by itself.
            return "DIFF_UNKNOWN"
        return changes

    def _settings(self, config: Mapping[str, str]) -> dict[str, str]:
        if not self.native:
            return dict(config)
        # The engine gives a native provider what is in its own space, by key.
        own = {key.removeprefix(_SPACE): value for key, value in config.items() if _SPACE in key}
        return {key: value for key, value in own.items() if key != "provider"}

    def delete(
        self,
        id_: str,
        outputs: Mapping[str, Any],
        *,
        timeout: float = 0,
        urn: str = URN,
        **marks: object,
    ) -> None:
        """Delete what the state has under that URN, beside what it has by `have_in_state`."""
        self.have_in_state(urn, id_, outputs, **marks)
        super().delete(id_, outputs, timeout=timeout, urn=urn)

    def have_in_state(
        self, urn: str, id_: str, outputs: Mapping[str, Any], **marks: object
    ) -> None:
        """Let the stack's state have one more entry, for whoever asks the Pulumi CLI for it."""
        entry = {"type": urn.split("::")[2], "urn": urn, "id": id_, "outputs": dict(outputs)}
        if self.native:
            entry |= {"type": NATIVE_LIBRARY_TYPE, "outputs": by_key(outputs)}
        self.state.append({**entry, **marks})
        self.write_state({"deployment": {"resources": self.state}})

    def write_state(self, exported: Mapping[str, Any]) -> None:
        """Let the stack's state be this one."""
        text = json.dumps(exported)
        with tempfile.NamedTemporaryFile("w", dir=self._bin.name, delete=False) as file:
            file.write(text)
        Path(file.name).replace(Path(self._bin.name, "state.json"))

    @property
    def exports(self) -> int:
        """How often the state was exported."""
        notes = Path(self._bin.name, "exports")
        return len(notes.read_text(encoding="utf-8")) if notes.exists() else 0

    @contextmanager
    def without_state(self, reason: str) -> Iterator[None]:
        """Let the Pulumi CLI refuse to export the state for a time."""
        self.refuse_state(reason)
        try:
            yield
        finally:
            self._script(_EXPORT)

    def refuse_state(self, reason: str) -> None:
        """Let the Pulumi CLI refuse to export the state."""
        self._script(f"echo 'error: {reason}' >&2; exit 255")

    def _fake_pulumi(self) -> str:
        """Make a Pulumi CLI that exports the state, as the real one takes its time to say no."""
        self._bin = tempfile.TemporaryDirectory()
        self._script(_EXPORT)
        return self._bin.name

    def _script(self, command: str) -> None:
        script = Path(self._bin.name, "pulumi")
        script.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        script.chmod(0o755)

    def cancel(self) -> None:
        """Do what the engine does at the first Ctrl-C."""
        self.call("Cancel", empty_pb2.Empty())

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            cwd=self.directory,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._output,
        )
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self._port(self._process)}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def _port(self, process: subprocess.Popen[bytes]) -> int:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], _PATIENCE)
        line = process.stdout.readline() if ready else b""
        assert line, f"the host did not start: {self.written}"
        return int(line)

    def _stop(self, process: subprocess.Popen[bytes]) -> None:
        with process:
            # The engine does it like this, too.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(_STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()

    def _send(self, method: str, request: object, timeout: float | None = None) -> Any:  # noqa: ANN401 - a message of any kind
        del timeout
        return self.call(method, request)

    def call(self, method: str, request: object) -> Any:  # noqa: ANN401 - a message of any kind
        """Call a method of the host."""
        try:
            return getattr(self._stub, method)(request, timeout=_PATIENCE)
        except grpc.RpcError as error:
            raise _as_the_engine_sees(error) from None


def eventually(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; fail when it does not come to."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def in_python(message: str) -> str:
    """Return a message as the dynamic provider words it."""
    return _KEY.sub(
        lambda found: name_of(found[1]) + (f"={found[2].title()}" if found[2] else ""), message
    )


def _sendable(value: object) -> object:
    return rpc.UNKNOWN if isinstance(value, Unknown) else value


def _as_the_engine_sees(error: Any) -> HostError:  # noqa: ANN401 - grpc is untyped
    """Read a failure as grpc-go does: the details count where their code agrees."""
    trailer = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    status = status_pb2.Status.FromString(trailer) if trailer else status_pb2.Status()
    if status.code != error.code().value[0]:
        return HostError(in_python(error.details()), None)
    return HostError(in_python(status.message), _init_failed(status))


def _init_failed(status: status_pb2.Status) -> InitFailed | None:
    detail = provider_pb2.ErrorResourceInitFailed()
    if not any(part.Unpack(detail) for part in status.details):
        return None
    # With nulls: the engine would keep one.
    properties = json_format.MessageToDict(detail.properties)
    return InitFailed(detail.id, by_name(properties), [*map(in_python, detail.reasons)])
