"""What MPS keeps: libraries, their models and states, and the jobs that delete them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from pulumi_alicloud_mps.errors import SettingsError


class Action(StrEnum):
    """The actions of MPS that this package calls; docs/reference/ram-policy.json allows each."""

    CREATE = "CreateFpShotDB"
    LIST = "ListFpShotDB"
    LIST_FILES = "ListFpShotFiles"
    SUBMIT_DELETION = "SubmitFpDBDeleteJob"
    LIST_DELETIONS = "QueryFpDBDeleteJobList"


READS = frozenset({Action.LIST, Action.LIST_FILES, Action.LIST_DELETIONS})
"""What may be sent again after a transient failure; any other action is sent once."""

WRITES = tuple(action for action in Action if action not in READS)

IDS_PER_CALL = 10
"""How many IDs one call may name (ListFpShotDB; delete jobs are looked up likewise)."""


class FpModel(IntEnum):
    """The kind of media that a fingerprint library is for (ModelId of CreateFpShotDB)."""

    TEXT = 11
    """Text; in cn-shanghai only."""
    VIDEO = 12
    """Video; the default."""
    AUDIO = 13
    """Audio."""
    IMAGE = 14
    """Images."""

    @classmethod
    def _missing_(cls, value: object) -> FpModel | None:
        """Also accept a model's name, in upper or lower case."""
        return cls.__members__.get(value.upper()) if isinstance(value, str) else None


DEFAULT_MODEL = FpModel.VIDEO
TEXT_REGION = "cn-shanghai"

LISTED_CONTENT = frozenset({FpModel.VIDEO, FpModel.AUDIO, FpModel.IMAGE})
"""The models whose content MPS documents that it lists: for others, no files prove nothing."""
FINGERPRINT_REGIONS = ("cn-beijing", "cn-hangzhou", "cn-shanghai", "ap-southeast-1")
"""The regions for which MPS documents fingerprints; it may have more by now."""


def model_name(model_id: float | None) -> str | None:
    """Return the name of a model, or None for one that this package doesn't know."""
    return FpModel(int(model_id)).name.lower() if model_id and model_id in set(FpModel) else None


class LibraryState(StrEnum):
    """The states that MPS documents for a library (Status of ListFpShotDB)."""

    OFFLINE = "offline"
    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


NOT_LISTED = "not listed"
"""The status of a library that MPS has not listed yet."""

NOT_STATED = "unknown"
"""A state, a status or a model where an answer has none."""


class DeleteJobStatus(StrEnum):
    """The states of a delete job (Status of QueryFpDBDeleteJobList)."""

    QUEUING = "Queuing"
    ANALYSING = "Analysing"
    SUCCESS = "Success"
    FAIL = "Fail"


def same_text(said: str, listed: str) -> bool:
    """Whether MPS may have stored `said` as `listed`: trimmed, composed, or with `?` for a letter.

    Names and descriptions can't be changed at MPS, so this is a matter of spelling.
    """
    said, listed = _plain(said), _plain(listed)
    return said == listed or said.encode("ascii", "replace") == listed.encode(errors="replace")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


@dataclass(frozen=True)
class LibrarySpec:
    """A library as it is requested; MPS can change none of it afterwards.

    Attributes:
        config: Its configuration, as JSON.
        stem: What the names of all attempts to create it begin with, if its name is unique to this
            attempt.
        earlier: The names of interrupted attempts that nobody has recovered.
        replaced: The IDs of libraries that it may be meant to replace, now or before.
    """

    name: str
    model_id: int
    config: str | None = None
    description: str | None = None
    stem: str | None = None
    earlier: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()

    def may_have_made(self, library: Library) -> bool:
        """Whether an attempt to create this may have created that library, judging by the names."""
        stem, random = self.stem or self.name, self.name.removeprefix(self.stem or "")
        is_attempt = self.stem is not None and same_text(stem, library.name[: -len(random)])
        return is_attempt or same_text(self.name, library.name)

    def differences(self, library: Library) -> list[str]:
        """Say in words how `library` contradicts this spec; MPS does not list Config.

        What an answer leaves out, or only spells otherwise, is no contradiction.
        """
        differences = []
        # Values are not shown, since they may be the caller's secrets.
        if library.name and not same_text(self.name, library.name):
            differences.append("name differs")
        if library.model_id not in {None, self.model_id}:
            differences.append(f"model_id is {library.model_id}")
        listed = library.description
        if listed is not None and not same_text(self.description or "", listed):
            differences.append("description differs" if listed else "description is unset")
        return differences


