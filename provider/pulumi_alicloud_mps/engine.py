"""The engine, as a provider's process sees it: it takes messages and errors, and it may be gone.

Its address is the last argument of every plugin, as the plugin protocol has it.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, status_pb2

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.mps.access import CallRecord
from pulumi_alicloud_mps.operations.call import Call, NotReadyError
from pulumi_alicloud_mps.state.deployment import Properties

_ADDRESS = re.compile(r".+:[0-9]+")
_LOG_TIMEOUT = 2.0
_WARNING_TIMEOUT = 30.0
_LOOK_EVERY = 0.5
_MISSES = 2
_STATUS_DETAILS = "grpc-status-details-bin"

GRACE = 3.0
"""Seconds that running calls get when the engine is gone. Nobody is left to take their result, but
the next `pulumi up` finds by its name what they created at MPS."""

ERROR_CODE = grpc.StatusCode.UNKNOWN
"""The status of every call that failed; the engine takes its details only if they have the same."""


class EngineLog:
    """Messages to the engine, which shows them in the resource's own row.

    They never fail an operation. One that the engine does not take in time is lost, except for
    warnings: these are sent once more before the next message.
    """

    def __init__(self, address: str, spell: Callable[[str], str] = str) -> None:
        """Take the engine's address, and what spells the properties in messages."""
        self._address = address
        self._spell = spell
        self._lock = threading.Lock()
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self._kept: list[engine_pb2.LogRequest] = []
        self._sent: set[object] = set()

    def call(self, record: CallRecord) -> None:
        """Show a call if Pulumi runs with `--debug`; nothing waits for that."""
        if stub := self._connected():
            message = f"alicloud-mps: {record}"
            request = engine_pb2.LogRequest(severity=engine_pb2.DEBUG, message=message)
            sent = stub.Log.future(request, timeout=_LOG_TIMEOUT)
            # gRPC cancels a call that nothing refers to.
            self._sent.add(sent)
            sent.add_done_callback(self._sent.discard)

    def info(self, message: str, urn: str = "", *, ephemeral: bool = False) -> None:
        """Show a message; an ephemeral one only until the next."""
        self._log(engine_pb2.INFO, message, urn, ephemeral=ephemeral)

    def warning(self, message: str, urn: str = "") -> None:
        """Show a warning that stays."""
        self._log(engine_pb2.WARNING, message, urn, ephemeral=False)

    def _log(
        self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str, *, ephemeral: bool
    ) -> None:
        stub = self._connected()
        if stub is None:
            return
        request = engine_pb2.LogRequest(
            severity=severity, message=self._spell(message), urn=urn, ephemeral=ephemeral
        )
        with self._lock:
            kept, self._kept = self._kept, []
        for item in [*kept, request]:
            warns = item.severity == engine_pb2.WARNING
            try:
                stub.Log(item, timeout=_WARNING_TIMEOUT if warns else _LOG_TIMEOUT)
            except grpc.RpcError:
                with self._lock:
                    self._kept += [item] * warns

    def _connected(self) -> engine_pb2_grpc.EngineStub | None:
        with self._lock:
            if self._stub is None and _ADDRESS.fullmatch(self._address):
                channel = grpc.insecure_channel(self._address)
                self._stub = engine_pb2_grpc.EngineStub(channel)
            return self._stub


def call_of(request: Any, decode: Callable[[Any], Properties]) -> Call:  # noqa: ANN401 - of any kind
    """Return the part of a request that concerns the operation; no request has every field."""
    inputs = ("old_inputs", "inputs")
    given = [name for name in inputs if hasattr(request, name) and request.HasField(name)]
    return Call(
        urn=str(getattr(request, "urn", "")),
        timeout=float(getattr(request, "timeout", 0)) or None,
        old_inputs=decode(getattr(request, given[0])) if given else None,
        seed=bytes(getattr(request, "randomSeed", b"")),
    )


def stoppable_clock(
    on_cancel: Callable[[Callable[[], None]], object], parent: int | None = None
) -> Clock:
    """Return a clock that stops on the first Ctrl-C, or when the CLI was killed.

    Waiting then ends early, and no call to MPS begins. Without an engine the process ends, too.

    Args:
        on_cancel: Registers a function to be called when the engine passes on a Ctrl-C.
        parent: The process that started this one; by default the current parent.
    """
    stopping = threading.Event()

    def end() -> None:
        stopping.set()
        threading.Event().wait(GRACE)
        # The interpreter's own exit would wait for every thread of the server.
        os._exit(1)

    on_cancel(stopping.set)
    watch(engine_address, end, os.getppid() if parent is None else parent)
    return Clock(stopping)


def send_details(
    context: Any,  # noqa: ANN401 - grpc is untyped
    error: BaseException,
    message: str,
    encode: Callable[[Properties], Mapping[str, Any]],
) -> None:
    """Send, with an RPC that fails, what the engine needs beside the message for users.

    The engine keeps a library that exists but is not ready in the state; `encode` turns its outputs
    into what it is to have there.
    """
    status = status_pb2.Status(code=ERROR_CODE.value[0], message=message)
    if isinstance(error, NotReadyError):
        detail = provider_pb2.ErrorResourceInitFailed(id=error.fp_db_id, reasons=[message])
        # The engine would keep nulls.
        known = {key: value for key, value in encode(error.outputs).items() if value is not None}
        detail.properties.update(known)
        detail.inputs.update({})
        status.details.add().Pack(detail)
    context.set_trailing_metadata(((_STATUS_DETAILS, status.SerializeToString()),))


def watch(address: str, gone: Callable[[], None], parent: int) -> None:
    """Call `gone` once, when an engine that answered no longer does, or the parent process is gone.

    A CLI that is killed leaves its plugins running, and they would go on creating what no state
    will ever have.
    """
    if _ADDRESS.fullmatch(address):
        threading.Thread(target=_look, args=(address, gone, parent), daemon=True).start()


def _look(address: str, gone: Callable[[], None], parent: int) -> None:
    host, _, port = address.rpartition(":")
    seen, missed = False, 0
    # A single failure may be due to this machine.
    while (missed < _MISSES or not seen) and os.getppid() == parent:
        try:
            socket.create_connection((host, int(port)), timeout=_LOOK_EVERY).close()
            seen, missed = True, 0
        except OSError as error:
            # A process with too many files open can't look.
            missed += error.errno not in {errno.EMFILE, errno.ENFILE}
        time.sleep(_LOOK_EVERY)
    gone()


engine_address = sys.argv[-1] if sys.argv else ""
engine_log = EngineLog(engine_address)
