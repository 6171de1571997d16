"""The code that is printed: valid Python, whatever the libraries are called."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicloud_mps.importing.program import literal, program
from pulumi_alicloud_mps.inputs import Inputs


def inputs(**given: object) -> Inputs:
    """Return the inputs of a library."""
    return Inputs.model_validate({"name": "songs", "model_id": 13, **given})


def variables(*logical_names: str) -> list[str]:
    """Return the variables that libraries of these logical names get."""
    tree = ast.parse(program(dict.fromkeys(logical_names, inputs()), []))
    found = [node.targets[0] for node in tree.body if isinstance(node, ast.Assign)]
    return [target.id for target in found if isinstance(target, ast.Name)]


@pytest.mark.portability
def test_program() -> None:
    """It says what a library is, leaves out what is unset, and is laid out as formatters do."""
    to_dict = program(
        {
            "songs": inputs(config='{"level":1}'),
            "more": inputs(model_id=12, description="Old", region="cn-beijing"),
        },
        ["parent=owner", "protect=True"],
    )

    assert to_dict == (
        """import pulumi
from pulumi_alicloud_mps import FpModel, FpShotDB

songs = FpShotDB(
    "songs",
    name="songs",
    model_id=FpModel.AUDIO,
    config='{"level":1}',
    opts=pulumi.ResourceOptions(parent=owner, protect=True),
)

more = FpShotDB(
    "more",
    name="songs",
    model_id=FpModel.VIDEO,
    description="Old",
    region="cn-beijing",
    opts=pulumi.ResourceOptions(parent=owner, protect=True),
)
"""
    )


@given(st.text())
def test_literals(text: str) -> None:
    """Any text comes back from its literal, which is one line without invisible characters."""
    to_dict = literal(text)
    assert ast.literal_eval(to_dict) == text
    assert to_dict.isprintable()


@pytest.mark.parametrize(
    ("logical_name", "variable"),
    [
        ("songs", "songs"),
        ("licensed-2024.v1", "licensed_2024_v1"),
        ("2024", "library_2024"),
        ("class", "class_"),
        ("pulumi", "pulumi_2"),
        ("曲库", "曲库"),
        ("ﬁlms", "films"),
        ("x²", "x2"),
        ("🎵", "library"),
    ],
)
def test_variables(logical_name: str, variable: str) -> None:
    """A variable is as like the logical name as Python lets it be."""
    assert variables(logical_name) == [variable]


def test_variables_differ() -> None:
    """No variable is assigned twice."""
    assert variables("a-b", "a.b", "a_b") == ["a_b", "a_b_2", "a_b_3"]


@given(st.lists(st.text(min_size=1), max_size=5, unique=True))
def test_any_names(names: list[str]) -> None:
    """Names of any characters give a program that Python can read."""
    assert len(set(variables(*names))) == len(names)
