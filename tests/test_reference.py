"""The reference of inputs and the RAM policy say what the code says."""

import dataclasses
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

import pulumi_alicloud_mps
from documents import ROOT
from mock_engine import TOKEN
from pulumi_alicloud_mps import (
    FpModel,
    FpShotDB,
    FpShotDBArgs,
    FpShotDBArgsDict,
    GetFpShotDBResult,
    GetFpShotDBsResult,
    fp_shot_db,
    testing,
)
from pulumi_alicloud_mps.inputs import IMMUTABLE, Inputs
from pulumi_alicloud_mps.mps.models import DEFAULT_MODEL, Action, LibraryState
from pulumi_alicloud_mps.operations.call import DEFAULT_TIMEOUT

REFERENCE = (ROOT / "docs" / "reference" / "inputs.md").read_text(encoding="utf-8")
START = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
TESTING = (ROOT / "docs" / "how-to" / "test-your-stacks.md").read_text(encoding="utf-8")

Cells = list[str]


def table(first: str, text: str = REFERENCE) -> dict[str, Cells]:
    """Return the rows of the table whose first column is headed so: other cells by the first."""
    _, begin, rest = text.partition(f"\n| {first} |")
    assert begin, f"there is no table of {first}"
    rows = [line.strip("|").split(" | ") for line in rest.partition("\n\n")[0].splitlines()[2:]]
    return {cells[0].strip(" `"): [cell.strip() for cell in cells[1:]] for cells in rows}


def keywords(callee: Callable[..., object]) -> dict[str, inspect.Parameter]:
    """Return what it takes by keyword alone, without Pulumi's own options."""
    parameters = inspect.signature(callee).parameters.items()
    return {
        name: parameter
        for name, parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY and name != "opts"
    }


def plain(annotation: object) -> str:
    """Return a type without the modules that its parts are in."""
    return re.sub(r"\b(?:\w+\.)+", "", str(annotation))


def types(annotation: str) -> str:
    """Return the cell for a type: what an input takes, or what an output has."""
    input_type = re.fullmatch(r"Input\[(.*)\] \| None", plain(annotation))
    output_type = re.fullmatch(r"Output\[(.*)\]", plain(annotation))
    bare = (input_type or output_type or [None, plain(annotation)])[1] or ""
    names = bare.replace("Config", plain(fp_shot_db.Config)).split(" | ")
    return ", ".join(f"`{name}`" for name in names)


def signature(name: str, callee: Callable[..., object]) -> str:
    """Return how something is called, on one line."""
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(callee)))
    text = plain(text).replace("(self, ", "(")
    return name + (text.removesuffix(" -> None") if isinstance(callee, type) else text)


