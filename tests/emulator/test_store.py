"""The database: shared by processes, kept over restarts, and never someone else's."""

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from subprocess import PIPE

import pytest

from clocks import WallClock
from pulumi_alicloud_mps.emulator import DatabaseError, EmulatorSettings, MpsModel, store
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_alicloud_mps.emulator.store import Database

_PROCESSES = 5
_SETTINGS = EmulatorSettings(quota=1000, video_creations=0)


# Prints its exit's reason, or nothing. Waits for a line, so that all start at once.
_CREATE = """
import pathlib, sys
from pulumi_alicloud_mps.emulator import EmulatorSettings, MpsModel
from pulumi_alicloud_mps.emulator.responses import EmulatedError
from pulumi_alicloud_mps.emulator.records import NewLibrary
print("ready", flush=True)
sys.stdin.readline()
settings = EmulatorSettings(quota=3, video_creations=0)
model = MpsModel(pathlib.Path(sys.argv[1]), settings)
try:
    model.create_library(NewLibrary("songs"))
except EmulatedError as error:
    print(error.code)
model.close()
"""


def _at_once(path: Path) -> list[str]:
    """Return what each process said, and fail if one fails."""
    command = [sys.executable, "-c", _CREATE, str(path)]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True))
            for _ in range(_PROCESSES)
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * _PROCESSES
    return said


@pytest.mark.engine
@pytest.mark.portability
def test_processes_share_the_quota(tmp_path: Path) -> None:
    """Processes that start on one new file at once all get an answer, and share its quota."""
    path = tmp_path / "mps.sqlite"
    assert sorted(_at_once(path)) == [""] * 3 + ["QuotaExceeded.FpShotDB\n"] * 2
    model = MpsModel(path, _SETTINGS)
    assert len(model.libraries()) == 3
    model.close()


def test_everything_outlives_the_process(tmp_path: Path, clock: WallClock) -> None:
    """Account, libraries, files and running jobs are there when the file is opened again."""
    path = tmp_path / "mps.sqlite"
    first = MpsModel(path, _SETTINGS, clock)
    library = first.create_library(NewLibrary("songs", region="cn-beijing", config="{}"))
    first.add_files(library, 2)
    job = first.submit_delete_job(library, "queue", "mine")
    account = first.account_id
    first.close()
    second = MpsModel(path, _SETTINGS, clock)
    assert second.account_id == account
    assert second.delete_jobs("cn-beijing", [job.id]) == [job]
    (found,) = second.libraries("cn-beijing", [library.id])
    assert found.state(clock()) == "offline"
    clock.advance(3)
    assert found.state(clock()) == "deleted"
    second.close()


def test_not_a_database(tmp_path: Path) -> None:
    """A file that isn't a database is refused by name, and left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be looked at as one\n" * 50)
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match=r"notes\.txt.*not a database"):
        Database(path)
    assert path.read_bytes() == before


def test_another_programs_database(tmp_path: Path) -> None:
    """A database with someone else's tables is refused."""
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (id)")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseError, match="belongs to another program"):
        Database(path)


def test_a_schema_is_told_from_others() -> None:
    """A file of another schema is not taken for one of today's: its mark is another one."""
    digest = hashlib.sha256(store._schema().encode()).hexdigest()[:8]
    assert (digest, store._APPLICATION_ID) == ("2c521b67", 0x4D505302)


@pytest.mark.parametrize("name", [".", "missing/mps.sqlite"])
def test_no_place_for_a_database(tmp_path: Path, name: str) -> None:
    """A path that can't hold a file is refused in one line."""
    with pytest.raises(DatabaseError) as caught:
        Database(tmp_path / name)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_failed_write_is_undone() -> None:
    """An error undoes what its transaction has written."""
    database = Database(None)

    def fail() -> None:
        with database.write() as connection:
            connection.execute("DELETE FROM account")
            connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(sqlite3.Error):
        fail()
    assert len(database.read("SELECT id FROM account")) == 1
    database.close()
