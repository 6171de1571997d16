"""The JSON of `pulumi stack export`: what is read of it, and what stays when it is changed."""

import json
from copy import deepcopy
from typing import Any

import pytest

from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPE,
    PROVIDER_TYPE,
    SECRET_KEY,
    Deployment,
    Resource,
    in_clear,
    parts_of,
    secret,
)

STACK = "urn:pulumi:dev::catalogue"
URN = f"{STACK}::{LIBRARY_TYPE}::songs"
PROVIDER = f"{STACK}::{PROVIDER_TYPE}::default"

SONGS: dict[str, Any] = {
    "urn": URN,
    "custom": True,
    "id": "1" * 32,
    "type": LIBRARY_TYPE,
    "inputs": {"name": "songs"},
    "provider": f"{PROVIDER}::7",
    "refreshBeforeUpdate": True,
    "aliases": None,
}
STATE: dict[str, Any] = {
    "version": 3,
    "features": ["taint"],
    "deployment": {
        "manifest": {"version": "v3.230.0"},
        "secrets_providers": {"type": "passphrase"},
        "resources": [{"urn": PROVIDER, "type": PROVIDER_TYPE, "id": "7", "inputs": {}}, SONGS],
        "pending_operations": [{"type": "deleting", "resource": SONGS}],
        "metadata": {},
    },
}


def test_what_is_read() -> None:
    """A library is known with its provider, and what is pending with the kind of the operation."""
    state = Deployment(STATE)
    (songs,) = state.libraries
    assert (songs.urn, songs.id, songs.inputs, songs.outputs) == (
        URN,
        "1" * 32,
        SONGS["inputs"],
        {},
    )
    assert songs.provider == state.resources[0].reference
    assert songs.provider_urn == PROVIDER
    assert (state.deleting, state.creating) == ([songs], [])


@pytest.mark.parametrize("raw", [{}, {"deployment": None}, {"deployment": {"resources": None}}])
def test_an_empty_state(raw: dict[str, Any]) -> None:
    """A stack that was never applied, or was destroyed, has nothing."""
    assert (Deployment(raw).resources, Deployment(raw).pending) == ([], [])


def test_what_is_not_known_stays() -> None:
    """A change touches what it names alone, and the state that it is made from not at all."""
    before = deepcopy(STATE)
    state = Deployment(STATE)
    assert state.with_resources(state.resources).raw == before
    provider, songs = state.resources
    changed = songs.changed(pending_replacement=True, provider=None)
    after = state.with_resources([provider, changed]).without_pending()

    expected = deepcopy(before)
    expected["deployment"]["pending_operations"] = None
    resource = expected["deployment"]["resources"][1]
    resource["pendingReplacement"] = True
    del resource["provider"]
    assert after.raw == expected
    assert before == STATE


def test_dependencies_that_are_null() -> None:
    """A property without dependencies may have null for them."""
    songs = Resource.read({**SONGS, "propertyDependencies": {"name": None}})
    assert songs.pruned([]).raw["propertyDependencies"] == {"name": []}


@pytest.mark.parametrize(
    ("name", "is_default"),
    [("default", True), ("default_3_0_0", True), ("defaults", False), ("theirs", False)],
)
def test_the_default_provider(name: str, *, is_default: bool) -> None:
    """The engine's own providers are distinguished from explicit ones by their names."""
    provider = Resource.read({"urn": f"{STACK}::{PROVIDER_TYPE}::{name}", "id": "7"})
    assert Resource(provider=provider.reference).has_default_provider is is_default


@pytest.mark.parametrize(
    ("urn", "parts"),
    [
        (URN, ("dev", "catalogue", LIBRARY_TYPE, "songs")),
        (f"{STACK}::a$b::old::songs", ("dev", "catalogue", "a$b", "old::songs")),
        ("songs", ("", "", "", "songs")),
    ],
    ids=["plain", "colons in the name", "no URN"],
)
def test_the_parts_of_a_urn(urn: str, parts: tuple[str, ...]) -> None:
    """A name may have colons of its own, and what is no URN is a name."""
    assert parts_of(urn) == parts


def test_the_settings_of_a_provider() -> None:
    """They are what MPS is called with, in clear; the state may lack the provider."""
    settings = {"alicloud-mps:provider": "theirs", "alicloud-mps:secretKey": "hunter2"}
    inputs = {**settings, "alicloud-mps:secretKey": secret("hunter2")}
    theirs = Resource().changed(urn=f"{STACK}::{PROVIDER_TYPE}::theirs", id="7", inputs=inputs)
    state = Deployment().with_resources([theirs])
    assert state.settings_of(theirs.reference) == settings
    assert state.settings_of(f"{PROVIDER}::7") == {}


@pytest.mark.parametrize(
    ("value", "clear"),
    [
        ({SECRET_KEY: "1b47", "plaintext": json.dumps("hunter2")}, "hunter2"),
        ({"a": 1}, {"a": 1}),
        ("text", "text"),
        (None, None),
    ],
)
def test_in_clear(value: object, clear: object) -> None:
    """Only what is marked as a secret is unwrapped."""
    assert in_clear({"key": value}) == {"key": clear}
