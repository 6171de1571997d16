"""Writes the native provider's schema and reference: `python tools/schema.py [FOLDER]`.

Everything in them is derived: the inputs from their table, the texts from the docstrings of the
dynamic provider's classes, the settings from theirs. The first paragraph of a docstring is for
every language, what follows is for Python's.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pulumi_alicloud_mps
from pulumi_alicloud_mps import functions, provider
from pulumi_alicloud_mps.fp_shot_db import FpShotDB, FpShotDBArgs
from pulumi_alicloud_mps.functions import GetFpShotDBResult, GetFpShotDBsResult
from pulumi_alicloud_mps.inputs import IMMUTABLE
from pulumi_alicloud_mps.mps.models import FpModel
from pulumi_alicloud_mps.settings.schema import NAME_BY_KEY, OWN_SPACE, SETTINGS, Kind
from pulumi_alicloud_mps.spelling import in_camel_case
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE, key_of
from tables import markdown

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "provider" / "pulumi_alicloud_mps" / "native" / "schema.json"
REFERENCE = ROOT / "docs" / "reference" / "native.md"
FIRST_STEPS = ROOT / "docs" / "getting-started.md"

_WRITTEN = "<!-- tools/schema.py writes the rest. -->\n"

_MODULE = NATIVE_LIBRARY_TYPE.removesuffix("FpShotDB")
_MODEL, _LISTED = f"{_MODULE}FpModel", f"{_MODULE}GetFpShotDBsFpShotDB"

# An annotation of Python's, and what it is in a schema.
_TYPES: dict[str, dict[str, Any]] = {
    "Config": {"$ref": "pulumi.json#/Any"},
    "FpModel | int | str": {"$ref": f"#/types/{_MODEL}"},
    "GetFpShotDBResult": {"$ref": f"#/types/{_LISTED}"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "str": {"type": "string"},
}
_ARRAY = re.compile(r"(?:list|Sequence)\[(.*)\]")

Spec = dict[str, Any]


def derived() -> Spec:
    """Return the schema, without the version that the provider adds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    settings = _settings()
    return {
        "name": OWN_SPACE,
        "displayName": "Alibaba Cloud MPS",
        "publisher": project["name"],
        "description": project["description"],
        "keywords": [*project["keywords"], "kind/native", "category/cloud"],
        "license": project["license"],
        "language": {
            "python": {
                "packageName": f"{pulumi_alicloud_mps.__name__}_native",
                "pyproject": {"enabled": True},
                "respectSchemaVersion": True,
            },
            "nodejs": {
                "packageName": project["name"],
                "respectSchemaVersion": True,
                # That of the programs, so that no second one is installed.
                "typescriptVersion": "^5.0.0",
            },
            "go": {
                "modulePath": f"{project['name']}/sdk/go",
                "importBasePath": f"{project['name']}/sdk/go/alicloudmps",
                "respectSchemaVersion": True,
            },
        },
        "config": {"variables": settings},
        "provider": {
            "description": _text(inspect.getdoc(provider.Provider) or ""),
            "inputProperties": settings,
        },
        "types": {
            _MODEL: {
                "type": "integer",
                "description": _text(inspect.getdoc(FpModel) or ""),
                "enum": [
                    {"name": model.name.title(), "value": model.value, "description": text}
                    for model, text in zip(FpModel, map(_text, _field_docs(FpModel)), strict=True)
                ],
            },
            _LISTED: {"type": "object", **_result(GetFpShotDBResult)},
        },
        "resources": {NATIVE_LIBRARY_TYPE: _resource()},
        "functions": {
            f"{_MODULE}getFpShotDB": _function(functions.get_fp_shot_db, GetFpShotDBResult),
            f"{_MODULE}getFpShotDBs": _function(functions.get_fp_shot_dbs, GetFpShotDBsResult),
        },
    }


