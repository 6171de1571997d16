"""Creation slots: MPS creates only so many video libraries at a time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    ApiError,
    MpsError,
    RefusedError,
    ThrottledError,
    WaitTimeoutError,
)

from .models import FpModel, Library, LibrarySpec, LibraryState
from .poller import ProgressCallback, ignore, interval

if TYPE_CHECKING:
    from .client import MpsClient

VIDEO_CREATIONS = 10
"""Video libraries that MPS creates at a time in a region; other models have no documented limit."""

WAITING = (
    f"waiting for a creation slot (MPS creates at most {VIDEO_CREATIONS} video libraries at a time)"
)
THROTTLED = "throttled by MPS"

_PROGRESS_INTERVAL = 1.0


@dataclass(frozen=True, eq=False)
class _Waiting:
    started: float
    deadline: float
    on_progress: ProgressCallback

    def too_late(self, now: float, error: MpsError | None = None) -> WaitTimeoutError:
        why = f" ({error})" if error else ""
        return WaitTimeoutError(
            f"timed out waiting {now - self.started:.0f} s for a creation slot{why}: MPS creates at"
            f" most {VIDEO_CREATIONS} video libraries at a time in each region; nothing was"
            " created",
            None,
            "no slot",
        )


class CreationSlots:
    """Limits the creates of one region to what MPS accepts, first come, first served."""

    def __init__(self, client: MpsClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._changed = threading.Condition()
        # In the order in which they came: the first of them have a slot, the others wait for one.
        self._queue: list[_Waiting] = []

    @contextmanager
    def slot(
        self, spec: LibrarySpec, deadline: float, on_progress: ProgressCallback = ignore
    ) -> Iterator[None]:
        """Hold a slot, from before the Create until the library is active or given up.

        Only video needs one; `on_progress` is called while all are taken.

        Raises:
            WaitTimeoutError: None came free in time; nothing was created.
            StoppedError: This process is to stop; nothing was created.
        """
        if spec.model_id != FpModel.VIDEO:
            yield
            return
        waiting = _Waiting(self._clock.now(), deadline, on_progress)
        with self._changed:
            self._queue.append(waiting)
        try:
            while not self._has_slot(waiting):
                now = self._clock.now()
                if now >= waiting.deadline:
                    raise waiting.too_late(now)
                on_progress(WAITING, now - waiting.started)
                with self._changed:
                    if not self._has_slot(waiting):
                        self._clock.wait(self._changed, min(deadline - now, _PROGRESS_INTERVAL))
            yield
        finally:
            with self._changed:
                self._queue.remove(waiting)
                self._changed.notify_all()

    def _has_slot(self, waiting: _Waiting) -> bool:
        with self._changed:
            return waiting in self._queue[:VIDEO_CREATIONS]

    def create_when_accepted(
        self,
        create: Callable[[], Library],
        spec: LibrarySpec,
        deadline: float,
        on_progress: ProgressCallback = ignore,
    ) -> Library:
        """Create as soon as MPS accepts it: others use its slots and the account's rate, too.

        MPS does not document the code of a refusal for lack of a slot. So one that nothing else
        explains counts as such while video libraries are being created in the region. `create` is
        called again after each, so it has to check whether the name is still free.

        Raises:
            WaitTimeoutError: There was no slot until the deadline.
            MpsError: Whatever `create` raises; throttling at the deadline only.
        """
        waiting = _Waiting(self._clock.now(), deadline, on_progress)
        was_busy = True
        while True:
            try:
                return create()
            except ThrottledError as refusal:
                was_busy = True
                self._pause(waiting, THROTTLED, refusal)
            except RefusedError as refusal:
                if refusal.explained or spec.model_id != FpModel.VIDEO:
                    raise
                busy = self._being_made(deadline)
                # What was being created may have ended just before that look: so once more.
                if not (busy or was_busy):
                    raise
                was_busy = busy
                self._pause(waiting, WAITING, waiting.too_late(self._clock.now(), refusal))

    def _being_made(self, deadline: float) -> bool:
        try:
            listing = self._client.list_libraries(deadline=deadline)
        except ApiError:
            return False
        return any(
            library.model_id == FpModel.VIDEO and library.state == LibraryState.OFFLINE.value
            for library in listing.libraries.values()
        )

    def _pause(self, waiting: _Waiting, reason: str, too_late: MpsError) -> None:
        now = self._clock.now()
        # Without a deadline this would have no end.
        if now >= waiting.deadline or waiting.deadline == math.inf:
            raise too_late
        waited = now - waiting.started
        waiting.on_progress(reason, waited)
        self._clock.sleep(min(interval(waited), waiting.deadline - now))
