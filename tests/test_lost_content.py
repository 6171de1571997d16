"""The warning that content is lost, as it is written and as it is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicloud_mps.lost_content import Loss, Told, told
from pulumi_alicloud_mps.mps.models import FileCount

ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"
NAMES = ["name", "model_id", "config", "description", "region"]
COUNT = FileCount(1234)


def loss(*changed: str, unknown: str = "", force_destroy: bool = False) -> Loss:
    """Return a replacement for these inputs."""
    return Loss(ID, changed, unknown.split(), force_destroy)


def test_a_guarded_library() -> None:
    """What is guarded is refused: the warning says how much there is, why, and all ways out."""
    assert loss("description").warning(COUNT) == (
        f"library {ID} holds 1,234 files; replacing it for `description` is refused unless the"
        " state has `retain_on_delete`, since it has no `force_destroy`. Ways out:"
        ' `ignore_changes=["description"]` to keep it; `retain_on_delete=True` with another `name`'
        " to keep it beside a new one, or `force_destroy=True` to lose it, each applied before this"
        " change"
    )


def test_a_library_without_guard() -> None:
    """What has `force_destroy` in the state is destroyed, and can be guarded."""
    text = loss("config", force_destroy=True).warning(COUNT)
    assert "for `config` destroys them unless" in text
    assert "`force_destroy=False` to guard it" in text
    assert "`force_destroy=True`" not in text


@pytest.mark.parametrize("moved", ["name", "region"])
def test_a_name_that_is_free(moved: str) -> None:
    """Where the new library has another name or region anyway, no other name is asked for."""
    assert "another `name`" not in loss("description", moved).warning(COUNT)


def test_all_that_changes_is_named() -> None:
    """`ignore_changes` has to name every property that replaces."""
    text = loss("name", "config").warning(COUNT)
    assert "replacing it for `name`, `config` is" in text
    assert '`ignore_changes=["name", "config"]`' in text


def test_what_is_unknown_may_stay() -> None:
    """A replacement for unknown values alone is one that may not happen."""
    text = loss("name", "config", unknown="name config").warning(COUNT)
    assert "replacing it (if `name`, `config`, not known yet, will change) is" in text
    assert "replacing it for `config` is" in loss("name", "config", unknown="name").warning(COUNT)


def test_what_could_not_be_counted() -> None:
    """Without a number the warning is general, and ends with the reason."""
    text = loss("name").warning("no credentials")
    assert text.startswith(
        f"library {ID} may hold files; replacing it for `name` is refused unless"
    )
    assert "unless it is empty or the state has `retain_on_delete`" in text
    assert text.endswith(". Its files could not be counted: no credentials")


@given(
    changed=st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    known=st.booleans(),
    force_destroy=st.booleans(),
    found=st.builds(FileCount, st.integers(1, 10**9), complete=st.booleans())
    | st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1),
)
def test_a_warning_is_read_again(
    changed: list[str], found: FileCount | str, *, known: bool, force_destroy: bool
) -> None:
    """Whatever the warning says of the content, the comment can read."""
    text = Loss(ID, changed, [] if known else changed, force_destroy).warning(found)
    expected = Told(count=found) if isinstance(found, FileCount) else Told(reason=found)
    assert told(text) == expected


@pytest.mark.parametrize(
    "other",
    [
        "",
        "name: is that of another resource in cn-shanghai, too",
        f"library {ID} holds fingerprints; nothing was touched",
        f"library {ID} holds 3 files",
    ],
)
def test_other_warnings_tell_nothing(other: str) -> None:
    """A warning about something else is not taken for one about content."""
    assert told(other) is None
