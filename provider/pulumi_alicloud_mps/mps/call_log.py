"""The log of calls: what was called and how that ended, and no value that was sent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .errors import SettingsError


@dataclass(frozen=True)
class CallRecord:
    """One call.

    Attributes:
        attempt: Which one it was, from 1, where a call is repeated.
        seconds: How long it took.
        status: The HTTP status; None where no answer came.
        problem: What happened instead of an answer.
    """

    action: str
    region: str
    attempt: int
    seconds: float
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    problem: str | None = None

    def __str__(self) -> str:
        """Return it as one line."""
        parts = [
            f"{self.action} {self.region}",
            f"HTTP {self.status}" if self.status else None,
            self.code or self.problem,
            f"RequestId {self.request_id}" if self.request_id else None,
            f"{self.seconds:.3f} s",
            f"attempt {self.attempt}",
        ]
        return ", ".join(part for part in parts if part)


CallLog = Callable[[CallRecord], None]


def file_log(path: str, setting: str) -> CallLog:
    """Return a log that appends to a file, which several processes may write.

    Raises:
        SettingsError: The file can't be written.
    """
    try:
        Path(path).open("a", encoding="utf-8").close()
    except OSError as error:
        raise SettingsError(f"{setting}: can't write {path}: {error.strerror}") from None

    def write(record: CallRecord) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        # A disk that is full must not fail a call that MPS has carried out.
        with suppress(OSError), Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{moment} {record}\n")

    return write
