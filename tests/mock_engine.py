"""The engine as a program sees it, in the place of the real one."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import set_root_resource

from pulumi_alicloud_mps.testing.mocks import ensure_event_loop

TOKEN = "pulumi-python:dynamic/alicloud-mps:FpShotDB"
PROVIDER_TOKEN = "pulumi:providers:pulumi-python"
FP_DB_ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"
SECRET = "4dabf18193072939515e22adb298388d"


@dataclass
class Engine(Mocks):
    """The engine as a program sees it: it takes every resource, and answers like our provider.

    Attributes:
        config: The stack's configuration.
        secrets: The keys of it that are secret.
    """

    preview: bool = False
    config: Mapping[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    resources: list[MockResourceArgs] = field(default_factory=list)
    requests: list[resource_pb2.RegisterResourceRequest] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Take a resource."""
        self.resources.append(args)
        id_ = args.resource_id or ("" if self.preview else FP_DB_ID)
        return id_, {"fp_db_id": id_, "state": "active", "account_id": "1", **args.inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], None]:
        """Refuse: a library needs no function of a plugin."""
        raise AssertionError(args.token)

    def run(
        self, program: Callable[[], object], project: str = "catalogue", stack: str = "test"
    ) -> list[dict[str, Any]]:
        """Run a program, and return the inputs of its libraries."""
        set_all_config(dict(self.config), self.secrets)
        # Else the first program's root would stay that of all.
        set_root_resource(None)  # type: ignore[arg-type]
        log = _Log(self.warnings)
        ensure_event_loop()
        set_mocks(self, project, stack, self.preview, logger=log, monitor=Monitor(self))
        # The SDK's decorator awaits all that the program left pending.
        try:
            pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
        finally:
            set_all_config({}, [])
        return self.inputs(TOKEN)

    def inputs(self, token: str) -> list[dict[str, Any]]:
        """Return the inputs of the resources of a type."""
        return [args.inputs for args in self.resources if args.typ == token]

    def requested(self, token: str = TOKEN) -> list[resource_pb2.RegisterResourceRequest]:
        """Return what the program asked for of a type, as it reached the engine."""
        return [request for request in self.requests if request.type == token]


class Monitor(MockMonitor):
    """Keeps the requests to the engine, of which the mocks get only a part."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: ANN401, N802 - gRPC's signature
        """Keep a request."""
        self._engine.requests.append(request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


class _Log(logging.Logger):
    """Keeps the warnings that the user would see."""

    def __init__(self, warnings: list[str]) -> None:
        super().__init__("engine", logging.WARNING)
        self._warnings = warnings

    def handle(self, record: logging.LogRecord) -> None:
        self._warnings.append(record.getMessage())
