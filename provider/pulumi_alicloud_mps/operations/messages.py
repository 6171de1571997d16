"""What a resource's row shows: progress, and warnings about the library at MPS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_alicloud_mps.mps.models import Library, LibraryState
from pulumi_alicloud_mps.mps.poller import ProgressCallback

from .call import Messages
from .properties import told_otherwise

_FIRST_HEARTBEAT = 2.0
_LONGEST_HEARTBEAT = 60.0


def progress(messages: Messages, urn: str, target: str) -> ProgressCallback:
    """Return a notice that shows how long the `target` status has been awaited, and its coming.

    It speaks when the status changes, and else ever more rarely: where the output is no terminal,
    each message is a line of its own.
    """
    status_shown = ""
    next_at = 0.0

    def notice(status: str, waited: float) -> None:
        nonlocal status_shown, next_at
        if status != status_shown or waited >= next_at:
            status_shown = status
            next_at = waited + min(max(waited, _FIRST_HEARTBEAT), _LONGEST_HEARTBEAT)
            text = f"after {waited:.0f} s" if status == target else f"for {waited:.0f} s"
            messages.info(f"{status} {text}", urn, ephemeral=True)

    return notice


_DOCUMENTED = {state.value for state in LibraryState}


def warn_of_differences(
    messages: Messages, urn: str, inputs: Mapping[str, Any], library: Library
) -> None:
    """Tell what MPS has otherwise than the program: by names alone, as values may be secret."""
    if names := told_otherwise(inputs, library):
        messages.warning(
            f"MPS tells {' and '.join(f'`{name}`' for name in names)} of library"
            f" {library.fp_db_id} otherwise than the program: nobody can change that at MPS, so"
            " the outputs show it, and nothing is replaced for it",
            urn,
        )


def warn_of_state(messages: Messages, urn: str, fp_db_id: str, state: str) -> None:
    """Tell that a library that has been active is not, for as long as the state says so."""
    if state == LibraryState.ACTIVE.value:
        return
    if state in _DOCUMENTED:
        way = "have it resumed in the MPS console, then run `pulumi refresh`"
    else:
        way = "MPS does not document that state; `pulumi refresh` looks again"
    messages.warning(f"library {fp_db_id} is {state!r}, not active: {way}", urn)
