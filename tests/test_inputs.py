"""The inputs: validated by property, brought into one spelling, completed from what is known."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicloud_mps.inputs import IMMUTABLE, NO_VALID_NAME, Inputs, Resolved, resolve, validate
from pulumi_alicloud_mps.mps.models import LibrarySpec
from pulumi_alicloud_mps.settings.schema import Region

SHANGHAI = Region("cn-shanghai", deliberate=True)
BEIJING = Region("cn-beijing", deliberate=True)
AMBIENT = Region("cn-beijing", deliberate=False)

ID, OTHER_ID = "0f3c9b7a5d1e4c2f8a6b0d9e7c5f1a23", "f" * 32
SECRET = "hunter2"

MODEL = "model_id: must be one of 11 (TEXT), 12 (VIDEO), 13 (AUDIO), 14 (IMAGE)"
CONFIG = "config: must be "
ADOPT = "adopt: must be an FpDBId: 16 to 64 letters, digits, - and _"
REGION = "region: must be a region such as cn-shanghai"

BAD: list[tuple[str, object, str]] = [
    ("name", "", "name: must not be empty"),
    ("name", "  \t", "name: must not be empty"),
    ("name", f"{SECRET}\0", "name: must not contain a NUL character"),
    ("name", 5, "name: must be text"),
    ("name", 5.5, "name: must be text"),
    ("name", True, "name: must be text"),
    ("name", [SECRET], "name: must be text"),
    ("name", {"a": SECRET}, "name: must be text"),
    ("name", f"{SECRET}\ud800", "name: must not contain an unpaired surrogate"),
    ("model_id", 0, MODEL),
    ("model_id", 10, MODEL),
    ("model_id", 15.0, MODEL),
    ("model_id", 1, MODEL),
    ("model_id", 3, MODEL),
    ("model_id", -12, MODEL),
    ("model_id", 12.5, MODEL),
    ("model_id", math.nan, MODEL),
    ("model_id", math.inf, MODEL),
    ("model_id", 10**400, MODEL),
    ("model_id", True, MODEL),
    ("model_id", "12", MODEL),
    ("model_id", "VIDEOS", MODEL),
    ("model_id", SECRET, MODEL),
    ("model_id", [12], MODEL),
    ("model_id", {"id": 12}, MODEL),
    ("config", SECRET, CONFIG),
    ("config", f'{{"a": {SECRET}}}', CONFIG),
    ("config", f'{{"{SECRET}": 1', CONFIG),
    ("config", f"{{'{SECRET}': 1}}", CONFIG),
    ("config", f'{{"a": 1}} {SECRET}', CONFIG),
    ("config", f'["{SECRET}\n"]', CONFIG),
    ("config", '{"a": NaN}', CONFIG),
    ("config", '{"a": -Infinity}', CONFIG),
    ("config", '{"a": 1e999}', CONFIG),
    ("config", "[" * 100_000, CONFIG),
    ("config", "9" * 5000, CONFIG),
    ("config", f'{{"a": "{SECRET}\\ud800"}}', "config: must not contain an unpaired surrogate"),
    ("config", 5.0, CONFIG),
    ("config", True, CONFIG),
    ("config", {"a": SECRET}, CONFIG),
    ("config", [SECRET], CONFIG),
    ("description", 5.0, "description: must be text"),
    ("description", False, "description: must be text"),
    ("description", [SECRET], "description: must be text"),
    ("description", f"{SECRET}\0", "description: must not contain a NUL character"),
    ("region", "", REGION),
    ("region", "shanghai", REGION),
    ("region", "cn shanghai", REGION),
    ("region", "CN-SHANGHAI", REGION),
    ("region", "cn-shanghai ", REGION),
    ("region", f"https://{SECRET}", REGION),
    ("region", 5.0, "region: must be text"),
    ("force_destroy", "true", "force_destroy: must be True or False"),
    ("force_destroy", 1.0, "force_destroy: must be True or False"),
    ("force_destroy", SECRET, "force_destroy: must be True or False"),
    ("adopt", "", ADOPT),
    ("adopt", SECRET, ADOPT),
    ("adopt", "songs", ADOPT),
    ("adopt", ID * 2 + "0", ADOPT),
    ("adopt", f"{ID}\n", ADOPT),
    ("adopt", f"{ID},{OTHER_ID}", ADOPT),
    ("adopt", 5.0, "adopt: must be text"),
    ("modelId", 12, "modelId: is not a property of FpShotDB"),
    ("pipeline_id", SECRET, "pipeline_id: is not a property of FpShotDB"),
    ("state", "active", "state: is not a property of FpShotDB"),
]


def resolved(
    known: dict[str, object],
    olds: dict[str, Any] | None = None,
    ambient: Region | None = SHANGHAI,
    unknown: frozenset[str] = frozenset(),
) -> Resolved:
    """Resolve the inputs of a program, by default for a new resource."""
    return resolve(known, unknown, olds or {}, ambient, "songs-3f2a9c1-5b20d7e4")


class TestBadInputs:
    """What MPS would refuse fails first, by the name of the property."""

    @pytest.mark.parametrize(("key", "value", "message"), BAD)
    def test_each_is_named_and_not_shown(self, key: str, value: object, message: str) -> None:
        """A bad input is one line that begins with its property, and never shows its value."""
        (problem,) = resolved({key: value}).problems
        assert problem.startswith(message)
        assert problem.startswith(f"{key}: ")
        assert SECRET not in problem
        assert problem.isprintable()

    @pytest.mark.portability
    def test_all_are_told_at_once(self) -> None:
        """All bad inputs are reported at once, a line for each."""
        bad = {key: value for key, value, _ in BAD}
        problems = resolved(dict(bad)).problems
        assert sorted(problem.partition(":")[0] for problem in problems) == sorted(bad)

    def test_valid_ones_beside_bad_ones_count(self) -> None:
        """A bad input does not hide what else is wrong, nor what is right."""
        found = resolved({"name": "", "model_id": 11.0, "region": "cn-beijing"})
        assert [problem.partition(":")[0] for problem in found.problems] == ["name", "model_id"]
        assert found.values["region"] == "cn-beijing"

    @given(
        st.dictionaries(
            st.sampled_from(sorted(Inputs.model_fields)),
            st.recursive(
                st.none()
                | st.booleans()
                | st.floats()
                | st.text(st.characters())
                | st.sampled_from([ID, "null"]),
                lambda inner: (
                    st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
                ),
                max_leaves=4,
            ),
        )
    )
    def test_anything_is_judged(self, known: dict[str, object]) -> None:
        """Whatever a program gives is either accepted, or refused by its property's name."""
        inputs, problems = validate(known)
        assert {problem.partition(":")[0] for problem in problems} <= known.keys()
        json.dumps(inputs.model_dump(), allow_nan=False, ensure_ascii=False).encode()


