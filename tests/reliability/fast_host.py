"""A front's real process, in which time runs fast.

Started as `python -m reliability.fast_host MODULE ADDRESS`, in the place of `python -m MODULE`.
"""

import runpy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest.mock import patch

from clocks import FastClock
from pulumi_alicloud_mps import engine
from pulumi_alicloud_mps.errors import ApiError
from pulumi_alicloud_mps.mps import transport

KILL = "Killed"
"""The error code by which a script of faults ends a run."""


class Killed(BaseException):
    """The run ends here, as by SIGKILL: nothing of it goes on, and nothing is cleaned up."""


_read = transport._server_error


def _server_error(
    action: str, status: int, answer: Mapping[str, object], hidden: transport._Hidden
) -> ApiError:
    if answer.get("Code") == KILL:
        raise Killed
    return _read(action, status, answer, hidden)


@contextmanager
def killable() -> Iterator[None]:
    """Have runs killed by a script of faults."""
    with patch.object(transport, "_server_error", _server_error):
        yield


def main() -> None:
    """Run the front until it is interrupted."""
    # One process serves many runs: none of them may end it, or look after the engine for ever.
    with killable(), patch.object(engine, "stoppable_clock", lambda *_: FastClock()):
        runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
