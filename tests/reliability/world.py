"""A stack in an account, and what must be true of the two whenever a command has ended."""

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Self
from urllib.parse import quote

from host_process import FakeEngine
from pulumi_alicloud_mps.emulator.records import LibraryRecord
from pulumi_alicloud_mps.errors import MpsError
from pulumi_alicloud_mps.state.project_folder import OWN_FOLDER
from reliability.account import DELETION, SECRET, TOKEN, Account
from reliability.engine import Declared, Entry, Failure, Stack, as_read
from reliability.fast_host import Killed
from reliability.runs import FastHost

_TOLD = {None, "slow", "library", "unlisted"}
"""The faults after which a Create is answered as usual."""

_SIGNED = re.compile(r"Signature=[^…]|SignatureNonce=")
_RANDOM = re.compile(r"(?<=-[0-9a-f]{7}-)[0-9a-f]{8}$")
_WORLDS_OF_A_HOST = 150
_UNREADABLE = ("\n", "Traceback", "this is a bug")
_SECRETS = [form for text in (SECRET, TOKEN) for form in (text, quote(text), quote(text, safe=""))]


Promise = Literal["lost", "duplicated", "destroyed", "secrets", "other"]


class BrokenError(AssertionError):
    """A promise was broken.

    Attributes:
        promise: Which one.
    """

    def __init__(self, promise: Promise, message: str) -> None:
        super().__init__(f"{promise}: {message}")
        self.promise = promise


def hold(promise: Promise, problems: Collection[object], where: str = "") -> None:
    """Fail if there are any problems."""
    if problems:
        raise BrokenError(promise, f"{problems} {where}".strip())


class Machine:
    """What many worlds share: two accounts, an engine that takes messages, and the fronts' hosts.

    Use it as a context manager.
    """

    def __init__(self) -> None:
        self.account = Account()
        self.stranger = Account()
        self.engine = FakeEngine()
        self._hosts: dict[bool, FastHost] = {}
        self._worlds: Counter[bool] = Counter()

    def __enter__(self) -> Self:
        self.account.__enter__()
        self.stranger.__enter__()
        self.engine.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for host in self._hosts.values():
            host.__exit__()
        self.engine.__exit__()
        self.stranger.__exit__()
        self.account.__exit__()

    def renew(self, *, native: bool) -> FastHost:
        """Begin another world; from time to time in another host, as each run leaves memory."""
        self.engine.messages.clear()
        if self._worlds[native] % _WORLDS_OF_A_HOST == 0:
            if native in self._hosts:
                self._hosts.pop(native).__exit__()
            host = FastHost(self.account.config, self.engine.address, native=native)
            self._hosts[native] = host.__enter__()
        self._worlds[native] += 1
        return self._hosts[native]


