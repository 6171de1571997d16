"""What a stack's author writes, and what of it reaches the engine."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN
from pulumi.runtime.settings import SETTINGS

from mock_engine import FP_DB_ID, TOKEN, Engine
from pulumi_alicloud_mps import FpModel, FpShotDB, FpShotDBArgs
from pulumi_alicloud_mps.fp_shot_db import _known_if_missing
from pulumi_alicloud_mps.state.deployment import POINTER


@pytest.fixture
def engine() -> Engine:
    """Return an engine for one program."""
    return Engine()


class Catalogue(FpShotDB):
    """A stack's own kind of library."""


@pytest.mark.portability
@pytest.mark.parametrize("kind", [FpShotDB, Catalogue])
def test_what_a_bare_library_is(engine: Engine, kind: type[FpShotDB]) -> None:
    """A type and a pointer that never change, and nothing of what the program leaves out."""
    assert engine.run(lambda: kind("songs")) == [{"__provider": POINTER}]
    assert [(args.typ, args.name) for args in engine.resources] == [(TOKEN, "songs")]


def test_a_subclass_with_attributes_of_its_own(engine: Engine) -> None:
    """A subclass may set what is called as an output, before and after it is declared."""

    class Named(FpShotDB):
        def __init__(self, name: str) -> None:
            self.name = "mine"  # type: ignore[misc, assignment]
            super().__init__(name)
            self.description = "ours"  # type: ignore[misc, assignment]

    made: list[Named] = []
    engine.run(lambda: made.append(Named("songs")))
    assert str(made[0].description) == "ours"
    assert isinstance(made[0].name, pulumi.Output)


def test_the_end_of_a_program_waits_for_little(engine: Engine) -> None:
    """For one output of each library, and so for its registration, whatever the library has."""
    waiting: list[str] = []

    def declare() -> None:
        outputs = vars(FpShotDB("songs", region="cn-shanghai", description="Songs")).items()
        waiting.extend(
            key for key, value in outputs if getattr(value, "_data", 0) in SETTINGS.outputs
        )

    engine.run(declare)
    assert waiting == ["urn"]


@pytest.mark.parametrize("nothing", [None, pulumi.Output.from_input])
def test_a_name_that_turns_out_missing_is_left_out(
    engine: Engine, nothing: Callable[[object], pulumi.Output[Any]] | None
) -> None:
    """A name that only later proves to be none is as good as one left out."""
    (inputs,) = engine.run(lambda: FpShotDB("songs", name=nothing and nothing(None)))
    assert "name" not in inputs


PROTECTED = pulumi.ResourceOptions(protect=True)
INPUTS: dict[str, Any] = {"model_id": 13, "description": "Licensed"}


@pytest.mark.parametrize(
    "declare",
    [
        lambda: FpShotDB("songs", **INPUTS, opts=PROTECTED),
        lambda: FpShotDB("songs", PROTECTED, **INPUTS),
        lambda: FpShotDB("songs", FpShotDBArgs(**INPUTS), PROTECTED),
        lambda: FpShotDB("songs", args=FpShotDBArgs(**INPUTS), opts=PROTECTED),
        lambda: FpShotDB("songs", {"model_id": 13, "description": "Licensed"}, PROTECTED),
        lambda: Catalogue("songs", FpShotDBArgs(**INPUTS), PROTECTED),
    ],
    ids=["keywords", "options first", "object", "by name", "mapping", "subclass"],
)
def test_forms(engine: Engine, declare: Callable[[], FpShotDB]) -> None:
    """A library may be written in each form that Pulumi's SDKs have; all are the same."""
    (inputs,) = engine.run(declare)
    (request,) = engine.requested()
    assert inputs == {**INPUTS, "__provider": POINTER}
    assert request.protect


@pytest.mark.parametrize("first", [None, FpShotDBArgs(), {}, PROTECTED])
def test_forms_without_inputs(engine: Engine, first: Any) -> None:  # noqa: ANN401 - of any form
    """Inputs that are left out are left out in each form."""
    assert engine.run(lambda: FpShotDB("songs", first)) == [{"__provider": POINTER}]


