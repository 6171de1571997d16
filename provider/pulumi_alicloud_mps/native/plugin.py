"""The process that the engine starts for the native provider.

It reports its port before it imports what serves the calls, which takes longer to load than the
server.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from pulumi_alicloud_mps.process import THREADS, quick_loading

# A large state's answers are beyond the 4 MiB that gRPC takes by itself.
_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    """The provider's methods; a call waits until they are loaded."""

    def __init__(self) -> None:
        self._loaded = threading.Event()
        self._methods: Any = None

    def service(self, handler_call_details: Any) -> Any:  # noqa: ANN401 - grpc is untyped
        # Not loaded here: `grpc.aio` wants an event loop at its import, which the main thread has.
        self._loaded.wait()
        return self._methods.service(handler_call_details)

    def load(self, parent: int) -> None:
        """Load them, in the main thread, for the process that started this one."""
        leave_out_sdk()
        from pulumi.runtime.proto import provider_pb2_grpc  # noqa: PLC0415 - see above

        from .provider import NativeProvider  # noqa: PLC0415 - see above

        provider_pb2_grpc.add_ResourceProviderServicer_to_server(NativeProvider(parent), self)

    def add_generic_rpc_handlers(self, handlers: Any) -> None:  # noqa: ANN401 - likewise
        """Take the methods, as a server would."""
        (self._methods,) = handlers
        self._loaded.set()

    def add_registered_method_handlers(self, *_: Any) -> None:  # noqa: ANN401 - likewise
        """Leave out what newer servers look up first: it is the same."""


def leave_out_sdk() -> None:
    """Make Pulumi's protocol importable without the SDK around it.

    This saves a tenth of a second of each command, and 8 MiB (pulumi 3.272.0).
    """
    for package in ("pulumi", "pulumi.runtime"):
        if package not in sys.modules and (spec := importlib.util.find_spec(package)):
            sys.modules[package] = importlib.util.module_from_spec(spec)


def main() -> None:
    """Serve until the engine ends the process."""
    # The CLI may be killed as soon as it knows the port.
    parent = os.getppid()
    handlers = _Handlers()
    server = grpc.server(ThreadPoolExecutor(THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers((handlers,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        with quick_loading():
            handlers.load(parent)
        server.wait_for_termination()
    except KeyboardInterrupt:
        # The interpreter's own exit would wait for every thread of the server.
        os._exit(0)
