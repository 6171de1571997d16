"""A Python stack that changes its import, and nothing else: to the native provider, and back."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

from control_api import ControlApi
from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
)
from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPE,
    NATIVE_LIBRARY_TYPE,
    PROVIDER_KEY,
    by_key,
    by_name,
    is_secret,
)
from pulumi_stack import PulumiStack
from stacks.conftest import OTHER_SECRET

DYNAMIC, NATIVE = "pulumi_alicloud_mps", "pulumi_alicloud_mps_native"
DESCRIPTION = "Licensed for ever"

PROGRAM = """
    from {package} import FpModel, FpShotDB, FpShotDBArgs, Provider
    import pulumi

    config = pulumi.Config()


    class Catalogue(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("test:index:Catalogue", name, None, opts)
            self.films = FpShotDB(f"{{name}}-films", opts=pulumi.ResourceOptions(parent=self))


    songs = FpShotDB(
        "songs",
        FpShotDBArgs(model_id=FpModel.AUDIO, config={{"b": [None, 1.5, 2], "a": 1}}),
        pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5m")),
    )
    clips = FpShotDB(
        "clips",
        pulumi.ResourceOptions(protect=True),
        name="clips",
        config='{{"a": 1.0}}',
        description=config.require_secret("description"),
    )
    FpShotDB("kept", force_destroy=True, opts=pulumi.ResourceOptions(retain_on_delete=True))
    FpShotDB("adopted", name="older", model_id="image", adopt="{older}", description=clips.name)
    Catalogue("default")
    parts = Catalogue("parts", pulumi.ResourceOptions(parent=songs))
    FpShotDB("part", opts=pulumi.ResourceOptions(parent=parts.films))

    beijing = Provider("beijing", region="cn-beijing")
    theirs = Provider(
        "theirs",
        endpoint="{endpoint}",
        access_key="other",
        secret_key=config.require_secret("theirs"),
        read_timeout=20,
    )
    FpShotDB("far", opts=pulumi.ResourceOptions(provider=beijing))
    partner = Catalogue("partner", pulumi.ResourceOptions(providers=[theirs]))

    pulumi.export("songs", [songs.fp_db_id, songs.config, songs.model_id, songs.force_destroy])
    pulumi.export("account", partner.films.account_id)
"""

READING = """
    from {package} import (
        FpModel,
        FpShotDB,
        Provider,
        get_fp_shot_db,
        get_fp_shot_db_output,
        get_fp_shot_dbs,
        get_fp_shot_dbs_output,
    )
    import pulumi

    there = Provider("beijing", region="cn-beijing")
    near = FpShotDB.get("near", "{near}")
    far = FpShotDB.get("far", "{far}", region="cn-beijing")
    songs = FpShotDB("songs", model_id=FpModel.AUDIO)

    found = get_fp_shot_db("{near}")
    pulumi.export("one", [found.id, found.name, found.model_id, found.description, found.region])
    by_provider = pulumi.InvokeOptions(provider=there)
    pulumi.export("far", get_fp_shot_db("{far}", opts=by_provider).fp_db_id)
    pulumi.export("later", get_fp_shot_db_output(songs.id).state)
    listed = get_fp_shot_dbs(name_regex="^n", model_id=FpModel.IMAGE)
    pulumi.export("several", [listed.ids, listed.names, listed.fp_shot_dbs[0].state])
    several = get_fp_shot_dbs_output(ids=[songs.fp_db_id], region="cn-shanghai")
    pulumi.export("output", several.fp_shot_dbs.apply(lambda found: found[0].model_id))
    pulumi.export("read", [near.name, near.model_id, near.description, far.region, far.account_id])
"""


def writer(stack: PulumiStack, text: str, **names: str) -> Callable[[str], None]:
    """Return what writes that program, with the import of either package."""

    def write(package: str) -> None:
        program = dedent(text.format(package=package, **names))
        (stack.folder / "__main__.py").write_text(program, encoding="utf-8")

    return write


def in_names(entry: dict[str, Any]) -> dict[str, Any]:
    """Return of an entry of the state what has to outlast a move, by the names of Python."""
    kept = {key: entry.get(key) for key in ("id", "protect", "retainOnDelete", "customTimeouts")}
    shown = {
        key: "a secret" if is_secret(value) else value
        for key, value in by_name(entry["outputs"]).items()
    }
    return {**kept, **shown, PROVIDER_KEY: ""}


def test_there_and_back(native_stack: PulumiStack, mps: ControlApi, other: ControlApi) -> None:
    """Each library is updated in the state, MPS is not called, and then nothing is to do.

    Whatever it is declared with: a component, a provider that takes the rest from the stack's
    configuration, keys of its own, secrets, and options of Pulumi's.
    """
    stack = native_stack
    mps.change_settings(quota=20)
    older = mps.add_library(Name="older", ModelId=14, Description="clips")
    program = writer(stack, PROGRAM, older=older, endpoint=other.url)
    secrets = {"description": DESCRIPTION, "theirs": OTHER_SECRET}
    secrets["alicloud-mps:secretKey"] = LOCAL_ACCESS_KEY_SECRET
    stack.run("config", "set", "alicloud-mps:accessKey", LOCAL_ACCESS_KEY_ID).succeeded()
    for key, value in secrets.items():
        stack.run("config", "set", "--secret", key, value).succeeded()
    stack.environment |= {"ALICLOUD_ACCESS_KEY": "wrong", "ALICLOUD_SECRET_KEY": "wrong"}
    program(DYNAMIC)
    stack.up().succeeded()
    before = {name: in_names(entry) for name, entry in stack.resources().items()}
    shown = stack.outputs()

    for package, kind in [(NATIVE, NATIVE_LIBRARY_TYPE), (DYNAMIC, LIBRARY_TYPE)]:
        program(package)
        for server in (mps, other):
            server.forget_calls()
        steps = stack.steps()
        assert {name: step["op"] for name, step in steps.items()} == dict.fromkeys(before, "update")
        stack.up().succeeded()
        assert {*mps.calls(), *other.calls()} == {"GetCallerIdentity"}
        stack.up("--refresh", "--expect-no-changes").succeeded()

        after = stack.resources()
        assert {name: in_names(entry) for name, entry in after.items()} == before
        assert {entry["type"] for entry in after.values()} == {kind}
        assert stack.outputs() == shown
        exported = stack.exported()
        assert not [value for value in secrets.values() if value in exported]
        native = kind == NATIVE_LIBRARY_TYPE
        assert ("pulumi-python" in exported, PROVIDER_KEY in exported) == (not native, not native)
        for entry in after.values():
            spelled = (by_key if native else by_name)(entry["inputs"])
            assert entry["inputs"] == spelled | {key: entry["inputs"][key] for key in spelled}


def test_what_is_read(native_stack: PulumiStack, mps: ControlApi) -> None:
    """What a program only reads, and its look-ups, say the same with either package."""
    stack = native_stack
    near = mps.add_library(Name="near", ModelId=14, Description="shared")
    far = mps.add_library(Name="far", Region="cn-beijing")
    program = writer(stack, READING, near=near, far=far)
    program(DYNAMIC)
    stack.up().succeeded()
    shown = stack.outputs()
    assert shown["one"] == [near, "near", 14, "shared", "cn-shanghai"]
    made = len(mps.libraries())

    for package in (NATIVE, DYNAMIC):
        program(package)
        stack.up().succeeded()
        assert stack.outputs() == shown
        stack.preview("--expect-no-changes").succeeded()
    assert len(mps.libraries()) == made


def test_a_change_along_with_the_move(native_stack: PulumiStack, mps: ControlApi) -> None:
    """What would replace a library would so in a move, too, and the guard is the same."""
    stack = native_stack
    text = 'from {package} import FpShotDB\nFpShotDB("songs", description="{description}")'
    writer(stack, text, description="old")(DYNAMIC)
    stack.up().succeeded()
    first = mps.only_library()["FpDBId"]
    mps.fill(first, 3)
    writer(stack, text, description="new")(NATIVE)
    assert stack.steps()["songs"]["op"] == "replace"
    assert "[deletion-refused]" in stack.up().failed().output

    writer(stack, text, description="old")(NATIVE)
    stack.up().succeeded()
    assert mps.only_library()["FpDBId"] == first
    stack.up("--refresh", "--expect-no-changes").succeeded()


def test_an_interrupted_create(native_stack: PulumiStack, mps: ControlApi) -> None:
    """A move does not hide it: it is refused until `recover` has put the library into the state."""
    stack = native_stack
    program = writer(stack, 'from {package} import FpShotDB\nFpShotDB("songs")')
    mps.set_faults({"action": "CreateFpShotDB", "kind": "hang", "execute": True})
    program(DYNAMIC)
    running = stack.start_up()
    mps.await_calls("CreateFpShotDB")
    running.kill("cli", "provider")
    stack.cancel()
    mps.set_faults()
    made = mps.only_library()["FpDBId"]

    program(NATIVE)
    assert "`alicloud-mps recover`" in stack.up().failed().output
    assert mps.only_library()["FpDBId"] == made
    stack.recover().succeeded()
    stack.up().succeeded()

    stack.up("--refresh", "--expect-no-changes").succeeded()
    assert stack.resources()["songs"]["id"] == mps.only_library()["FpDBId"] == made
