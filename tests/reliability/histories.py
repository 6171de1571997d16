"""Random histories of a stack: what a team, the network and others do to it in any order."""

import time
from collections.abc import Callable
from dataclasses import replace

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pulumi_alicloud_mps.emulator import Fault
from pulumi_alicloud_mps.emulator.records import LibraryState
from pulumi_alicloud_mps.emulator.settings import QUIRKS
from reliability.advice import adopt, check_named, ids_in, is_there, names, to_adopt
from reliability.beginnings import TIMEOUT
from reliability.engine import Declared, Failure
from reliability.fast_host import KILL
from reliability.faults import JOBS, LISTING, READING, WRITING
from reliability.world import Machine, World, hold

_NAMES = ("songs", "films", "news")
_READS = ("GetCallerIdentity", "ListFpShotDB", "ListFpShotFiles", "QueryFpDBDeleteJobList")
_WRITES = ("CreateFpShotDB", "SubmitFpDBDeleteJob")

# What MPS tells as a lie about every call, once or for all of a run.
_FAULTS = st.one_of(
    st.builds(
        lambda trouble, action, call: trouble.on(action, [call]),
        st.sampled_from(READING),
        st.sampled_from(_READS),
        st.integers(1, 4),
    ),
    st.builds(
        lambda trouble, call: trouble.on("ListFpShotDB", [call]),
        st.sampled_from(LISTING),
        st.integers(1, 4),
    ),
    st.builds(
        lambda trouble, action: trouble.on(action, [1]),
        st.sampled_from(WRITING),
        st.sampled_from(_WRITES),
    ),
    st.builds(lambda trouble: trouble.on("SubmitFpDBDeleteJob", [1]), st.sampled_from(JOBS)),
)
_SCRIPTS = st.lists(_FAULTS, min_size=1, max_size=2)
_WORDS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["first", "second"]),
        "description": st.sampled_from(["Old", "New", None]),
        "config": st.sampled_from(['{"a":1}', '{"a":2}']),
        "force_destroy": st.booleans(),
    },
)
_UPS_BETWEEN_DESTROYS = 6

# Those that hide or deny what is there would make any history end in errors.
_QUIRKS = sorted({*QUIRKS} - {"denied-first", "denied-always", "unlisted-text", "list-first=N"})


