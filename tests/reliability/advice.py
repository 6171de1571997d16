"""What an error says, and somebody who reads nothing else and does it."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from reliability.engine import Declared, Failure
from reliability.world import World, hold

ID = re.compile(r"\b(?:[0-9a-f]{32}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})\b")
"""An FpDBId, in a message."""

_SAID = ("name", "model_id", "description", "config", "adopt")
_NOTE = re.compile(r"remove the file `([^`]+)`")
_WAY_OUT = re.compile(r"`(?:pulumi|alicloud-mps) [a-z]|`adopt`|`name`")


def ids_in(message: str) -> set[str]:
    """Return the FpDBIds that a message says."""
    return set(ID.findall(message))


def names(world: World, message: str, fp_db_id: str) -> bool:
    """Whether a message names a library so that nobody can take it for another one.

    That is by its ID; or by its name in quotes, unless the message has the ID of another library
    of that name.
    """
    alive = world.account.alive
    said = ids_in(message)
    name = alive[fp_db_id].name
    meant = {key for key in said & alive.keys() if alive[key].name == name}
    return fp_db_id in said or (not meant and repr(name) in message)


def check_named(world: World, failure: Failure) -> None:
    """A library that the state does not hold is noted there, or the error names it."""
    noted = Counter(note.inputs.get("name") for note in world.stack.creating)
    for fp_db_id in world.unknown():
        name = world.account.alive[fp_db_id].name
        if names(world, failure.message, fp_db_id):
            continue
        # One note stands for one library.
        hold("lost", [fp_db_id] if not noted[name] else (), f"is not named: {failure.message}")
        noted[name] -= 1


def follow(world: World, failure: Failure) -> Iterator[str]:
    """Do what an error says; yield what was done besides waiting."""
    message = failure.message
    hidden = ids_in(message) & world.account.hidden
    if world.stack.creating:
        yield from _recover(world)
    elif hidden and _WAY_OUT.search(message):
        for fp_db_id in hidden:
            world.account.show(fp_db_id)
    elif gone := ids_in(message) & world.lost:
        yield from _forget(world, message, gone)
    elif "`pulumi refresh`" in message:
        assert world.refresh() is None, world.stack.said
        yield "refresh"
    elif "resume it in the MPS console" in message or "still offline" in message:
        world.account.put(_only(message), "active")
        yield "resume"
    elif "hold fingerprints" in message or "holds fingerprints" in message:
        yield from _part_with(world, failure)
    elif "remove `adopt`" in message:
        world.program = [_without_adopt(item) for item in world.program]
        yield "create"
    elif "set `adopt`" in message and (found := to_adopt(world, message)):
        adopt(world, failure.urn, found)
        yield "adopt"


def _forget(world: World, message: str, gone: Collection[str]) -> Iterator[str]:
    if note := _NOTE.search(message):
        Path(note[1]).unlink()
        yield "note"
    elif "`pulumi state delete`" in message:
        world.stack.forget(gone)
        yield "forget"


def _part_with(world: World, failure: Failure) -> Iterator[str]:
    """Empty a library; where that can't be seen, run an `up` that only sets `force_destroy`."""
    # A RequestId looks like an ID of an old library.
    (fp_db_id,) = ids_in(failure.message) & world.account.alive.keys()
    if "may hold" not in failure.message:
        world.empty(fp_db_id)
        yield "empty"
        return
    wanted = world.program
    (entry,) = (entry for entry in world.stack.entries if entry.id == fp_db_id)
    args = {key: entry.inputs.get(key) for key in _SAID} | {"force_destroy": True}
    world.program = [Declared(entry.urn.rpartition("::")[2], args, entry.timeout)]
    # It may fail for a library that was never active, and counts all the same.
    world.up()
    assert entry.outputs["force_destroy"] is True, world.stack.said
    world.program = [replace(item, args={**item.args, "force_destroy": True}) for item in wanted]
    yield "force"


def _recover(world: World) -> Iterator[str]:
    problem = world.recover()
    yield "recover"
    if problem is None:
        return
    if "if it is there, run `alicloud-mps recover --confirm`" in problem.message and (
        found := to_adopt(world, problem.message)
    ):
        assert world.recover(found) is None, world.stack.said
        yield "confirm"
        return
    if "clear the pending create" in problem.message and not is_there(world, problem.message):
        world.stack.notes.clear()
        yield "clear"
        return
    # Somebody else's library in the way is named, and left alone.
    hold("other", () if ids_in(problem.message) & world.foreign else [problem.message])


def is_there(world: World, message: str) -> bool:
    """Whether MPS has a library whose name the message says in quotes."""
    return any(repr(library.name) in message for library in world.account.alive.values())


def to_adopt(world: World, message: str, others: Collection[str] = ()) -> str | None:
    """Return the one ID that a message says, or that its reader finds at MPS by the name.

    Args:
        world: The world.
        message: What was said.
        others: What its reader knows to be somebody else's.
    """
    alive = world.account.alive
    # Two resources that adopt one library would both hold it.
    known = {*world.stack.ids, *others, *(item.args.get("adopt") for item in world.program)}
    found = (ids_in(message) & alive.keys()) - known
    if "is there" in message:
        found = {key for key in alive.keys() - known if repr(alive[key].name) in message}
    return found.pop() if len(found) == 1 else None


def adopt(world: World, urn: str, fp_db_id: str) -> None:
    """Write `adopt` into the program, for the resource that the error is about."""
    world.program = [_adopting(world, item, urn, fp_db_id) for item in world.program]


def _adopting(world: World, declared: Declared, urn: str, fp_db_id: str) -> Declared:
    if world.urn(declared.name) != urn:
        return declared
    # Its reader looks at it in the console.
    library = world.account.alive[fp_db_id]
    more = {"adopt": fp_db_id, "name": library.name, "model_id": library.model_id}
    return replace(declared, args={**declared.args, **more})


def _without_adopt(declared: Declared) -> Declared:
    args = {key: value for key, value in declared.args.items() if key != "adopt"}
    return replace(declared, args=args)


def _only(message: str) -> str:
    (fp_db_id,) = ids_in(message)
    return fp_db_id
