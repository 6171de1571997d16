"""The notes of creates that MPS was asked for."""

import os
import time
from pathlib import Path

import pytest

from pulumi_alicloud_mps.state.journal import CreateJournal, EntryFile

CREATE = ("urn:pulumi:dev::catalogue::type::songs", "cn-shanghai", "clips", "1234")
ID, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project."""
    (tmp_path / "Pulumi.yaml").touch()
    return tmp_path


@pytest.fixture
def note(project: Path) -> EntryFile:
    """Return the note of a create, which is not there yet."""
    return CreateJournal(project).of(*CREATE)


def test_a_note_is_kept_until_it_is_cleared(project: Path, note: EntryFile) -> None:
    """Another process of the same project knows of a create, until its library is gone."""
    later = CreateJournal(project).of(*CREATE)
    assert not later.may_have_made(ID)
    note.record_request()
    assert later.may_have_made(ID)
    later.clear()
    assert not note.may_have_made(ID)


def test_an_answered_note_is_of_one_library(note: EntryFile) -> None:
    """What MPS has answered passes for no other library; asking again forgets it."""
    note.record_request()
    assert note.made() is None
    note.record_response(ID)
    assert note.made() == ID
    assert note.may_have_made(ID)
    assert not note.may_have_made(OTHER)
    note.record_request()
    assert note.may_have_made(OTHER)


def test_only_an_unanswered_note_has_an_age(note: EntryFile) -> None:
    """How long ago MPS was asked is told while there is no answer."""
    assert note.unanswered_for() is None
    note.record_request()
    os.utime(note.path, (time.time() - 40,) * 2)
    assert note.unanswered_for() == pytest.approx(40, abs=5)
    note.record_response(ID)
    assert note.unanswered_for() is None


def test_an_unresolved_note_proves_nothing(note: EntryFile) -> None:
    """A create that ended without an answer is waited for, and makes no later library ours."""
    note.record_request()
    note.record_unknown_outcome()
    assert note.unanswered_for() == pytest.approx(0, abs=60)
    assert note.made() is None
    assert not note.may_have_made(ID)


def test_a_note_from_the_future_is_new(note: EntryFile) -> None:
    """A clock that was put back since lets nobody wait longer than for a new note."""
    note.record_request()
    os.utime(note.path, (time.time() + 3600,) * 2)
    assert note.unanswered_for() == 0


def test_a_note_is_forgotten_when_its_library_is_in_the_state(
    project: Path, note: EntryFile
) -> None:
    """What the state has needs no proof; a create without an answer and others still do."""
    urn, region, name, account_id = CREATE
    outputs = {"region": region, "name": name, "account_id": account_id}
    note.record_request()
    later = CreateJournal(project)
    later.forget_made(urn, outputs, ID)
    assert note.may_have_made(ID)
    note.record_response(ID)
    later.forget_made(urn, outputs, OTHER)
    later.forget_made(urn, {**outputs, "name": "another"}, ID)
    assert note.may_have_made(ID)
    later.forget_made(urn, outputs, ID)
    assert not note.may_have_made(ID)


def test_another_account_is_told(project: Path, note: EntryFile) -> None:
    """Whoever has other keys now learns whose account was asked."""
    assert note.other_account() is None
    note.record_request()
    assert note.other_account() is None
    theirs = CreateJournal(project).of(*CREATE[:3], "5678")
    note.record_response(ID)
    assert theirs.other_account() == "1234"
    assert theirs.made() is None
    assert theirs.unanswered_for() is None


@pytest.mark.parametrize("place", range(4))
def test_a_note_is_of_one_create(project: Path, note: EntryFile, place: int) -> None:
    """Another resource, region, name or account was not asked for."""
    note.record_request()
    other = [*CREATE]
    other[place] += "-2"
    assert not CreateJournal(project).of(*other).may_have_made(ID)


def test_notes_belong_to_the_project(project: Path, note: EntryFile) -> None:
    """A program in a folder of its own and the command beside Pulumi.yaml share the notes."""
    (project / "infra").mkdir()
    CreateJournal(project / "infra").of(*CREATE).record_request()
    assert note.may_have_made(ID)


def test_a_note_tells_nothing(project: Path, note: EntryFile) -> None:
    """Names, which may be secret, are not in clear, and git ignores the notes."""
    note.record_request()
    written = [path for path in project.rglob("*") if path.is_file() and path.name != "Pulumi.yaml"]
    assert not any("clips" in str(path) or "clips" in path.read_text() for path in written)
    assert (project / ".alicloud-mps" / ".gitignore").read_text() == "*\n"


def test_a_folder_that_can_t_be_written_is_no_hindrance(project: Path) -> None:
    """Without a place for notes creations go on, with one warning."""
    (project / ".alicloud-mps").touch()
    told: list[str] = []
    record = CreateJournal(project, told.append)
    note = record.of(*CREATE)
    note.record_request()
    record.of(*CREATE[:3], "5678").record_request()
    assert [text.partition(" (")[0] for text in told] == [
        f"no note of creates can be kept in {project / '.alicloud-mps'}"
    ]
    note.clear()
    assert not note.may_have_made(ID)
    assert note.unanswered_for() is None
