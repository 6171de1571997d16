"""Properties between the engine's protocol and the operations.

The protocol has the keys of the schema, such as `modelId`, and the operations have names. A stack
that was moved from the dynamic provider still has names, which stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import pulumi
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime import rpc

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.state.deployment import Properties, by_key, by_name

_CONFIG = "config"
_EXACT = 2**53
"""From here on not every integer is a number of the protocol, which are floats."""


def decode(properties: struct_pb2.Struct) -> Properties:
    """Return properties by name, with what is not known yet as `pulumi.Unknown`."""
    found = by_name(rpc.deserialize_properties(properties, True))  # noqa: FBT003 - keep unknowns
    config = found.get(_CONFIG)
    if isinstance(config, (dict, list)):
        # It is text from here on, as the dynamic provider has it, and its type in the schema.
        found[_CONFIG] = _text(properties.fields[_CONFIG], config)
    return found


def encode(properties: Properties, *, unknown: Collection[str] = ()) -> struct_pb2.Struct:
    """Return properties for the engine, without those that are unset.

    Args:
        properties: The properties by name.
        unknown: The names of more that are not known yet.
    """
    known = {key: _wire(value) for key, value in properties.items() if value is not None}
    struct = struct_pb2.Struct()
    struct.update(by_key(dict.fromkeys(unknown, rpc.UNKNOWN) | known))
    return struct


def secret(value: Any) -> Properties:  # noqa: ANN401 - settings are text and numbers
    """Return a value that the engine encrypts in the state."""
    wrapped: Properties = rpc.wrap_rpc_secret(_wire(value))
    return wrapped


def in_clear(properties: struct_pb2.Struct) -> Properties:
    """Return settings by key, with secrets as plain values."""
    found = rpc.deserialize_properties(properties, True)  # noqa: FBT003 - keep unknowns
    return {key: rpc.unwrap_rpc_secret(value) for key, value in found.items()}


def _text(sent: struct_pb2.Value, config: Any) -> Any:  # noqa: ANN401 - any JSON
    if pulumi.contains_unknowns(config):
        return pulumi.output.UNKNOWN
    # The SDK has dropped the nulls.
    content = json_format.MessageToDict(sent)
    if any(abs(number) >= _EXACT for number in _numbers(content)):
        raise SettingsError(
            "config: has a number that Pulumi would round; give it as JSON text, not as a mapping"
        )
    return json.dumps(content)


def _numbers(content: Any) -> Iterator[float]:  # noqa: ANN401 - any JSON
    if isinstance(content, (dict, list)):
        for item in content.values() if isinstance(content, dict) else content:
            yield from _numbers(item)
    elif isinstance(content, float):
        yield content


def _wire(value: Any) -> Any:  # noqa: ANN401 - likewise
    if isinstance(value, pulumi.output.Unknown):
        return rpc.UNKNOWN
    if isinstance(value, dict):
        return {key: _wire(item) for key, item in value.items()}
    return [_wire(item) for item in value] if isinstance(value, list) else value
