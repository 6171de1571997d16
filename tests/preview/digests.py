"""Previews made for a test, in the engine's JSON."""

import json
from typing import Any

from pulumi_alicloud_mps.preview.plan import StackPreview
from pulumi_alicloud_mps.preview.read import read_previews
from pulumi_alicloud_mps.preview.render import comment
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE

Json = dict[str, Any]


def step(op: str, name: str, **fields: Any) -> Json:  # noqa: ANN401 - JSON
    """Return a step about a library, or about another `type`."""
    kind = fields.pop("type", LIBRARY_TYPE)
    owner = fields.pop("owner", "urn:pulumi:dev::catalogue")
    return {"op": op, "urn": f"{owner}::{kind}::{name}", **fields}


def library(fp_db_id: str = "0" * 32, **outputs: object) -> Json:
    """Return the state of a library."""
    found = {"name": "films", "model_id": 12, "region": "cn-shanghai", "state": "active", **outputs}
    return {"id": fp_db_id, "outputs": found, "inputs": found}


def replacement(name: str, old: str = "old", new: str = "new", **fields: object) -> Json:
    """Return a step that replaces a library for its description."""
    return step(
        "replace",
        name,
        oldState=library(description=old),
        newState={"inputs": library(description=new)["inputs"]},
        replaceReasons=["description"],
        detailedDiff={"description": {"kind": "update"}},
        **fields,
    )


def digest(*steps: Json, **fields: Any) -> bytes:  # noqa: ANN401 - JSON
    """Return a preview."""
    return json.dumps({"steps": steps, **fields}).encode()


def previews(*contents: bytes, drift: bool = False) -> list[StackPreview]:
    """Return previews as the command reads them."""
    return [
        StackPreview(item, drift_only=drift)
        for content in contents
        for item in read_previews(content, "preview.json")
    ]


def commented(*contents: bytes, drift: bool = False, **layout: Any) -> str:  # noqa: ANN401 - JSON
    """Return the comment on previews."""
    return comment(previews(*contents, drift=drift), **layout)