class Histories(RuleBasedStateMachine):
    """A stack in an account; every rule is something that may happen to the two.

    Attributes:
        machine: What the histories of a process share.
        steps: How many things have happened in all of them.
        others: The libraries that somebody else has made, and that the program does not adopt.
    """

    machine: Machine
    steps = 0

    @initialize(
        quirks=st.lists(st.sampled_from(_QUIRKS), max_size=2, unique=True), native=st.booleans()
    )
    def begin(self, quirks: list[str], native: bool) -> None:  # noqa: FBT001 - drawn
        """Begin with two libraries of one of the providers, at an MPS that may have quirks."""
        self.world = World(self.machine, native=native, quirks=quirks)
        self.number = 0
        self.ups = 0
        self.others: set[str] = set()
        for name, named in (("songs", False), ("films", True)):
            self.declare(name, named)
        self.up()

    @rule(name=st.sampled_from(_NAMES), named=st.booleans())
    def declare(self, name: str, named: bool) -> None:  # noqa: FBT001 - drawn
        """Have the program declare a library."""
        if not self._declared(name):
            args = {"name": f"the-{name}"} if named else {}
            self._declare(Declared(name, args, TIMEOUT))

    @rule(name=st.sampled_from(_NAMES))
    def forget(self, name: str) -> None:
        """Have the program declare a library no more."""
        self.world.program = [item for item in self.world.program if item.name != name]

    @rule(name=st.sampled_from(_NAMES), args=_WORDS)
    def change(self, name: str, args: dict[str, object]) -> None:
        """Have the program say something else."""
        for item in self._declared(name):
            # What an adopted library is can't be changed, and the error says so.
            changed = replace(item, args={**item.args, **args})
            self.world.program[self.world.program.index(item)] = changed

    @rule(name=st.sampled_from(_NAMES), new=st.sampled_from(_NAMES), alias=st.booleans())
    def rename(self, name: str, new: str, alias: bool) -> None:  # noqa: FBT001 - drawn
        """Give a resource another logical name, with an alias or without."""
        if not self._declared(new):
            for item in self._declared(name):
                renamed = replace(item, name=new, alias=name if alias else None)
                self.world.program.remove(item)
                self._declare(renamed)

    @rule()
    def make_another(self) -> None:
        """Have somebody else make a library, perhaps of a name that is in use."""
        name = f"the-{_NAMES[self.number % len(_NAMES)]}"
        self.number += 1
        made = self.world.account.make(name)
        self.world.foreign.add(made)
        self.others.add(made)
        self.world.fill(made)

    @rule(name=st.sampled_from(_NAMES))
    def adopt(self, name: str) -> None:
        """Have the program take somebody else's library over."""
        others = sorted(self.others & self.world.account.alive.keys())
        if others and not self._declared(name) and self.world.stack.entry(name) is None:
            self.others.discard(others[0])
            library = self.world.account.alive[others[0]]
            args = {"name": library.name, "model_id": 12, "adopt": library.id}
            self._declare(Declared(name, args, TIMEOUT))

    @rule()
    def fill(self) -> None:
        """Put content into every library of the stack, unless MPS is deleting it already."""
        for fp_db_id in self.world.stack.ids & self.world.account.lasting:
            self.world.fill(fp_db_id)

    @rule(name=st.sampled_from(_NAMES), state=st.sampled_from(["deleted", "paused", "active"]))
    def meddle(self, name: str, state: LibraryState) -> None:
        """Delete, pause or resume a library behind the stack's back."""
        entry = self.world.stack.entry(name)
        if entry is None or entry.id not in self.world.account.alive:
            return
        if state == "deleted":
            self.world.take_away(entry.id)
        else:
            self.world.account.put(entry.id, state)

    @rule()
    def up(self) -> None:
        """Run `pulumi up`."""
        self.up_in_trouble([])

    @rule(script=_SCRIPTS)
    def up_in_trouble(self, script: list[Fault]) -> None:
        """Run `pulumi up`, and where all goes well find just what the program says."""
        self.ups += 1
        if self._run(self.world.up, script) is None:
            self.world.check_agreement()
            urns = {self.world.urn(item.name) for item in self.world.program}
            hold("other", urns ^ {entry.urn for entry in self.world.stack.entries})

    @rule(script=_SCRIPTS)
    def refresh(self, script: list[Fault]) -> None:
        """Run `pulumi refresh`, and where all goes well find every library of the state."""
        self.world.await_jobs()
        if self._run(self.world.refresh, script) is None:
            held = {entry.id for entry in self.world.stack.entries if not entry.pending_replacement}
            hold("other", held - self.world.account.alive.keys(), "are gone, and kept")

    @rule()
    def preview(self) -> None:
        """Run `pulumi preview`, which changes nothing."""
        self._run(self.world.preview, [])

    @rule(script=_SCRIPTS, words=_WORDS, name=st.sampled_from(_NAMES))
    def change_in_trouble(self, script: list[Fault], words: dict[str, object], name: str) -> None:
        """Change the program and run `pulumi up`."""
        self.change(name, words)
        self.up_in_trouble(script)

    @rule(
        action=st.sampled_from([*_READS, *_WRITES]), call=st.integers(1, 4), execute=st.booleans()
    )
    def up_and_die(self, action: str, call: int, execute: bool) -> None:  # noqa: FBT001 - drawn
        """Run `pulumi up`, and have its process killed at some call."""
        killed = Fault(action=action, calls=[call], kind="error", code=KILL, execute=execute)
        self.up_in_trouble([killed])

    @precondition(lambda self: self.ups > _UPS_BETWEEN_DESTROYS)
    @rule(script=_SCRIPTS)
    def destroy(self, script: list[Fault]) -> None:
        """Run `pulumi destroy`, and where all goes well find nothing."""
        self.ups = 0
        if self._run(self.world.destroy, script) is None:
            hold("other", self.world.stack.entries, "are left")

    @invariant()
    def nothing_is_told(self) -> None:
        """No secret was shown, every error is one line, and what is another's was left alone."""
        Histories.steps += 1
        self.world.check_content()
        self.world.check_words()
        hold("other", self.others & self.world.stack.ids, "belong to somebody else")

    def _declare(self, declared: Declared) -> None:
        program = [*self.world.program, declared]
        taken = {item.name for item in program}
        # The engine refuses an alias that is another resource's name.
        self.world.program = [
            replace(item, alias=None) if item.alias in taken else item for item in program
        ]

    def _declared(self, name: str) -> list[Declared]:
        return [item for item in self.world.program if item.name == name]

    def _run(self, command: Callable[[], Failure | None], script: list[Fault]) -> Failure | None:
        world = self.world
        # Only what the state allowed before the command may be destroyed by it.
        allowed = {e.id for e in world.stack.entries if e.outputs.get("force_destroy") is True}
        kept, world.filled = world.filled & allowed, world.filled - allowed
        before = len(world.account.calls)
        world.account.spoil(script)
        failure = command()
        world.account.spoil([])
        # Where the command was cut off, what it may destroy may end at any time from now on.
        world.filled |= kept & world.account.lasting
        if failure is not None:
            check_named(world, failure)
            self._excuse_deleted(failure, before)
            self._react(failure)
        return failure

    def _excuse_deleted(self, failure: Failure, before: int) -> None:
        """Expect the end of what the command was deleting when it failed: nobody awaited it."""
        world = self.world
        begun = {
            call["Parameters"]["FpDBId"]
            for call in world.account.calls[before:]
            if call["Action"] == "SubmitFpDBDeleteJob" and call["Executed"]
        }
        begun &= world.stack.ids - world.account.lasting
        about = {entry.id for entry in world.stack.entries if entry.urn == failure.urn}
        about |= ids_in(failure.message)
        hold("lost", begun - about, f"end, and the error is about others: {failure}")
        world.lost |= begun

    def _react(self, failure: Failure) -> None:
        """Do what the error says; what is not settled by it was named, and is written off."""
        world, told = self.world, failure.message
        if world.stack.creating:
            told += self._recover()
        elif "`pulumi refresh`" in told:
            world.refresh()
        elif "set `adopt`" in told:
            self._adopt(failure.urn, told)
        unnamed = [key for key in world.unknown() if not names(world, told, key)]
        hold("lost", unnamed, f"were not named: {told}")
        world.foreign |= world.unknown()

    def _adopt(self, urn: str, told: str) -> bool:
        """Adopt the one library that the message names, unless another knows it for theirs."""
        found = to_adopt(self.world, told, self.others)
        if found:
            adopt(self.world, urn, found)
            self.world.foreign.discard(found)
        return found is not None

    def _claim(self, urn: str, told: str) -> bool:
        found = to_adopt(self.world, told, self.others) if "--confirm" in told else None
        if found is None or self.world.recover(found):
            return self._adopt(urn, told)
        self.world.foreign.discard(found)
        return True

    def _recover(self) -> str:
        """Recover; where something is in the way, do what is said of it, and recover again."""
        world = self.world
        problem = world.recover()
        if problem is None:
            return ""
        told = problem.message
        in_the_way = ids_in(told) or not is_there(world, told)
        hold("other", () if in_the_way else [told], "names nothing that is in the way")
        for item in list(world.program):
            urn = world.urn(item.name)
            if urn in told and not self._claim(urn, told) and "another `name`" in told:
                self.number += 1
                self.change(item.name, {"name": f"mine-{self.number}"})
        world.up()
        again = world.recover()
        if again and "`pulumi refresh --clear-pending-creates`" in again.message:
            world.stack.notes.clear()
        elif again:
            hold("other", [again], f"after what it said was done: {told}")
        return told


def live(seed: int, until: float) -> tuple[int, str]:
    """Live histories until a moment of the monotonic clock; return the steps and a problem."""
    with Machine() as machine:
        while time.monotonic() < until:
            try:
                run(machine, bounded(20), seed)
            # Whatever went wrong is told with the steps that lead to it.
            except Exception as error:  # noqa: BLE001
                notes = getattr(error, "__notes__", [])
                return Histories.steps, "\n".join([f"seed {seed}: {error}", *notes])
            seed += 1
    return Histories.steps, ""


def run(machine: Machine, settings: hypothesis.settings, seed: int = 0) -> None:
    """Live as many histories as the settings say; fails with the first that breaks a promise."""
    lives: type[Histories] = type("Lives", (Histories,), {"machine": machine})
    run_state_machine_as_test(hypothesis.seed(seed)(lives), settings=settings)  # type: ignore[no-untyped-call]


def bounded(examples: int) -> hypothesis.settings:
    """Return settings for so many histories."""
    return hypothesis.settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        database=None,
        # Shortening a failure would repeat it for minutes.
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
