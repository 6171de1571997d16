"""What happens to the content of a library that is replaced or deleted: the rules, no text."""

from __future__ import annotations

from enum import Enum, auto

from pulumi_alicloud_mps.mps.models import FileCount

from .plan import Change, Effect, StackPreview


class ContentOutcome(Enum):
    """What happens to a library's content."""

    DESTROYED = auto()
    DELETED_IF_EMPTY = auto()
    EMPTY = auto()
    PROTECTED = auto()
    KEPT = auto()
    ADOPTED = auto()

    @property
    def may_lose(self) -> bool:
        """Whether fingerprints may be lost."""
        return self in {ContentOutcome.DESTROYED, ContentOutcome.DELETED_IF_EMPTY}


def needs_alert(change: Change) -> bool:
    """Whether a change replaces or deletes a library."""
    return change.urn.is_library and change.effect in {Effect.REPLACE, Effect.DELETE}


def leaves_stack(change: Change, preview: StackPreview) -> bool:
    """Whether a library only leaves the stack, and is kept at MPS."""
    return (
        change.effect is Effect.DELETE and content_outcome(change, preview) is ContentOutcome.KEPT
    )


def losses(preview: StackPreview) -> list[Change]:
    """Return the libraries whose fingerprints may be lost."""
    return [
        item
        for item in preview.libraries
        if needs_alert(item) and content_outcome(item, preview).may_lose
    ]


def has_losses(preview: StackPreview) -> bool:
    """Whether fingerprints may be lost, or are already."""
    return bool(losses(preview)) or any(
        item.urn.is_library and item.gone for item in preview.drifts
    )


def content_outcome(change: Change, preview: StackPreview) -> ContentOutcome:
    """Return what happens to the content of a library that is replaced or deleted.

    Only what is in the state counts: the engine and the provider both act on that.
    """
    if preview.adopter(change):
        return ContentOutcome.ADOPTED
    # The program decides about a replacement, the state about what left the program.
    if (change.new if change.effect is Effect.REPLACE else change.old).protect:
        return ContentOutcome.PROTECTED
    if change.old.retain_on_delete:
        return ContentOutcome.KEPT
    if preview.content_of(change).count == FileCount(0):
        return ContentOutcome.EMPTY
    if change.before("force_destroy") is True:
        return ContentOutcome.DESTROYED
    return ContentOutcome.DELETED_IF_EMPTY
