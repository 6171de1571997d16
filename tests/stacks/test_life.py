"""The life of a library, from preview to destroy, by the real CLI."""

from __future__ import annotations

import pytest

from control_api import ControlApi
from pulumi_stack import PulumiStack

SONGS = """
songs = FpShotDB("songs", model_id=FpModel.AUDIO, description="Licensed catalogue")
pulumi.export("id", songs.id)
pulumi.export("fp_db_id", songs.fp_db_id)
pulumi.export("state", songs.state)
pulumi.export("account_id", songs.account_id)
"""


@pytest.mark.portability
def test_life(stack: PulumiStack, mps: ControlApi) -> None:
    """A library is previewed without a call, created, awaited, kept, and destroyed."""
    stack.program(SONGS)

    preview = stack.preview().succeeded()

    assert "+ 2 to create" in preview.output
    assert mps.calls() == []

    stack.up().succeeded()

    library = mps.only_library()
    state = stack.resources()["songs"]
    assert library["Status"] == state["outputs"]["state"] == "active"
    assert library["FpDBId"] == state["id"] == state["outputs"]["fp_db_id"]
    assert stack.outputs()["id"] == stack.outputs()["fp_db_id"] == library["FpDBId"]

    mps.forget_calls()
    stack.preview("--expect-no-changes").succeeded()
    stack.up("--expect-no-changes").succeeded()

    assert mps.calls() == []

    stack.refresh("--expect-no-changes").succeeded()
    stack.destroy().succeeded()

    assert mps.libraries() == []


def test_replacement(stack: PulumiStack, mps: ControlApi) -> None:
    """What MPS can't change replaces the library: the preview says so, the old one goes first."""
    stack.program('FpShotDB("clips", region="cn-shanghai")')
    stack.up().succeeded()
    old = mps.only_library()["FpDBId"]
    mps.change_settings(quota=1)
    stack.program('FpShotDB("clips", region="cn-beijing")')

    step = stack.steps()["clips"]

    assert step["op"] == "replace"
    assert step["replaceReasons"] == ["region"]

    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == stack.resources()["clips"]["id"] != old


def test_replacement_that_stopped_halfway(stack: PulumiStack, mps: ControlApi) -> None:
    """When the new library can't be created after the old one went, the next up creates it."""
    stack.program('FpShotDB("clips", description="old")')
    stack.up().succeeded()
    mps.change_settings(quota=0)
    stack.program('FpShotDB("clips", description="new")')

    output = stack.up().failed().output

    assert "CreateFpShotDB was refused: QuotaExceeded" in output
    assert mps.libraries() == []

    mps.change_settings(quota=1)
    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == stack.resources()["clips"]["id"]


def test_forced_replacement(stack: PulumiStack, mps: ControlApi) -> None:
    """`--target-replace` and a taint replace an unchanged library, in one place of the quota."""
    mps.change_settings(quota=1)
    stack.program(SONGS)
    stack.up().succeeded()
    urn = stack.resources()["songs"]["urn"]
    first = mps.only_library()["FpDBId"]

    stack.up("--target-replace", urn).succeeded()
    second = mps.only_library()["FpDBId"]
    stack.run("state", "taint", urn, "--yes").succeeded()
    stack.up().succeeded()
    third = mps.only_library()["FpDBId"]

    assert len({first, second, third}) == 3
    assert stack.resources()["songs"]["id"] == third


def test_equal_inputs(stack: PulumiStack) -> None:
    """What only looks different shows no diff."""
    before = (
        'config=\'{"b": [1, 2], "a": null}\'',
        'config="", description=""',
        "model_id=12",
        "name=None",
    )
    after = (
        'config={"a": None, "b": [1, 2]}',
        "config=None",
        "model_id=FpModel.VIDEO, force_destroy=False",
        "config='null', region='cn-shanghai'",
    )
    for inputs in (before, after):
        lines = [f'FpShotDB("clips-{number}", {one})' for number, one in enumerate(inputs)]
        stack.program("\n".join(lines))
        options = [] if inputs is before else ["--expect-no-changes"]
        stack.up(*options).succeeded()


def test_renames(stack: PulumiStack, mps: ControlApi) -> None:
    """Renaming the stack, or the resource with an alias, shows no diff and keeps the library."""
    stack.program('FpShotDB("clips")')
    stack.up().succeeded()
    library = mps.only_library()

    stack.run("stack", "rename", "prod").succeeded()
    stack.stack = "prod"
    stack.preview("--expect-no-changes").succeeded()
    stack.program(
        'FpShotDB("films", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="clips")]))'
    )
    stack.preview("--expect-no-changes").succeeded()
    stack.preview("--expect-no-changes", "--refresh").succeeded()
    stack.up().succeeded()

    assert mps.only_library() == library
    assert stack.resources()["films"]["id"] == library["FpDBId"]