def test_tables_of_settings_and_options(tmp_path: Path) -> None:
    """They say what settings, quirks and commands do; `scripts/generate` writes them."""
    subprocess.run([sys.executable, ROOT / "tools" / "tables.py", tmp_path], check=True)
    for name in ("settings.md", "emulator.md", "cli.md"):
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert written == (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8"), name


def test_every_input() -> None:
    """Each input of a library is there, in order, with its type."""
    taken = {field.name: str(field.type) for field in dataclasses.fields(FpShotDBArgs)}
    told = {name: cells[0] for name, cells in table("input").items()}
    assert list(told) == list(taken)
    assert told == {name: types(annotation) for name, annotation in taken.items()}
    assert vars(FpShotDBArgs()) == dict.fromkeys(taken)


def test_the_forms_of_inputs() -> None:
    """As an object, a mapping and keywords, for the provider and as outputs inputs are the same."""
    mapping = FpShotDBArgsDict.__annotations__.items()
    assert {name: kind.__forward_arg__ for name, kind in mapping} == FpShotDBArgs.__annotations__
    assert list(Inputs.model_fields) == list(FpShotDBArgs.__annotations__)
    assert Inputs.model_fields.keys() <= {*vars(FpShotDB), *FpShotDB.__annotations__}


def test_what_replaces() -> None:
    """Each input says whether another value replaces a library."""
    told = [name for name, cells in table("input").items() if cells[2] == "replaces"]
    assert tuple(told) == IMMUTABLE


def test_defaults_of_inputs() -> None:
    """A default that is a value is the value that is taken."""
    values = {"model_id": DEFAULT_MODEL.name, "force_destroy": str(Inputs().force_destroy)}
    quoted = {name: re.match("`(.*?)`", cells[1]) for name, cells in table("input").items()}
    assert {name: found[1] for name, found in quoted.items() if found} == values


def test_every_output() -> None:
    """Each output of a library is there, in order, with its type."""
    told = {name: cells[0] for name, cells in table("output").items()}
    properties = {name: it for name, it in vars(FpShotDB).items() if isinstance(it, property)}
    kinds = {name: it.fget.__annotations__["return"] for name, it in properties.items()}
    outputs = {name: types(kind) for name, kind in {**kinds, **FpShotDB.__annotations__}.items()}
    assert list(told) == ["id", *(name for name in told if name != "id")]
    assert told == {"id": "`str`", **outputs}


def test_the_type() -> None:
    """The type in the state is the one of the page."""
    assert f"`{TOKEN}`" in REFERENCE


def test_every_state() -> None:
    """Each state that MPS documents is explained."""
    assert list(table("state")) == [state.value for state in LibraryState]


def test_timeouts() -> None:
    """The default is the code's, and the names are Pulumi's."""
    told = table("operation").values()
    minutes = f"{DEFAULT_TIMEOUT / 60:g} minutes"
    assert {cells[1] for cells in told} == {minutes}
    assert f"waits for {minutes}" in START
    names = {cells[0].strip("`") for cells in told}
    assert names <= inspect.signature(pulumi.CustomTimeouts).parameters.keys()


def test_options() -> None:
    """The options described are Pulumi's."""
    options = {name for row in table("option") for name in row.split("`, `")}
    assert options <= inspect.signature(pulumi.ResourceOptions).parameters.keys()
    assert "`delete_before_replace` | on by default" in REFERENCE


def test_models() -> None:
    """The kinds of media are those of the code."""
    told = {name: int(cells[0]) for name, cells in table("name").items()}
    assert told == {model.name: model.value for model in FpModel}


def test_signatures() -> None:
    """What is called is called as the page says, and nothing that can be called is left out."""
    functions: dict[str, Callable[..., object]] = {
        name: value
        for name in pulumi_alicloud_mps.__all__
        if inspect.isfunction(value := getattr(pulumi_alicloud_mps, name))
    }
    others: dict[str, Callable[..., object]] = {
        "FpShotDB.get": FpShotDB.get,
        "MpsMocks": testing.MpsMocks,
        "MpsMocks.install": testing.MpsMocks.install,
        "MpsMocks.run": testing.MpsMocks.run,
        "MpsEmulator": testing.MpsEmulator,
        "StackMaker.__call__": testing.StackMaker.__call__,
    }
    blocks = re.findall(r"```text\n(.*?)```", REFERENCE, re.DOTALL)
    told = [line for block in blocks for line in block.splitlines() if line]
    expected = [signature(name, callee) for name, callee in {**functions, **others}.items()]
    assert sorted(told) == sorted(expected)


@pytest.mark.parametrize("result", [GetFpShotDBResult, GetFpShotDBsResult])
def test_results(result: type[GetFpShotDBResult | GetFpShotDBsResult]) -> None:
    """Each attribute of a result is there, in order, with its type."""
    told = [(name, cells[0]) for name, cells in table(f"`{result.__name__}`").items()]
    fields = dataclasses.fields(result)
    assert told == [(field.name, types(str(field.type))) for field in fields]


def test_everything_is_there() -> None:
    """Each name of the package is on the page."""
    assert [name for name in pulumi_alicloud_mps.__all__ if f"{name}" not in REFERENCE] == []


def test_rights() -> None:
    """The policy allows exactly what the client can call, and the page says what for."""
    policy = json.loads((ROOT / "docs" / "reference" / "ram-policy.json").read_bytes())
    (statement,) = policy["Statement"]
    assert statement["Action"] == [f"mts:{action}" for action in Action]
    assert list(table("action")) == statement["Action"]


def test_fixtures() -> None:
    """Each fixture is there with what it is, and each method of the emulator in its guide."""
    rows = {name: cells[0].strip("`") for name, cells in table("fixture").items()}
    named = {*rows, *rows.values(), "InvalidInputsError"}
    assert named == set(testing.__all__)
    methods = [name for name in vars(testing.MpsEmulator) if not name.startswith("_")]
    assert [name for name in methods if not re.search(rf"`{name}\b", TESTING)] == []
