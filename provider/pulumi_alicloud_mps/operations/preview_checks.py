"""What a preview asks MPS for: refusals and losses, shown before anything is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.content_warning import content_warning
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    ApiError,
    LibraryError,
    MpsError,
    NameTakenError,
    RefusedError,
    SettingsError,
)
from pulumi_alicloud_mps.inputs import Inputs
from pulumi_alicloud_mps.mps.models import FileCount, FpModel, Library
from pulumi_alicloud_mps.names import stem_in
from pulumi_alicloud_mps.state.deployment import Properties

from .call import one_line

if TYPE_CHECKING:
    from .context import Context

T = TypeVar("T")

SECONDS = 5.0
"""Total seconds that one process may spend on preview calls: the engine checks and compares one
resource after the other."""

_ACCOUNT_SECONDS = 5.0


@dataclass(frozen=True)
class Unanswered:
    """Why there is no answer."""

    reason: str
    error: Exception | None = field(default=None, compare=False)


class PreviewBudget:
    """Makes calls in time, and does not try again in a region where one failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, Unanswered] = {}
        self._left = SECONDS

    def ask(self, region: str, call: Callable[[float], T]) -> T | Unanswered:
        """Return the result of a call, which is given its deadline, in the clock's time."""
        if failure := self._failures.get(region):
            return failure
        if self._left <= 0:
            return Unanswered(f"the {SECONDS:.0f} s preview budget is used up")
        began = self._clock.now()
        try:
            return call(began + self._left)
        except Exception as error:  # noqa: BLE001 - the preview goes on, whatever it is
            failure = Unanswered(one_line(error), error)
            of_one_library = (
                error.blames_parameters
                if isinstance(error, RefusedError)
                else isinstance(error, LibraryError)
            )
            if not of_one_library:
                self._failures[region] = failure
            return failure
        finally:
            self._left -= self._clock.now() - began


def blames_keys(error: Exception | None) -> TypeGuard[Exception]:
    """Whether these keys can create nothing, while those of another provider may delete."""
    return isinstance(error, AccountMismatchError) or (
        isinstance(error, RefusedError) and error.blames_keys
    )


def _known(found: FileCount | Unanswered, model_id: object) -> FileCount | str:
    if isinstance(found, Unanswered):
        return found.reason
    if found.files:
        return found
    if model_id == FpModel.TEXT:
        return "MPS does not document that it lists what a text library holds"
    return found if found.complete else "MPS listed no files but reported more"


@dataclass(frozen=True)
class Successor:
    """What is to replace the library of that ID in its `home` region, as far as it differs."""

    fp_db_id: str
    account_id: str | None
    home: str
    region: str
    name: str | None
    """The name that it needs there; None if that one has it, or is not known yet."""


