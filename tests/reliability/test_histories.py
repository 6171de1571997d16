"""Random histories, always the same ones; `scripts/reliability --histories` lives others."""

from collections.abc import Mapping

import pytest

from reliability.histories import Histories, bounded, run
from reliability.world import BrokenError, Machine


@pytest.mark.parametrize("seed", range(6))
def test_no_history_breaks_a_promise(machine: Machine, seed: int) -> None:
    """Whatever happens in whatever order, nothing is lost, doubled, destroyed or leaked."""
    run(machine, bounded(10), seed)


@pytest.mark.parametrize("native", [False, True], ids=["dynamic", "native"])
def test_a_forced_deletion_outlives_its_command(machine: Machine, *, native: bool) -> None:
    """Content that the state let a command destroy may end after that command was killed."""
    history = _with_content(machine, native=native, args={"force_destroy": True})
    (library,) = history.world.stack.ids
    history.forget("songs")
    history.up_and_die("QueryFpDBDeleteJobList", 2, execute=True)
    assert history.world.account.dying == {library}
    history.world.account.put(library, "deleted")
    history.nothing_is_told()


@pytest.mark.parametrize("args", [{}, {"force_destroy": True}], ids=["guarded", "not guarded"])
def test_whatever_else_ends_content_is_told(machine: Machine, args: dict[str, object]) -> None:
    """Content that no command has begun to delete is watched, whatever the state says of it."""
    history = _with_content(machine, native=True, args=args)
    (library,) = history.world.stack.ids
    history.preview()
    history.world.account.put(library, "deleted")
    with pytest.raises(BrokenError, match=f"destroyed: .*{library}"):
        history.nothing_is_told()


def _with_content(machine: Machine, *, native: bool, args: Mapping[str, object]) -> Histories:
    """Begin a history of one library with content, and have MPS take its time to delete it."""
    history = Histories()
    history.machine = machine
    history.begin([], native)
    history.forget("films")
    history.change("songs", {**args})
    history.up()
    history.fill()
    history.world.account.settle(deletion_seconds=60)
    return history
