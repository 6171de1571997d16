"""A stack, and what Pulumi's engine does to it: a model, one resource after the other.

The order of calls is the one that was traced on the real engine: a replacement checks twice, what
a create was about to make is noted in the state before it, a resource that is not ready is kept
under its ID, and one that was deleted for its replacement stays as `pending_replacement`. What is
found by an alias is asked about under its new URN, but deleted under the old one, and bears that
in the state until an update, or no change at all, has succeeded, or its successor is there.

Properties are by name; the state that others read has them as the front does.
"""

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from clocks import FastClock
from host_process import Difference, HostError, InitFailed, Properties
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.recovery.recover import RecoveryResult, recover
from pulumi_alicloud_mps.recovery.search import LibrarySearch
from pulumi_alicloud_mps.settings.reader import read_settings
from pulumi_alicloud_mps.state.deployment import (
    LIBRARY_TYPE,
    NATIVE_LIBRARY_TYPE,
    NATIVE_PROVIDER_TYPE,
    POINTER,
    PROVIDER_KEY,
    Deployment,
    by_key,
    by_name,
)
from pulumi_alicloud_mps.state.journal import CreateJournal
from reliability.fast_host import killable
from reliability.runs import FastHost, KilledError, Run

R = TypeVar("R")

_MOMENTS = itertools.count()
_NAME = re.compile(r"\b(this|its|the same) name\b")
_STACK = "urn:pulumi:test::catalogue"
_PROVIDER_TYPE = "pulumi:providers:pulumi-python"


@dataclass(frozen=True)
class Declared:
    """A resource of a program.

    Attributes:
        name: Its logical name.
        args: What the program says of it.
        timeout: Its custom timeouts in seconds; 0 for none.
        delete_first: Whether a replacement deletes before it creates.
        alias: The logical name that it had before.
        retain: Whether its library stays at MPS when it is replaced or removed.
    """

    name: str
    args: Properties
    timeout: float = 0
    delete_first: bool = True
    alias: str | None = None
    retain: bool = False


@dataclass
class Entry:
    """A resource in the state."""

    urn: str
    id: str
    inputs: Properties
    outputs: Properties
    init_errors: list[str] = field(default_factory=list)
    pending_replacement: bool = False
    delete: bool = False
    timeout: float = 0
    modified: str = field(default_factory=lambda: f"moment {next(_MOMENTS)}")
    retain: bool = False
    successor: str | None = None


@dataclass(frozen=True)
class Note:
    """An operation that the state says was begun, and not that it ended."""

    type: str
    urn: str
    inputs: Properties
    modified: str | None = None
    retain: bool = False


@dataclass(frozen=True)
class Failure:
    """Why a command ended before its end; no message for a run that was killed."""

    urn: str
    message: str


class _StepError(Exception):
    """Ends a command."""