class PreviewChecks:
    """Predicts refusals, as warnings: what changes until then may still prevent them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._calls = PreviewBudget(context.clock)
        self._lock = threading.Lock()
        self._claims: dict[tuple[str, str], tuple[str, bool]] = {}
        self._unasked: dict[str, Successor] = {}
        self._warned: set[tuple[str, str]] = set()
        self._account_unanswered = False

    def refuse_other_account(self, outputs: Properties, *, moved: bool) -> None:
        """Refuse a library that was moved to a provider of another account.

        The engine moves what is unchanged silently, and the next refresh could only fail. A preview
        needs no credentials, so it goes on if MPS can't be asked. The default provider only asks
        about a library that has `moved` to it from the other front, which may have had other keys,
        and compares an account that is set.

        Raises:
            AccountMismatchError: The library is another account's.
        """
        context = self._context
        account_id, region = outputs.get("account_id"), outputs.get("region")
        asks = context.provider or moved or context.settings.access.account_id
        if self._account_unanswered or not (asks and account_id and region):
            return
        deadline = context.clock.now() + _ACCOUNT_SECONDS
        try:
            context.service.check_account(account_id, region, deadline)
        except AccountMismatchError:
            raise
        except MpsError:
            self._account_unanswered = True

    def check_replacement(
        self, urn: str, fp_db_id: str, olds: Properties, news: Properties, replaces: Sequence[str]
    ) -> None:
        """Warn of what a replacement loses, and refuse one that can't be created.

        Raises:
            AccountMismatchError: The successor would be another account's.
            RefusedError: The keys that would create it are not accepted.
            SettingsError: MPS can't be reached where it is to be created.
            NameTakenError: Its name is taken there.
        """
        asked = self._warn_of_content(urn, fp_db_id, olds, replaces)
        home, (region, name) = str(olds.get("region")), (news.get("region"), news.get("name"))
        there = region if isinstance(region, str) else home
        given = isinstance(name, str) and not stem_in(name, urn)
        creates = news.get("adopt") in {None, fp_db_id}
        needed = str(name) if given and creates and ("name" in replaces or there != home) else None
        new = Successor(fp_db_id, olds.get("account_id"), home, there, needed)
        asked = self._refuse(new) and asked
        context = self._context
        if not asked and context.entries.is_of_another_provider(fp_db_id, urn, context.provider):
            # The library's own process, which deletes it, knows nothing of this one.
            try:
                self._ask_all(new, context.clock.now() + _ACCOUNT_SECONDS)
            except (ApiError, SettingsError) as error:
                raise SettingsError(
                    f"the new provider for {fp_db_id} can't reach MPS ({error}), so the library"
                    " was kept; correct the new provider's settings, or retry later"
                ) from error

    def _warn_of_content(
        self, urn: str, fp_db_id: str, olds: Properties, replaces: Sequence[str]
    ) -> bool:
        """Warn of a replacement, or say that its library is empty; nothing if it is gone.

        Returns:
            Whether MPS has answered.
        """
        # Diff has found the library gone if it lets `adopt` replace it.
        if "adopt" in replaces:
            return True
        with self._lock:
            if (urn, fp_db_id) in self._warned:
                return True
            self._warned.add((urn, fp_db_id))
        region = str(olds.get("region"))

        def count(deadline: float) -> FileCount | None:
            libraries = self._context.service.libraries_of(olds.get("account_id"), region, deadline)
            return libraries.count_files(fp_db_id, deadline)

        found = self._calls.ask(region, count)
        if found is None:
            return True
        if isinstance(found, Unanswered) and blames_keys(found.error):
            raise found.error
        known = _known(found, olds.get("model_id"))
        text = content_warning(fp_db_id, known, forced=olds.get("force_destroy") is True)
        messages = self._context.messages
        say = messages.info if known == FileCount(0) else messages.warning
        say(text, urn)
        return not isinstance(found, Unanswered)

    def same_name(self, urn: str, values: Properties, olds: Properties) -> list[str]:
        """Warn that two resources of the program want one name, and one has yet to be created."""
        region, name = values.get("region"), values.get("name")
        if not urn or not region or not name:
            return []
        creates = (region, name) != (olds.get("region"), olds.get("name"))
        with self._lock:
            first, one_creates = self._claims.setdefault((region, name), (urn, creates))
        if first == urn or not (creates or one_creates):
            return []
        # The name itself may be a secret.
        warning = (
            f"name: is already used by {first} in {region}; the second create would fail. Give each"
            " resource its own name"
        )
        return [warning]

    def _refuse(self, new: Successor) -> bool:
        """Refuse a successor that can't be created: a library's content would be lost for nothing.

        If MPS can't be asked, a preview goes on, and the deletion asks.

        Returns:
            Whether MPS has answered everything there is to ask.
        """
        if new.region != new.home:
            if self._silence(new.home, new):
                self._unasked[new.fp_db_id] = new
                return False
            if reason := self._silence(new.region, new):
                raise _no_region(new, reason)
        if new.name is None:
            return True
        found = self._calls.ask(new.region, lambda deadline: self._taken(new, deadline))
        if isinstance(found, Unanswered):
            self._unasked[new.fp_db_id] = new
            return False
        _refuse_taken(new, found)
        return True

    def refuse_unasked(self, fp_db_id: str, deadline: float) -> None:
        """Ask before a deletion what a preview could not, see `check_replacement`."""
        if new := self._unasked.get(fp_db_id):
            try:
                self._ask_all(new, deadline)
            except (ApiError, SettingsError) as error:
                raise _no_region(new, str(error)) from error

    def _ask_all(self, new: Successor, deadline: float) -> None:
        libraries = self._context.service.libraries_of(new.account_id, new.region, deadline)
        libraries.client.list_libraries([new.fp_db_id], deadline)
        _refuse_taken(new, self._taken(new, deadline))

    def _silence(self, region: str, new: Successor) -> str:
        def look(deadline: float) -> object:
            return self._context.service.client(region).list_libraries([new.fp_db_id], deadline)

        found = self._calls.ask(region, look)
        return found.reason if isinstance(found, Unanswered) else ""

    def _taken(self, new: Successor, deadline: float) -> list[Library]:
        if new.name is None:
            return []
        named = self._context.service.libraries(new.region).named(new.name, deadline)
        return [library for library in named if library.fp_db_id != new.fp_db_id]

    def no_adoption(self, fp_db_id: str, inputs: Inputs) -> list[str]:
        """Warn that the library to adopt is not there, or not what the program says."""
        region = str(inputs.region)

        def compare(deadline: float) -> Library:
            libraries = self._context.service.libraries_of(None, region, deadline)
            return libraries.existing(fp_db_id, inputs.spec(), deadline)

        found = self._calls.ask(region, compare)
        if not isinstance(found, Unanswered):
            return []
        if isinstance(found.error, LibraryError):
            return [found.reason]
        return [f"adopt: {fp_db_id} was not compared with the program ({found.reason})"]


def _no_region(new: Successor, reason: str) -> SettingsError:
    return SettingsError(
        f"region: can't reach MPS in {new.region} ({reason}); the library stays in {new.home};"
        " correct the region, or retry later"
    )


def _refuse_taken(new: Successor, taken: Sequence[Library]) -> None:
    if taken:
        ids = ", ".join(library.fp_db_id for library in taken)
        raise NameTakenError(
            f"name: a library of the same name already exists in {new.region} ({ids}), so the"
            f" replacement of {new.fp_db_id} could not be created: give it another `name`, or"
            " revert the change; nothing was changed"
        )
