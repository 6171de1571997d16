"""The schema says what the native provider takes and gives, in the spelling of every language."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from documents import ROOT
from pulumi_alicloud_mps.inputs import IMMUTABLE, Inputs
from pulumi_alicloud_mps.mps.models import FpModel, Library
from pulumi_alicloud_mps.native import provider
from pulumi_alicloud_mps.operations.lookup import LookupArguments
from pulumi_alicloud_mps.settings.schema import NAME_BY_KEY, SECRETS
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE, key_of

FILE = ROOT / "provider" / "pulumi_alicloud_mps" / "native" / "schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
RESOURCE = SCHEMA["resources"][NATIVE_LIBRARY_TYPE]
FOUND = SCHEMA["types"]["alicloud-mps:index:GetFpShotDBsFpShotDB"]


def function(name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a function of the schema."""
    return SCHEMA["functions"][f"alicloud-mps:index:{name}"]


def nodes(node: object) -> Iterator[dict[str, Any]]:
    """Return every object of the schema."""
    for value in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from nodes(value)
    if isinstance(node, dict):
        yield node


def test_it_is_derived(tmp_path: Path) -> None:
    """Schema and reference are what tables and docstrings say; `scripts/generate` writes them."""
    subprocess.run([sys.executable, ROOT / "tools" / "schema.py", tmp_path], check=True)
    for path in (FILE, ROOT / "docs" / "reference" / "native.md"):
        derived = (tmp_path / path.name).read_text(encoding="utf-8")
        assert derived == path.read_text(encoding="utf-8"), path.name


def test_everything_is_described() -> None:
    """Each resource, function, type, property, setting and value says what it is."""
    named = [
        SCHEMA["config"]["variables"],
        *(node["properties"] for node in nodes(SCHEMA) if "properties" in node),
    ]
    named += [node["inputProperties"] for node in nodes(SCHEMA) if "inputProperties" in node]
    named += [SCHEMA[kind] for kind in ("resources", "functions", "types")]
    described = [node for names in named for node in names.values()]
    described += SCHEMA["types"]["alicloud-mps:index:FpModel"]["enum"]
    assert len(described) > 60
    assert [node for node in described if not node.get("description", "").strip()] == []


def test_texts_are_for_every_language() -> None:
    """No text has a name or a value as Python alone spells it."""
    texts = [
        node["description"] for node in nodes(SCHEMA) if isinstance(node.get("description"), str)
    ]
    plain = [text.partition("{{% examples %}}")[0] for text in texts]
    assert [
        text for text in plain if re.search(r"\b(?:[a-z]+_[a-z_]+|None|True|False)\b", text)
    ] == []


@pytest.mark.parametrize("language", ["yaml", "python", "typescript", "go"])
def test_examples(language: str) -> None:
    """The library's description has each example in every language."""
    _, *examples = RESOURCE["description"].split("{{% example %}}")
    assert examples
    assert [text for text in examples if f"```{language}\n" not in text] == []


def test_the_resource() -> None:
    """It has the provider's inputs and outputs, and takes the place of the dynamic one."""
    inputs = RESOURCE["inputProperties"]
    assert [*inputs] == [*map(key_of, Inputs.model_fields)]
    assert RESOURCE["properties"].keys() == {*map(key_of, provider._OUTPUTS)}
    assert [key for key, node in inputs.items() if "willReplaceOnChanges" in node] == [
        *map(key_of, IMMUTABLE)
    ]
    assert "requiredInputs" not in RESOURCE
    assert RESOURCE["aliases"] == [{"type": LIBRARY_TYPE}]


def test_settings() -> None:
    """A provider and the configuration have every setting, with the same secrets."""
    for settings in (SCHEMA["config"]["variables"], SCHEMA["provider"]["inputProperties"]):
        assert settings.keys() == NAME_BY_KEY.keys()
        assert {key for key, node in settings.items() if node.get("secret")} == SECRETS


def test_functions() -> None:
    """Functions have the arguments and results that the provider serves."""
    taken = {key_of(name) for name in LookupArguments.model_fields}
    assert function("getFpShotDBs")["inputs"]["properties"].keys() == taken
    assert [*function("getFpShotDB")["inputs"]["properties"]] == ["fpDbId", "region"]
    library = Library(fp_db_id="id", name="songs", model_id=13, state="active", description="x")
    given = {key_of(name) for name in provider._described(library, "cn-shanghai")}
    assert FOUND["properties"].keys() == given
    assert function("getFpShotDB")["outputs"]["properties"].keys() == given
    assert [*function("getFpShotDBs")["outputs"]["properties"]] == [
        "ids",
        "names",
        "fpShotDbs",
        "region",
    ]


def test_models() -> None:
    """The enumeration has every model of the package."""
    values = SCHEMA["types"]["alicloud-mps:index:FpModel"]["enum"]
    assert {item["name"].upper(): item["value"] for item in values} == dict(FpModel.__members__)


def test_references() -> None:
    """Each type that is referred to exists, and what is required is a property."""
    for node in nodes(SCHEMA):
        reference = node.get("$ref", "pulumi.json#/Any")
        assert (
            reference == "pulumi.json#/Any" or reference.removeprefix("#/types/") in SCHEMA["types"]
        )
        assert {*node.get("required", ())} <= node.get("properties", {}).keys()
