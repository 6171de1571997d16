"""What the emulated MPS stores: libraries, delete jobs and files, whose states follow a clock."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LibraryState = Literal["offline", "active", "paused", "deleted"]
JobStatus = Literal["Queuing", "Analysing", "Success", "Fail"]

DEFAULT_REGION = "cn-shanghai"
"""Region of a call without one. The only region that offers every kind of library."""

DEFAULT_MODEL = 12
"""Model of a library that is created without one: video."""


def utc_text(moment: float) -> str:
    """Return seconds since the epoch as the API writes them, e.g. ``2026-01-02T03:04:05Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_from(text: str) -> float:
    """Return seconds since the epoch for what :func:`utc_text` writes.

    Raises:
        ValueError: The text is of another form.
    """
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    # strptime is lenient: it accepts one digit instead of two.
    if utc_text(moment) != text:
        raise ValueError(text)
    return moment


@dataclass(frozen=True)
class NewLibrary:
    """A library as it is requested."""

    name: str
    region: str = DEFAULT_REGION
    model_id: int = DEFAULT_MODEL
    config: str = ""
    description: str = ""


@dataclass(frozen=True)
class FaultEffect:
    """How a fault changes a new library or delete job; by default, not at all.

    Attributes:
        state: State that the library changes to, whatever the clock says; None if it doesn't.
        state_seconds: Seconds from its creation until then.
        activation_seconds: Seconds from its creation until ``active``; None for the setting.
        unlisted_seconds: Seconds from its creation until ListFpShotDB shows it.
        failure: Code and message with which the job fails; None lets it succeed.
    """

    state: LibraryState | None = None
    state_seconds: float = 0.0
    activation_seconds: float | None = None
    unlisted_seconds: float = 0.0
    failure: tuple[str, str] | None = None


NO_EFFECT = FaultEffect()


@dataclass(frozen=True)
class LibraryRecord:
    """A library as stored. Moments are seconds since the epoch.

    Attributes:
        active_at: When it becomes active by itself, fixed at its creation so that all
            processes that share the database agree.
        listed_at: When ListFpShotDB starts to show it.
        forced_state: State set by the control API or a fault, which overrides the clock.
        forced_at: When it changes to that state.
        deleted_at: When it is or will be deleted; None if nothing deletes it.
    """

    id: str
    region: str
    name: str
    model_id: int
    config: str
    description: str
    created_at: float
    active_at: float
    listed_at: float
    forced_state: LibraryState | None
    forced_at: float
    deleted_at: float | None

    def state(self, now: float) -> LibraryState:
        """Return the state at a moment."""
        if self.deleted_at is not None and self.deleted_at <= now:
            return "deleted"
        if self.forced_state is not None and self.forced_at <= now:
            return self.forced_state
        return "active" if self.active_at <= now else "offline"


@dataclass(frozen=True)
class DeleteJobRecord:
    """A job that deletes one library. Moments are seconds since the epoch.

    Attributes:
        failure_code: Why it is going to fail; None if it succeeds.
        failure_message: The same in words.
    """

    id: str
    library_id: str
    region: str
    pipeline_id: str
    user_data: str
    created_at: float
    finish_at: float
    failure_code: str | None
    failure_message: str | None

    def status(self, now: float) -> JobStatus:
        """Return the status at a moment: two equal halves, then success or failure."""
        if now >= self.finish_at:
            return "Success" if self.failure_code is None else "Fail"
        halfway = (self.created_at + self.finish_at) / 2
        return "Queuing" if now < halfway else "Analysing"


@dataclass(frozen=True)
class FileRecord:
    """A media file in a library. Files are ordered, and paged through, by ``position``."""

    position: int
    id: str
    library_id: str
    primary_key: str
    stored_at: float
    bucket: str
    location: str
    object: str