class World:
    """An empty account and an empty stack, and what was put into the account by others.

    Attributes:
        account: The account.
        stack: The stack.
        program: What the program of the stack declares now.
        foreign: Libraries that are nobody's business, or not yet.
        filled: Libraries whose content nothing may destroy.
        lost: Libraries that were taken away behind the stack's back.
        usual: What a program says of its library unless the life says otherwise.
        first: What the stack had before it was taken on.
    """

    def __init__(self, machine: Machine, *, native: bool = False, **settings: object) -> None:
        self.account = machine.account
        self.account.reset(**settings)
        self._machine = machine
        self._host = machine.renew(native=native)
        self.forget_notes()
        self.stack = Stack(self._host, lambda: self.account.config)
        self.program: list[Declared] = []
        self.foreign: set[str] = set()
        self.filled: set[str] = set()
        self.lost: set[str] = set()
        self.usual: dict[str, object] = {}
        self.first: set[str] = set()

    def forget_notes(self) -> None:
        """Remove what the project's folder keeps of creates."""
        shutil.rmtree(self._host.directory / OWN_FOLDER, ignore_errors=True)

    def up(self, *replace: str) -> Failure | None:
        """Run `pulumi up`."""
        return self._watched(lambda: self.stack.up(self.program, replace))

    def refresh(self) -> Failure | None:
        """Run `pulumi refresh`."""
        return self._watched(self.stack.refresh)

    def destroy(self) -> Failure | None:
        """Run `pulumi destroy`."""
        return self._watched(self.stack.destroy)

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Have the credentials of another account."""
        self.stack.configure(lambda: self._machine.stranger.config)
        yield
        self.stack.configure(lambda: self.account.config)

    def preview(self) -> Failure | None:
        """Run `pulumi preview`; it changes nothing."""
        before = self.stack.exported()
        failure = self._watched(lambda: self.stack.preview(self.program))
        assert self.stack.exported() == before
        return failure

    def recover(self, *confirmed: str) -> Failure | None:
        """Run `alicloud-mps recover`, with `--confirm`; a failure leaves the state as it was."""
        before = self.stack.exported()
        try:
            self.stack.recover(confirmed)
        except Killed:
            assert self.stack.exported() == before
            return Failure("", "")
        except MpsError as error:
            assert self.stack.exported() == before
            self.stack.said.append(str(error))
            about = [note for note in self.stack.creating if note.urn in str(error)]
            return Failure("", as_read(str(error), about))
        return None

    def fill(self, fp_db_id: str) -> None:
        """Put fingerprints into a library, which from now on nothing may destroy."""
        self.account.fill(fp_db_id)
        self.filled.add(fp_db_id)

    def empty(self, fp_db_id: str) -> None:
        """Take the fingerprints out of a library, as its owner may."""
        self.account.empty(fp_db_id)
        self.filled.discard(fp_db_id)

    def urn(self, name: str) -> str:
        """Return the URN of a resource."""
        return self.stack.urn_of(name)

    def take_away(self, fp_db_id: str) -> None:
        """Delete a library behind the stack's back."""
        self.account.put(fp_db_id, "deleted")
        self.filled.discard(fp_db_id)
        self.foreign.discard(fp_db_id)
        self.lost.add(fp_db_id)

    def await_jobs(self) -> None:
        """Let delete jobs end that nobody waits for."""
        while self.account.dying:
            time.sleep(DELETION / 3)

    def _watched(self, command: Callable[[], Failure | None]) -> Failure | None:
        """See that one command makes no library twice, and keeps the ID of what it made."""
        before, old = len(self.account.calls), self.account.alive.keys()
        failure = command()
        creates = [
            call
            for call in self.account.calls[before:]
            if call["Action"] == "CreateFpShotDB" and call["Executed"]
        ]
        # All attempts to create one resource have a stem in common.
        made = Counter(_RANDOM.sub("", call["Parameters"]["Name"]) for call in creates)
        hold("duplicated", [name for name, count in made.items() if count > 1], "created twice")
        told = {call["Parameters"]["Name"] for call in creates if call["Fault"] in _TOLD}
        alive = self.account.alive
        new = {key for key in alive.keys() - old - self.foreign if alive[key].name in told}
        if failure is None or failure.message:
            hold("lost", new - self.stack.ids, f"were made, and the state has no ID: {failure}")
        self.check_content()
        return failure

    def check_content(self) -> None:
        """No content was destroyed."""
        hold("destroyed", self.filled - self.account.alive.keys())

    def unknown(self) -> set[str]:
        """Return the libraries that neither the state nor anybody else knows."""
        known = self.stack.ids | self.stack.retained | self.foreign | self.account.dying
        return self.account.alive.keys() - known

    def check_agreement(self) -> None:
        """The state and the account agree: each resource has its library, and each library one."""
        self.await_jobs()
        alive, entries = self.account.alive, self.stack.entries
        urns, ids = [entry.urn for entry in entries], [entry.id for entry in entries]
        hold("duplicated", set(urns) if len(set(urns)) < len(urns) else (), "in the state twice")
        hold("duplicated", set(ids) if len(set(ids)) < len(ids) else (), "held twice")
        hold("other", [e for e in entries if e.pending_replacement or e.delete], "unfinished")
        hold("lost", self.unknown(), "are unknown to the state")
        hold("lost", self.stack.ids - alive.keys() - self.lost, "are missing")
        there = [entry for entry in entries if entry.id in alive]
        hold("other", [e for e in there if not _describes(e, alive[e.id])], "differ from MPS")

    def check_words(self) -> None:
        """Nothing that was said, kept or recorded holds a secret, and every error is one line."""
        hold("other", self.stack.late)
        said = [text for text in self.stack.said if any(word in text for word in _UNREADABLE)]
        hold("other", said, "can't be read")
        messages = [message.text for message in self._machine.engine.messages]
        state = json.dumps(self.stack.exported())
        record = json.dumps(self.account.calls)
        check_secrets([*self.stack.said, *messages, state, record, self._host.written])


def check_secrets(texts: Sequence[str]) -> None:
    """None of these texts holds a secret, or anything that signs a call."""
    leaks = [text for text in texts if _SIGNED.search(text)]
    leaks += [text for text in texts if any(secret in text for secret in _SECRETS)]
    hold("secrets", [text[:400] for text in leaks])


def _describes(entry: Entry, library: LibraryRecord) -> bool:
    said = [entry.outputs.get(key) for key in ("fp_db_id", "name", "model_id", "description")]
    return said == [library.id, library.name, library.model_id, library.description or None]
