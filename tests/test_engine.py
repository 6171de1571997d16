"""Messages to the engine: which may be lost, and which never."""

import errno
import os
import socket
import threading
from typing import Any

import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2

from host_process import FakeEngine, eventually
from pulumi_alicloud_mps import engine as engine_module
from pulumi_alicloud_mps.engine import EngineLog
from pulumi_alicloud_mps.mps.access import CallRecord


class SlowEngine(FakeEngine):
    """An engine that answers nothing until it is released; what it then takes is too late."""

    def __init__(self, *, takes_late: bool = False) -> None:
        super().__init__()
        self.goes_on = threading.Event()
        self._takes_late = takes_late

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> Any:  # noqa: ANN401, N802 - gRPC's signature
        """Take a message, at once or never."""
        taken = self.goes_on.is_set() or self._takes_late
        self.goes_on.wait(20)
        return super().Log(request, context) if taken else empty_pb2.Empty()


def test_a_slow_engine_loses_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an engine takes too late is one message, and a warning is sent again."""
    monkeypatch.setattr(engine_module, "_LOG_TIMEOUT", 0.05)
    monkeypatch.setattr(engine_module, "_WARNING_TIMEOUT", 0.05)
    with SlowEngine() as engine:
        to_engine = EngineLog(engine.address)
        to_engine.info("lost")
        to_engine.warning("content would be lost", "urn")
        engine.goes_on.set()
        monkeypatch.setattr(engine_module, "_LOG_TIMEOUT", 20)
        monkeypatch.setattr(engine_module, "_WARNING_TIMEOUT", 20)
        to_engine.info("later")
        to_engine.info("and later")
    shown = [(message.severity, message.text, message.urn) for message in engine.messages]
    warning = ("WARNING", "content would be lost", "urn")
    assert shown == [warning, ("INFO", "later", ""), ("INFO", "and later", "")]


def test_calls_are_shown_to_who_debugs() -> None:
    """A call is reported at debug level, without anybody waiting for the engine."""
    with SlowEngine(takes_late=True) as engine:
        EngineLog(engine.address).call(CallRecord("ListFpShotDB", "cn-shanghai", 1, 0.25, 200))
        engine.goes_on.set()
        eventually(lambda: bool(engine.debugged))
    (message,) = engine.debugged
    assert message.text == "alicloud-mps: ListFpShotDB cn-shanghai, HTTP 200, 0.250 s, attempt 1"


def test_too_many_open_files_are_no_sign_of_an_engine_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that can't look at its engine, for want of a descriptor, goes on."""
    here, refused = socket.socket(), ConnectionRefusedError()
    lacking = OSError(errno.EMFILE, "Too many open files")
    looks: list[socket.socket | OSError] = [here, *[lacking] * 5, here, refused, refused]

    def look(*_: object, **__: object) -> socket.socket:
        found = looks.pop(0)
        if isinstance(found, OSError):
            raise found
        return found

    monkeypatch.setattr(engine_module, "_LOOK_EVERY", 0.01)
    monkeypatch.setattr(socket, "create_connection", look)
    gone = threading.Event()
    engine_module.watch("127.0.0.1:1", gone.set, os.getppid())
    assert gone.wait(20)
    assert looks == []