class TestSpelling:
    """What only looks different is made equal."""

    @pytest.mark.parametrize(
        ("key", "given", "canonical"),
        [
            ("model_id", 12.0, 12),
            ("model_id", 13, 13),
            ("model_id", "AUDIO", 13),
            ("model_id", "audio", 13),
            ("name", " Sönge ", " Sönge "),
            ("name", "null", "null"),
            ("description", "", None),
            ("description", "null", None),
            ("description", " ", " "),
            ("description", "two\nlines", "two\nlines"),
            ("config", "", None),
            ("config", " \n", None),
            ("config", "null", None),
            ("config", " null ", None),
            ("config", '{"b": 1, "a": {"d": 2, "c": 3}}', '{"a":{"c":3,"d":2},"b":1}'),
            ("config", ' {"a" : [ 2, 1 ]} ', '{"a":[2,1]}'),
            ("config", '{"a":"\\u66f2"}', '{"a":"曲"}'),
            ("config", '{"a":null,"b":1.50}', '{"a":null,"b":1.5}'),
            ("config", '{"a":1,"a":2}', '{"a":2}'),
            ("config", "{}", "{}"),
            ("config", '{"a":[1.0,2e1,-0.0]}', '{"a":[1,20,0]}'),
            ("config", "5", "5"),
            ("force_destroy", True, True),
            ("region", "cn-beijing", "cn-beijing"),
        ],
    )
    def test_one_spelling(self, key: str, given: object, canonical: object) -> None:
        """Values that mean the same to MPS are stored in the same spelling."""
        found = resolved({key: given})
        assert found.problems == []
        assert found.values.get(key) == canonical
        assert type(found.values.get(key)) is type(canonical)

    def test_defaults_are_filled_in(self) -> None:
        """What a program leaves out is filled in, and what stays unset is left out."""
        assert resolved({}).values == {
            "name": "songs-3f2a9c1-5b20d7e4",
            "model_id": 12,
            "region": "cn-shanghai",
            "force_destroy": False,
        }

    def test_unknown_values_are_left_alone(self) -> None:
        """What is only known later is neither filled in nor judged now."""
        unknown = frozenset({"name", "model_id", "region"})
        assert resolved({}, ambient=None, unknown=unknown) == Resolved({"force_destroy": False})

    def test_a_spec_is_what_mps_is_asked_for(self) -> None:
        """Of the inputs, MPS is asked for name, model, config and description."""
        inputs = Inputs(name="songs", model_id=13, config='{"a": 1}', description="", adopt=ID)
        assert inputs.spec() == LibrarySpec("songs", 13, '{"a":1}', None)
        assert Inputs(name="songs").spec() == LibrarySpec("songs", 12)

    def test_what_mps_can_not_change_is_listed(self) -> None:
        """Whatever MPS is asked for, and the region, can't be changed afterwards."""
        assert {*IMMUTABLE, "stem", "earlier", "replaced"} == {
            *LibrarySpec.__dataclass_fields__,
            "region",
        }

    @given(
        known=st.fixed_dictionaries(
            {},
            optional={
                "name": st.text(st.characters(exclude_categories=["Cs"])),
                "model_id": st.sampled_from([11.0, 12.0, 13, 14]),
                "config": st.recursive(
                    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
                    max_leaves=8,
                ).map(json.dumps)
                | st.from_regex(r"[-+0-9.eE]{1,8}", fullmatch=True),
                "description": st.text(st.characters(exclude_categories=["Cs"])),
                "region": st.sampled_from(["cn-beijing", "cn-shanghai"]),
                "force_destroy": st.booleans(),
                "adopt": st.just(ID),
            },
        ),
        ambient=st.sampled_from([SHANGHAI, BEIJING, AMBIENT]),
    )
    def test_resolving_twice_changes_nothing(
        self, known: dict[str, object], ambient: Region
    ) -> None:
        """Inputs that were resolved resolve to themselves, so that no diff can arise."""
        once = resolved(known, ambient=ambient)
        if once.problems:
            return
        again = resolved(once.values, olds=once.values, ambient=ambient)
        assert (again.values, again.problems, again.warnings) == (once.values, [], [])
        # The same program once more, over the state that it made itself.
        repeated = resolved(known, olds=once.values, ambient=ambient)
        assert repeated.values == once.values
        assert repeated.problems == []


