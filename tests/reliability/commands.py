"""The commands that trouble meets, and what they must come to."""

import re
from collections.abc import Callable

from reliability.beginnings import SONGS, change, one
from reliability.engine import Failure
from reliability.world import World

Act = Callable[[World], Failure | None]


def up(world: World) -> Failure | None:
    """Run `pulumi up`."""
    return world.up()


def force_replacement(world: World) -> Failure | None:
    """Run `pulumi up --target-replace`, until that is done."""
    entry = one(world)
    again = entry is not None and entry.id in world.first and not entry.pending_replacement
    return world.up(SONGS) if again else world.up()


def refresh(world: World) -> Failure | None:
    """Run `pulumi refresh`."""
    return world.refresh()


def destroy(world: World) -> Failure | None:
    """Run `pulumi destroy`."""
    return world.destroy()


def recover(world: World) -> Failure | None:
    """Run `alicloud-mps recover`, then `pulumi up`."""
    return world.recover() or world.up()


def recover_and_replace(world: World) -> Failure | None:
    """Run both, then replace the library once more."""
    failure = recover(world)
    if failure is None:
        change(world, description="Third")
        failure = world.up()
    return failure


def refused(act: Act, why: str = r"holds? fingerprints\b.*; nothing was deleted") -> Act:
    """Return a command that is to end in a refusal, by default that of the guard."""

    def refused(world: World) -> Failure | None:
        failure = act(world)
        if failure and re.search(why, failure.message):
            return None
        return failure or Failure("", "it was not refused")

    return refused


def taken(act: Act) -> Act:
    """Return a command that is to end in an error which names somebody else's library."""

    def taken(world: World) -> Failure | None:
        failure = act(world)
        if failure and all(fp_db_id in failure.message for fp_db_id in world.first):
            return None
        return failure or Failure("", "the name was not called taken")

    return taken
