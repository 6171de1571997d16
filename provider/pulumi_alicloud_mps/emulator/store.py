"""The state of the emulated MPS, in SQLite, and how time changes it."""

import secrets
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from filelock import FileLock

from .records import (
    DEFAULT_MODEL,
    NO_EFFECT,
    DeleteJobRecord,
    FaultEffect,
    FileRecord,
    LibraryRecord,
    LibraryState,
    NewLibrary,
)
from .responses import EmulatedError, invalid
from .settings import EmulatorSettings

# Seconds that a statement or an opening waits for another process. Writes take milliseconds.
_PATIENCE = 30.0

# Marks the file as ours; its last byte counts versions of the schema.
_APPLICATION_ID = 0x4D505302

# Each kind of record has a table, whose rows are numbered in order.
_TABLES = {LibraryRecord: "libraries", DeleteJobRecord: "delete_jobs", FileRecord: "files"}


def _columns(record: type[LibraryRecord | DeleteJobRecord | FileRecord]) -> list[str]:
    return [field.name for field in fields(record)]


def _schema() -> str:
    tables = []
    for record, table in _TABLES.items():
        others = [name for name in _columns(record) if name not in ("position", "id")]
        keys = "position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE"
        tables.append(f"CREATE TABLE {table} ({', '.join([keys, *others])});")
    index = "CREATE INDEX files_by_library ON files (library_id, position);"
    return "\n".join(["CREATE TABLE account (id TEXT NOT NULL);", *tables, index])


class DatabaseError(Exception):
    """The database can't be used. ``str()`` is one line that names the file and the cause."""


