"""Look-ups from a program: what they find, whose settings they use, and how they fail."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import pulumi
import pytest

from connections import KEYS
from control_api import ControlApi
from core import Core
from mock_engine import Engine
from pulumi_alicloud_mps import (
    FpShotDB,
    GetFpShotDBResult,
    Provider,
    get_fp_shot_db,
    get_fp_shot_db_output,
    get_fp_shot_dbs,
    get_fp_shot_dbs_output,
)
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.emulator.records import NewLibrary
from raw_server import RawServer, ok

NOBODY = "0" * 32


def config(url: str, **changes: str) -> dict[str, str]:
    """Return the configuration of a stack on an MPS."""
    changed = {f"alicloud-mps:{key}": value for key, value in changes.items()}
    return {**ControlApi(url).config, **changed}


@pytest.fixture
def engine(core: Core) -> Engine:
    """Return an engine whose stack is configured for an MPS where libraries are active at once."""
    core.change(activation_seconds=0, quota=100)
    return Engine(config=config(core.emulator.url), secrets=["alicloud-mps:secretKey"])


Look = Callable[[Callable[[], object]], Any]


@pytest.fixture
def look(engine: Engine) -> Look:
    """Return a runner of programs, which returns what their function returns."""

    def run(function: Callable[[], object]) -> Any:  # noqa: ANN401 - of any type
        found: list[Any] = []

        def program() -> pulumi.Output[None]:
            return pulumi.Output.from_input(function()).apply(found.append)

        engine.run(program)
        (result,) = found
        return result

    return run


def make(core: Core, name: str = "songs", **properties: object) -> str:
    """Make a library, and return its ID."""
    return core.store(name=name, **properties).id


def failure(engine: Engine, function: Callable[[], object]) -> str:
    """Run a program that fails, and return the line that the user sees."""
    with pytest.raises(pulumi.RunError) as caught:
        engine.run(function)
    text = str(caught.value)
    assert "\n" not in text
    assert KEYS.access_key_secret not in text
    return text


class TestOne:
    """A library by its ID."""

    @pytest.mark.portability
    @pytest.mark.parametrize("function", [get_fp_shot_db, get_fp_shot_db_output])
    def test_it_is_described(self, look: Look, core: Core, function: Callable[..., object]) -> None:
        """A library comes with all that MPS lists of it."""
        fp_db_id = make(core, model_id=13, description="Licensed")
        assert look(lambda: function(fp_db_id)) == GetFpShotDBResult(
            id=fp_db_id,
            fp_db_id=fp_db_id,
            name="songs",
            model_id=13,
            description="Licensed",
            region="cn-shanghai",
            state="active",
        )

    def test_its_attributes_are_outputs(self, look: Look, core: Core) -> None:
        """An attribute of the output form's result is an output of its own."""
        fp_db_id = make(core)
        assert look(lambda: get_fp_shot_db_output(fp_db_id).name) == "songs"

    def test_a_region_can_be_named(self, look: Look, core: Core, engine: Engine) -> None:
        """A library is looked for in the region that is named, and nowhere else."""
        fp_db_id = make(core, region="cn-beijing")
        found = look(lambda: get_fp_shot_db(fp_db_id, region="cn-beijing"))
        assert found.region == "cn-beijing"
        assert f"cn-shanghai has no library {fp_db_id}" in failure(
            engine, lambda: get_fp_shot_db(fp_db_id)
        )

    @pytest.mark.parametrize("function", [get_fp_shot_db, get_fp_shot_db_output])
    def test_a_missing_one_is_named(self, engine: Engine, function: Callable[..., object]) -> None:
        """A library that does not exist fails the program in one line with its ID."""
        text = failure(engine, lambda: function(NOBODY))
        assert text.startswith(f"cn-shanghai has no library {NOBODY} in this account")

    def test_a_deleted_one_is_missing(self, engine: Engine, core: Core) -> None:
        """A library that MPS calls deleted is none."""
        fp_db_id = make(core)
        core.model.force_state(fp_db_id, "deleted")
        assert fp_db_id in failure(engine, lambda: get_fp_shot_db(fp_db_id))


