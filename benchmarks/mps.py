"""The emulator that all peers call, in a process of its own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from control_api import ControlApi

_COMMAND = [sys.executable, "-m", "pulumi_alicloud_mps", "emulator"]
_NO_QUOTA = 100_000


@contextmanager
def emulator(*options: str) -> Iterator[str]:
    """Serve an emulator, and give its URL."""
    with subprocess.Popen([*_COMMAND, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@dataclass(frozen=True)
class Mps:
    """A running emulator: emptied for each stack, and asked what it saw."""

    url: str
    database: Path

    def prepare(self, seconds: float, *, limited: bool = True) -> None:
        """Forget everything; libraries take so long from now on to become active or deleted.

        Args:
            seconds: How long MPS takes.
            limited: Whether it refuses what exceeds its documented 100 calls a second.
        """
        control = ControlApi(self.url)
        control.reset()
        settings: dict[str, object] = {"activation_seconds": seconds, "deletion_seconds": seconds}
        control.change_settings(**settings, **({} if limited else {"calls_per_second": 0}))

    def take_calls(self) -> list[str]:
        """Return the actions that were called since the last time."""
        control = ControlApi(self.url)
        calls = control.calls()
        control.forget_calls()
        return calls

    def in_flight(self) -> int:
        """Return how many creations went on at a time, at the most."""
        with closing(self._connect()) as connection:
            ((most,),) = connection.execute(
                "SELECT MAX((SELECT COUNT(*) FROM libraries AS other WHERE other.created_at"
                " <= library.created_at AND other.active_at > library.created_at))"
                " FROM libraries AS library"
            )
        return int(most or 0)

    def active_since(self) -> dict[str, float]:
        """Return when each library became active, by this machine's clock."""
        with closing(self._connect()) as connection:
            return dict(connection.execute("SELECT id, active_at FROM libraries"))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)


@contextmanager
def serve(folder: Path) -> Iterator[Mps]:
    """Serve an MPS whose libraries are counted by nobody."""
    database = folder / "mps.sqlite"
    with emulator("--database", str(database), "--quota", str(_NO_QUOTA)) as url:
        yield Mps(url, database)
