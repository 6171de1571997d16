"""The operations on a FpShotDB: what Pulumi asks of a provider, in terms of MPS."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    IDENTITY,
    AccountMismatchError,
    ApiError,
    ContradictionError,
    DeletionRefusedError,
    LibraryNotFoundError,
    MpsError,
    NotSentError,
    SettingsError,
    with_key,
)
from pulumi_alicloud_mps.inputs import IMMUTABLE, LISTED, NO_REGION, Inputs, resolve
from pulumi_alicloud_mps.mps.models import (
    DeleteJobStatus,
    Library,
    LibraryState,
    check_fp_db_id,
    check_region,
)
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.names import generated_name, stem_in
from pulumi_alicloud_mps.settings.reader import ConfigReader, Settings, read_settings
from pulumi_alicloud_mps.settings.schema import (
    PROVIDER_NAME,
)
from pulumi_alicloud_mps.state.deployment import UNKNOWN, Properties
from pulumi_alicloud_mps.state.journal import CreateJournal

from .advice import keyed
from .call import (
    Call,
    Checked,
    Difference,
    Found,
    Messages,
    progress,
    warn_of_differences,
    warn_of_state,
)
from .create import Creates
from .lookup import look_up
from .ownership import OtherEntries, Ownership, read_state
from .preview_checks import PreviewChecks, Successor, blames_keys
from .properties import (
    NEVER_ACTIVE,
    NOT_COMPARED,
    changed_inputs,
    differing_inputs,
    inputs_of,
    is_unfinished,
    library_in,
    not_compared,
    outputs_of,
    predecessors_in,
    was_listed,
)

_ACCOUNT_SECONDS = 5.0
_NO_NAME = "name: must be set, because this version of Pulumi can't have one generated"
_IMPORT_ELSEWHERE = "; `pulumi import` accepts a library in another region as <region>/<ID>"
_LOCAL_NOTICE = "alicloud-mps: the endpoint is local, nothing is created at Alibaba Cloud"


R = TypeVar("R")
_Method: TypeAlias = "Callable[[Lifecycle, Call, str, Properties], R]"


def _with_settings_of_the_state(method: _Method[R]) -> _Method[R]:
    """Explain errors of outdated settings: refresh and destroy use those of the last `pulumi up`.

    They get them from the state, whatever the stack's configuration says by now.
    """

    @functools.wraps(method)
    def wrapper(self: Lifecycle, call: Call, fp_db_id: str, props: Properties) -> R:
        try:
            return method(self, call, fp_db_id, props)
        except MpsError as error:
            # What a program only reads is read while it runs.
            if "fp_db_id" not in props or not self.may_be_stale_settings(error):
                raise
            raise SettingsError(
                f"{error}. refresh and destroy use the configuration of the last `pulumi up`: if"
                " it has changed since, run `pulumi up` without --refresh, then retry"
            ) from error

    return wrapper


class Lifecycle:
    """The operations of one provider process, several of which run at once."""

    def __init__(
        self, config: ConfigReader, clock: Clock, journal: CreateJournal, messages: Messages
    ) -> None:
        self._config = config
        self._clock = clock
        self._journal = journal
        self._messages = messages
        self._ownership = Ownership()
        self._others = OtherEntries(read_state, clock)
        self._creates = Creates(
            lambda: self._service, clock, journal, messages, self._ownership, self._others
        )
        self._declared: set[str] = set()
        self._replaced_for_guard: set[str] = set()
        self._warned: set[str] = set()
        self._checks = PreviewChecks(lambda: self._service, clock, messages)
        self._provider = str(config(PROVIDER_NAME) or "")
        self._account_unanswered = False
        self._looked_up: set[str] = set()
        self._lock = threading.RLock()
        self._known_settings: Settings | None = None
        self._known_service: Service | None = None

    def may_be_stale_settings(self, error: MpsError) -> bool:
        """Whether a setting may be the cause, and no program has run that brings today's."""
        if self._declared:
            return False
        if isinstance(error, SettingsError):
            return True
        configured = {name for name, source in self._settings.sources.items() if ":" in source}
        if isinstance(error, NotSentError):
            return bool(configured & {"endpoint", "sts_endpoint", "ca_bundle"})
        if blames_keys(error):
            return bool(configured & {"credentials", "profile"})
        # Its message advises a setting.
        return isinstance(error, ApiError) and error.action == IDENTITY

    @property
    def _settings(self) -> Settings:
        with self._lock:
            if self._known_settings is None:
                self._known_settings = read_settings(self._config, os.environ)
                if self._known_settings.local:
                    self._messages.info(_LOCAL_NOTICE)
            return self._known_settings

    @property
    def _service(self) -> Service:
        # One only: it remembers what this process created and deleted.
        with self._lock:
            if self._known_service is None:
                self._known_service = Service(
                    self._settings.open(), self._clock, self._messages.call
                )
            return self._known_service

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        """Validate and complete the inputs; a failure names its property, and never a value."""
        unknown = {key: value for key, value in news.items() if value is UNKNOWN}
        known = {key: value for key, value in news.items() if value is not UNKNOWN}
        problems: list[str] = []
        urn, name = call.urn, None
        try:
            if urn and not ("name" in news or olds.get("name")):
                name = generated_name(urn, call.seed, call.name_pattern())
            resolved = resolve(known, unknown, olds, self._settings.region, name)
        except SettingsError as error:
            problems.append(keyed(error))
            resolved = resolve(known, {*unknown, "region"}, olds, None, name)
        if not (urn or resolved.values.get("name") or "name" in unknown):
            problems.append(with_key(_NO_NAME, "inputs"))
        adopt = resolved.values.get("adopt")
        self._declared.add(urn)
        if call.guard_replaces:
            self._replaced_for_guard.add(urn)
        warnings = [*resolved.warnings, *self._checks.same_name(urn, resolved.values, olds)]
        # A replacement does not adopt what it replaces.
        if isinstance(adopt, str) and not self._creates.replaces(adopt):
            try:
                self._ownership.claim(adopt, urn, adopts=True, has=False)
            except ContradictionError as error:
                problems.append(f"adopt: {keyed(error)}")
            if not (olds or unknown or problems or resolved.problems):
                warnings += self._checks.no_adoption(adopt, inputs_of(resolved.values))
        for warning in warnings:
            self._messages.warning(warning, urn)
        problems += [with_key(problem, "inputs") for problem in resolved.problems]
        return Checked({**resolved.values, **unknown}, problems)

    def diff(self, call: Call, fp_db_id: str, olds: Properties, news: Properties) -> Difference:
        """Compare the state's outputs with checked inputs; ask MPS only about a replacement."""
        said = call.old_inputs or olds
        # By now the state has what was made; later it may be given to another stack.
        self._journal.forget_made(call.urn, {**olds, "name": said.get("name")}, fp_db_id)
        # As with `adopt`, the program is believed where nothing is known.
        believed = not_compared(olds, said)
        changed = changed_inputs(said, news)
        if call.urn in self._looked_up:
            # The engine imports only what does not differ.
            changed = [key for key in changed if key not in believed]
        replaces = [key for key in changed if key in IMMUTABLE and key not in believed]
        guard_changed = said.get("force_destroy", False) != news.get("force_destroy", False)
        if call.urn in self._replaced_for_guard and guard_changed:
            replaces.append("force_destroy")
        adopt = news.get("adopt")
        if isinstance(adopt, str) and adopt not in {olds.get("adopt"), fp_db_id}:
            self._refuse_second(call, fp_db_id, olds, adopt)
            replaces.append("adopt")
        urn = call.urn
        if replaces:
            self._creates.expect(fp_db_id, urn, olds)
            self._ownership.release(fp_db_id, urn)
        else:
            self._refuse_other_account(olds, moved=call.moved)
        # Not in the diff of a refresh, which goes the other way round, and by the old URN of what
        # was renamed. What depends on a library that is replaced has only a diff before its check.
        of_the_program = urn in self._declared
        if replaces and (of_the_program or UNKNOWN in news.values()):
            self._check_replacement(urn, fp_db_id, olds, news, replaces)
        elif of_the_program:
            self._ownership.claim(fp_db_id, urn, adopts=adopt == fp_db_id, has=True)
            self._warn_of_state(urn, fp_db_id, olds)
        # None lets the engine compare the inputs itself, path by path; it can see neither of these.
        changes = True if is_unfinished(olds) or call.moved else None
        return Difference(changes, replaces, changed)

    def _check_replacement(
        self, urn: str, fp_db_id: str, olds: Properties, news: Properties, replaces: list[str]
    ) -> None:
        """Warn of what a replacement loses, and refuse one that could not be made."""
        asked = self._checks.warn_of_content(urn, fp_db_id, olds, replaces)
        home, (region, name) = str(olds.get("region")), (news.get("region"), news.get("name"))
        there = region if isinstance(region, str) else home
        given = isinstance(name, str) and not stem_in(name, urn)
        creates = news.get("adopt") in {None, fp_db_id}
        needed = str(name) if given and creates and ("name" in replaces or there != home) else None
        new = Successor(fp_db_id, olds.get("account_id"), home, there, needed)
        asked = self._checks.refuse(new) and asked
        if not asked and self._others.is_of_another_provider(fp_db_id, urn, self._provider):
            self._checks.refuse_of_another_provider(new, self._clock.now() + _ACCOUNT_SECONDS)

    def _warn_of_state(self, urn: str, fp_db_id: str, outputs: Properties) -> None:
        """Warn once where a library has been active and is not: `up --refresh` reads and diffs."""
        if not is_unfinished(outputs) and fp_db_id not in self._warned:
            self._warned.add(fp_db_id)
            warn_of_state(self._messages, urn, fp_db_id, str(outputs.get("state")))

    def _refuse_other_account(self, olds: Properties, *, moved: bool) -> None:
        """Notice a library that was moved to a provider of another account.

        The engine moves what is unchanged without a word, and the next refresh could only fail. A
        preview needs no credentials, so it goes on where nobody can be asked. The default provider
        only asks about one that has `moved` to it from the other front, which may have had keys of
        another configuration, and compares an account that is set.
        """
        account_id, region = olds.get("account_id"), olds.get("region")
        asks = self._provider or moved or self._settings.access.account_id
        if self._account_unanswered or not (asks and account_id and region):
            return
        try:
            self._service.check_account(account_id, region, self._clock.now() + _ACCOUNT_SECONDS)
        except AccountMismatchError:
            raise
        except MpsError:
            self._account_unanswered = True

    def _refuse_second(self, call: Call, fp_db_id: str, olds: Properties, adopt: str) -> None:
        """Refuse another library, unless the first is gone: as after an interrupted replacement."""
        deadline = call.deadline(self._clock)
        libraries = self._service.libraries_of(olds.get("account_id"), olds["region"], deadline)
        there = libraries.find(fp_db_id, deadline, listed=was_listed(olds)) is not None
        if there and not self._others.is_replaced(fp_db_id, call.urn):
            raise ContradictionError(
                f"adopt: this resource already manages library {fp_db_id}; adopt {adopt} with a"
                " separate resource"
            )

    def create(self, call: Call, props: Properties) -> tuple[str, Properties]:
        """Create or adopt, wait until active, and return the ID and the outputs."""
        return self._creates.create(call, inputs_of(props))

    def update(self, call: Call, fp_db_id: str, olds: Properties, news: Properties) -> Properties:
        """Go on waiting for a library that was never active; return the outputs."""
        inputs = inputs_of(news)
        if is_unfinished(olds):
            return self._creates.go_on(call, fp_db_id, olds, inputs)
        account_id = str(olds.get("account_id"))
        outputs = outputs_of(inputs, library_in(olds, fp_db_id), account_id, predecessors_in(olds))
        return outputs | ({NOT_COMPARED: True} if not_compared(olds, news) else {})

    def foresee(self, call: Call, news: Properties, olds: Properties | None = None) -> Properties:
        """Return the outputs that a create, or an update with `olds`, will have if all goes well.

        Those that only MPS can tell are missing, and so is a generated name of a create, since
        each attempt has another one.
        """
        outputs = {name: news.get(name) for name in Inputs.model_fields}
        outputs["state"] = LibraryState.ACTIVE.value
        if olds is not None:
            told = {name: olds.get(name) for name in (*LISTED, "fp_db_id", "account_id")}
            return outputs | told | ({} if is_unfinished(olds) else {"state": olds.get("state")})
        if isinstance(name := news.get("name"), str) and stem_in(name, call.urn):
            del outputs["name"]
        known = {"fp_db_id": news.get("adopt"), "account_id": self._settings.access.account_id}
        return outputs | {name: value for name, value in known.items() if value is not None}

    def look_up(
        self, arguments: Mapping[str, object], ids: str = "ids"
    ) -> tuple[Sequence[Library], str]:
        """Return the libraries that a program asks for, and the region that they are in."""
        return look_up(self._service, self._settings.region, arguments, ids)

    @_with_settings_of_the_state
    def read(self, call: Call, fp_db_id: str, props: Properties) -> Found | None:
        """Return the library; on refresh None where MPS proved it gone."""
        # Only a resource that this package manages has its own outputs in the state.
        managed = "fp_db_id" in props
        if not managed:
            check_fp_db_id(fp_db_id, "id")
        ambient = self._settings.region
        region = props.get("region") or (ambient.name if ambient else None)
        if region is None:
            raise SettingsError(NO_REGION)
        if not managed:
            check_region(region, "region")
        account_id = props.get("account_id")
        deadline = call.deadline(self._clock)
        libraries = self._service.libraries_of(account_id, region, deadline)
        if managed:
            self._journal.forget_made(call.urn, props, fp_db_id)
            library = libraries.find(fp_db_id, deadline, listed=was_listed(props))
        else:
            library = libraries.look_up(fp_db_id, deadline)
        if library is None and managed:
            return None
        if library is None:
            elsewhere = _IMPORT_ELSEWHERE if call.may_import else ""
            raise LibraryNotFoundError.of(
                region, fp_db_id, check=f"the ID, the region and the credentials{elsewhere}"
            )
        said = (call.old_inputs or props) if managed else props
        told = {key: said.get(key) for key in LISTED}
        # The host has made it a float, of which pydantic would warn in the user's output.
        told["model_id"] = int(told["model_id"] or 0) or None
        # Not validated: MPS may have what it no longer makes, such as a library of an old model.
        unlisted = Inputs.model_fields.keys() - LISTED
        kept = {key: props[key] for key in unlisted if props.get(key)}
        inputs = inputs_of({**kept, "region": region}).model_copy(update=told)
        owner = account_id or self._service.account_id(region)
        outputs = outputs_of(inputs, library, owner, predecessors_in(props))
        if managed:
            differences = differing_inputs(said, library)
            warn_of_differences(self._messages, call.urn, fp_db_id, differences)
            if props.get(NEVER_ACTIVE) and library.state != LibraryState.ACTIVE.value:
                outputs[NEVER_ACTIVE] = True
            self._warn_of_state(call.urn, fp_db_id, outputs)
            if not_compared(props, said):
                outputs[NOT_COMPARED] = True
            # The inputs stay what the program said.
            return Found(outputs)
        self._looked_up.add(call.urn)
        found = inputs.model_copy(update={key: outputs[key] for key in LISTED})
        return Found(outputs, found.model_dump(exclude_none=True))

    @_with_settings_of_the_state
    def delete(self, call: Call, fp_db_id: str, props: Properties) -> None:
        """Delete, with the content only if the state itself says `force_destroy`."""
        # Meanwhile the SDK is loaded, and the account asked for.
        exported = self._others.read(fp_db_id, call.urn)
        libraries = self._service.libraries_of(
            props.get("account_id"), props["region"], call.deadline(self._clock)
        )
        # The engine creates before it deletes what left the program, as on a rename without alias;
        # where the create's wait failed, it deletes in a later run.
        adopted = props.get("adopt") == fp_db_id
        keeper = self._ownership.keeper(fp_db_id, call.urn, adopted=adopted)
        if keeper := keeper or self._others.keeper(fp_db_id, call.urn, exported):
            self._messages.warning(f"not deleted: {keeper} also manages this library", call.urn)
            return
        self._checks.refuse_unasked(fp_db_id, call.deadline(self._clock))
        try:
            libraries.delete(
                library_in(props, fp_db_id),
                force=props.get("force_destroy") is True,
                # The wait for MPS begins here.
                deadline=call.deadline(self._clock),
                on_progress=progress(self._messages, call.urn, DeleteJobStatus.SUCCESS.value),
            )
        except DeletionRefusedError as error:
            replaces = self._creates.replaces(fp_db_id)
            # It is in the program, and diff has not seen that it is to be replaced.
            forced = call.urn in self._declared and not replaces
            ways_out = self._others.ways_out(
                fp_db_id, call.urn, exported, replaces=replaces, forced=forced
            )
            raise DeletionRefusedError(f"{error}. {ways_out}") from error
        self._journal.of_library(call.urn, props).clear()