class TestName:
    """A name is generated once, and kept."""

    def test_a_name_of_the_program_counts(self) -> None:
        """A name that the program gives is used, also where there was another."""
        assert resolved({"name": "talks"}).values["name"] == "talks"
        assert resolved({"name": "talks"}, {"name": "songs"}).values["name"] == "talks"

    @pytest.mark.parametrize("old", ["songs-3f2a9c1", "songs-3f2a9c1-00000000", "talks"])
    def test_the_old_name_is_kept(self, old: str) -> None:
        """A renamed stack or resource, or a dropped name, leaves the library its name."""
        assert resolved({}, {"name": old}).values["name"] == old

    @pytest.mark.parametrize("generated", ["", " ", "a\0b"])
    def test_no_valid_name_is_generated(self, generated: str) -> None:
        """Where `pulumi:autonaming` makes no valid name, a new library has to be given one."""
        found = resolve({}, (), {}, SHANGHAI, generated)
        assert found.problems == [NO_VALID_NAME]
        assert "name" not in found.values
        for known, olds in (({"name": "talks"}, {}), ({}, {"name": "talks"})):
            assert resolve(known, (), olds, SHANGHAI, generated).values["name"] == "talks"

    def test_without_any_name_there_is_none(self) -> None:
        """A resource that is only read has no name of its own."""
        assert "name" not in resolve({}, (), {}, SHANGHAI).values