def _settings() -> Spec:
    variables = {}
    for key, name in NAME_BY_KEY.items():
        setting = SETTINGS[name]
        texts = [f"{setting.about[0].upper()}{setting.about[1:]}.", f"Default: {setting.default}."]
        if setting.environment:
            texts.append(f"Environment: {', '.join(f'`{it}`' for it in setting.environment)}.")
        variables[key] = {
            "type": "number" if setting.kind is Kind.NUMBER else "string",
            "description": in_camel_case(" ".join(texts)),
            **({"secret": True} if setting.secret else {}),
        }
    return variables


def _resource() -> Spec:
    inputs = _properties(FpShotDBArgs.__annotations__, _field_docs(FpShotDBArgs))
    for name in IMMUTABLE:
        inputs[key_of(name)]["willReplaceOnChanges"] = True
    annotated = zip(FpShotDB.__annotations__.items(), _field_docs(FpShotDB), strict=True)
    outputs = {name: (kind, text) for (name, kind), text in annotated} | {
        name: (it.fget.__annotations__["return"], inspect.getdoc(it) or "")
        for name, it in vars(FpShotDB).items()
        if isinstance(it, property) and it.fget
    }
    kinds = {name: kind for name, (kind, _) in outputs.items()}
    region, told = _type(FpShotDBArgs.__annotations__["region"]), _arguments(FpShotDB.get)
    return {
        "description": f"{_text(inspect.getdoc(FpShotDB) or '', whole=True)}\n\n{_examples()}",
        "properties": _properties(kinds, [text for _, text in outputs.values()]),
        "required": _required(kinds),
        "inputProperties": inputs,
        "stateInputs": {"properties": {"region": {**region, **told["region"]}}},
        "aliases": [{"type": LIBRARY_TYPE}],
    }


def _function(function: Callable[..., object], result: type) -> Spec:
    parameters = inspect.signature(function).parameters
    kinds = {name: it.annotation for name, it in parameters.items() if name != "opts"}
    told = _arguments(function)
    required = [
        key_of(name) for name in kinds if parameters[name].default is inspect.Parameter.empty
    ]
    return {
        "description": _text(inspect.getdoc(function) or ""),
        "inputs": {
            "properties": {key_of(name): {**_type(kinds[name]), **told[name]} for name in kinds},
            **({"required": required} if required else {}),
        },
        "outputs": _result(result),
    }


def _result(result: type) -> Spec:
    kinds = {field.name: str(field.type) for field in dataclasses.fields(result)}
    told = _arguments(result)
    return {
        "description": _text(inspect.getdoc(result) or ""),
        "properties": {key_of(name): {**_type(kind), **told[name]} for name, kind in kinds.items()},
        "required": _required(kinds),
    }


def _properties(kinds: Mapping[str, str], texts: list[str]) -> Spec:
    """Return properties by key, from annotations and docstrings."""
    told = zip(kinds.items(), texts, strict=True)
    return {key_of(name): {**_type(kind), "description": _text(doc)} for (name, kind), doc in told}


def _required(kinds: Mapping[str, str]) -> list[str]:
    return [key_of(name) for name, kind in kinds.items() if "None" not in kind]


def _type(annotation: str) -> Spec:
    bare = annotation.replace(" | None", "")
    for wrapper in ("pulumi.Input", "pulumi.Output"):
        bare = bare.removeprefix(f"{wrapper}[").removesuffix("]") if wrapper in bare else bare
    if items := _ARRAY.fullmatch(bare):
        return {"type": "array", "items": _type(items[1])}
    return _TYPES[bare]


def _field_docs(owner: type) -> list[str]:
    """Return the docstrings after the fields of a class, which Python itself doesn't keep."""
    tree = ast.parse(inspect.getsource(owner))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    return [
        inspect.cleandoc(following.value.value)
        for node, following in pairwise(body)
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
        and isinstance(following.value.value, str)
    ]


