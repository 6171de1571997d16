"""An emulator that runs in a thread of this process."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from .fault_rules import FaultScript
from .http import ApiServer, Listener
from .service import MpsService
from .settings import EmulatorSettings
from .store import MpsModel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from .fault_rules import Fault

# Seconds that open connections get to finish their answer when the emulator closes.
_GRACE = 1.0


class Emulator:
    """A local MPS, served over HTTP from a daemon thread.

    It prints and logs nothing and touches no signals. Use it as a context manager, or call
    :meth:`start` and :meth:`close`; it can be started once.

    Args:
        database: SQLite file that keeps libraries and jobs, made if absent, which emulators in
            other processes may share; None keeps everything in memory.
        settings: Durations, limits, keys and undocumented behaviour.
        host: Address to listen at. Anything but loopback opens the control API to the network.
        port: Port to listen at; 0 takes a free one.
        clock: Seconds since the epoch, for tests that don't want to wait.
        faults: What goes wrong, at first and after a reset.

    Raises:
        DatabaseError: The database can't be used.
    """

    def __init__(  # noqa: PLR0913 - all but one are named where they are given
        self,
        database: Path | None = None,
        *,
        settings: EmulatorSettings | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        faults: Sequence[Fault] = (),
    ) -> None:
        self.model = MpsModel(database, settings or EmulatorSettings(), clock)
        self._address = (host, port)
        self._service = MpsService(self.model, tuple(faults))
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        self._running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    @property
    def url(self) -> str:
        """Where the emulator listens, e.g. ``http://127.0.0.1:41234``. Known once started."""
        host, port = self._address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def start(self) -> None:
        """Listen, and return when calls are answered.

        Raises:
            OSError: The address can't be listened at, e.g. because the port is in use.
        """
        listener = Listener(*self._address)
        self._address = (self._address[0], listener.port)
        self._listener = listener
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name="mps-emulator", daemon=True
        )
        self._thread.start()
        self._running.result()

    def set_faults(self, faults: Sequence[Fault]) -> None:
        """Replace what goes wrong, counting calls from 1 again.

        Where the emulator refuses connections at the moment, it takes them again before this
        returns.

        Raises:
            OSError: Another program has taken the port in the meantime.
        """
        self._service.script = FaultScript(faults)
        if self._thread is not None and self._listener is not None:
            loop, _ = self._running.result()
            asyncio.run_coroutine_threadsafe(self._listener.resume(), loop).result()

    def close(self) -> None:
        """End the server and close the database. A second call does nothing."""
        if self._thread is not None:
            if self._running.exception() is None:
                loop, stop = self._running.result()
                loop.call_soon_threadsafe(stop.set)
            self._thread.join()
            self._thread = None
        self.model.close()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, listener: Listener) -> None:
        try:
            asyncio.run(self._serve(listener))
        except BaseException as error:
            # Or start() would wait for ever.
            listener.stop()
            if self._running.done():
                raise
            self._running.set_exception(error)

    async def _serve(self, listener: Listener) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        # asyncio would log what a vanished client leaves behind, on the host process's stderr.
        loop.set_exception_handler(lambda _loop, _context: None)
        server = ApiServer(self._service, self._address[0], listener.refuse)
        await listener.open(server)
        self._running.set_result((loop, stop))
        await stop.wait()
        listener.stop()
        server.pre_shutdown()
        await server.shutdown(_GRACE)
        await listener.wait_closed()