@dataclass(frozen=True)
class Library:
    """A library as MPS describes it, of which an answer may leave out all but the ID.

    Attributes:
        name: Empty if MPS does not say.
        model_id: What it is for; None if MPS does not say.
        state: Stays text, since MPS may have states of its own.
        description: Empty if there is none, None if MPS does not say.
    """

    fp_db_id: str
    name: str
    model_id: int | None
    state: str
    description: str | None = None

    def __str__(self) -> str:
        return f"library {self.fp_db_id}"

    @property
    def known_listed(self) -> bool:
        """Whether MPS is known to have listed it; Create itself calls it offline."""
        return self.state not in {LibraryState.OFFLINE.value, NOT_LISTED}

    @property
    def gone(self) -> bool:
        """Whether MPS calls it deleted: it may go on listing a library that no longer exists."""
        return self.state == LibraryState.DELETED.value


@dataclass(frozen=True)
class Listing:
    """An answer of ListFpShotDB: libraries by ID, and the IDs that it calls NonExistIds."""

    libraries: dict[str, Library]
    missing: frozenset[str] = frozenset()

    def denies(self, fp_db_id: str) -> bool:
        """Whether this answer says that there is no such library, which it may not prove."""
        library = self.libraries.get(fp_db_id)
        return library.gone if library else fp_db_id in self.missing


@dataclass(frozen=True)
class FileCount:
    """How many media files a library holds: exactly, or at least if not all were counted."""

    files: int
    complete: bool = True

    def __str__(self) -> str:
        if not self.complete:
            return f"{self.files:,}+ files"
        return f"{self.files:,} {'file' if self.files == 1 else 'files'}"


@dataclass(frozen=True)
class DeleteJob:
    """A delete job of one library.

    Attributes:
        status: Stays text, since MPS may have statuses of its own.
        code: Why it failed; `message` says it in words.
        deletes: Whether it is known to delete: the default of MPS, a purge, keeps the library.
    """

    job_id: str
    fp_db_id: str
    status: str
    code: str | None = None
    message: str | None = None
    deletes: bool = True

    @property
    def pending(self) -> bool:
        """Whether the job is still running."""
        return self.status in {DeleteJobStatus.QUEUING.value, DeleteJobStatus.ANALYSING.value}

    @property
    def failed(self) -> bool:
        """Whether MPS gave up; words that it does not document mean nothing."""
        return self.status == DeleteJobStatus.FAIL.value

    @property
    def has_deleted(self) -> bool:
        """Whether it proves that its library is gone."""
        return self.status == DeleteJobStatus.SUCCESS.value and self.deletes

    @property
    def over(self) -> bool:
        """Whether this job leaves its library in place: it failed, or may have purged."""
        return self.failed or (self.status == DeleteJobStatus.SUCCESS.value and not self.deletes)

    @property
    def ends(self) -> bool:
        """Whether this job means the end of its library: it goes on, or has succeeded."""
        return self.pending or self.has_deleted


FP_DB_ID = "[0-9A-Za-z_-]{16,64}"
"""The pattern of an ID. MPS's documentation shows 32 digits or letters a to f; what it answers may
look otherwise, and goes into comma-separated lists."""


def id_problem(fp_db_id: object) -> str | None:
    """Return why that is not a valid ID; it may not even be text."""
    if isinstance(fp_db_id, str) and re.fullmatch(FP_DB_ID, fp_db_id):
        return None
    return f"{fp_db_id!r} is not an FpDBId: 16 to 64 letters, digits, - and _"


def check_fp_db_id(fp_db_id: object, name: str) -> str:
    """Return the ID, or raise `SettingsError` if it is not valid."""
    if problem := id_problem(fp_db_id):
        raise SettingsError(f"{name}: {problem}")
    return str(fp_db_id)


def region_problem(name: str) -> str | None:
    """Return why that is not a valid name of a region."""
    if re.fullmatch(r"[a-z]{2}(-[a-z0-9]+)+", name):
        return None
    return f"{name!r} is not a region; give one such as cn-shanghai"


def check_region(name: str, setting: str) -> str:
    """Return the region's name, or raise `SettingsError` if it is not valid."""
    if problem := region_problem(name):
        raise SettingsError(f"{setting}: {problem}")
    return name
