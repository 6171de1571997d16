"""How lives end: whether they have, when a command has succeeded."""

from reliability.beginnings import NEWEST, one
from reliability.engine import Entry
from reliability.world import World


def ready(world: World) -> bool:
    """The library is there and active."""
    entry = one(world)
    return entry is not None and not entry.init_errors and _is_active(entry)


def replaced(world: World) -> bool:
    """Another library has taken the place of what there was."""
    return ready(world) and not world.first & world.account.alive.keys()


def gone(world: World) -> bool:
    """Neither the state nor MPS has what there was."""
    return not world.stack.entries and not world.first & world.account.alive.keys()


def one_left(world: World) -> bool:
    """Of two libraries the state has forgotten the one that is gone."""
    return len(world.stack.entries) == 1 and not world.first & world.stack.ids


def kept(world: World) -> bool:
    """The state has just what there was."""
    return world.first == world.stack.ids


def newest(world: World) -> bool:
    """Of all replacements the last one stays."""
    entry = one(world)
    return replaced(world) and entry is not None and entry.outputs["name"] == NEWEST


def retained(world: World) -> bool:
    """All that was replaced is at MPS, and the state remembers it."""
    entry = one(world)
    if not ready(world) or entry is None or entry.outputs["description"] != "Third":
        return False
    kept = entry.outputs["predecessors"]
    return len(kept) > 1 and {*kept, entry.id} == world.account.alive.keys()


def found_again(world: World) -> bool:
    """The library is in the state, and listed."""
    return kept(world) and not world.account.hidden


def taken_over(world: World) -> bool:
    """One of the two is the library that somebody made, and there is no third."""
    return pair_ready(world) and world.first < world.stack.ids == world.account.alive.keys()


def renamed(world: World) -> bool:
    """The library is in the state under the new name alone."""
    return [entry.urn for entry in world.stack.entries] == [world.urn("films")] and kept(world)


def pair_ready(world: World) -> bool:
    """Both libraries are active."""
    return len(world.stack.entries) == 2 and all(map(_is_active, world.stack.entries))


def untouched(world: World) -> bool:
    """The state has nothing, and MPS what others made."""
    return not world.stack.entries and world.account.alive.keys() == world.first


def _is_active(entry: Entry) -> bool:
    # The second word is that of the quirk other-states.
    return entry.outputs["state"] in {"active", "normal"}
