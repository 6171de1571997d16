"""When a call is sent again: never where that could make something twice."""

from __future__ import annotations

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from .clock import Clock
from .errors import ApiError, NotSentError, ThrottledError

ATTEMPTS = 8
"""How often one call is sent at the most; the waits between them add up to 40 s at the most."""

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 10


def is_transient(error: BaseException) -> bool:
    """Whether a call that changes nothing, or does the same when repeated, may be sent again."""
    return isinstance(error, ApiError) and error.transient


def was_not_executed(error: BaseException) -> bool:
    """Whether it is proven that MPS did not carry the call out, and may later."""
    return isinstance(error, (NotSentError, ThrottledError)) and error.transient


def retrying(again: Callable[[BaseException], bool], clock: Clock, deadline: float) -> Retrying:
    """Build the policy: exponential with full jitter, ended by the deadline (the clock's time)."""

    def stop(state: RetryCallState) -> bool:
        late = clock.now() + state.upcoming_sleep > deadline
        return late or state.attempt_number >= ATTEMPTS

    return Retrying(
        retry=retry_if_exception(again),
        stop=stop,
        wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
        sleep=clock.sleep,
        reraise=True,
    )
