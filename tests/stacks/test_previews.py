"""What a preview says of MPS on the real CLI, with credentials and without."""

from __future__ import annotations

from pathlib import Path

from control_api import ControlApi
from pulumi_stack import PulumiStack

REFUSED = "replacing {} is refused if retain_on_delete is off [mps-files 3]"


def properties(stack: PulumiStack) -> list[object]:
    """Return what the state says of libraries."""
    entries = sorted(stack.resources().items())
    return [(name, entry["inputs"], entry["outputs"]) for name, entry in entries]


def test_content(stack: PulumiStack, mps: ControlApi) -> None:
    """A preview warns of what a replacement would lose, and of nothing that is no loss."""
    stack.program('FpShotDB("clips", description="old")')
    stack.up().succeeded()
    fp_db_id = str(mps.only_library()["FpDBId"])
    mps.fill(fp_db_id, 3)
    mps.forget_calls()
    stack.program('FpShotDB("clips", description="new")')
    warning = REFUSED.format(fp_db_id)
    assert stack.preview().succeeded().output.count(warning) == 1
    assert mps.calls() == ["GetCallerIdentity", "ListFpShotFiles"]
    assert warning in stack.up().failed().output

    kept = 'opts=pulumi.ResourceOptions(ignore_changes=["description"])'
    stack.program(f'FpShotDB("clips", description="new", {kept})')
    assert "files" not in stack.preview("--expect-no-changes").succeeded().output

    # MPS's spelling is another one than the program's.
    stack.restore(stack.exported().replace('"description": "old"', '"description": "older"'))
    stack.program('FpShotDB("clips", description="older")')
    output = stack.preview("--refresh").succeeded().output
    assert "nothing is replaced" in output
    assert "files" not in output

    stack.program('FpShotDB("clips", description="older", force_destroy=True)')
    stack.up().succeeded()
    for changed in (
        'description="older", opts=pulumi.ResourceOptions(replace_on_changes=["force_destroy"])',
        'description="new", force_destroy=True',
    ):
        stack.program(f'FpShotDB("clips", {changed})')
        output = stack.preview().succeeded().output
        assert "holds 3 files" in output
        assert "destroys them if retain_on_delete is off" in output
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] != fp_db_id


def test_forms_of_a_program(stack: PulumiStack, mps: ControlApi) -> None:
    """A program that says the same in another form shows no change, and asks MPS nothing."""
    stack.program("""
        FpShotDB("songs", model_id=13, description="Licensed")
        FpShotDB("talks", model_id=FpModel.AUDIO, config={"a": 1})
        """)
    stack.up().succeeded()
    before = properties(stack)
    mps.forget_calls()
    stack.program("""
        from pulumi_alicloud_mps import FpShotDBArgs
        options = pulumi.ResourceOptions(delete_before_replace=True)
        FpShotDB("songs", FpShotDBArgs(model_id="AUDIO", description="Licensed"), options)
        FpShotDB("talks", {"model_id": pulumi.Output.from_input("audio"), "config": '{"a":1}'})
        """)
    assert "3 unchanged" in stack.preview("--expect-no-changes").succeeded().output
    assert mps.calls() == []
    stack.up().succeeded()
    assert properties(stack) == before


def test_what_another_replacement_replaces(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that is replaced for what it takes from another one is warned of, too."""
    both = 'films = FpShotDB("films", description="{}")\nFpShotDB("parts", description=films.id)'
    stack.program(both.format("old"))
    stack.up().succeeded()
    fp_db_id = stack.resources()["parts"]["id"]
    mps.fill(fp_db_id, 3)
    stack.program(both.format("new"))
    assert REFUSED.format(fp_db_id) in stack.preview().succeeded().output


def test_what_depends_on_an_updated_library(stack: PulumiStack) -> None:
    """A library that is only updated keeps its ID, so that nothing else changes in the preview."""
    program = """
        songs = FpShotDB("songs", force_destroy=NO)
        FpShotDB("covers", description=songs.fp_db_id)
        """
    stack.program(program.replace("NO", "False"))
    stack.up().succeeded()
    stack.program(program.replace("NO", "True"))
    output = stack.preview().succeeded().output
    assert "~ 1 to update" in output
    assert "to replace" not in output


def test_without_credentials(stack: PulumiStack, mps: ControlApi, tmp_path: Path) -> None:
    """Without any credentials a preview shows all that it would show with them, but numbers."""
    program = """
        FpShotDB("a", description="{a}")
        FpShotDB("{b}")
        base = FpShotDB("base", name="base", force_destroy={forced})
        FpShotDB("songs", name="songs", description=base.description, config=base.config)
        """
    stack.program(program.format(a="old", b="b", forced="False"))
    stack.up().succeeded()
    mps.forget_calls()
    home = tmp_path / "nobody"
    home.mkdir()
    stack.environment = {"HOME": str(home), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}

    # What another library leaves out is no change.
    assert "5 unchanged" in stack.preview("--expect-no-changes").succeeded().output

    stack.program(program.format(a="new", b="c", forced="True"))
    output = stack.preview().succeeded().output

    for line in ("1 to create", "1 to update", "1 to delete", "1 to replace", "2 unchanged"):
        assert line in output
    assert "[diff: ~description]" in output
    assert "may hold files" in output
    assert "[mps-files ?] credentials: the default chain gave none" in output
    assert mps.calls() == []
