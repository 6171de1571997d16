"""Models: what follows from what MPS says of libraries and jobs."""

from dataclasses import replace
from typing import Any

import pytest

from pulumi_alicloud_mps.mps.models import (
    DEFAULT_MODEL,
    DeleteJob,
    FileCount,
    FpModel,
    Library,
    LibrarySpec,
    same_text,
)

ID = "a" * 32
SPEC = LibrarySpec("songs", 13, '{"a":1}', "licensed")


def library(**changes: Any) -> Library:  # noqa: ANN401 - any field
    """Return a library that SPEC describes, but for some changes."""
    return replace(Library(ID, "songs", 13, "active", "licensed"), **changes)


def test_models_are_those_of_the_api() -> None:
    """The kinds of media have the numbers that MPS gave them, and video is the default."""
    assert {model.name: model.value for model in FpModel} == {
        "TEXT": 11,
        "VIDEO": 12,
        "AUDIO": 13,
        "IMAGE": 14,
    }
    assert DEFAULT_MODEL is FpModel.VIDEO


def test_the_same_library_has_no_differences() -> None:
    """A library that is what was asked for contradicts nothing, whatever its state."""
    assert SPEC.differences(library(state="paused")) == []


def test_all_differences_are_told() -> None:
    """Every contradiction is named, without any text that may be a secret."""
    assert SPEC.differences(library(name="talks", model_id=12, description="")) == [
        "name differs",
        "model_id is 12",
        "description is unset",
    ]


@pytest.mark.parametrize(
    ("said", "listed", "same"),
    [
        ("songs", "songs", True),
        (" my  songs\n", "my songs", True),
        ("u\u0308ber", "\u00fcber", True),
        ("曲库 1", "?? 1", True),
        ("曲库 1", "电影 1", False),
        ("songs", "Songs", False),
        ("songs?", "songs!", False),
    ],
)
def test_another_spelling_is_no_difference(said: str, listed: str, *, same: bool) -> None:
    """A text that MPS trims, composes or stores with `?` is no other one."""
    assert same_text(said, listed) is same
    seen = library(name=listed, description=listed)
    assert (replace(SPEC, name=said, description=said).differences(seen) == []) is same


def test_what_is_not_told_is_no_difference() -> None:
    """A library of which MPS returns only the ID contradicts nothing."""
    assert SPEC.differences(Library(ID, "", None, "unknown")) == []


@pytest.mark.portability
def test_a_description_is_not_shown() -> None:
    """A description, which a stack may have made a secret, is in no message."""
    assert SPEC.differences(library(description="s3cret")) == ["description differs"]


@pytest.mark.parametrize(
    ("status", "pending", "ends", "failed"),
    [
        ("Queuing", True, True, False),
        ("Analysing", True, True, False),
        ("Success", False, True, False),
        ("Fail", False, False, True),
        ("Whatever", False, False, False),
    ],
)
def test_a_job_tells_what_it_means_for_its_library(
    status: str, *, pending: bool, ends: bool, failed: bool
) -> None:
    """A job that goes on or has succeeded ends its library; only `Fail` has failed."""
    job = DeleteJob("b" * 32, ID, status)
    assert (job.pending, job.ends, job.failed) == (pending, ends, failed)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (FileCount(1), "1 file"),
        (FileCount(1234), "1,234 files"),
        (FileCount(1000, complete=False), "1,000+ files"),
    ],
)
def test_a_count_of_files_reads_well(count: FileCount, words: str) -> None:
    """A count says whether it is the whole."""
    assert str(count) == words
