"""What a resource's row shows while MPS works."""

from __future__ import annotations

from pulumi_alicloud_mps.mps.poller import ProgressCallback

from .call import Messages

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
