"""Runs of Pulumi, many of them in one process of a front.

Each gets a provider that remembers nothing. The native one forgets all when it is configured. The
dynamic host keeps one for each serialised form that it unpickled: bytes behind the end of a pickle
change that form and nothing else.
"""

import base64
import itertools
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clocks import SPEED
from host_process import HostError, HostProcess, ProviderClient
from pulumi_alicloud_mps.state.deployment import POINTER

_TESTS = str(Path(__file__).parents[1])
_NUMBERS = itertools.count(1)
_KILLED = "the provider was stopped (Killed)"

DEFAULT_TIMEOUT = 1200.0
_SLACK = 8.0


class KilledError(Exception):
    """The provider's process ended in the middle of a call."""


class FastHost(HostProcess):
    """A front's process in which time runs fast, for many runs."""

    def __init__(self, config: Mapping[str, str], engine: str, *, native: bool = False) -> None:
        self.native = native
        super().__init__(config, engine, environ={"PYTHONPATH": _TESTS})
        fast = "reliability.fast_host"
        self._command = [sys.executable, "-u", "-m", fast, self.module, engine]

    def call(self, method: str, request: object) -> Any:  # noqa: ANN401 - a message of any kind
        """Call a method of the host.

        Raises:
            KilledError: The run was killed meanwhile.
            HostError: It failed.
        """
        try:
            return super().call(method, request)
        except HostError as error:
            if str(error).startswith(_KILLED):
                raise KilledError from None
            raise


class Run(ProviderClient):
    """What the engine asks of the provider within one command.

    Attributes:
        late: Calls that went on long after their deadline, and for how many seconds.
    """

    def __init__(self, host: FastHost, config: Mapping[str, str]) -> None:
        self._host = host
        self.native = host.native
        self.late: list[str] = []
        pickled = base64.b64decode(POINTER) + f"run {next(_NUMBERS)}".encode()
        self.pointer = base64.b64encode(pickled).decode()
        host.configure(config)

    def _send(self, method: str, request: object, timeout: float | None = None) -> Any:  # noqa: ANN401
        start = time.monotonic()
        try:
            return self._host.call(method, request)
        finally:
            over = time.monotonic() - start - (timeout or DEFAULT_TIMEOUT) / SPEED - _SLACK
            if timeout is not None and over > 0:
                self.late.append(f"{method} went on for {over:.1f} s after its deadline")
