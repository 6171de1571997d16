"""Mocks that users run their programs on."""

import gc
import json
from typing import Any

import pulumi
import pytest

from pulumi_alicloud_mps import FpModel, FpShotDB
from pulumi_alicloud_mps.testing import InvalidInputsError, MpsMocks
from pulumi_alicloud_mps_native import FpModel as NativeFpModel
from pulumi_alicloud_mps_native import FpShotDB as NativeFpShotDB
from pulumi_alicloud_mps_native import Provider as NativeProvider
from pulumi_alicloud_mps_native import get_fp_shot_db, get_fp_shot_db_output, get_fp_shot_dbs_output

FP_DB_ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23"


@pytest.fixture
def mocks() -> MpsMocks:
    """Return mocks that are installed."""
    made = MpsMocks()
    made.install("catalogue", "test")
    return made


def test_all_outputs(mocks: MpsMocks) -> None:
    """A library has every output, as the provider spells it."""
    found = mocks.run(lambda: FpShotDB("songs", model_id=FpModel.AUDIO, config={"b": 1, "a": 2.0}))
    (songs,) = found.values()
    assert len(songs.pop("fp_db_id")) == 32
    assert songs == {
        "name": "songs-c134d98-00000001",
        "model_id": 13,
        "config": '{"a":2,"b":1}',
        "description": None,
        "region": "cn-shanghai",
        "force_destroy": False,
        "adopt": None,
        "state": "active",
        "account_id": "1234567890123456",
    }


@pytest.mark.portability
def test_a_program_gets_them(mocks: MpsMocks) -> None:
    """A program gets the outputs from the mocks, with the ID under both names."""
    seen: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        songs = FpShotDB("songs")
        outputs = {"id": songs.id, "fp_db_id": songs.fp_db_id, "model_id": songs.model_id}
        return pulumi.Output.all(**outputs).apply(seen.update)

    mocks.run(program)
    assert seen == {
        "id": mocks.libraries["songs"]["fp_db_id"],
        "fp_db_id": mocks.libraries["songs"]["fp_db_id"],
        "model_id": FpModel.VIDEO,
    }


def test_ids_are_repeatable_and_differ() -> None:
    """The same library has the same ID in each run, and no other has it."""
    runs = []
    for _ in range(2):
        mocks = MpsMocks()
        mocks.install()
        found = mocks.run(lambda: [FpShotDB("songs"), FpShotDB("films")])
        runs.append({name: library["fp_db_id"] for name, library in found.items()})
    assert runs[0] == runs[1]
    assert runs[0]["songs"] != runs[0]["films"]


@pytest.mark.parametrize(
    ("settings", "name"),
    [({"mode": "verbatim"}, "songs"), ({"pattern": "x-${name}-${hex(15)}"}, "x-songs-c134d98")],
)
def test_autonaming(
    mocks: MpsMocks, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], name: str
) -> None:
    """Names are generated as `pulumi:autonaming` says."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"pulumi:autonaming": json.dumps(settings)}))
    found = mocks.run(lambda: FpShotDB("songs"))
    assert found["songs"]["name"].startswith(name)


@pytest.mark.parametrize(
    ("inputs", "line"),
    [
        ({"model_id": 15}, "songs: model_id: must be one of"),
        ({"model_id": 11, "region": "cn-beijing"}, "songs: model_id: text libraries exist in"),
        ({"adopt": FP_DB_ID}, "songs: model_id: required with adopt"),
    ],
)
def test_wrong_inputs(mocks: MpsMocks, inputs: dict[str, Any], line: str) -> None:
    """What a preview would refuse fails the test, naming library and input."""
    with pytest.raises(InvalidInputsError, match=line):
        mocks.run(lambda: FpShotDB("songs", **inputs))


def test_a_wrong_secret(mocks: MpsMocks) -> None:
    """The error for a secret input doesn't contain its value."""
    secret = pulumi.Output.secret("hunter2\0")
    with pytest.raises(InvalidInputsError, match="songs: description: must not contain") as caught:
        mocks.run(lambda: FpShotDB("songs", description=secret))
    assert "hunter2" not in str(caught.value)


def test_a_refusal_is_told_once(mocks: MpsMocks, caplog: pytest.LogCaptureFixture) -> None:
    """What was raised is not logged again for each output that fails with it."""
    with pytest.raises(InvalidInputsError):
        mocks.run(lambda: FpShotDB("songs", model_id=1))
    # The next program ends what Pulumi keeps of the last, and asyncio speaks of a future when it
    # goes without having been looked at.
    mocks.run(lambda: None)
    gc.collect()
    assert caplog.text == ""


def test_a_region_of_its_own() -> None:
    """Libraries are in the region of the mocks, unless the program names one."""
    mocks = MpsMocks(region="cn-beijing", account_id="42")
    mocks.install()
    found = mocks.run(lambda: [FpShotDB("songs"), FpShotDB("films", region="cn-hangzhou")])
    assert found["songs"]["region"] == "cn-beijing"
    assert found["films"]["region"] == "cn-hangzhou"
    assert found["songs"]["account_id"] == "42"


