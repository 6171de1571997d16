"""Messages to the engine: which may be lost, and which never."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pulumi.runtime.proto import engine_pb2

from host_process import FakeEngine, eventually
from pulumi_alicloud_mps.dynamic import engine as engine_module
from pulumi_alicloud_mps.dynamic.engine import EngineLog
from pulumi_alicloud_mps.mps.call_log import CallRecord


class SlowEngine(FakeEngine):
    """An engine that takes no message until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> Any:  # noqa: ANN401, N802 - gRPC's signature
        """Take a message that is still wanted."""
        self.goes_on.wait(20)
        return super().Log(request, context) if context.is_active() else engine_pb2.LogRequest()


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
    """A call is told at debug level, without anybody waiting for the engine."""
    with SlowEngine() as engine:
        EngineLog(engine.address).call(CallRecord("ListFpShotDB", "cn-shanghai", 1, 0.25, 200))
        engine.goes_on.set()
        eventually(lambda: bool(engine.debugged))
    (message,) = engine.debugged
    assert message.text == "alicloud-mps: ListFpShotDB cn-shanghai, HTTP 200, 0.250 s, attempt 1"