class Stack:
    """A stack: its state, and the commands that change it.

    Attributes:
        entries: The resources in the state.
        notes: The pending operations in the state.
        said: Every error text of every command.
        late: Calls that did not end in time.
        runs: How many commands there were.
        retained: The libraries that were left at MPS on purpose.
        meanwhile: What others do while an `up` goes from one resource to the next.
    """

    def __init__(self, host: FastHost, config: Callable[[], Mapping[str, str]]) -> None:
        self._host = host
        self._native = host.native
        self._type = NATIVE_LIBRARY_TYPE if host.native else LIBRARY_TYPE
        self._config = config
        self.entries: list[Entry] = []
        self.notes: list[Note] = []
        self.said: list[str] = []
        self.late: list[str] = []
        self.runs = 0
        self.retained: set[str] = set()
        self.meanwhile: Callable[[], object] = lambda: None

    @property
    def creating(self) -> list[Note]:
        """The creates that were cut off."""
        return [note for note in self.notes if note.type == "creating"]

    @property
    def ids(self) -> set[str]:
        """The libraries that the state holds."""
        return {entry.id for entry in self.entries if not entry.pending_replacement}

    def urn_of(self, name: str) -> str:
        """Return the URN of the resource of that logical name."""
        return f"{_STACK}::{self._type}::{name}"

    def entry(self, name: str) -> Entry | None:
        """Return a resource that the state holds, by its logical name."""
        return self._find(self.urn_of(name))

    def configure(self, config: Callable[[], Mapping[str, str]]) -> None:
        """Have another configuration from the next command on."""
        self._config = config

    def unreadable(self) -> AbstractContextManager[None]:
        """Let the state be one that the provider can't read."""
        return self._host.without_state("no stack is selected")

    def up(self, program: Sequence[Declared], replace: Collection[str] = ()) -> Failure | None:
        """Make the program true; those named in `replace` are replaced in any case."""
        with self._command() as (run, failures):
            for number, resource in enumerate(program):
                if number:
                    self.meanwhile()
                self._register(run, resource, forced=resource.name in replace)
            self._delete_rest(run, {self.urn_of(resource.name) for resource in program})
        return next(iter(failures), None)

    def preview(self, program: Sequence[Declared]) -> Failure | None:
        """Ask what `up` would do; the state is not written."""
        notes = self.notes
        with self._command() as (run, failures):
            for resource in program:
                old = self._old(resource)
                checked = self._checked(run, resource, old)
                if old is not None:
                    _diff(run, self.urn_of(resource.name), old, checked)
        self.notes = notes
        return next(iter(failures), None)

    def refresh(self) -> Failure | None:
        """Bring the state in line with MPS."""
        with self._command() as (run, failures):
            for entry in [item for item in self.entries if not item.pending_replacement]:
                self._refresh(run, entry)
        return next(iter(failures), None)

    def destroy(self) -> Failure | None:
        """Delete everything."""
        with self._command() as (run, failures):
            self._delete_rest(run, set())
        return next(iter(failures), None)

    def forget(self, fp_db_ids: Collection[str]) -> None:
        """Do what `pulumi state delete` does."""
        self.entries = [entry for entry in self.entries if entry.id not in fp_db_ids]

    def recover(self, confirmed: Collection[str] = ()) -> list[RecoveryResult]:
        """Do what `alicloud-mps recover` does, with those IDs for `--confirm`.

        Raises:
            MpsError: As `recover`; the state is as it was.
        """
        # As `recover_stack`: where no create is pending, other operations are no concern of it.
        if not self.creating:
            return []
        exported = Deployment(self.exported())
        clock = FastClock()
        service = Service(read_settings(self._config().get, {}).open(), clock)
        journal = CreateJournal(self._host.directory)
        search = LibrarySearch(exported, lambda _: service, journal, confirmed, clock)
        with closing(service), killable():
            recovered, results, notes = recover(exported, exported, search)
        self._import(recovered.raw)
        for note in notes:
            note.clear()
        self.said += map(str, results)
        return results

    def exported(self) -> dict[str, Any]:
        """Return the state in Pulumi's format."""
        resources = [self._resource(entry) for entry in self.entries]
        notes = [{"type": note.type, "resource": self._bare(note)} for note in self.notes]
        return {
            "version": 3,
            "deployment": {"resources": resources, "pending_operations": notes or None},
        }

    def _import(self, exported: Mapping[str, Any]) -> None:
        deployment = exported["deployment"]
        assert not deployment["pending_operations"]
        self.notes = []
        self.entries = [self._entry(resource) for resource in deployment["resources"]]

    @contextmanager
    def _command(self) -> Iterator[tuple[Run, list[Failure]]]:
        # The engine keeps pending creates from one command to the next, and nothing else.
        self.notes = self.creating
        self.runs += 1
        run, failures = Run(self._host, self._config()), list[Failure]()
        try:
            yield run, failures
        except _StepError as error:
            (failure,) = error.args
            failures.append(failure)
        for entry in self.entries:
            entry.urn, entry.successor = entry.successor or entry.urn, None
        self.said += [failure.message for failure in failures]
        self.late += run.late

    def _register(self, run: Run, resource: Declared, *, forced: bool) -> None:
        old = self._old(resource)
        inputs = self._checked(run, resource, old)
        if old is None:
            self._create(run, resource, inputs)
            return
        urn = self.urn_of(resource.name)
        diff = _diff(run, urn, old, inputs)
        changed = diff.changes == "DIFF_SOME" or (
            diff.changes == "DIFF_UNKNOWN" and inputs != old.inputs
        )
        if forced or old.pending_replacement or (changed and diff.replaces):
            self._replace(run, resource, old)
        elif changed or old.init_errors:
            self._update(run, resource, old, inputs)
        else:
            old.urn, old.inputs, old.retain = urn, inputs, resource.retain

    def _replace(self, run: Run, resource: Declared, old: Entry) -> None:
        inputs = self._checked(run, resource, None)
        if resource.delete_first and not old.pending_replacement:
            self._delete(run, old)
            old.pending_replacement = True
        self._create(run, resource, inputs, old)

    def _create(
        self, run: Run, resource: Declared, inputs: Properties, replaced: Entry | None = None
    ) -> None:
        urn = self.urn_of(resource.name)
        # What replaces something bears its date until it is there.
        modified = replaced.modified if replaced else None
        note = Note("creating", urn, inputs, modified, resource.retain)
        self.notes.insert(0, note)
        self._host.write_state(self.exported())
        try:
            made = run.create(inputs, timeout=resource.timeout, urn=urn)
        except KilledError:
            raise _StepError(Failure(urn, "")) from None
        except HostError as error:
            self.notes.remove(note)
            if error.init_failed is not None:
                self._put(_unready(urn, inputs, error.init_failed, resource), replaced)
            raise _StepError(Failure(urn, as_read(str(error), [note]))) from None
        self.notes.remove(note)
        new = Entry(urn, made.id, inputs, made.outputs, timeout=resource.timeout)
        new.retain = resource.retain
        self._put(new, replaced)

    def _put(self, new: Entry, replaced: Entry | None) -> None:
        if replaced is not None and replaced.pending_replacement:
            self.entries.remove(replaced)
        elif replaced is not None:
            replaced.delete, replaced.successor = True, new.urn
        self.entries.append(new)

    def _update(self, run: Run, resource: Declared, old: Entry, inputs: Properties) -> None:
        urn = self.urn_of(resource.name)
        with self._noted("updating", urn, old.inputs):
            try:
                outputs = run.update(old.id, old.outputs, inputs, timeout=resource.timeout, urn=urn)
            except HostError as error:
                if failed := error.init_failed:
                    old.urn, old.outputs, old.init_errors = urn, _outputs(failed), failed.reasons
                raise
        old.urn, old.inputs, old.outputs, old.init_errors = urn, inputs, outputs, []
        old.timeout, old.retain = resource.timeout, resource.retain
        old.modified = f"moment {next(_MOMENTS)}"

    def _delete_rest(self, run: Run, kept: Collection[str]) -> None:
        for entry in list(self.entries):
            if entry.delete or entry.urn not in kept:
                if not entry.pending_replacement:
                    self._delete(run, entry)
                self.entries.remove(entry)

    def _delete(self, run: Run, entry: Entry) -> None:
        if entry.retain:
            self.retained.add(entry.id)
            return
        with self._noted("deleting", entry.urn, entry.inputs):
            self._host.write_state(self.exported())
            run.delete(entry.id, entry.outputs, timeout=entry.timeout, urn=entry.urn)

    def _refresh(self, run: Run, entry: Entry) -> None:
        before = entry.inputs
        read = _asked(entry.urn, lambda: run.read(entry.id, entry.outputs, before, urn=entry.urn))
        if not read.id:
            self.entries.remove(entry)
            return
        entry.outputs = read.outputs
        entry.inputs = before if read.inputs is None else read.inputs
        _diff(run, entry.urn, entry, before)

    @contextmanager
    def _noted(self, type_: str, urn: str, inputs: Properties) -> Iterator[None]:
        """Note an operation until it has ended; a kill leaves the note."""
        note = Note(type_, urn, inputs)
        self.notes.append(note)
        try:
            yield
        except KilledError:
            raise _StepError(Failure(urn, "")) from None
        except HostError as error:
            self.notes.remove(note)
            raise _StepError(Failure(urn, str(error))) from None
        self.notes.remove(note)

    def _checked(self, run: Run, resource: Declared, old: Entry | None) -> Properties:
        urn = self.urn_of(resource.name)
        args = {key: value for key, value in resource.args.items() if value is not None}
        olds = None if old is None else old.inputs
        checked = _asked(urn, lambda: run.check(args, olds, urn=urn))
        if checked.failures:
            reasons = "; ".join(reason for _, reason in checked.failures)
            raise _StepError(Failure(urn, reasons))
        return checked.inputs

    def _old(self, resource: Declared) -> Entry | None:
        return self._find(self.urn_of(resource.name)) or (
            self._find(self.urn_of(resource.alias)) if resource.alias else None
        )

    def _find(self, urn: str) -> Entry | None:
        return next((item for item in self.entries if item.urn == urn and not item.delete), None)

    def _bare(self, item: Entry | Note) -> dict[str, Any]:
        provider = NATIVE_PROVIDER_TYPE if self._native else _PROVIDER_TYPE
        shown = {
            "urn": item.urn,
            "custom": True,
            "type": self._type,
            "provider": f"{_STACK}::{provider}::default::0a1b2c3d",
            "inputs": self._written(item.inputs),
        }
        if item.retain:
            shown["retainOnDelete"] = True
        return shown if item.modified is None else {**shown, "modified": item.modified}

    def _resource(self, entry: Entry) -> dict[str, Any]:
        shown = {**self._bare(entry), "id": entry.id, "outputs": self._written(entry.outputs)}
        if entry.timeout:
            shown["customTimeouts"] = {"delete": entry.timeout}
        if entry.init_errors:
            shown["initErrors"] = entry.init_errors
        if entry.pending_replacement:
            shown["pendingReplacement"] = True
        if entry.delete:
            shown["delete"] = True
        return shown

    def _entry(self, resource: dict[str, Any]) -> Entry:
        assert resource["type"] == self._type
        return Entry(
            resource["urn"],
            resource["id"],
            self._read(resource["inputs"]),
            self._read(resource["outputs"]),
            list(resource.get("initErrors", ())),
            bool(resource.get("pendingReplacement")),
            bool(resource.get("delete")),
            float(resource.get("customTimeouts", {}).get("delete", 0)),
            resource.get("modified", "unknown"),
            bool(resource.get("retainOnDelete")),
        )

    def _written(self, properties: Properties) -> Properties:
        return by_key(properties) if self._native else {**properties, PROVIDER_KEY: POINTER}

    def _read(self, written: Properties) -> Properties:
        if self._native:
            properties = by_name(written)
            # Nothing is left in another spelling, or of the other front.
            assert by_key(properties) == written
            assert PROVIDER_KEY not in written
            return properties
        properties = dict(written)
        assert properties.pop(PROVIDER_KEY) == POINTER
        return properties


def as_read(message: str, notes: Iterable[Note]) -> str:
    """Return a message with what its reader adds to it: the names of the resources it is about."""
    known = [repr(note.inputs.get("name")) for note in notes]
    return f"{message} [{', '.join(known)}]" if _NAME.search(message) else message


def _asked(urn: str, question: Callable[[], R]) -> R:
    try:
        return question()
    except KilledError:
        raise _StepError(Failure(urn, "")) from None
    except HostError as error:
        raise _StepError(Failure(urn, str(error))) from None


def _diff(run: Run, urn: str, old: Entry, news: Properties) -> Difference:
    return _asked(urn, lambda: run.diff(old.id, old.outputs, news, old_inputs=old.inputs, urn=urn))


def _unready(urn: str, inputs: Properties, failed: InitFailed, resource: Declared) -> Entry:
    entry = Entry(urn, failed.id, inputs, _outputs(failed), failed.reasons)
    entry.timeout, entry.retain = resource.timeout, resource.retain
    return entry


def _outputs(failed: InitFailed) -> Properties:
    return {key: value for key, value in failed.properties.items() if key != PROVIDER_KEY}