def test_adopt(stack: PulumiStack, mps: ControlApi) -> None:
    """An existing library is taken over without a Create, and stays so when `adopt` is dropped."""
    stack.program('FpShotDB("songs", name="songs", model_id=13, description="Old")')
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.run("state", "delete", stack.resources()["songs"]["urn"], "--yes").succeeded()
    mps.forget_calls()
    adopted = 'FpShotDB("mine", name="songs", model_id=13, description="Old"'
    stack.program(f'{adopted}, adopt="{fp_db_id}")')

    stack.up().succeeded()

    assert "CreateFpShotDB" not in mps.calls()
    assert stack.resources()["mine"]["id"] == fp_db_id

    stack.preview("--expect-no-changes").succeeded()
    stack.program(f"{adopted})")
    stack.preview("--expect-no-changes").succeeded()
    stack.destroy().succeeded()

    assert mps.libraries() == []


def test_adopt_what_differs(stack: PulumiStack, mps: ControlApi) -> None:
    """A library that is not what the program says is left alone, and each difference is named."""
    fp_db_id = mps.add_library(Name="songs", ModelId=13, Description="Old")
    stack.program(f'FpShotDB("a", name="tunes", model_id=12, adopt="{fp_db_id}")')

    told = stack.up().failed().output

    assert f"adopt: library {fp_db_id} is not what the program says" in told
    for difference in (
        "its name is another one",
        "its model_id is 13",
        "its description is another",
    ):
        assert difference in told
    assert mps.only_library()["FpDBId"] == fp_db_id
    assert stack.resources() == {}

    stack.program(
        f'FpShotDB("a", name="songs", model_id=13, description="Old", adopt="{fp_db_id}")'
    )
    stack.up().succeeded()
    stack.refresh("--expect-no-changes").succeeded()
    stack.preview("--expect-no-changes").succeeded()


def test_get(stack: PulumiStack, mps: ControlApi) -> None:
    """`FpShotDB.get` reads a library already in the preview, and destroy leaves it alone."""
    stack.program('FpShotDB("songs", name="songs", model_id=13)')
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.run("state", "delete", stack.resources()["songs"]["urn"], "--yes").succeeded()
    stack.program(
        f"""
        songs = FpShotDB.get("songs", "{fp_db_id}")
        pulumi.export("name", songs.name)
        pulumi.export("model", songs.model_id)
        """
    )

    preview = stack.preview().succeeded()

    assert 'name : "songs"' in preview.output

    stack.up().succeeded()

    assert stack.outputs() == {"name": "songs", "model": 13}

    stack.destroy().succeeded()

    assert mps.only_library()["FpDBId"] == fp_db_id


def test_get_nothing(stack: PulumiStack) -> None:
    """Getting a library that does not exist fails with its ID and the region."""
    stack.program(f'FpShotDB.get("songs", "{"0" * 32}")')

    outcome = stack.preview().failed()

    assert f"cn-shanghai has no library {'0' * 32}" in outcome.output


def test_adopt_under_another_name(stack: PulumiStack, mps: ControlApi) -> None:
    """A resource that is renamed without an alias, and adopts its own library, keeps it."""
    stack.program('FpShotDB("a", name="songs", model_id=13, force_destroy=True)')
    stack.up().succeeded()
    fp_db_id = mps.only_library()["FpDBId"]
    stack.program(f'FpShotDB("b", name="songs", model_id=13, adopt="{fp_db_id}")')

    outcome = stack.up().succeeded()

    assert "kept at MPS: urn:pulumi:" in outcome.output
    assert mps.only_library()["FpDBId"] == fp_db_id
    assert list(stack.resources()) == ["b"]


def test_replacement_under_an_alias(stack: PulumiStack, mps: ControlApi) -> None:
    """A resource that is renamed with an alias and replaced leaves no library behind."""
    stack.program('FpShotDB("a", name="songs")')
    stack.up().succeeded()
    renamed = "replace_on_changes=['force_destroy'], aliases=[pulumi.Alias(name='a')]"
    stack.program(
        f"""
        opts = pulumi.ResourceOptions({renamed})
        FpShotDB("b", name="songs", force_destroy=True, opts=opts)
        """
    )

    stack.up().succeeded()

    assert mps.only_library()["FpDBId"] == stack.resources()["b"]["id"]
