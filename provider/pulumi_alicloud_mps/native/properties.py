"""Properties between the engine's protocol and the operations.

The protocol has the keys of the schema, such as `modelId`, and the operations have names. A stack
that was moved from the dynamic provider still has names, which stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.settings.schema import OWN_SPACE
from pulumi_alicloud_mps.state.deployment import (
    SECRET_KEY,
    SECRET_SIGNATURE,
    UNKNOWN,
    UNKNOWN_TEXT,
    Properties,
    by_key,
    by_name,
    is_secret,
)

GET_ONE = f"{OWN_SPACE}:index:getFpShotDB"
GET_SEVERAL = f"{GET_ONE}s"
"""The functions, as the schema calls them."""

_CONFIG = "config"
_EXACT = 2**53
"""From here on, the protocol's numbers, which are floats, can't hold every integer."""


def decode(properties: struct_pb2.Struct) -> Properties:
    """Return properties by name, with `UNKNOWN` for what has a part that is not known yet."""
    found = {
        name: UNKNOWN if UNKNOWN_TEXT in _scalars(value) else value
        for name, value in by_name(plain(properties)).items()
    }
    config = found.get(_CONFIG)
    # An asset is left as it is: no input may be one.
    if isinstance(config, (dict, list)) and not is_secret(config):
        if any(isinstance(item, float) and abs(item) >= _EXACT for item in _scalars(config)):
            raise SettingsError(
                "config: has a number that Pulumi would round; give it as JSON text, not as a"
                " mapping"
            )
        # It is text from here on, as the dynamic provider has it, and its type in the schema.
        found[_CONFIG] = json.dumps(config)
    return found


def encode(properties: Properties) -> struct_pb2.Struct:
    """Return properties for the engine, without those that are unset."""
    struct = struct_pb2.Struct()
    struct.update(
        {
            key: UNKNOWN_TEXT if value is UNKNOWN else value
            for key, value in by_key(properties).items()
            if value is not None
        }
    )
    return struct


def result_of_several(libraries: Sequence[Properties], region: str) -> Properties:
    """Return what `GET_SEVERAL` answers, of libraries as `GET_ONE` describes them."""
    return {
        "ids": [library["id"] for library in libraries],
        "names": [library["name"] for library in libraries],
        "fp_shot_dbs": list(map(by_key, libraries)),
        "region": region,
    }


def as_secret(value: Any) -> Properties:  # noqa: ANN401 - settings are text and numbers
    """Return a value that the engine encrypts in the state."""
    return {SECRET_KEY: SECRET_SIGNATURE, "value": value}


def plain(properties: struct_pb2.Struct) -> Properties:
    """Return properties by key, without nulls and marks of secrets."""
    found = {key: _plain_value(value) for key, value in properties.fields.items()}
    return {key: value for key, value in found.items() if value is not None}


def _plain_value(value: struct_pb2.Value) -> Any:  # noqa: ANN401 - any JSON
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return [_plain_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SECRET_KEY in fields and fields[SECRET_KEY].string_value == SECRET_SIGNATURE:
            return _plain_value(fields["value"])
        return {key: _plain_value(item) for key, item in fields.items()}
    return getattr(value, kind) if kind and kind != "null_value" else None


def _scalars(content: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON
    if isinstance(content, (dict, list)):
        for item in content.values() if isinstance(content, dict) else content:
            yield from _scalars(item)
    else:
        yield content