class TestSeveral:
    """Libraries by their IDs, or all of a region."""

    @pytest.mark.parametrize("count", [0, 1, 10, 11, 25])
    @pytest.mark.parametrize("function", [get_fp_shot_dbs, get_fp_shot_dbs_output])
    def test_any_number_of_ids(
        self, look: Look, core: Core, function: Callable[..., object], count: int
    ) -> None:
        """However many IDs there are, the result has their order, and each library once."""
        ids = [make(core, f"songs-{number}") for number in range(count)][::-1]
        found = look(lambda: function(ids=ids + ids[:3]))
        assert found.ids == ids
        assert found.names == [f"songs-{number}" for number in range(count)][::-1]
        assert [item.id for item in found.fp_shot_dbs] == ids

    @pytest.mark.portability
    def test_missing_ones_are_named(self, engine: Engine, core: Core) -> None:
        """IDs of which there is no library are named, all of them at once."""
        missing = [f"{number:032x}" for number in range(11)]
        text = failure(engine, lambda: get_fp_shot_dbs(ids=[missing[0], make(core), *missing[1:]]))
        assert f"has no library {', '.join(missing)} in" in text

    def test_an_id_that_is_not_mentioned_is_unknown(self) -> None:
        """An answer that says nothing about an ID proves neither that it is there nor gone."""
        with RawServer(ok(FpShotDBList={}, NonExistIds={})) as server:
            text = failure(Engine(config=config(server.url)), lambda: get_fp_shot_dbs(ids=[NOBODY]))
        assert f"the answer does not mention {NOBODY}" in text

    def test_without_ids_all_are_listed(self, look: Look, core: Core) -> None:
        """Without IDs the libraries of the region come, without deleted ones."""
        ids = {make(core, "songs"), make(core, "films", model_id=12)}
        make(core, "elsewhere", region="cn-beijing")
        core.model.force_state(make(core, "gone"), "deleted")
        assert set(look(get_fp_shot_dbs).ids) == ids

    def test_they_can_be_chosen(self, look: Look, core: Core) -> None:
        """Libraries are chosen by a pattern of the name and by model, with or without IDs."""
        ids = [
            make(core, "songs-1", model_id=13),
            make(core, "songs-2", model_id=12),
            make(core, "films"),
        ]
        assert look(lambda: get_fp_shot_dbs(name_regex="^songs", model_id=13)).ids == ids[:1]
        assert look(lambda: get_fp_shot_dbs(ids=ids, name_regex="s-?2?$")).ids == ids[1:]

    def test_where_mps_wants_ids_that_is_said(self, engine: Engine, core: Core) -> None:
        """Where MPS does not list without IDs, the error says to give them."""
        core.change(list_without_ids="refused")
        text = failure(engine, get_fp_shot_dbs)
        assert text.startswith("MPS lists the libraries of cn-shanghai only by ID; pass")


@pytest.mark.parametrize(
    ("look_up", "told"),
    [
        *(
            (partial(get_fp_shot_db, text), f"fp_db_id: {text!r} is not an FpDBId")
            for text in ("", "songs", f"{NOBODY},{NOBODY}")
        ),
        *(
            (partial(get_fp_shot_db, wrong), "fp_db_id: must be text")
            for wrong in cast("tuple[str, ...]", (None, 7))
        ),
        (partial(get_fp_shot_dbs, model_id=cast("int", "13")), "model_id: must be one of "),
        (partial(get_fp_shot_dbs, ids=[NOBODY, "songs"]), "ids: 'songs' is not an FpDBId"),
        (
            partial(get_fp_shot_dbs, name_regex="("),
            "name_regex: is not a valid regular expression: ",
        ),
        (partial(get_fp_shot_dbs, region="x"), "region: 'x' is not a region"),
    ],
)
def test_malformed_arguments_are_refused(
    engine: Engine, look_up: Callable[[], object], told: str
) -> None:
    """What can't be meant is refused by the argument's name."""
    assert failure(engine, look_up).startswith(told)


