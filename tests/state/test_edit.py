"""Where libraries go in a state, and what is written there for want of an `up` before."""

import json
from typing import Any

import pytest

from pulumi_alicloud_mps.errors import ImportRefusedError
from pulumi_alicloud_mps.state.deployment import LIBRARY_TYPE, SECRET_KEY, Deployment, Properties
from pulumi_alicloud_mps.state.edit import import_target, with_libraries
from pulumi_alicloud_mps.state.pulumi_cli import ConfigValue

PREFIX = "urn:pulumi:dev::catalogue"
ROOT = f"{PREFIX}::pulumi:pulumi:Stack::catalogue-dev"
OWNER = f"{PREFIX}::a:b:Outer$a:b:Owner::owner"
PROVIDER = f"{PREFIX}::pulumi:providers:pulumi-python::default"


def state(*resources: dict[str, Any]) -> Deployment:
    """Return a state with these entries."""
    return Deployment({"version": 3, "deployment": {"resources": list(resources)}})


def entry(urn: str, **more: object) -> dict[str, Any]:
    """Return an entry of a state."""
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], **more}


def test_an_empty_state() -> None:
    """URNs are those of the project and the stack that the CLI names."""
    target = import_target(Deployment(), "organization/catalogue/dev")
    assert target.parent == ROOT
    assert target.provider.startswith(f"{PROVIDER}::")
    assert target.urn("songs") == f"{PREFIX}::{LIBRARY_TYPE}::songs"


def test_a_parent() -> None:
    """Under a parent, a URN has the types of all that it stands under."""
    target = import_target(state(entry(ROOT), entry(OWNER)), "dev", OWNER)
    assert target.urn("songs") == f"{PREFIX}::a:b:Outer$a:b:Owner${LIBRARY_TYPE}::songs"


def test_no_project() -> None:
    """If nothing names the project, the line says how to go on."""
    with pytest.raises(ImportRefusedError, match="run `pulumi up` once, then import"):
        import_target(state(), "dev")


def test_what_is_added() -> None:
    """Stack and default provider come first, with the configuration; the old state stays as it is.

    What is secret is marked, so that Pulumi encrypts it.
    """
    before = state()
    config = {"a:key": ConfigValue("hush", secret=True), "a:b": ConfigValue("c", secret=False)}
    target = import_target(before, "organization/catalogue/dev")
    songs = {"name": "songs", "config": None}, {"fp_db_id": "1", "name": "songs", "config": None}

    after = with_libraries(before, target, config, {"songs": songs}, protect=False)

    assert before == state()
    stack, provider, library = (item.raw for item in after.resources)
    assert (stack["urn"], stack["custom"]) == (ROOT, False)
    assert provider["inputs"]["a:b"] == "c"
    assert json.loads(provider["inputs"]["a:key"]["plaintext"]) == "hush"
    assert SECRET_KEY in provider["inputs"]["a:key"]
    assert library["provider"] == f"{PROVIDER}::{provider['id']}"
    assert library["parent"] == ROOT
    assert library["id"] == "1"
    assert library["inputs"].keys() == {"__provider", "name"}
    assert library["outputs"].keys() == {"__provider", "name", "fp_db_id"}
    assert "protect" not in library


def test_what_is_there_is_used() -> None:
    """A stack that was applied before gets nothing but the library."""
    before = state(entry(ROOT), entry(PROVIDER, id="7"))
    songs: tuple[Properties, Properties] = ({}, {"fp_db_id": "1"})
    after = with_libraries(before, import_target(before, "dev"), {}, {"songs": songs}, protect=True)
    *kept, library = (item.raw for item in after.resources)
    assert kept == [item.raw for item in before.resources]
    assert library["provider"] == f"{PROVIDER}::7"
    assert library["protect"] is True


def test_a_provider_that_is_yet_to_be_deleted() -> None:
    """Of two entries of a provider, libraries get the one that stays, wherever it stands."""
    replaced, current = entry(PROVIDER, id="7", delete=True), entry(PROVIDER, id="8")
    for entries in ([replaced, current], [current, replaced]):
        assert import_target(state(entry(ROOT), *entries), "dev").provider == f"{PROVIDER}::8"


def test_only_a_provider_that_is_yet_to_be_deleted() -> None:
    """A provider that goes gets no libraries: there is a new default one, and no explicit one."""
    replaced = entry(PROVIDER, id="7", delete=True)
    before = state(entry(ROOT), replaced)
    target = import_target(before, "dev")
    songs: tuple[Properties, Properties] = ({}, {"fp_db_id": "1"})
    after = with_libraries(before, target, {}, {"songs": songs}, protect=True)
    assert target.provider in {item.reference for item in after.resources if not item.delete}
    with pytest.raises(ImportRefusedError, match="the state has no provider"):
        import_target(before, "dev", provider=PROVIDER)