def test_the_region_of_a_provider(mocks: MpsMocks) -> None:
    """Libraries are in the region of an explicit provider, unless the program names one."""

    def program() -> None:
        settings = {"alicloud-mps:region": "cn-beijing"}
        opts = pulumi.ResourceOptions(
            provider=pulumi.ProviderResource("pulumi-python", "beijing", settings)
        )
        FpShotDB("songs", opts=opts)
        FpShotDB("films", region="cn-hangzhou", opts=opts)
        FpShotDB("books")

    found = mocks.run(program)

    assert {name: library["region"] for name, library in found.items()} == {
        "songs": "cn-beijing",
        "films": "cn-hangzhou",
        "books": "cn-shanghai",
    }


@pytest.mark.portability
def test_secrets_stay_secret(mocks: MpsMocks) -> None:
    """An output of a secret input is a secret to the program, and plain text to the test."""
    seen: list[bool] = []

    async def look(library: FpShotDB) -> None:
        seen.extend([await library.description.is_secret(), await library.name.is_secret()])

    def program() -> object:
        return look(FpShotDB("songs", description=pulumi.Output.secret("hunter2")))

    mocks.run(program)
    assert seen == [True, False]
    assert mocks.libraries["songs"]["description"] == "hunter2"


def test_existing_libraries(mocks: MpsMocks) -> None:
    """A library that is read or adopted keeps its ID."""
    found = mocks.run(
        lambda: [
            FpShotDB.get("read", FP_DB_ID),
            FpShotDB("taken", name="songs", model_id=13, adopt=FP_DB_ID),
        ]
    )
    assert [library["fp_db_id"] for library in found.values()] == [FP_DB_ID, FP_DB_ID]


def test_a_preview_knows_no_ids() -> None:
    """In a preview only what comes from MPS is unknown."""
    mocks = MpsMocks()
    mocks.install(preview=True)
    known: list[bool] = []

    async def look(library: FpShotDB) -> None:
        outputs = (library.id, library.fp_db_id, library.state, library.name, library.region)
        known.extend([await output.is_known() for output in outputs])

    mocks.run(lambda: look(FpShotDB("songs")))
    assert known == [False, False, False, True, True]


class Other(pulumi.CustomResource):
    """A resource of another provider."""

    size: pulumi.Output[int]

    def __init__(self, name: str, size: pulumi.Input[int]) -> None:
        super().__init__("other:index:Thing", name, {"size": size})


def test_other_resources(mocks: MpsMocks) -> None:
    """Other resources have their inputs as outputs, and don't count as libraries."""
    seen: list[Any] = []

    def program() -> pulumi.Output[None]:
        thing = Other("thing", size=3)
        return pulumi.Output.all(thing.id, thing.size).apply(seen.extend)

    assert mocks.run(program) == {}
    assert seen == ["thing_id", 3]


@pytest.mark.portability
def test_the_native_provider(mocks: MpsMocks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries of the native provider have the same outputs, to the program and to the test."""
    settings = {"mode": "verbatim"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"pulumi:autonaming": json.dumps(settings)}))
    seen: dict[str, Any] = {}

    def program() -> pulumi.Output[None]:
        secret = pulumi.Output.secret("Licensed")
        songs = NativeFpShotDB(
            "songs", model_id=NativeFpModel.AUDIO, description=secret, config={"b": 1, "a": 2.0}
        )
        FpShotDB("films", name="films")
        opts = pulumi.ResourceOptions(provider=NativeProvider("beijing", region="cn-beijing"))
        NativeFpShotDB("far", name="far", opts=opts)
        names = ("id", "fp_db_id", "model_id", "description", "force_destroy", "account_id")
        return pulumi.Output.all(**{name: getattr(songs, name) for name in names}).apply(
            seen.update
        )

    found = mocks.run(program)
    outputs = {**found["songs"], "id": found["songs"]["fp_db_id"]}
    assert seen.items() <= outputs.items()
    assert len(seen) == 6
    assert (outputs["name"], outputs["config"]) == ("songs", '{"a":2,"b":1}')
    assert found["far"]["region"] == "cn-beijing"
    assert found["films"].keys() == found["songs"].keys()

    text = NativeFpModel.TEXT
    with pytest.raises(InvalidInputsError, match="songs: model_id: text libraries exist in"):
        mocks.run(lambda: NativeFpShotDB("songs", model_id=text, region="cn-beijing"))


def test_functions_of_the_native_provider(mocks: MpsMocks) -> None:
    """The native provider's functions know the program's libraries, and make up others by ID."""
    seen: list[Any] = []

    def program() -> pulumi.Output[None]:
        audio = NativeFpModel.AUDIO
        taken = NativeFpShotDB("taken", name="songs", model_id=audio, adopt=FP_DB_ID)
        mine = get_fp_shot_db_output(taken.fp_db_id)
        elsewhere = get_fp_shot_db("f" * 32, region="cn-beijing")
        kind = taken.model_id
        songs = get_fp_shot_dbs_output(name_regex="^so", model_id=kind)
        films = get_fp_shot_dbs_output(name_regex="films", model_id=kind)
        return pulumi.Output.all(mine, elsewhere, songs, films).apply(seen.extend)

    mocks.run(program)
    mine, elsewhere, songs, films = seen
    assert (mine.fp_db_id, mine.name, mine.model_id) == (FP_DB_ID, "songs", 13)
    assert (elsewhere.name, elsewhere.region) == ("library-ffffffff", "cn-beijing")
    assert (songs.ids, songs.fp_shot_dbs[0].state) == ([FP_DB_ID], "active")
    assert (films.names, films.region) == ([], "cn-shanghai")
