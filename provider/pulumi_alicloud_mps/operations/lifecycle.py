"""The operations on a FpShotDB: what Pulumi asks of a provider, in terms of MPS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import (
    IDENTITY,
    ApiError,
    ContradictionError,
    DeletionRefusedError,
    LibraryNotFoundError,
    MpsError,
    NotSentError,
    NoTurnError,
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
from pulumi_alicloud_mps.names import generated_name, stem_in
from pulumi_alicloud_mps.settings.reader import ConfigReader
from pulumi_alicloud_mps.state.deployment import UNKNOWN, Properties

from .advice import SETTINGS_OF_LAST_UP, DeletionCause, keyed
from .call import (
    Call,
    Checked,
    Difference,
    Messages,
    Snapshot,
    progress,
    warn_of_differences,
    warn_of_state,
)
from .context import Context
from .create import Creates
from .lookup import look_up
from .preview_checks import PreviewChecks, blames_keys
from .properties import (
    NEVER_ACTIVE,
    NOT_COMPARED,
    changed_inputs,
    inputs_in,
    inputs_of,
    is_unfinished,
    library_in,
    not_compared,
    outputs_of,
    predecessors_in,
)

_NO_NAME = "name: must be set, because this version of Pulumi can't have one generated"


class Lifecycle:
    """The operations of one provider process, several of which run at once."""

    def __init__(self, config: ConfigReader, clock: Clock, messages: Messages) -> None:
        self._context = Context(config, clock, messages)
        self._creates = Creates(self._context)
        self._checks = PreviewChecks(self._context)
        self._declared: set[str] = set()
        self._guard_replaces: set[str] = set()
        self._looked_up: set[str] = set()
        self._warned: set[str] = set()

    @contextmanager
    def _settings_of_the_state(self) -> Iterator[None]:
        """Explain errors of outdated settings: refresh and destroy get theirs from the state."""
        try:
            yield
        except MpsError as error:
            if not self._may_be_stale_settings(error):
                raise
            raise SettingsError(
                f"{error}. {SETTINGS_OF_LAST_UP}: if it has changed since, run `pulumi up` without"
                " --refresh, then retry"
            ) from error

    def _may_be_stale_settings(self, error: MpsError) -> bool:
        """Whether a setting may be the cause, and no program of this run has sent today's."""
        if self._declared:
            return False
        if isinstance(error, SettingsError):
            return True
        sources = self._context.settings.sources
        configured = {name for name, source in sources.items() if ":" in source}
        if isinstance(error, NotSentError) and not isinstance(error, NoTurnError):
            return bool(configured & {"endpoint", "sts_endpoint", "ca_bundle"})
        if blames_keys(error):
            return bool(configured & {"credentials", "profile"})
        # If the account can't be asked for, the advice is to change a setting.
        return isinstance(error, ApiError) and error.action == IDENTITY

    def check(self, call: Call, olds: Properties, news: Properties) -> Checked:
        """Validate and complete the inputs; a failure names its property, and never a value."""
        unknown = {key: value for key, value in news.items() if value is UNKNOWN}
        known = {key: value for key, value in news.items() if value is not UNKNOWN}
        problems: list[str] = []
        urn, name = call.urn, None
        try:
            if urn and not ("name" in news or olds.get("name")):
                name = generated_name(urn, call.seed, call.name_pattern())
            resolved = resolve(known, unknown, olds, self._context.settings.region, name)
        except SettingsError as error:
            problems.append(keyed(error))
            resolved = resolve(known, {*unknown, "region"}, olds, None, name)
        if not (urn or resolved.values.get("name") or "name" in unknown):
            problems.append(with_key(_NO_NAME, "inputs"))
        adopt = resolved.values.get("adopt")
        self._declared.add(urn)
        if call.guard_replaces:
            self._guard_replaces.add(urn)
        warnings = [*resolved.warnings, *self._checks.same_name(urn, resolved.values, olds)]
        # A replacement does not adopt what it replaces.
        if isinstance(adopt, str) and not self._creates.replaces(adopt):
            try:
                self._context.ownership.claim(adopt, urn, adopts=True, has=False)
            except ContradictionError as error:
                problems.append(f"adopt: {keyed(error)}")
            if not (olds or unknown or problems or resolved.problems):
                warnings += self._checks.no_adoption(adopt, inputs_of(resolved.values))
        for warning in warnings:
            self._context.messages.warning(warning, urn)
        problems += [with_key(problem, "inputs") for problem in resolved.problems]
        return Checked({**resolved.values, **unknown}, problems)

    def diff(self, call: Call, fp_db_id: str, olds: Properties, news: Properties) -> Difference:
        """Compare the state's outputs with checked inputs; ask MPS only about a replacement."""
        urn, said, adopt = call.urn, call.old_inputs or olds, news.get("adopt")
        # By now the state has what was created; later it may be given to another stack.
        self._context.journal.forget_made(urn, {**olds, "name": said.get("name")}, fp_db_id)
        # As with `adopt`, the program is believed where nothing is known.
        believed = not_compared(olds, said)
        changed = changed_inputs(said, news)
        if urn in self._looked_up:
            # The engine imports only what does not differ.
            changed = [key for key in changed if key not in believed]
        replaces = [key for key in changed if key in IMMUTABLE and key not in believed]
        guard_changed = said.get("force_destroy", False) != news.get("force_destroy", False)
        if urn in self._guard_replaces and guard_changed:
            replaces.append("force_destroy")
        if isinstance(adopt, str) and adopt not in {olds.get("adopt"), fp_db_id}:
            self._refuse_second(call, fp_db_id, olds, adopt)
            replaces.append("adopt")
        if replaces:
            self._creates.mark_replaced(fp_db_id, urn, olds)
            self._context.ownership.release(fp_db_id, urn)
        else:
            self._checks.refuse_other_account(olds, moved=call.moved)
        # Not in the diff of a refresh, which goes the other way round, and has the old URN of what
        # was renamed. What depends on a replaced library has only a diff before its check.
        of_the_program = urn in self._declared
        if replaces and (of_the_program or UNKNOWN in news.values()):
            self._checks.check_replacement(urn, fp_db_id, olds, news, replaces)
        elif of_the_program:
            self._context.ownership.claim(fp_db_id, urn, adopts=adopt == fp_db_id, has=True)
            self._warn_of_state(urn, fp_db_id, olds)
        # None lets the engine compare the inputs itself, path by path; it can't see these two.
        changes = True if is_unfinished(olds) or call.moved else None
        return Difference(changes, replaces, changed)

    def _refuse_second(self, call: Call, fp_db_id: str, olds: Properties, adopt: str) -> None:
        """Refuse another library, unless the first is gone: as after an interrupted replacement."""
        library = self._found(call, fp_db_id, olds)
        if library and not self._context.entries.awaits_replacement(fp_db_id, call.urn):
            raise ContradictionError(
                f"adopt: this resource already manages library {fp_db_id}; adopt {adopt} with a"
                " separate resource"
            )

    def _found(self, call: Call, fp_db_id: str, outputs: Properties) -> Library | None:
        """Return the library as MPS has it; None if MPS proved it gone."""
        deadline = call.deadline(self._context.clock)
        account_id, region = outputs.get("account_id"), outputs["region"]
        libraries = self._context.service.libraries_of(account_id, region, deadline)
        listed = library_in(outputs, fp_db_id).known_listed
        return libraries.find(fp_db_id, deadline, listed=listed)

    def _warn_of_state(self, urn: str, fp_db_id: str, outputs: Properties) -> None:
        """Warn once if a library has been active and is not: `up --refresh` reads and diffs."""
        if not is_unfinished(outputs) and fp_db_id not in self._warned:
            self._warned.add(fp_db_id)
            warn_of_state(self._context.messages, urn, fp_db_id, str(outputs.get("state")))

    def create(self, call: Call, props: Properties) -> tuple[str, Properties]:
        """Create or adopt, wait until active, and return the ID and the outputs."""
        return self._creates.create(call, inputs_of(props))

    def update(self, call: Call, fp_db_id: str, olds: Properties, news: Properties) -> Properties:
        """Go on waiting for a library that was never active; return the outputs."""
        inputs = inputs_of(news)
        if is_unfinished(olds):
            return self._creates.resume(call, fp_db_id, olds, inputs)
        account_id = str(olds.get("account_id"))
        outputs = outputs_of(inputs, library_in(olds, fp_db_id), account_id, predecessors_in(olds))
        return outputs | ({NOT_COMPARED: True} if not_compared(olds, news) else {})

    def planned_outputs(
        self, call: Call, news: Properties, olds: Properties | None = None
    ) -> Properties:
        """Return the outputs that a create, or an update with `olds`, will have if all goes well.

        Those that only MPS knows are missing, and so is a generated name of a create, since
        each attempt has another one.
        """
        outputs = {name: news.get(name) for name in Inputs.model_fields}
        outputs["state"] = LibraryState.ACTIVE.value
        if olds is not None:
            kept = {name: olds.get(name) for name in (*LISTED, "fp_db_id", "account_id")}
            return outputs | kept | ({} if is_unfinished(olds) else {"state": olds.get("state")})
        if isinstance(name := news.get("name"), str) and stem_in(name, call.urn):
            del outputs["name"]
        account_id = self._context.settings.access.account_id
        known = {"fp_db_id": news.get("adopt"), "account_id": account_id}
        return outputs | {name: value for name, value in known.items() if value is not None}

    def look_up(
        self, arguments: Mapping[str, object], ids: str = "ids"
    ) -> tuple[Sequence[Library], str]:
        """Return the libraries that a program asks for, and the region that they are in."""
        return look_up(self._context.service, self._context.settings.region, arguments, ids)

    def read(self, call: Call, fp_db_id: str, props: Properties) -> Snapshot | None:
        """Return the library; on refresh None if MPS proved it gone."""
        # Only a resource that this package manages has its own outputs in the state.
        if "fp_db_id" in props:
            with self._settings_of_the_state():
                return self._refreshed(call, fp_db_id, props)
        check_fp_db_id(fp_db_id, "id")
        ambient = self._context.settings.region
        region = props.get("region") or (ambient.name if ambient else None)
        if region is None:
            raise SettingsError(NO_REGION)
        check_region(region, "region")
        deadline = call.deadline(self._context.clock)
        account_id = self._context.service.account_id(region, deadline)
        library = self._context.service.libraries(region).look_up(fp_db_id, deadline)
        if library is None:
            check = "the ID, the region and the credentials"
            raise LibraryNotFoundError.of(region, fp_db_id, check=check)
        self._looked_up.add(call.urn)
        inputs = inputs_in({**props, "region": region}, props)
        outputs = outputs_of(inputs, library, account_id)
        found = inputs.model_copy(update={key: outputs[key] for key in LISTED})
        return Snapshot(outputs, found.model_dump(exclude_none=True))

    def _refreshed(self, call: Call, fp_db_id: str, olds: Properties) -> Snapshot | None:
        context, said = self._context, call.old_inputs or olds
        context.journal.forget_made(call.urn, olds, fp_db_id)
        library = self._found(call, fp_db_id, olds)
        if library is None:
            return None
        account_id = olds.get("account_id") or context.service.account_id(olds["region"])
        outputs = outputs_of(inputs_in(olds, said), library, account_id, predecessors_in(olds))
        warn_of_differences(context.messages, call.urn, said, library)
        if olds.get(NEVER_ACTIVE) and library.state != LibraryState.ACTIVE.value:
            outputs[NEVER_ACTIVE] = True
        self._warn_of_state(call.urn, fp_db_id, outputs)
        if not_compared(olds, said):
            outputs[NOT_COMPARED] = True
        # The inputs stay what the program said.
        return Snapshot(outputs)

    def delete(self, call: Call, fp_db_id: str, props: Properties) -> None:
        """Delete, with the content only if the state itself says `force_destroy`."""
        with self._settings_of_the_state():
            self._delete(call, fp_db_id, props)

    def _delete(self, call: Call, fp_db_id: str, props: Properties) -> None:
        context, urn = self._context, call.urn
        # Meanwhile the SDK is loaded, and the account looked up.
        exported = context.entries.read(fp_db_id, urn)
        libraries = context.service.libraries_of(
            props.get("account_id"), props["region"], call.deadline(context.clock)
        )
        # The engine creates before it deletes what left the program, as on a rename without alias;
        # if the create's wait failed, it deletes in a later run.
        adopted = props.get("adopt") == fp_db_id
        keeper = context.ownership.taken_over_by(fp_db_id, urn, adopted=adopted)
        if keeper := keeper or context.entries.kept_for(fp_db_id, urn, exported):
            context.messages.warning(f"not deleted: {keeper} also manages this library", urn)
            return
        is_replaced = context.entries.has_successor(fp_db_id, urn, exported)
        if not is_replaced:
            self._checks.refuse_unasked(fp_db_id, call.deadline(context.clock))
        try:
            libraries.delete(
                library_in(props, fp_db_id),
                force=props.get("force_destroy") is True,
                # The wait for MPS begins here.
                deadline=call.deadline(context.clock),
                on_progress=progress(context.messages, urn, DeleteJobStatus.SUCCESS.value),
            )
        except DeletionRefusedError as error:
            if is_replaced:
                cause = DeletionCause.REPLACED
            elif self._creates.replaces(fp_db_id):
                cause = DeletionCause.CHANGED
            else:
                # If it is still in the program, diff did not see that it is to be replaced.
                cause = DeletionCause.FORCED if urn in self._declared else DeletionCause.REMOVED
            raise DeletionRefusedError(f"{error}. {cause}") from error
        context.journal.of_library(urn, props).clear()
