"""When a call is retried: never if that could create something twice."""

from __future__ import annotations

import math
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import ApiError, NotSentError, ThrottledError

TRIES = 8
"""How often one call may fail; the waits in between add up to at most 40 s. Throttling does not
count while there is a deadline: it passes, and MPS did nothing."""

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 10


def is_transient(error: BaseException) -> bool:
    """Whether a read, or a call that may be repeated, can be retried after that error."""
    return isinstance(error, ApiError) and error.transient


def was_not_sent(action: str) -> Callable[[BaseException], bool]:
    """Return a test: the action was not sent, because a connection failed for the moment."""
    return lambda error: (
        isinstance(error, NotSentError) and error.transient and error.action == action
    )


def was_not_executed(action: str) -> Callable[[BaseException], bool]:
    """Return a test: MPS has certainly not carried out the action, and may do so later."""
    not_sent = was_not_sent(action)
    return lambda error: (
        not_sent(error) or (isinstance(error, ThrottledError) and error.action == action)
    )


def retrying(again: Callable[[BaseException], bool], clock: Clock, deadline: float) -> Retrying:
    """Build the policy for one call: exponential with full jitter, ended by the deadline.

    `again` returns whether the call may be sent again after that error. `deadline` is when the last
    try may begin, in the clock's time; throttled tries don't count until then.
    """
    failures = 0

    def stop(state: RetryCallState) -> bool:
        nonlocal failures
        error = state.outcome.exception() if state.outcome else None
        if not (isinstance(error, ThrottledError) and deadline < math.inf):
            failures += 1
        return failures >= TRIES or clock.now() + state.upcoming_sleep > deadline

    return Retrying(
        retry=retry_if_exception(again),
        stop=stop,
        wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT),
        sleep=clock.sleep,
        reraise=True,
    )