class TestAdopt:
    """Taking a library over."""

    def test_name_and_model_are_needed(self) -> None:
        """A library is taken over only with what it can be compared with."""
        found = resolved({"adopt": ID})
        assert found.problems == [
            "name: required with adopt, to be compared with the library",
            "model_id: required with adopt, to be compared with the library",
        ]
        for adopt in (ID, "0F3C9B7A-5D1E-4C2F-8A6B-0D9E7C5F1A23"):
            program = {"adopt": adopt, "name": "songs", "model_id": 13.0}
            assert resolved(program).problems == []

    def test_values_that_come_later_are_there(self) -> None:
        """A name or a model that is only known later is not missing."""
        unknown = frozenset({"name", "model_id"})
        assert resolved({"adopt": ID}, unknown=unknown).problems == []

    def test_it_is_kept_when_the_program_drops_it(self) -> None:
        """A library that was taken over stays so, without a diff, when the program forgets it."""
        olds = {"adopt": ID, "name": "songs", "model_id": 13, "region": "cn-shanghai"}
        found = resolved({"name": "songs", "model_id": 13}, olds)
        assert found.values["adopt"] == ID
        assert found.problems == []


class TestRegion:
    """A region is an intention or it is not."""

    def test_the_program_wins(self) -> None:
        """A region that the program gives is used, whatever else there is."""
        known: dict[str, object] = {"region": "ap-southeast-1"}
        found = resolved(known, {"region": "cn-shanghai"}, BEIJING)
        assert found.values["region"] == "ap-southeast-1"
        assert found.warnings == []

    @pytest.mark.parametrize("ambient", [BEIJING, AMBIENT])
    def test_a_new_library_goes_where_things_go(self, ambient: Region) -> None:
        """Without a region of its own, a new library goes to the stack's or the environment's."""
        assert resolved({}, ambient=ambient).values["region"] == "cn-beijing"

    def test_without_any_region_it_says_how_to_set_one(self) -> None:
        """Where no region is known at all, the problem says how to set one."""
        (problem,) = resolved({}, ambient=None).problems
        assert problem.startswith("region: is not set; run `pulumi config set alicloud-mps:region")

    def test_a_region_that_was_written_down_moves_a_library(self) -> None:
        """Another region in the stack's configuration is meant, and means another library."""
        assert resolved({}, {"region": "cn-shanghai"}, BEIJING).values["region"] == "cn-beijing"

    def test_a_region_of_the_environment_moves_nothing(self) -> None:
        """An environment variable never moves an existing library, and a warning says so."""
        found = resolved({}, {"region": "cn-shanghai"}, AMBIENT)
        assert found.values["region"] == "cn-shanghai"
        (warning,) = found.warnings
        assert "stays in cn-shanghai" in warning
        assert "cn-beijing" in warning

    @pytest.mark.parametrize("ambient", [None, Region("cn-shanghai", deliberate=False)])
    def test_a_stored_region_is_enough(self, ambient: Region | None) -> None:
        """A library stays where it is without a word where nothing says otherwise."""
        found = resolved({}, {"region": "cn-shanghai"}, ambient)
        assert found.values["region"] == "cn-shanghai"
        assert found.warnings == []
        assert found.problems == []

    @pytest.mark.parametrize(
        ("known", "ambient", "refused"),
        [
            ({"model_id": 11.0, "region": "cn-beijing"}, SHANGHAI, True),
            ({"model_id": 11.0}, BEIJING, True),
            ({"model_id": 11.0}, SHANGHAI, False),
            ({"model_id": 12.0}, BEIJING, False),
        ],
    )
    def test_text_libraries_are_in_shanghai(
        self, known: dict[str, object], ambient: Region, *, refused: bool
    ) -> None:
        """A text library elsewhere than in Shanghai fails before MPS refuses it."""
        expected = ["model_id: text libraries exist in cn-shanghai only, not in cn-beijing"]
        assert resolved(known, ambient=ambient).problems == (expected if refused else [])

    def test_a_text_library_in_a_region_to_come_is_not_judged(self) -> None:
        """A text library whose region is only known later may still be right."""
        found = resolved({"model_id": 11.0}, unknown=frozenset({"region"}), ambient=BEIJING)
        assert found.problems == []
