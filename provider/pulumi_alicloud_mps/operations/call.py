"""What a front passes to an operation, what it gets back, and what is shown meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import MpsError, with_key
from pulumi_alicloud_mps.mps.access import CallRecord
from pulumi_alicloud_mps.mps.models import Library, LibraryState
from pulumi_alicloud_mps.mps.poller import ProgressCallback
from pulumi_alicloud_mps.state.deployment import Properties

from .advice import advised, keyed
from .properties import differing_inputs

DEFAULT_TIMEOUT = 20 * 60.0
"""How long create, update and delete wait for MPS, in seconds, without a custom timeout."""

_FIRST_HEARTBEAT = 2.0
_LONGEST_HEARTBEAT = 60.0


@dataclass(frozen=True)
class Call:
    """An operation that the engine requests, as far as the front knows.

    Attributes:
        urn: The resource; empty if it is not known.
        timeout: The custom timeout in seconds.
        old_inputs: The inputs in the state, as the program gave them.
        seed: Random bytes, the same for a check and the create that follows it.
        name_pattern: Returns the pattern of generated names, as `pattern_in` does.
        moved: Whether a diff's state is from another front.
        guard_replaces: Whether a change of `force_destroy` replaces the library.
    """

    urn: str = ""
    timeout: float | None = None
    old_inputs: Properties | None = None
    seed: bytes = b""
    name_pattern: Callable[[], str | None] = lambda: None
    moved: bool = False
    guard_replaces: bool = False

    def deadline(self, clock: Clock) -> float:
        """Return when the operation gives up if it begins now, in the clock's time."""
        return clock.now() + (self.timeout or DEFAULT_TIMEOUT)


@dataclass(frozen=True)
class Checked:
    """Complete inputs, and why they can't be used: a problem names its property, never a value."""

    inputs: Properties
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Difference:
    """How a resource differs from its program.

    Attributes:
        changes: Whether it does; None leaves it to the engine, which compares the inputs.
        replaces: The inputs whose change replaces it.
        changed: The inputs that differ from those in the state.
    """

    changes: bool | None
    replaces: Sequence[str] = ()
    changed: Sequence[str] = ()


@dataclass(frozen=True)
class Snapshot:
    """A library as it is at MPS; its inputs only if the state has none."""

    outputs: Properties
    inputs: Properties | None = None


class NotReadyError(Exception):
    """A library exists, but is not active.

    The front has to keep it in the state under its ID, so that the next `pulumi up` goes on
    waiting.
    """

    def __init__(self, fp_db_id: str, outputs: Mapping[str, Any], reason: str) -> None:
        super().__init__(reason)
        self.fp_db_id = fp_db_id
        self.outputs = dict(outputs)


class Messages(Protocol):
    """Where an operation's messages are shown: on the resource's row, if it has a URN."""

    def call(self, record: CallRecord) -> None:
        """Show a call to MPS, for debugging."""

    def info(self, message: str, urn: str = "", *, ephemeral: bool = False) -> None:
        """Show a message; an ephemeral one only until the next."""

    def warning(self, message: str, urn: str = "") -> None:
        """Show a warning that stays."""


def progress(messages: Messages, urn: str, target: str) -> ProgressCallback:
    """Return a callback that shows how long `target` has been awaited, and when it is reached.

    It shows each change of the status at once, and otherwise a message less and less often: where
    the output is not a terminal, each is a line of its own.
    """
    status_shown = ""
    next_at = 0.0

    def show(status: str, waited: float) -> None:
        nonlocal status_shown, next_at
        if status != status_shown or waited >= next_at:
            status_shown = status
            next_at = waited + min(max(waited, _FIRST_HEARTBEAT), _LONGEST_HEARTBEAT)
            text = f"after {waited:.0f} s" if status == target else f"for {waited:.0f} s"
            messages.info(f"{status} {text}", urn, ephemeral=True)

    return show


def warn_of_differences(messages: Messages, urn: str, said: Properties, library: Library) -> None:
    """Warn of inputs for which MPS has another value: by name only, as values may be secret."""
    if names := differing_inputs(said, library):
        messages.warning(
            f"MPS reports a different {' and '.join(f'`{name}`' for name in names)} for"
            f" {library} than the program declares. That can't be changed at MPS, so the outputs"
            " show what MPS reports, and nothing is replaced",
            urn,
        )


def warn_of_state(messages: Messages, urn: str, fp_db_id: str, state: str) -> None:
    """Warn of a library that has been active and no longer is."""
    if state == LibraryState.ACTIVE.value:
        return
    if state in set(LibraryState):
        way = "resume it in the MPS console, then run `pulumi refresh`"
    else:
        way = "MPS does not document that state; `pulumi refresh` looks again"
    messages.warning(f"library {fp_db_id} is {state!r}, not active: {way}", urn)


def one_line(error: BaseException) -> str:
    """Describe an error: the package's own as they are, any other as a bug."""
    if isinstance(error, MpsError):
        return advised(error)
    if isinstance(error, Exception):
        text = " ".join(str(error).split())
        kind = type(error).__name__
        return f"this is a bug in pulumi-alicloud-mps; please report it: {kind}: {text}"
    return f"the provider was stopped ({type(error).__name__})"


def shown(error: BaseException) -> str:
    """Return what the user sees of an operation that failed: one line, which ends in its key."""
    if isinstance(error, MpsError):
        return keyed(error)
    if isinstance(error, NotReadyError):
        return str(error)
    return with_key(one_line(error), "bug" if isinstance(error, Exception) else "stopped")
