"""The emulated MPS itself: what it holds, in SQLite, and what time does to it."""

import secrets
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from .errors import invalid, no_such_library, quota_exceeded, too_many_creations
from .quirks import new_library_id, stored
from .records import (
    DEFAULT_MODEL,
    NO_EFFECT,
    DeleteJobRecord,
    FaultEffect,
    FileRecord,
    LibraryRecord,
    LibraryState,
    NewLibrary,
    RecordPage,
)
from .settings import EmulatorSettings

# Seconds that a statement or an opening waits for another process. Writes take milliseconds.
_PATIENCE = 30.0

# Marks the file as ours; its last byte counts versions of the schema.
_APPLICATION_ID = 0x4D505302

_SCHEMA = """
CREATE TABLE account (id TEXT NOT NULL);
CREATE TABLE libraries (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    model_id INTEGER NOT NULL,
    config TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at REAL NOT NULL,
    active_at REAL NOT NULL,
    listed_at REAL NOT NULL,
    forced_state TEXT,
    forced_at REAL NOT NULL,
    deleted_at REAL
);
CREATE TABLE delete_jobs (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    library_id TEXT NOT NULL,
    region TEXT NOT NULL,
    pipeline_id TEXT NOT NULL,
    user_data TEXT NOT NULL,
    created_at REAL NOT NULL,
    finish_at REAL NOT NULL,
    failure_code TEXT,
    failure_message TEXT
);
CREATE TABLE files (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    library_id TEXT NOT NULL,
    primary_key TEXT NOT NULL,
    stored_at REAL NOT NULL,
    bucket TEXT NOT NULL,
    location TEXT NOT NULL,
    object TEXT NOT NULL
);
CREATE INDEX files_by_library ON files (library_id, position);
"""


class DatabaseError(Exception):
    """The database can't be used. ``str()`` is one line that names the file and the cause."""


class Database:
    """An open database: a file, or memory if the path is None.

    Any thread may use it. An instance serves one process.

    Raises:
        DatabaseError: The file can't be opened or written, or belongs to another program.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._start_up = _file_lock(path)
        try:
            self._connection = self._open(path)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseError(f"can't use {path} as the database: {error}") from error

    def _open(self, path: Path | None) -> sqlite3.Connection:
        # SQLite doesn't wait when two connections switch to WAL at once: it answers "database
        # is locked" whatever the timeout. Hence a lock of our own around the start-up.
        with self._start_up:
            connection = sqlite3.connect(
                path or ":memory:",
                timeout=_PATIENCE,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
        connection.row_factory = sqlite3.Row
        return connection

    def read(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Return all rows of a SELECT."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction: committed at the end of the block, undone by an error."""
        with self._lock:
            # A transaction that reads before it writes can't wait for another writer unless
            # it takes the write lock at once.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the database. A second call does nothing."""
        # The last process to leave removes the WAL, which must not meet another's start-up.
        with self._lock, self._start_up:
            self._connection.close()


