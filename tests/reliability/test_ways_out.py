"""Each piece of advice that the provider can print is followed, and leads to the end.

What an error says is taken from the source, so that new advice fails here until something follows
it: a life, in which `advice.follow` does what it says, or a test that does.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulumi_alicloud_mps.emulator import Fault
from reliability import advice, matrix, respects
from reliability import beginnings as begin
from reliability import commands as run
from reliability import endings as end
from reliability.beginnings import NAMED, SONGS, TIMEOUT
from reliability.broken_copies import ROOT
from reliability.engine import Declared, Failure
from reliability.fast_host import KILL
from reliability.lives import LIVES, Life
from reliability.matrix import Case, Settled
from reliability.mutants import PACKAGE
from reliability.respects import Respect
from reliability.sites import MISSING
from reliability.world import Machine, World

_ADVICE = re.compile(
    r"`(?:pulumi|alicloud-mps) |`adopt`|`name`|`force_destroy`|force_destroy=|the same command"
)
_WITHOUT_ERRORS = ("emulator/", "testing/", "preview/", "cli/emulator.py")
"""What prints no error of a deployment: the comment on a pull request has tests of its own."""

_MADE = Fault(action="CreateFpShotDB", kind="error", code=KILL, execute=True)
_LOOKED_AT = Fault(action="ListFpShotDB", kind="error", code=KILL, calls=[2])
_LOST = Fault(action="CreateFpShotDB", kind="error", code="InternalError", execute=True)
_NOT_LOOKED_FOR = Fault(
    action="ListFpShotDB", kind="error", code="Forbidden.RAM", calls=list(range(4, 1000))
)
_HIDDEN = (Fault(action="CreateFpShotDB", kind="unlisted", seconds=1e6), _LOOKED_AT)


def killed(world: World, *faults: Fault) -> None:
    """Have `pulumi up` killed by the last of these faults."""
    world.account.spoil(faults)
    assert world.up() == Failure(world.urn(world.program[0].name), "")
    world.account.spoil([])


def cleared(
    beginning: Callable[[World], None], *faults: Fault, gone: bool = False
) -> Callable[[World], None]:
    """Have a create killed, and do what Pulumi says: `pulumi refresh --clear-pending-creates`.

    Perhaps somebody has deleted by then what it made.
    """

    def prepare(world: World) -> None:
        beginning(world)
        killed(world, *faults)
        world.stack.notes.clear()
        if gone:
            world.take_away(*world.account.alive)

    return prepare


def hidden(world: World) -> None:
    """Die in the create of a library that List hides, as it hides one of the state."""
    others = [Declared(name, {}, TIMEOUT) for name in ("films", "news", "talks")]
    world.program = others
    assert world.up() is None, world.stack.said
    begin.unnamed(world)
    world.program += others
    killed(world, _MADE)


def mistyped(world: World) -> None:
    """Declare a library to adopt that there is none of."""
    begin.declare(world, name=NAMED, model_id=12, adopt="0" * 32)


def known(world: World) -> bool:
    """The library is there, and there is no other that the state does not know."""
    return end.ready(world) and not world.unknown()


WAYS_OUT = [
    # `recover` comes first, as the message says, and has nothing to recover.
    Life("cleared", cleared(begin.named, _LOOKED_AT), run.recover, end.ready, [], runs=2),
    Life("cleared-unnamed", cleared(begin.unnamed, _LOOKED_AT), run.recover, end.ready, [], runs=2),
    Life("cleared-asked", cleared(begin.named, _MADE), run.recover, end.ready, [], runs=2),
    Life("cleared-unlisted", cleared(begin.named, *_HIDDEN), run.up, end.ready, [], runs=3),
    Life(
        "cleared-gone",
        cleared(begin.named, *_HIDDEN, gone=True),
        run.up,
        end.ready,
        [],
        MISSING,
        runs=2,
    ),
    Life("hidden", hidden, run.recover, known, [], {"quirks": ["list-first=2"]}, runs=2),
    Life("mistyped", mistyped, run.up, end.ready, [], runs=2),
    Life(
        "lost-adopted",
        begin.adopted,
        run.force_replacement,
        end.replaced,
        [],
        also=[_LOST, _NOT_LOOKED_FOR],
        runs=2,
    ),
    Life("paused", begin.failed_wait, run.up, end.ready, [], runs=2),
]
"""Lives that begin where others end: at what an error is the answer to."""

BY_LIVES = {
    " Run `alicloud-mps recover`, which": ("cleared", "cleared-unnamed", "cleared-asked"),
    "remove the file `": ("cleared-unlisted", "cleared-gone"),
    "or remove `adopt` to create a new library": ("mistyped",),
    "resume it in the MPS console": ("paused",),
    "run `pulumi refresh` to remove it": ("create/fate/deleted-at-once",),
    "look at it in the MPS console, then": ("create/looks/nothing_listed",),
    "run `pulumi up` again to continue waiting": ("create/looks/InternalError",),
    "check whether the library exists at MPS": ("create-named/create/hangs-before", "lost-adopted"),
    "clear the pending create with": ("replace/create/Killed",),
    "look for it at MPS: if it is there, run": ("hidden", "replace/create/Killed"),
    "run the same command again": ("destroy/fate/job-fails",),
    "run the same command again to continue": ("destroy/job-looks/InternalError",),
    "set force_destroy=True and run": ("destroy/unlisted-text",),
    ", then set force_destroy=True to": ("resume-replacement/unlisted-text",),
    "Run the same command again in a few minutes": ("destroy-not-listed",),
    "Check region and endpoint": ("refresh-first-missing", "refresh-missing"),
    "the next `pulumi up` deletes it unless": ("recover-twice",),
}
"""Parts of messages, each with lives that meet it."""
BY_TESTS = {
    "tests/reliability/test_ways_out.py": {
        "out which one is this stack's": "test_another_name",
        "set `adopt` to its ID": "test_another_name",
        "or choose another `name`, and": "test_another_name",
        "nothing here shows": "test_another_name",
        "may both have created": "test_two_that_may_have_made_it",
    },
    "tests/stacks/test_ownership.py": {
        "and the stack's state can't be read; make": "test_what_two_entries_have",
    },
    "tests/stacks/test_guards.py": {
        "no longer applies": "test_create_before_delete",
    },
    "tests/stacks/test_native.py": {
        "remove any taint": "test_a_forced_replacement",
    },
    "tests/stacks/test_failures.py": {
        "unless `retain_on_delete` is set": "test_kept_while_replaced",
        "then run `pulumi refresh`": "test_paused",
    },
    "tests/mps/test_unanswered.py": {
        "again in a minute": "test_a_short_time_is_not_enough",
        "{error}, and set `adopt` to its ID": "test_two_candidates_are_both_named",
    },
    "tests/mps/test_creation_slots.py": {
        "{error}; run `pulumi up` again": "test_the_deadline_ends_the_wait",
    },
    "tests/mps/test_creation.py": {
        "{error} (see `alicloud-mps": "test_what_it_is_spent_on_is_told",
    },
    "tests/mps/test_libraries.py": {
        "change the program to match what": "test_all_contradictions_are_told",
    },
    "tests/fronts/test_adopt.py": {
        "must adopt it first": "test_a_library_that_could_not_change_hands_is_not_forgotten",
    },
    "tests/stacks/test_doctor.py": {
        "If they were created with `endpoint: local`": "test_libraries_of_the_embedded_mps",
        "it has changed since, run": "test_keys_that_were_replaced",
        "use the configuration of the last `pulumi up`": "test_keys_that_were_replaced",
        "from today's: {}; run": "test_keys_that_were_replaced",
        "is stored in plain text in the stack": "test_doctor",
        "is not passed to the native provider": "test_the_native_provider",
        "what `alicloud-mps plugin` prints": "test_the_native_provider",
    },
    "tests/native/test_autonaming.py": {
        "or make `pulumi config` work": "test_a_pattern_that_can_t_be_read",
    },
    "tests/operations/test_stack_entries.py": {
        "; remove one of the two": "test_an_adopter_s_guard_is_not_evaded",
    },
    "tests/fronts/test_replacement.py": {
        "could not be created: give it another `name`": "test_a_name_that_is_taken_is_refused",
    },
    "tests/fronts/test_diff.py": {
        "`pulumi refresh` looks again": "test_a_library_that_was_active_stops_nothing",
        "Pulumi passes this provider only": "test_another_account_is_refused",
    },
    "tests/test_fp_shot_db.py": {
        "use `adopt`, or `alicloud-mps import`": "test_import_is_refused",
    },
    "tests/test_inputs.py": {
        "region: is not set": "test_without_any_region_it_says_how_to_set_one",
        "generates an invalid one": "test_no_valid_name_is_generated",
    },
    "tests/settings/test_reader.py": {
        "VALUE`": "test_configuration_that_is_no_text_is_refused",
    },
    "tests/stacks/test_recover.py": {
        "the next `pulumi up` creates it": "test_nothing_was_made",
        "is no longer in the state,": "test_a_provider_that_left",
        "a library under this name": "test_read_since",
        "creates of other resources": "test_others_are_pending",
        "renews them even if it fails": "test_a_provider_that_left",
        "recover`, then `pulumi up` again": "test_a_name_that_is_corrected",
    },
    "tests/state/test_journal.py": {
        "creates can't be written": "test_a_folder_that_can_t_be_written_is_no_hindrance",
    },
    "tests/cli/test_probe.py": {
        "`alicloud-mps probe --clean` deletes": "test_what_somebody_has_filled_is_left",
    },
    "tests/stacks/test_import.py": {
        "Add this code to the program": "test_one_library_beside_others",
        "Not active yet; the next `pulumi up` waits": "test_what_is_refused",
        "run `pulumi import --file`": "test_libraries_of_the_native_provider",
        "`pulumi import` imports its libraries": "test_libraries_of_the_native_provider",
    },
    "tests/stacks/test_pulumi_import.py": {
        "accepts a library in another region": "test_a_library_that_is_not_there",
    },
    "tests/state/test_edit.py": {
        "run `pulumi up` once, then import": "test_no_project",
    },
}
"""The others by file, each with a test that has it, and follows it where there is what to do."""


def advice_of(file: Path) -> Iterator[str]:
    """Yield the sentences of a module that advise something; `{}` is what differs."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    inner = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr | ast.JoinedStr)
        for child in ast.iter_child_nodes(node)
    }
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts
        )
        if id(node) not in inner and _ADVICE.search(text):
            yield text