class Database:
    """An open database: a file, or memory if the path is None.

    Any thread may use it. An instance serves one process.

    Raises:
        DatabaseError: The file can't be opened or written, or belongs to another program.
    """

    def __init__(self, path: Path | None) -> None:
        # FileLock would create a missing folder, most likely because of a mistyped path.
        if path and not path.parent.is_dir():
            raise DatabaseError(f"can't use {path} as the database: its folder doesn't exist")
        self._lock = threading.RLock()
        # SQLite doesn't wait when two connections switch to WAL at once: it answers "database
        # is locked" whatever the timeout. Hence a lock of our own around the start-up.
        self._start_up: AbstractContextManager[object] = nullcontext()
        if path:
            self._start_up = FileLock(path.with_name(f"{path.name}.lock"), timeout=_PATIENCE)
        try:
            with self._start_up:
                self._connection = _connected(path)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseError(f"can't use {path} as the database: {error}") from error

    def read(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a SELECT."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction: committed at the end of the block, undone by an error."""
        with self._lock, self._connection:
            # A transaction that reads before it writes can't wait for another writer unless
            # it takes the write lock at once.
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def close(self) -> None:
        """Close the database. A second call does nothing."""
        # The last process to leave removes the WAL, which must not meet another's start-up.
        with self._lock, self._start_up:
            self._connection.close()


def _connected(path: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path or ":memory:", timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    with ExitStack() as unless_ready:
        unless_ready.callback(connection.close)
        connection.execute("PRAGMA journal_mode = WAL")
        # With WAL this survives the end of any process; only a power cut could lose the last call.
        connection.execute("PRAGMA synchronous = NORMAL")
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != _APPLICATION_ID:
            (tables,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
            if application or tables:
                raise sqlite3.DatabaseError("it belongs to another program or version")
            account = str(secrets.randbelow(9 * 10**15) + 10**15)
            # One script, one transaction: a process killed half-way leaves an empty database.
            connection.executescript(
                f"BEGIN IMMEDIATE;{_schema()}INSERT INTO account VALUES ('{account}');"  # noqa: S608 - digits
                f"PRAGMA application_id = {_APPLICATION_ID};COMMIT;"
            )
        unless_ready.pop_all()
    return connection


Stored = TypeVar("Stored", LibraryRecord, DeleteJobRecord)

_RECENT_JOBS = 20
_RESPELLINGS: dict[str, Callable[[str], str]] = {
    "trimmed-text": lambda text: " ".join(text.split()),
    "recoded-text": lambda text: text.encode("ascii", "replace").decode(),
}


class MpsModel:
    """One account's libraries, delete jobs and files, in memory if there is no database.

    Assign ``settings`` to change them.

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

        Raises:
            EmulatedError: The account's quota is used up, too many video libraries are being
                created, or the name is taken where names are unique.
        """
        settings, now = self.settings, self.clock()
        for quirk, respelled in _RESPELLINGS.items():
            if quirk in settings.quirks:
                name, description = respelled(new.name), respelled(new.description)
                new = replace(new, name=name, description=description)
        activation_seconds = effect.activation_seconds
        if activation_seconds is None:
            activation_seconds = settings.activation_seconds
        changes_at = now + effect.state_seconds
        library = LibraryRecord(
            id=str(uuid.uuid4()).upper() if "upper-ids" in settings.quirks else _new_id(),
            created_at=now,
            active_at=now + activation_seconds,
            listed_at=now + effect.unlisted_seconds,
            forced_state=None if effect.state == "deleted" else effect.state,
            forced_at=changes_at,
            deleted_at=changes_at if effect.state == "deleted" else None,
            **vars(new),
        )
        with self._database.write() as connection:
            self._check_limits(connection, new, now)
            _insert(connection, library)
        return library

    def _check_limits(self, connection: sqlite3.Connection, new: NewLibrary, now: float) -> None:
        # Counted by SQLite: a list of records for each create takes long if there are many.
        def count(condition: str = "") -> int:
            (found,) = connection.execute(
                "SELECT COUNT(*) FROM libraries"  # noqa: S608 - own conditions
                f" WHERE (deleted_at IS NULL OR deleted_at > :now) {condition}",
                {"now": now, **vars(new)},
            ).fetchone()
            return int(found)

        quota, limit = self.settings.quota, self.settings.video_creations
        if count() >= quota:
            message = f"The account may hold {quota} media fingerprint libraries, and it does."
            raise EmulatedError("QuotaExceeded.FpShotDB", message)
        if self.settings.unique_names and count("AND region = :region AND name = :name"):
            raise invalid(f"A media fingerprint library named {new.name} exists.")
        being_created = (
            "AND region = :region AND model_id = :model_id"
            " AND active_at > :now AND (forced_state IS NULL OR forced_at > :now)"
        )
        if limit and new.model_id == DEFAULT_MODEL and count(being_created) >= limit:
            message = f"{limit} media fingerprint libraries for video are being created."
            raise EmulatedError("LimitExceeded.FpShotDBJob", message)

    def libraries(self, region: str | None = None, ids: Sequence[str] = ()) -> list[LibraryRecord]:
        """Return libraries, the deleted ones too, in order of creation: of some IDs, or all."""
        return self._select(LibraryRecord, region, ids, "ORDER BY position")

    def present_library(self, region: str | None, library_id: str) -> LibraryRecord:
        """Return a library that is not deleted, of one region or of any.

        Raises:
            EmulatedError: There is none of that ID.
        """
        for library in self.libraries(region, [library_id]):
            if library.state(self.clock()) != "deleted":
                return library
        message = f"The media fingerprint library {library_id} does not exist."
        raise invalid(message, "DBNotExist")

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

        A job that is to fail leaves the library as it is.
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
            _insert(connection, job)
            if effect.failure is None:
                # A second job doesn't postpone what the first one is about to do.
                connection.execute(
                    "UPDATE libraries SET deleted_at = MIN(COALESCE(deleted_at, :at), :at)"
                    " WHERE id = :id",
                    {"at": job.finish_at, "id": library.id},
                )
        return job

    def delete_jobs(
        self, region: str | None = None, ids: Sequence[str] = ()
    ) -> list[DeleteJobRecord]:
        """Return delete jobs, newest first: those of some IDs, else the last 20."""
        last = f"ORDER BY position DESC LIMIT {_RECENT_JOBS}"
        return self._select(DeleteJobRecord, region, ids, last)

    def add_files(self, library: LibraryRecord, count: int) -> None:
        """Put a number of made-up files into a library."""
        now = self.clock()
        with self._database.write() as connection:
            held = "SELECT COUNT(*) FROM files WHERE library_id = ?"
            (first,) = connection.execute(held, (library.id,)).fetchone()
            keys = [f"clip-{number:04}" for number in range(first + 1, first + count + 1)]
            connection.executemany(
                "INSERT INTO files (id, library_id, primary_key, stored_at, bucket, location,"
                " object) VALUES (?, ?, ?, ?, 'emulator', ?, ?)",
                (
                    (_new_id(), library.id, key, now, f"oss-{library.region}", f"clips/{key}.mp4")
                    for key in keys
                ),
            )

    def files(
        self, library: LibraryRecord, size: int, after: int, window: tuple[float, float]
    ) -> list[FileRecord]:
        """Return a library's first files after a position that were stored within a window."""
        rows = self._database.read(
            f"SELECT {', '.join(_columns(FileRecord))} FROM files"  # noqa: S608 - own columns
            " WHERE library_id = ? AND position > ? AND stored_at BETWEEN ? AND ?"
            " ORDER BY position LIMIT ?",
            (library.id, after, *window, size),
        )
        return [FileRecord(*row) for row in rows]

    def file_counts(self) -> dict[str, int]:
        """Return how many files each library holds, by its ID; empty ones are left out."""
        counted = "SELECT library_id, COUNT(*) FROM files GROUP BY library_id"
        return dict(self._database.read(counted))

    def reset(self) -> None:
        """Forget every library, job and file. The account stays."""
        with self._database.write() as connection:
            for table in _TABLES.values():
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - own tables

    def _select(
        self, record: type[Stored], region: str | None, ids: Sequence[str], order: str
    ) -> list[Stored]:
        conditions, values = ["TRUE"], list(ids)
        if ids:
            conditions.append(f"id IN ({', '.join('?' * len(ids))})")
        if region is not None:
            conditions.append("region = ?")
            values.append(region)
        rows = self._database.read(
            f"SELECT {', '.join(_columns(record))} FROM {_TABLES[record]}"  # noqa: S608 - own names
            f" WHERE {' AND '.join(conditions)} {order}",
            values,
        )
        return [record(*row) for row in rows]


def _new_id() -> str:
    return uuid.uuid4().hex


def _insert(connection: sqlite3.Connection, record: LibraryRecord | DeleteJobRecord) -> None:
    columns = _columns(type(record))
    marks = ", ".join(f":{name}" for name in columns)
    connection.execute(
        f"INSERT INTO {_TABLES[type(record)]} ({', '.join(columns)})"  # noqa: S608 - own names
        f" VALUES ({marks})",
        vars(record),
    )
