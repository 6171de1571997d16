"""The notes of creates that MPS was asked for."""

from pathlib import Path

import pytest

from pulumi_alicloud_mps.create_record import CreateRecord

CREATE = ("urn:pulumi:dev::catalogue::type::songs", "cn-shanghai", "clips")
MADE = "0" * 32


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project."""
    (tmp_path / "Pulumi.yaml").touch()
    return tmp_path


def test_a_note_is_kept_until_it_is_cleared(project: Path) -> None:
    """Another process of the same project knows of a create, until its library is gone."""
    CreateRecord(project).note(*CREATE)
    assert CreateRecord(project).asked(*CREATE, MADE)
    CreateRecord(project).clear(*CREATE)
    assert not CreateRecord(project).asked(*CREATE, MADE)


def test_a_note_that_was_answered_is_of_one_library(project: Path) -> None:
    """Of a library that is known to have been made no other one takes the place, until asked."""
    record = CreateRecord(project)
    record.note(*CREATE)
    record.answered(*CREATE, MADE)
    assert record.asked(*CREATE, MADE)
    assert not record.asked(*CREATE, "f" * 32)
    record.note(*CREATE)
    assert record.asked(*CREATE, "f" * 32)


@pytest.mark.parametrize("place", range(3))
def test_a_note_is_of_one_create(project: Path, place: int) -> None:
    """Another resource, region or name was not asked for."""
    CreateRecord(project).note(*CREATE)
    urn, region, name = (part + "-2" * (place == at) for at, part in enumerate(CREATE))
    assert not CreateRecord(project).asked(urn, region, name, MADE)


def test_notes_belong_to_the_project(project: Path) -> None:
    """A program in a folder of its own and the command beside Pulumi.yaml share the notes."""
    (project / "infra").mkdir()
    CreateRecord(project / "infra").note(*CREATE)
    assert CreateRecord(project).asked(*CREATE, MADE)


def test_a_note_tells_nothing(project: Path) -> None:
    """Names, which may be secret, are not in clear, and git ignores the notes."""
    CreateRecord(project).note(*CREATE)
    written = [path for path in project.rglob("*") if path.is_file() and path.name != "Pulumi.yaml"]
    assert not any("clips" in str(path) or "clips" in path.read_text() for path in written)
    assert (project / ".alicloud-mps" / ".gitignore").read_text() == "*\n"


def test_a_folder_that_can_t_be_written_is_no_hindrance(project: Path) -> None:
    """Without a place for notes creations go on."""
    (project / ".alicloud-mps").touch()
    CreateRecord(project).note(*CREATE)
    CreateRecord(project).clear(*CREATE)
    assert not CreateRecord(project).asked(*CREATE, MADE)