@pytest.mark.parametrize(
    ("declare", "why"),
    [
        (lambda: FpShotDB("songs", PROTECTED, PROTECTED), "opts is given twice"),
        (lambda: FpShotDB("songs", FpShotDBArgs(), **INPUTS), "by args or by keyword"),
        (lambda: FpShotDB("songs", models=13), "unexpected keyword argument 'models'"),  # type: ignore[call-arg]
        (lambda: FpShotDB("songs", {"models": 13}), "unexpected keyword argument 'models'"),  # type: ignore[arg-type]
    ],
)
def test_no_form(engine: Engine, declare: Callable[[], FpShotDB], why: str) -> None:
    """What is given twice, or is no input, is refused before the engine hears of it."""
    with pytest.raises(TypeError, match=why):
        engine.run(declare)
    assert not engine.resources


@pytest.mark.parametrize(
    "model", [FpModel.AUDIO, 13, pulumi.Output.from_input, lambda value: value]
)
def test_a_model_is_a_number(engine: Engine, model: Any) -> None:  # noqa: ANN401 - what users give
    """A model may be given by name, by number, or as an output."""
    given = model(FpModel.AUDIO) if callable(model) else model
    (inputs,) = engine.run(lambda: FpShotDB("songs", model_id=given))
    assert inputs["model_id"] == 13
    assert not isinstance(inputs["model_id"], FpModel)


CONFIG = {"none": None, "count": 3, "share": 0.5, "deep": [{"also": None, "big": 2**60}], "ü": True}


@pytest.mark.parametrize(
    "config",
    [
        lambda: CONFIG,
        lambda: json.dumps(CONFIG),
        lambda: pulumi.Output.from_input(CONFIG),
        lambda: pulumi.Output.from_input(json.dumps(CONFIG)),
        lambda: {**CONFIG, "count": pulumi.Output.from_input(3)},
        lambda: {**CONFIG, "deep": [{"also": None, "big": pulumi.Output.from_input(2**60)}]},
    ],
    ids=["mapping", "text", "output", "output of text", "nested output", "deep output"],
)
def test_config_becomes_text(engine: Engine, config: Callable[[], Any]) -> None:
    """Nulls and integers survive the way to the provider, however the configuration is given."""
    (inputs,) = engine.run(lambda: FpShotDB("songs", config=config()))
    assert isinstance(inputs["config"], str)
    assert json.loads(inputs["config"]) == CONFIG
    assert '"count": 3,' in inputs["config"]


def test_a_secret_in_config_stays_secret(engine: Engine) -> None:
    """Turning a mapping into text keeps what is secret in it encrypted in the state."""
    engine.run(lambda: FpShotDB("songs", config={"key": pulumi.Output.secret("hunter2")}))
    (request,) = engine.requested()
    assert "4dabf18193072939515e22adb298388d" in request.object["config"]


@pytest.mark.portability
def test_all_inputs_are_sent(engine: Engine) -> None:
    """Each argument arrives under the name that the provider knows it by."""
    given: dict[str, Any] = {
        "name": "Songs",
        "model_id": 12,
        "config": "{}",
        "description": "Licensed",
        "region": "cn-beijing",
        "force_destroy": True,
        "adopt": FP_DB_ID,
    }
    (inputs,) = engine.run(lambda: FpShotDB("songs", **given))
    assert inputs.items() >= given.items()


@pytest.mark.portability
def test_outputs_have_their_types(engine: Engine) -> None:
    """A program gets integers as integers, and the ID under both of its names."""
    seen: list[object] = []

    def program() -> pulumi.Output[None]:
        songs = FpShotDB("songs", model_id=12)
        outputs = (songs.id, songs.fp_db_id, songs.model_id, songs.state, songs.description)
        return pulumi.Output.all(*outputs).apply(seen.extend)

    engine.run(program)
    assert seen == [FP_DB_ID, FP_DB_ID, 12, "active", None]
    assert isinstance(seen[2], int)


@pytest.mark.parametrize("preview", [True, False])
def test_what_the_program_leaves_out_is_known(*, preview: bool) -> None:
    """What a library has not because its program leaves it out is known in a preview, too."""
    seen: list[object] = []

    def program() -> pulumi.Output[None]:
        songs = FpShotDB("songs")
        outputs = (songs.config, songs.description, songs.adopt, songs.force_destroy)
        return pulumi.Output.all(*outputs).apply(seen.extend)

    Engine(preview=preview).run(program)
    assert seen == [None, None, None, False]


