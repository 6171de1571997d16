"""The SQLite file behind an emulator, safe for several processes at the same time."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock

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