def test_all_advice_is_followed() -> None:
    """Every sentence of the source that advises something has a life or a test, and only those."""
    said = [
        text
        for file in sorted((ROOT / PACKAGE).rglob("*.py"))
        if not file.relative_to(ROOT / PACKAGE).as_posix().startswith(_WITHOUT_ERRORS)
        for text in advice_of(file)
    ]
    known = [*BY_LIVES, *(part for parts in BY_TESTS.values() for part in parts)]
    assert [text for text in said if not any(part in text for part in known)] == []
    assert [part for part in known if not any(part in text for text in said)] == []
    missing = [
        name
        for file, parts in BY_TESTS.items()
        for name in parts.values()
        if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []


def witness(name: str) -> Life | Case | Respect:
    """Return a life by its name, alone, in trouble or with a quirk."""
    everything: list[Life | Case | Respect] = [
        *WAYS_OUT,
        *LIVES,
        *matrix.cases(),
        *respects.respects(),
    ]
    return next(item for item in everything if name == getattr(item, "name", str(item)))


def lived(machine: Machine, item: Life | Case | Respect) -> Settled:
    """Live it."""
    if isinstance(item, Life):
        return matrix.run_untroubled(machine, item)
    return respects.run(machine, item) if isinstance(item, Respect) else matrix.run(machine, item)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (name, [part for part, names in BY_LIVES.items() if name in names])
        for name in dict.fromkeys(name for names in BY_LIVES.values() for name in names)
    ],
)
def test_what_an_error_says_leads_to_the_end(machine: Machine, name: str, parts: list[str]) -> None:
    """Who does what it says arrives at one library for each resource."""
    said = lived(machine, witness(name)).said
    assert [part for part in parts if not any(part in text for text in said)] == []


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ([12], "nothing here shows"),
        ([13], "has its name, but its model_id is 13"),
        ([12, 13], "2 libraries in cn-shanghai have its name"),
    ],
)
def test_another_name(machine: Machine, models: list[int], said: str) -> None:
    """Beside what may be somebody else's, another name and a cleared create make one's own."""
    world = World(machine)
    world.foreign = {world.account.make(NAMED, model) for model in models}
    begin.declare(world, name=NAMED)
    killed(world, Fault(action="ListFpShotDB", kind="error", code=KILL))
    failure = world.recover()
    assert failure is not None
    assert said in failure.message
    assert "choose another `name`" in failure.message
    world.stack.notes.clear()
    begin.change(world, name="another")
    assert world.up() is None, world.stack.said
    assert end.ready(world)
    world.check_agreement()


def test_two_that_may_have_made_it(machine: Machine) -> None:
    """What two resources may have made is adopted by one, and nothing more is made."""
    world = World(machine)
    asked_only = Fault(action="CreateFpShotDB", kind="error", code=KILL)
    for name, fault in (("films", asked_only), (SONGS, _MADE)):
        world.program = [Declared(name, {"name": NAMED}, TIMEOUT)]
        killed(world, fault)
    failure = world.recover()
    assert failure is not None
    assert "may both have created" in failure.message
    advice.adopt(world, world.urn(SONGS), *world.account.alive)
    assert world.up() is None, world.stack.said
    assert world.recover() is None
    assert end.ready(world)
    world.check_agreement()
