"""What to do about an error of the client, in Pulumi's words.

What to do about an error code of MPS, such as a missing right: `_ADVICE_BY_CODE` in `errors.py`.
"""

from __future__ import annotations

from enum import StrEnum

from pulumi_alicloud_mps.errors import MpsError, with_key

_GONE = "if the library isn't in the MPS console either, remove it from the state with"
_TAKEN = (
    " Run `alicloud-mps recover`, which adds the library to the state if an interrupted run created"
    " it. If there is nothing to recover, set `adopt` to its ID (with `name` and `model_id`) if no"
    " other resource manages it, in this stack or any other; otherwise give this resource {other}"
    " `name` to create a separate library. Nothing was created"
)

_ADVICE_BY_SITUATION = {
    "paused": "{error}; resume it in the MPS console (the API has no action for that), then run"
    " `pulumi up` again",
    "deleted": "{error}; run `pulumi refresh` to remove it from the state",
    "not listed": "{error}; look at it in the MPS console, then run `pulumi up` again",
    "not active yet": "{error}; run `pulumi up` again to continue waiting for it",
    "not deleted yet": "{error}; run the same command again to continue waiting",
    "job failed": "{error}; run the same command again",
    "no slot": "{error}; run `pulumi up` again",
    "no turn": "{error}; try again with fewer resources at a time (--parallel) or a longer timeout",
    "account unknown": "{error}; only the account check, a call to STS, failed: set"
    " alicloud-mps:accountId to the account's ID to skip it, or alicloud-mps:stsEndpoint to a host"
    " that responds",
    "other region": "{error}; remove the setting, or give the resource that region",
    "never listed": "{error}. Run the same command again in a few minutes;"
    f" {_GONE} `pulumi state delete`",
    "no longer listed": f"{{error}}. Check region and endpoint; {_GONE} `pulumi state delete`",
    "no other is listed": "{error}. Check region and endpoint, and leave out `--parallel 1`;"
    f" {_GONE} `pulumi state delete`",
    "taken": "{error}" + _TAKEN,
    "made before": "{error} That attempt was made by an earlier run, or by a stack of the same name"
    " in another backend or organization." + _TAKEN,
    "made before, not listed": "{error}. Run `pulumi up` again in a few minutes; if it isn't in"
    " the MPS console either, remove the file `{location}` and run `pulumi up`. Nothing was"
    " created",
    "replaced and kept": "{error}. Give the new library another `name`; or set"
    " `delete_before_replace=True`, unless `retain_on_delete` is set; or revert the change and set"
    " `adopt` to that ID (with `name` and `model_id`). Nothing was created",
    "interrupted": "{error}: run `alicloud-mps recover`, then `pulumi up` again; nothing was"
    " created",
    "may yet appear": "{error}; run `pulumi up` again in a minute. Nothing was created",
    "unanswered": "{error}: before the next `pulumi up`, check whether the library exists at MPS,"
    " and if it is there, set `adopt` to its ID",
    "several appeared": "{error}, and set `adopt` to its ID",
    "none of that ID": "adopt: {error}, or remove `adopt` to create a new library",
    "differs": "adopt: {error}; change the program to match what `alicloud-mps libraries` shows",
    "counted": "{error} (see `alicloud-mps libraries`)",
}
"""What to do, by `MpsError.situation`, each with the message that it completes."""


SETTINGS_OF_LAST_UP = "refresh and destroy use the configuration of the last `pulumi up`"

_REPLACE = (
    "{first}, then set force_destroy=True to have its content deleted, or retain_on_delete=True to"
    " keep it at MPS, and run `pulumi up`; then {again}. If it is kept, the new library needs"
    " another `name`, unless its name is generated"
)


class DeletionCause(StrEnum):
    """Why a library would be deleted, and how to delete or keep it.

    The engine goes by the state, so a change of the program has to be applied first.
    """

    REMOVED = (
        "To delete it and its content, first set force_destroy=True and run `pulumi up`; to keep"
        " it at MPS, first set retain_on_delete=True and run `pulumi up`, or use `pulumi state"
        " delete`"
    )
    """Its resource leaves the program, or the stack is destroyed."""
    CHANGED = _REPLACE.format(
        first="To replace it, first revert the change", again="make the change again"
    )
    """A change of its inputs replaces it."""
    FORCED = _REPLACE.format(
        first="To replace it, first leave out `--target-replace`, and remove any taint with"
        " `pulumi state untaint`",
        again="replace it again",
    )
    """The engine replaces it without a change."""
    REPLACED = (
        "It was already replaced, so `force_destroy` no longer applies: empty it first; or, to"
        ' keep it at MPS, remove its entry with "delete": true from the state (`pulumi state'
        " edit`, or `pulumi stack export`, an editor, and `pulumi stack import`)"
    )
    """Its successor is there."""


def advised(error: MpsError) -> str:
    """Return what happened and what to do, also about a cause that the message quotes."""
    message = str(error)
    if isinstance(error.__cause__, MpsError):
        message = message.replace(str(error.__cause__), advised(error.__cause__))
    text = _ADVICE_BY_SITUATION.get(error.situation, "{error}")
    return text.format(error=message, **error.details)


def keyed(error: MpsError) -> str:
    """Return all that a user sees of an error: the same with the key that leads to its section."""
    return with_key(advised(error), error.key)
