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
    stack.up("--expect-no-changes").succeeded()
    assert mps.calls() == []

    stack.refresh("--expect-no-changes").succeeded()
    stack.destroy().succeeded()
    assert mps.libraries() == []


def test_replacement(stack: PulumiStack, mps: ControlApi) -> None:
    """What replaces a library needs no second place of the quota, and can be finished later.

    The preview says so, whether a property asks for it or `--target-replace`.
    """
    mps.change_settings(quota=1)
    stack.program('FpShotDB("clips", region="cn-shanghai")')
    stack.up().succeeded()
    old = mps.only_library()["FpDBId"]
    stack.program('FpShotDB("clips", region="cn-beijing")')

    step = stack.steps()["clips"]
    assert step["op"] == "replace"
    assert step["replaceReasons"] == ["region"]

    stack.up().succeeded()

    clips = stack.resources()["clips"]
    assert mps.only_library()["FpDBId"] == clips["id"] != old

    mps.change_settings(quota=0)
    output = stack.up("--target-replace", clips["urn"]).failed().output
    assert "CreateFpShotDB was refused: QuotaExceeded" in output
    assert mps.libraries() == []

    mps.change_settings(quota=1)
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] == stack.resources()["clips"]["id"] != clips["id"]


def test_what_looks_different(stack: PulumiStack, mps: ControlApi) -> None:
    """Other spellings of inputs, and of the stack's and resources' names, show no diff.

    A resource that is renamed and replaced, created first, leaves no library behind.
    """
    before = (
        'config=\'{"b": [1, 2], "a": null}\'',
        'config="", description=""',
        "model_id=12",
        'name="clips"',
    )
    after = (
        'config={"a": None, "b": [1, 2]}',
        "config=None",
        "model_id=FpModel.VIDEO, force_destroy=False",
        "name='clips', config='null', region='cn-shanghai'",
    )

    def program(logical_name: str, inputs: tuple[str, ...]) -> str:
        return "\n".join(
            f'FpShotDB("{logical_name}-{number}", {one}, opts=pulumi.ResourceOptions('
            f'aliases=[pulumi.Alias(name="clips-{number}")]))'
            for number, one in enumerate(inputs)
        )

    stack.program(program("clips", before))
    stack.up().succeeded()
    libraries = mps.libraries()
    stack.run("stack", "rename", "prod").succeeded()
    stack.stack = "prod"
    stack.program(program("films", after))

    stack.preview("--expect-no-changes", "--refresh").succeeded()
    stack.up().succeeded()
    assert mps.libraries() == libraries
    assert set(stack.resources()) == {f"films-{number}" for number in range(len(after))}

    renamed = "aliases=[pulumi.Alias(name='films-2')], delete_before_replace=False"
    stack.program(f'FpShotDB("songs", description="new", opts=pulumi.ResourceOptions({renamed}))')
    stack.up().succeeded()

    (made,) = mps.libraries()
    assert made["FpDBId"] == stack.resources()["songs"]["id"]
    assert made not in libraries


def test_adopt(stack: PulumiStack, mps: ControlApi) -> None:
    """An existing library is taken over without a Create if it is what the program says.

    It stays so when `adopt` is dropped, and when another resource adopts it.
    """
    fp_db_id = mps.add_library(Name="songs", ModelId=13, Description="Old")
    adopt = f'adopt="{fp_db_id}"'
    stack.program(f'FpShotDB("a", name="tunes", model_id=12, {adopt})')

    told = stack.up().failed().output
    assert f"adopt: library {fp_db_id} does not match: its name differs" in told
    for difference in (
        "its name differs",
        "its model_id is 13",
        "its description differs",
    ):
        assert difference in told
    assert stack.resources() == {}

    songs = 'name="songs", model_id=13, description="Old", force_destroy=True'
    stack.program(f'FpShotDB("a", {songs}, {adopt})')
    stack.up().succeeded()
    assert stack.resources()["a"]["id"] == fp_db_id
    stack.refresh("--expect-no-changes").succeeded()
    stack.program(f'FpShotDB("a", {songs})')
    stack.preview("--expect-no-changes").succeeded()

    stack.program(f'FpShotDB("b", {songs}, {adopt})')
    output = stack.up().succeeded().output
    assert "not deleted: urn:pulumi:" in output
    assert mps.only_library()["FpDBId"] == fp_db_id
    assert list(stack.resources()) == ["b"]

    stack.destroy().succeeded()
    assert mps.libraries() == []
    assert "CreateFpShotDB" not in mps.calls()


def test_get(stack: PulumiStack, mps: ControlApi) -> None:
    """`FpShotDB.get` reads a library already in the preview, and destroy leaves it alone."""
    fp_db_id = mps.add_library(Name="songs", ModelId=13)
    stack.program(
        f"""
        songs = FpShotDB.get("songs", "{fp_db_id}")
        pulumi.export("name", songs.name)
        pulumi.export("model", songs.model_id)
        """
    )
    assert 'name : "songs"' in stack.preview().succeeded().output

    stack.up().succeeded()
    assert stack.outputs() == {"name": "songs", "model": 13}

    stack.destroy().succeeded()
    assert mps.only_library()["FpDBId"] == fp_db_id
