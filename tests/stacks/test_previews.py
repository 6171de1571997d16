"""What a preview says of MPS on the real CLI, with credentials and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from control_api import ControlApi
from pulumi_stack import PulumiStack

REFUSED = "replacing {} is refused unless retained [mps-files 3]"


@pytest.fixture
def filled(stack: PulumiStack, mps: ControlApi) -> str:
    """Return the ID of a library that is in the state and has content."""
    stack.program('FpShotDB("clips", description="old")')
    stack.up().succeeded()
    fp_db_id = str(mps.only_library()["FpDBId"])
    mps.fill(fp_db_id, 3)
    mps.forget_calls()
    return fp_db_id


def test_content_warning(stack: PulumiStack, mps: ControlApi, filled: str) -> None:
    """What a replacement would lose is told by the preview, and by the up that is refused."""
    stack.program('FpShotDB("clips", description="new")')
    warning = REFUSED.format(filled)

    assert stack.preview().succeeded().output.count(warning) == 1
    assert mps.calls() == ["GetCallerIdentity", "ListFpShotFiles"]
    assert warning in stack.up().failed().output

    kept = 'opts=pulumi.ResourceOptions(ignore_changes=["description"])'
    stack.program(f'FpShotDB("clips", description="new", {kept})')

    assert "files" not in stack.preview("--expect-no-changes").succeeded().output


@pytest.mark.parametrize(
    "changed",
    [
        'description="new", force_destroy=True',
        'description="old", opts=pulumi.ResourceOptions(replace_on_changes=["force_destroy"])',
    ],
)
def test_destroyed_content(stack: PulumiStack, mps: ControlApi, filled: str, changed: str) -> None:
    """With `force_destroy` in the state the preview says what the up then destroys."""
    stack.program('FpShotDB("clips", description="old", force_destroy=True)')
    stack.up().succeeded()
    stack.program(f'FpShotDB("clips", {changed})')

    assert "holds 3 files" in (output := stack.preview().succeeded().output)
    assert "destroys them unless retained" in output
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] != filled


@pytest.mark.usefixtures("filled")
def test_drift_is_no_loss(stack: PulumiStack) -> None:
    """A description that MPS spells otherwise warns of no loss, and plans none."""
    state = stack.exported().replace('"description": "old"', '"description": "older"')
    (stack.folder / "older.json").write_text(state, encoding="utf-8")
    stack.run("stack", "import", "--file", "older.json").succeeded()
    stack.program('FpShotDB("clips", description="older")')

    for command in (["refresh", "--preview-only"], ["preview", "--refresh"]):
        output = stack.run(*command).succeeded().output
        assert "nothing is replaced for it" in output
        assert "files" not in output


def test_an_output_that_is_none(stack: PulumiStack) -> None:
    """What another library leaves out is no change, whatever else of that one changes."""
    chained = """
        base = FpShotDB("base", name="base", force_destroy={})
        FpShotDB("songs", name="songs", description=base.description, config=base.config)
        """
    stack.program(chained.format("False"))
    stack.up().succeeded()
    stack.preview("--expect-no-changes").succeeded()
    stack.program(chained.format("True"))

    assert "1 to update\n    2 unchanged" in stack.preview().succeeded().output


def test_one_name_for_two(stack: PulumiStack, mps: ControlApi) -> None:
    """A name that two resources want shows in the preview, on the row of the second."""
    stack.program('FpShotDB("a", name="clips"); FpShotDB("b", name="clips")')

    output = stack.preview().succeeded().output

    assert "name: is already used by urn:pulumi:dev::" in output
    assert mps.calls() == []


def test_without_credentials(stack: PulumiStack, mps: ControlApi, tmp_path: Path) -> None:
    """Without any credentials a preview shows all that it would show with them, but numbers."""
    stack.program('FpShotDB("a", description="old"); FpShotDB("b")')
    stack.up().succeeded()
    mps.forget_calls()
    home = tmp_path / "nobody"
    home.mkdir()
    stack.environment = {"HOME": str(home), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}

    assert "3 unchanged" in stack.preview("--expect-no-changes").succeeded().output

    stack.program('FpShotDB("a", description="new"); FpShotDB("c")')
    output = stack.preview().succeeded().output

    for line in ("1 to create", "1 to delete", "1 to replace", "[diff: ~description]"):
        assert line in output
    assert "may hold files" in output
    assert "[mps-files ?] credentials: the default chain gave none" in output
    assert mps.calls() == []


def test_quota(stack: PulumiStack, mps: ControlApi) -> None:
    """A Create that the quota refuses says how many libraries there are, and the ways out."""
    mps.change_settings(quota=2)
    for name in ("films", "songs"):
        mps.add_library(Name=name, ModelId=12)
    stack.program('FpShotDB("clips")')

    output = stack.up().failed().output

    assert "CreateFpShotDB was refused: QuotaExceeded" in output
    assert "ask for a higher quota by ticket; there are 2 libraries in cn-shanghai" in output