def test_a_preview_knows_no_id() -> None:
    """Before a library exists its ID is unknown to what depends on it, and the program goes on."""
    engine = Engine(preview=True)
    engine.run(lambda: FpShotDB("films", description=FpShotDB("songs").id))
    _, request = engine.requested()
    assert request.object["description"] == UNKNOWN


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, True),
        (pulumi.ResourceOptions(protect=True), True),
        (pulumi.ResourceOptions(delete_before_replace=True), True),
        (pulumi.ResourceOptions(delete_before_replace=False), False),
    ],
    ids=["nothing", "other options", "the same", "the opposite"],
)
def test_a_library_is_deleted_before_its_replacement(
    engine: Engine, options: pulumi.ResourceOptions | None, *, expected: bool
) -> None:
    """A replacement needs no sixth place in the account, unless the program wants it so."""
    engine.run(lambda: FpShotDB("songs", opts=options))
    (request,) = engine.requested()
    assert request.deleteBeforeReplace is expected
    assert request.deleteBeforeReplaceDefined


def test_arguments_can_be_shared(engine: Engine) -> None:
    """The same arguments and options serve several libraries, and stay as they are."""
    config = {"a": 1}
    options = pulumi.ResourceOptions(protect=True)
    given: dict[str, Any] = {"config": config, "opts": options}

    def program() -> None:
        for name in ("songs", "films"):
            FpShotDB(name, **given)

    first, second = engine.run(program)
    assert first == second
    assert given == {"config": {"a": 1}, "opts": options}
    assert options.delete_before_replace is None


def test_import_is_refused(engine: Engine) -> None:
    """What dynamic resources can't do ends in one line that names what can."""
    with pytest.raises(pulumi.RunError, match=r"^FpShotDB 'songs': import_: .*alicloud-mps import"):
        engine.run(lambda: FpShotDB("songs", opts=pulumi.ResourceOptions(import_=FP_DB_ID)))
    assert not engine.resources


@pytest.mark.portability
def test_get_reads_by_id(engine: Engine) -> None:
    """`get` reads a library that another stack manages: by its ID, and with no name of its own."""
    (inputs,) = engine.run(lambda: FpShotDB.get("songs", FP_DB_ID))
    assert [args.resource_id for args in engine.resources] == [FP_DB_ID]
    assert inputs.keys() == {"__provider"}
    assert engine.requested() == []


def test_get_takes_a_region_and_options(engine: Engine) -> None:
    """`get` looks in the given region, and keeps the program's options as they are."""
    (inputs,) = engine.run(lambda: FpShotDB.get("songs", FP_DB_ID, PROTECTED, region="cn-beijing"))
    assert inputs["region"] == "cn-beijing"
    assert PROTECTED.id is None


@pytest.mark.parametrize("name", ["description", "config", "adopt"])
@pytest.mark.parametrize("given", [None, "text"], ids=["unset", "set"])
def test_what_another_library_leaves_out_is_known(name: str, given: str | None) -> None:
    """An optional input that is another's output is what that one has, in a preview, too."""

    def program() -> None:
        arguments: dict[str, Any] = {name: given}
        base = FpShotDB("base", **arguments)
        arguments = {name: getattr(base, name)}
        FpShotDB("songs", **arguments)

    _, inputs = Engine(preview=True).run(program)
    # A config of null is none.
    assert inputs.get(name) in {given, given or "null"}


@pytest.mark.parametrize(
    ("value", "known", "answered", "expected"),
    [
        ("text", True, None, True),
        (pulumi.UNKNOWN, False, None, False),
        (None, False, None, True),
        (None, False, True, True),
        (None, False, False, False),
    ],
    ids=["set", "unknown", "left out", "read without it", "not read yet"],
)
def test_what_is_left_out_is_known(
    value: str | None, *, known: bool, answered: bool | None, expected: bool
) -> None:
    """Nothing is known of a library that can't be read yet, nor of an input that is unknown."""

    async def output(value: object, *, known: bool) -> pulumi.Output[Any]:
        async def future(item: object) -> Any:  # noqa: ANN401 - of any kind
            return item

        return pulumi.Output(set(), future(value), future(known), future(item=False))

    async def found() -> bool:
        answer = None if answered is None else await output(FP_DB_ID, known=answered)
        return await _known_if_missing(await output(value, known=known), answer).is_known()

    assert asyncio.run(found()) is expected
