"""Runs of Pulumi, many of them in one process of the dynamic host.

What a process remembers hangs on the provider that it unpickled, and the host keeps one for each
serialised form. Bytes behind the end of a pickle change that form and nothing else: so each run
gets a provider that remembers nothing.
"""

from __future__ import annotations

import base64
import itertools
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from host_process import (
    Checked,
    Difference,
    HostError,
    HostProcess,
    Properties,
    ReadAnswer,
    Resource,
)
from pulumi_alicloud_mps.dynamic.properties import PROVIDER_KEY
from pulumi_alicloud_mps.dynamic.provider import POINTER
from reliability.fast_clock import SPEED

_TESTS = str(Path(__file__).parents[1])
_NUMBERS = itertools.count(1)
_KILLED = "the provider was stopped (Killed)"

DEFAULT_TIMEOUT = 1200.0
_SLACK = 8.0


class KilledError(Exception):
    """The provider's process ended in the middle of a call."""


class FastHost(HostProcess):
    """A dynamic host in which time runs fast, for many runs."""

    def __init__(self, config: Mapping[str, str], engine: str) -> None:
        super().__init__(config, engine, environ={"PYTHONPATH": _TESTS})
        self._command = [sys.executable, "-u", "-m", "reliability.fast_host", engine]

    def call(self, method: str, request: object) -> Any:  # noqa: ANN401 - a message of any kind
        """Call a method of the host.

        Raises:
            KilledError: The run was killed meanwhile.
            HostError: It failed.
        """
        try:
            return self._call(method, request)
        except HostError as error:
            if str(error).startswith(_KILLED):
                raise KilledError from None
            raise


class Run:
    """What the engine asks of the provider within one command.

    Attributes:
        late: Calls that went on long after their deadline, and for how many seconds.
    """

    def __init__(self, host: FastHost, config: Mapping[str, str]) -> None:
        self._host = host
        self.late: list[str] = []
        pickled = base64.b64decode(POINTER) + f"run {next(_NUMBERS)}".encode()
        self._pointer = base64.b64encode(pickled).decode()
        host.configure(config)

    def check(
        self, urn: str, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None
    ) -> Checked:
        """Check inputs; no `olds` means a resource that is created or replaced."""
        request = provider_pb2.CheckRequest(urn=urn)
        self._fill(request.news, news)
        if olds is not None:
            self._fill(request.olds, olds)
        answer = self._host.call("Check", request)
        failures = [(failure.property, failure.reason) for failure in answer.failures]
        return Checked(_plain(answer.inputs), failures)

    def diff(
        self,
        urn: str,
        id_: str,
        olds: Mapping[str, Any],
        old_inputs: Mapping[str, Any],
        news: Mapping[str, Any],
    ) -> Difference:
        """Compare what the state has with new inputs."""
        request = provider_pb2.DiffRequest(id=id_, urn=urn)
        self._fill(request.old_inputs, old_inputs)
        self._fill(request.olds, olds)
        self._fill(request.news, news)
        answer = self._host.call("Diff", request)
        changes = provider_pb2.DiffResponse.DiffChanges.Name(answer.changes)
        return Difference(changes, list(answer.replaces), answer.deleteBeforeReplace)

    def create(self, urn: str, props: Mapping[str, Any], timeout: float) -> Resource:
        """Create."""
        request = provider_pb2.CreateRequest(urn=urn, timeout=timeout)
        self._fill(request.properties, props)
        answer = self._timed("Create", request, timeout)
        return Resource(answer.id, _plain(answer.properties))

    def read(
        self, urn: str, id_: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any]
    ) -> ReadAnswer:
        """Read, as a refresh does."""
        request = provider_pb2.ReadRequest(id=id_, urn=urn)
        self._fill(request.properties, outputs)
        self._fill(request.inputs, inputs)
        answer = self._timed("Read", request, 0)
        read = _plain(answer.inputs) if answer.HasField("inputs") else None
        return ReadAnswer(answer.id, _plain(answer.properties), read)

    def update(
        self,
        urn: str,
        id_: str,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        timeout: float,
    ) -> Properties:
        """Update, and return the outputs."""
        request = provider_pb2.UpdateRequest(id=id_, urn=urn, timeout=timeout)
        self._fill(request.olds, olds)
        self._fill(request.news, news)
        return _plain(self._timed("Update", request, timeout).properties)

    def delete(self, urn: str, id_: str, outputs: Mapping[str, Any], timeout: float) -> None:
        """Delete."""
        request = provider_pb2.DeleteRequest(id=id_, urn=urn, timeout=timeout)
        self._fill(request.properties, outputs)
        self._timed("Delete", request, timeout)

    def _timed(self, method: str, request: object, timeout: float) -> Any:  # noqa: ANN401
        start = time.monotonic()
        try:
            return self._host.call(method, request)
        finally:
            over = time.monotonic() - start - (timeout or DEFAULT_TIMEOUT) / SPEED - _SLACK
            if over > 0:
                self.late.append(f"{method} went on for {over:.1f} s after its deadline")

    def _fill(self, struct: Any, properties: Mapping[str, Any]) -> None:  # noqa: ANN401
        struct.update({**properties, PROVIDER_KEY: self._pointer})


def _plain(struct: Any) -> Properties:  # noqa: ANN401 - protobuf is untyped
    properties: Properties = rpc.deserialize_properties(struct, keep_unknowns=True)
    properties.pop(PROVIDER_KEY, None)
    return properties
