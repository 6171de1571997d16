"""The journal of creates that MPS was asked for."""

import os
import resource
import time
from pathlib import Path

import pytest

from pulumi_alicloud_mps.state.journal import CreateJournal, JournalFile

CREATE = ("urn:pulumi:dev::catalogue::type::songs", "cn-shanghai", "clips", "1234")
ID, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project."""
    (tmp_path / "Pulumi.yaml").touch()
    return tmp_path


@pytest.fixture
def entry(project: Path) -> JournalFile:
    """Return the entry of a create, which is not there yet."""
    return CreateJournal(project).of(*CREATE)


def test_an_entry_is_kept_until_it_is_cleared(project: Path, entry: JournalFile) -> None:
    """Another process of the same project knows of a create, until its library is gone."""
    later = CreateJournal(project).of(*CREATE)
    assert not later.may_have_made(ID)
    entry.record_request()
    assert later.may_have_made(ID)
    later.clear()
    assert not entry.may_have_made(ID)


def test_an_answered_entry_is_of_one_library(entry: JournalFile) -> None:
    """What MPS has answered passes for no other library; asking again forgets it."""
    entry.record_request()
    assert entry.made() is None
    entry.record_response(ID)
    assert entry.made() == ID
    assert entry.may_have_made(ID)
    assert not entry.may_have_made(OTHER)
    entry.record_request()
    assert entry.may_have_made(OTHER)


def test_only_an_unanswered_entry_has_an_age(entry: JournalFile) -> None:
    """How long ago MPS was asked is known while there is no answer."""
    assert entry.unanswered_for() is None
    entry.record_request()
    os.utime(entry.path, (time.time() - 40,) * 2)
    assert entry.unanswered_for() == pytest.approx(40, abs=5)
    entry.record_response(ID)
    assert entry.unanswered_for() is None


def test_an_unresolved_entry_proves_nothing(entry: JournalFile) -> None:
    """A create that ended without an answer is waited for, and makes no later library ours."""
    entry.record_request()
    entry.record_unknown_outcome()
    assert entry.unanswered_for() == pytest.approx(0, abs=60)
    assert entry.made() is None
    assert not entry.may_have_made(ID)


def test_an_entry_from_the_future_is_new(entry: JournalFile) -> None:
    """A clock that was put back since lets nobody wait longer than for a new entry."""
    entry.record_request()
    os.utime(entry.path, (time.time() + 3600,) * 2)
    assert entry.unanswered_for() == 0


def test_an_entry_is_forgotten_when_its_library_is_in_the_state(
    project: Path, entry: JournalFile
) -> None:
    """What the state has needs no proof; a create without an answer and others still do."""
    urn, region, name, account_id = CREATE
    outputs = {"region": region, "name": name, "account_id": account_id}
    entry.record_request()
    later = CreateJournal(project)
    later.forget_made(urn, outputs, ID)
    assert entry.may_have_made(ID)
    entry.record_response(ID)
    later.forget_made(urn, outputs, OTHER)
    later.forget_made(urn, {**outputs, "name": "another"}, ID)
    assert entry.may_have_made(ID)
    later.forget_made(urn, outputs, ID)
    assert not entry.may_have_made(ID)


def test_another_account_is_named(project: Path, entry: JournalFile) -> None:
    """Whoever has other keys now learns whose account was asked."""
    assert entry.other_account() is None
    entry.record_request()
    assert entry.other_account() is None
    theirs = CreateJournal(project).of(*CREATE[:3], "5678")
    entry.record_response(ID)
    assert theirs.other_account() == "1234"
    assert theirs.made() is None
    assert theirs.unanswered_for() is None


@pytest.mark.parametrize("index", range(4))
def test_an_entry_is_of_one_create(project: Path, entry: JournalFile, index: int) -> None:
    """Another resource, region, name or account was not asked for."""
    entry.record_request()
    other = [*CREATE]
    other[index] += "-2"
    assert not CreateJournal(project).of(*other).may_have_made(ID)


def test_entries_belong_to_the_project(project: Path, entry: JournalFile) -> None:
    """A program in a folder of its own and the command beside Pulumi.yaml share the entries."""
    (project / "infra").mkdir()
    CreateJournal(project / "infra").of(*CREATE).record_request()
    assert entry.may_have_made(ID)


def test_an_entry_shows_nothing(project: Path, entry: JournalFile) -> None:
    """Names, which may be secret, are not in clear, and git ignores the entries."""
    entry.record_request()
    written = [path for path in project.rglob("*") if path.is_file() and path.name != "Pulumi.yaml"]
    assert not any("clips" in str(path) or "clips" in path.read_text() for path in written)
    assert (project / ".alicloud-mps" / ".gitignore").read_text() == "*\n"


def test_a_folder_that_can_t_be_written_is_no_hindrance(project: Path) -> None:
    """Without a place for entries creations go on, with one warning."""
    (project / ".alicloud-mps").touch()
    messages: list[str] = []
    record = CreateJournal(project, messages.append)
    entry = record.of(*CREATE)
    entry.record_request()
    record.of(*CREATE[:3], "5678").record_request()
    assert [text.partition(" (")[0] for text in messages] == [
        f"the journal of creates can't be written in {project / '.alicloud-mps'}"
    ]
    entry.clear()
    assert not entry.may_have_made(ID)
    assert entry.unanswered_for() is None


def test_an_entry_that_cannot_be_written_again_stays(entry: JournalFile) -> None:
    """Where a disk is full by the time that MPS answers, it is still known that it was asked."""
    entry.record_request()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        entry.record_response(ID)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert entry.may_have_made(ID)
    assert entry.unanswered_for() is not None
