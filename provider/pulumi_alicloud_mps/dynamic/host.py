"""What Python's dynamic host withholds, and where this package gets it from.

The host gives a provider's methods no URN, no random seed, no custom timeout, no way to keep the
ID of a resource that was created but is not ready, and no word of a Ctrl-C. All of that lies in
the RPC in flight or in the host's server. None of it is an interface of the SDK (tried on 3.216.0,
3.230.0 and 3.272.0), so each piece is looked for before it is used; without it the provider's
methods still do their work, with plainer messages, for libraries that have a `name`.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from pulumi.runtime import rpc

from pulumi_alicloud_mps.state.deployment import POINTER, PROVIDER_KEY, Properties, by_name

if TYPE_CHECKING:
    from pulumi_alicloud_mps.operations.call import Call

P = ParamSpec("P")
R = TypeVar("R")

_CANCEL = "/pulumirpc.ResourceProvider/Cancel"


def current_rpc() -> tuple[Any, Any]:
    """Return request and context of the RPC that the calling method serves; None where not seen.

    They stand in the handler's frame.
    """
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - there is no other way to it
    while frame is not None:
        context = frame.f_locals.get("context")
        if "request" in frame.f_locals and hasattr(context, "set_trailing_metadata"):
            return frame.f_locals["request"], context
        frame = frame.f_back
    return None, None


def current_call() -> Call:
    """Return the part of that request that concerns the operation."""
    # Programs import this module, too, and need nothing more.
    from pulumi_alicloud_mps.engine import call_of  # noqa: PLC0415

    def decode(inputs: object) -> Properties:
        return by_name(rpc.deserialize_properties(inputs, keep_unknowns=True))

    request, _ = current_rpc()
    return call_of(request, decode)


def reported(method: Callable[P, R]) -> Callable[P, R]:
    """Make a provider's method fail in one line, whatever happens in it.

    The host would show a traceback, and an exception beyond `Exception` would leave the RPC
    without an answer and the CLI waiting forever.
    """

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001
            from pulumi_alicloud_mps.engine import send_details  # noqa: PLC0415
            from pulumi_alicloud_mps.operations.call import shown  # noqa: PLC0415

            message = shown(error)
            _, context = current_rpc()
            if context is not None:
                own = {PROVIDER_KEY: POINTER}
                send_details(context, error, message, lambda outputs: outputs | own)
            raise Exception(message) from None  # noqa: TRY002 - the host knows no other kind

    return wrapper


def widen(threads: int) -> None:
    """Let the host serve that many calls at once.

    It has four threads, and each create that waits takes one: with four of them waiting even the
    engine's Cancel would have to wait.
    """
    pool: Any = getattr(getattr(_server(), "_state", None), "thread_pool", None)
    if not isinstance(getattr(pool, "_max_workers", None), int):
        return
    pool._max_workers = max(pool._max_workers, threads)  # noqa: SLF001 - see above
    # Calls may have come before there could be threads for them: until Python 3.12 a pool with a
    # queue mistakes its busy threads for idle ones, and starts no more.
    queue, start = getattr(pool, "_work_queue", None), getattr(pool, "_adjust_thread_count", None)
    if callable(start) and isinstance(queue, SimpleQueue):
        for _ in range(queue.qsize()):
            start()


def on_cancel(react: Callable[[], None]) -> None:
    """Call `react` when the engine passes on a Ctrl-C.

    The host answers the engine's Cancel and does nothing else.
    """
    state = getattr(_server(), "_state", None)
    tables = [
        getattr(state, "registered_method_handlers", None),
        *(
            getattr(item, "_method_handlers", None)
            for item in getattr(state, "generic_handlers", ())
        ),
    ]
    for table in tables:
        if isinstance(table, dict) and _CANCEL in table:
            table[_CANCEL] = _reacting(table[_CANCEL], react)


def _server() -> object:
    """Return the host's gRPC server: its main function holds it, in the main thread."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001 - likewise
    while frame is not None:
        if "server" in frame.f_locals and "monitor" in frame.f_locals:
            return frame.f_locals["server"]
        frame = frame.f_back
    return None


def _reacting(handler: Any, react: Callable[[], None]) -> Any:  # noqa: ANN401 - grpc is untyped
    answer = handler.unary_unary

    def cancel(request: object, context: object) -> object:
        react()
        return answer(request, context)

    return handler._replace(unary_unary=cancel)