def _arguments(owner: object) -> dict[str, Spec]:
    """Return what the docstring of a function or a result says of each of its names."""
    _, _, told = re.split(
        r"^(Args|Attributes):$", inspect.getdoc(owner) or "", maxsplit=1, flags=re.MULTILINE
    )
    items = re.findall(r"^    (\w+): (.*\n?(?: {8}.*\n?)*)", told, re.MULTILINE)
    return {name: {"description": _text(text)} for name, text in items}


def _text(docstring: str, *, whole: bool = False) -> str:
    """Return a docstring, the whole or its first paragraph, in the spelling of the schema."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in docstring.split("\n\n")]
    return in_camel_case("\n\n".join(paragraphs if whole else paragraphs[:1]))


def _examples() -> str:
    """Return the programs of the documents, in the form that each SDK takes its language of."""
    text = FIRST_STEPS.read_text(encoding="utf-8").partition("\n## In YAML, TypeScript or Go\n")[2]
    first = re.findall(
        r"^```\w+\n.*?^```$", text.partition("</table>")[0], re.MULTILINE | re.DOTALL
    )
    sections = re.split("^### ", _by_hand().partition("\n## Examples\n")[2], flags=re.MULTILINE)
    sections[0] = "A library for music\n\n" + "\n\n".join(first)
    examples = [
        f"{{{{% example %}}}}\n### {part.strip()}\n{{{{% /example %}}}}" for part in sections
    ]
    return "\n".join(["{{% examples %}}\n## Example Usage", *examples, "{{% /examples %}}"])


def _by_hand() -> str:
    return REFERENCE.read_text(encoding="utf-8").partition(_WRITTEN)[0]


def reference(spec: Spec) -> str:
    """Return the reference of a schema, below what is written by hand."""
    resource = spec["resources"][NATIVE_LIBRARY_TYPE]
    inputs, outputs = resource["inputProperties"], resource["properties"]
    replacing = [f"`{key}`" for key, it in inputs.items() if it.get("willReplaceOnChanges")]
    summary, _, _ = resource["description"].partition("\n")
    parts = [
        f"{_by_hand()}{_WRITTEN}",
        f"## FpShotDB\n\n{summary}\n",
        _table("input", inputs),
        f"A change of {', '.join(replacing)} replaces the library. All are outputs, too.\n",
        _table("output", {key: it for key, it in outputs.items() if key not in inputs}),
    ]
    for token, it in spec["functions"].items():
        parts += [
            f"## {token.removeprefix(_MODULE)}\n\n{it['description']}\n",
            _table("argument", it["inputs"]["properties"], it["inputs"].get("required", ())),
            _table("result", it["outputs"]["properties"]),
        ]
    for token, it in spec["types"].items():
        parts.append(f"## {token.removeprefix(_MODULE)}\n\n{it['description']}\n")
        if "enum" in it:
            rows = [
                (f"`{one['name']}`", str(one["value"]), one["description"]) for one in it["enum"]
            ]
            parts.append(markdown([("name", "value", ""), *rows]))
        else:
            parts.append(_table("property", it["properties"]))
    return "\n".join(parts)


def _table(kind: str, properties: Spec, required: Collection[str] = ()) -> str:
    rows = [
        (f"`{key}`", _named(it), it["description"] + " Required." * (key in required))
        for key, it in properties.items()
    ]
    return markdown([(kind, "type", ""), *rows])


def _named(kind: Spec) -> str:
    if kind.get("type") == "array":
        return f"list of {_named(kind['items'])}"
    name = kind.get("type") or kind["$ref"].rpartition("/")[2].removeprefix(_MODULE)
    return f"[{name}](#{name.lower()})" if name[0].isupper() and name != "Any" else name.lower()


def _write(folder: Path | None) -> None:
    spec = derived()
    texts = {SCHEMA: json.dumps(spec, indent=2) + "\n", REFERENCE: reference(spec)}
    for path, text in texts.items():
        (folder / path.name if folder else path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]) if sys.argv[1:] else None)