class TestWhen:
    """When a look-up is made."""

    def test_what_is_known_is_looked_up_in_a_preview(
        self, look: Look, core: Core, engine: Engine
    ) -> None:
        """A preview shows what is there."""
        engine.preview = True
        fp_db_id = make(core)
        assert look(lambda: get_fp_shot_db(fp_db_id)).name == "songs"
        assert look(lambda: get_fp_shot_db_output(fp_db_id)).name == "songs"

    def test_what_is_not_known_yet_is_not_looked_up(self) -> None:
        """A library that the preview is about to create is unknown, and nobody is asked for it."""
        seen: list[object] = []

        def program() -> None:
            songs = FpShotDB("songs")
            after = pulumi.InvokeOutputOptions(depends_on=[songs])
            get_fp_shot_db_output(songs.id).apply(seen.append)
            get_fp_shot_dbs_output(opts=after).apply(seen.append)

        with RawServer(ok()) as server:
            Engine(preview=True, config=config(server.url)).run(program)
        assert seen == []
        assert server.requests == []


class TestSettings:
    """Whose settings are used."""

    def test_those_of_the_environment(
        self, core: Core, look: Look, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the stack's configuration leaves open comes from the environment."""
        engine.config = {"alicloud-mps:endpoint": core.emulator.url}
        monkeypatch.setenv("ALICLOUD_REGION", "cn-beijing")
        monkeypatch.setenv("ALICLOUD_ACCESS_KEY", KEYS.access_key_id)
        monkeypatch.setenv("ALICLOUD_SECRET_KEY", KEYS.access_key_secret)
        assert look(get_fp_shot_dbs).region == "cn-beijing"

    @pytest.mark.parametrize("way", ["provider", "parent"])
    @pytest.mark.parametrize("function", [get_fp_shot_dbs, get_fp_shot_dbs_output])
    def test_those_of_a_provider(
        self, look: Look, engine: Engine, way: str, function: Callable[..., object]
    ) -> None:
        """A provider's own settings are used, also where a parent has it."""
        with Emulator(settings=EmulatorSettings(access_key_id="other")) as other:
            given: dict[str, Any] = {
                "region": "cn-beijing",
                "endpoint": other.url,
                "access_key": "other",
            }
            engine.config = config(other.url, endpoint="mts.invalid")
            expected = other.model.create_library(NewLibrary("theirs", region="cn-beijing")).id

            def program() -> object:
                # An output needs the event loop that programs have.
                secret = pulumi.Output.secret(KEYS.access_key_secret)
                provider = Provider("other", **given, secret_key=secret)
                opts = pulumi.InvokeOptions(provider=provider)
                if way == "parent":
                    parent = pulumi.ComponentResource(
                        "test:index:Parent",
                        "parent",
                        None,
                        pulumi.ResourceOptions(providers=[provider]),
                    )
                    opts = pulumi.InvokeOptions(parent=parent)
                return function(opts=opts)

            assert look(program).ids == [expected]

    def test_what_a_provider_s_keys_find_is_no_secret(self, look: Look, core: Core) -> None:
        """What is looked up with secret keys is not secret itself."""
        fp_db_id = make(core)

        async def is_secret() -> bool:
            opts = pulumi.InvokeOptions(provider=Provider("same"))
            return await get_fp_shot_db_output(fp_db_id, opts=opts).is_secret()

        assert look(is_secret) is False

    def test_a_provider_that_is_not_known_yet(self) -> None:
        """With a provider whose settings a preview does not know, the plain form says so."""
        engine = Engine(preview=True)

        def program() -> None:
            region = FpShotDB("songs").id
            opts = pulumi.InvokeOptions(provider=Provider("other", region=region))
            get_fp_shot_dbs_output(opts=opts)
            get_fp_shot_dbs(opts=opts)

        assert "use the `_output` form" in failure(engine, program)

    def test_another_package_s_provider_is_refused(self, engine: Engine) -> None:
        """A provider of another package has no settings for MPS."""

        def program() -> None:
            opts = pulumi.InvokeOptions(provider=pulumi.ProviderResource("alicloud", "other"))
            get_fp_shot_dbs(opts=opts)

        assert failure(engine, program).startswith("provider: must be a pulumi_alicloud_mps.")