def _file_lock(path: Path | None) -> AbstractContextManager[object]:
    if path is None:
        return nullcontext()
    # FileLock would make a folder that is missing, most likely for a mistyped path.
    if not path.parent.is_dir():
        raise DatabaseError(f"can't use {path} as the database: its folder doesn't exist")
    return FileLock(path.with_name(f"{path.name}.lock"), timeout=_PATIENCE)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # With WAL this survives the end of any process; only a power cut could lose the last call.
    connection.execute("PRAGMA synchronous = NORMAL")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == _APPLICATION_ID:
        return
    (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    if application or tables:
        raise sqlite3.DatabaseError("it belongs to another program or version")
    _create(connection)


def _create(connection: sqlite3.Connection) -> None:
    account = str(secrets.randbelow(9 * 10**15) + 10**15)
    # One script, one transaction: a process killed half-way leaves an empty database.
    connection.executescript(
        f"BEGIN IMMEDIATE;{_SCHEMA}INSERT INTO account VALUES ('{account}');"  # noqa: S608 - digits
        f"PRAGMA application_id = {_APPLICATION_ID};COMMIT;"
    )


_LIBRARY = (
    "id, region, name, model_id, config, description,"
    " created_at, active_at, listed_at, forced_state, forced_at, deleted_at"
)
_JOB = (
    "id, library_id, region, pipeline_id, user_data, created_at, finish_at,"
    " failure_code, failure_message"
)
_FILE = "position, id, primary_key, stored_at, bucket, location, object"

_RECENT_JOBS = 20


class MpsModel:
    """One account's libraries, delete jobs and files.

    Args:
        database: The SQLite file, made if absent; None keeps everything in memory.
        settings: Durations and limits; assign ``settings`` to change them.
        clock: Seconds since the epoch.

    Raises:
        DatabaseError: The file can't be used.
    """

    def __init__(
        self,
        database: Path | None,
        settings: EmulatorSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._database = Database(database)
        self.account_id: str = self._database.read("SELECT id FROM account")[0][0]

    def close(self) -> None:
        """Close the database. A second call does nothing."""
        self._database.close()

    def create_library(self, new: NewLibrary, effect: FaultEffect = NO_EFFECT) -> LibraryRecord:
        """Create a library, ``offline`` until ``settings.activation_seconds`` have passed.

        Args:
            new: What its creator says.
            effect: What else is to become of it.

        Raises:
            ApiError: The account's quota is used up, too many video libraries are being made, or
                the name is taken where names are unique.
        """
        now, new = self.clock(), stored(new, self.settings.quirks)
        with self._database.write() as connection:
            self._check_room(connection, new, now)
            self._check_creations(connection, new, now)
            library = replace(
                _new_library(new, effect, now, self.settings.activation_seconds),
                id=new_library_id(self.settings.quirks),
            )
            _insert(connection, "libraries", _LIBRARY, library)
        return library

    def _check_room(self, connection: sqlite3.Connection, new: NewLibrary, now: float) -> None:
        present = "SELECT COUNT(*) FROM libraries WHERE (deleted_at IS NULL OR deleted_at > ?)"
        (count,) = connection.execute(present, (now,)).fetchone()
        if count >= self.settings.quota:
            raise quota_exceeded(self.settings.quota)
        if self.settings.unique_names:
            named = (now, new.region, new.name)
            (taken,) = connection.execute(
                f"{present} AND region = ? AND name = ?", named
            ).fetchone()
            if taken:
                raise invalid(f"A media fingerprint library named {new.name} exists.")

    def _check_creations(self, connection: sqlite3.Connection, new: NewLibrary, now: float) -> None:
        limit = self.settings.video_creations
        if not limit or new.model_id != DEFAULT_MODEL:
            return
        (count,) = connection.execute(
            "SELECT COUNT(*) FROM libraries WHERE region = :region AND model_id = :model"
            " AND active_at > :now AND (forced_state IS NULL OR forced_at > :now)"
            " AND (deleted_at IS NULL OR deleted_at > :now)",
            {"now": now, "region": new.region, "model": new.model_id},
        ).fetchone()
        if count >= limit:
            raise too_many_creations(limit)

    def libraries(self) -> list[LibraryRecord]:
        """Return every library of every region, the deleted ones too, in order of creation."""
        rows = self._database.read(f"SELECT {_LIBRARY} FROM libraries ORDER BY position")  # noqa: S608 - own columns
        return [LibraryRecord(*row) for row in rows]

    def libraries_in(self, region: str, ids: Sequence[str] | None = None) -> list[LibraryRecord]:
        """Return a region's libraries, the deleted ones too: all, or those of some IDs."""
        where = "region = ?" if ids is None else f"region = ? AND id IN ({_marks(ids)})"
        rows = self._database.read(
            f"SELECT {_LIBRARY} FROM libraries WHERE {where} ORDER BY position",  # noqa: S608 - own columns
            (region, *(ids or ())),
        )
        return [LibraryRecord(*row) for row in rows]

    def present_library(self, region: str, library_id: str) -> LibraryRecord:
        """Return a library that is not deleted.

        Raises:
            ApiError: The region holds no such library.
        """
        found = self.libraries_in(region, [library_id])
        if not found or found[0].state(self.clock()) == "deleted":
            raise no_such_library(library_id)
        return found[0]

    def force_state(self, library_id: str, state: LibraryState) -> None:
        """Put a library into a state from now on; ``deleted`` is final."""
        forced = "forced_at = :now, forced_state = :state"
        change = "deleted_at = :now" if state == "deleted" else forced
        with self._database.write() as connection:
            connection.execute(
                f"UPDATE libraries SET {change} WHERE id = :id",  # noqa: S608 - own columns
                {"now": self.clock(), "state": state, "id": library_id},
            )

    def submit_delete_job(
        self,
        library: LibraryRecord,
        pipeline_id: str,
        user_data: str,
        effect: FaultEffect = NO_EFFECT,
    ) -> DeleteJobRecord:
        """Start the deletion of a library, which ends after ``settings.deletion_seconds``.

        A job whose fate is a failure leaves the library as it is.
        """
        now = self.clock()
        code, message = effect.failure or (None, None)
        job = DeleteJobRecord(
            id=_new_id(),
            library_id=library.id,
            region=library.region,
            pipeline_id=pipeline_id,
            user_data=user_data,
            created_at=now,
            finish_at=now + self.settings.deletion_seconds,
            failure_code=code,
            failure_message=message,
        )
        with self._database.write() as connection:
            _insert(connection, "delete_jobs", _JOB, job)
            if effect.failure is None:
                _delete_at(connection, library, job.finish_at)
        return job

    def recent_jobs(self) -> list[DeleteJobRecord]:
        """Return the last 20 delete jobs of all regions, newest first."""
        rows = self._database.read(
            f"SELECT {_JOB} FROM delete_jobs ORDER BY position DESC LIMIT ?",  # noqa: S608 - own columns
            (_RECENT_JOBS,),
        )
        return [DeleteJobRecord(*row) for row in rows]

    def delete_jobs(self, region: str, ids: Sequence[str]) -> list[DeleteJobRecord]:
        """Return a region's delete jobs, newest first: those of some IDs, else the last 20."""
        where = f"region = ? AND id IN ({_marks(ids)})" if ids else "region = ?"
        rows = self._database.read(
            f"SELECT {_JOB} FROM delete_jobs WHERE {where} ORDER BY position DESC LIMIT ?",  # noqa: S608 - own columns
            (region, *ids, _RECENT_JOBS),
        )
        return [DeleteJobRecord(*row) for row in rows]

    def add_files(self, library: LibraryRecord, count: int) -> None:
        """Put a number of made-up files into a library."""
        now = self.clock()
        with self._database.write() as connection:
            held = "SELECT COUNT(*) FROM files WHERE library_id = ?"
            (first,) = connection.execute(held, (library.id,)).fetchone()
            connection.executemany(
                "INSERT INTO files (id, library_id, primary_key, stored_at, bucket, location,"
                " object) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (_new_file(library, number, now) for number in range(first + 1, first + count + 1)),
            )

    def files(self, library: LibraryRecord, page: RecordPage) -> list[FileRecord]:
        """Return one page of a library's files, in the order in which they were stored."""
        rows = self._database.read(
            f"SELECT {_FILE} FROM files WHERE library_id = ? AND position > ?"  # noqa: S608 - own columns
            " AND stored_at >= ? AND stored_at <= ? ORDER BY position LIMIT ?",
            (library.id, page.after, page.since, page.until, page.size),
        )
        return [FileRecord(*row) for row in rows]

    def file_counts(self) -> dict[str, int]:
        """Return how many files each library holds, by its ID; empty ones are left out."""
        counted = "SELECT library_id, COUNT(*) FROM files GROUP BY library_id"
        return dict(map(tuple, self._database.read(counted)))

    def reset(self) -> None:
        """Forget every library, job and file. The account stays."""
        with self._database.write() as connection:
            for table in ("libraries", "delete_jobs", "files"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - own tables


def _new_id() -> str:
    return uuid.uuid4().hex


def _new_library(
    new: NewLibrary, effect: FaultEffect, now: float, activation_seconds: float
) -> LibraryRecord:
    turns_at = now + effect.state_seconds
    if effect.activation_seconds is not None:
        activation_seconds = effect.activation_seconds
    return LibraryRecord(
        id=_new_id(),
        created_at=now,
        active_at=now + activation_seconds,
        listed_at=now + effect.unlisted_seconds,
        forced_state=None if effect.state == "deleted" else effect.state,
        forced_at=turns_at,
        deleted_at=turns_at if effect.state == "deleted" else None,
        **vars(new),
    )


def _delete_at(connection: sqlite3.Connection, library: LibraryRecord, moment: float) -> None:
    # A second job doesn't postpone what the first one is about to do.
    connection.execute(
        "UPDATE libraries SET deleted_at = MIN(COALESCE(deleted_at, :at), :at) WHERE id = :id",
        {"at": moment, "id": library.id},
    )


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def _insert(
    connection: sqlite3.Connection,
    table: str,
    columns: str,
    record: LibraryRecord | DeleteJobRecord,
) -> None:
    values = vars(record)
    connection.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({_marks(values)})",  # noqa: S608 - own columns
        [values[column] for column in columns.split(", ")],
    )


def _new_file(library: LibraryRecord, number: int, now: float) -> tuple[object, ...]:
    key = f"clip-{number:04}"
    place = ("emulator", f"oss-{library.region}", f"clips/{key}.mp4")
    return (_new_id(), library.id, key, now, *place)
