"""A probe of undocumented behaviour of MPS, with at most two small libraries of its own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from pulumi_alicloud_mps.errors import DeletionRefusedError, OutcomeUnknownError, RefusedError
from pulumi_alicloud_mps.mps.deletion import Deletion
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.mps.models import (
    NOT_STATED,
    Action,
    DeleteJobStatus,
    FpModel,
    Library,
    LibraryState,
)
from pulumi_alicloud_mps.mps.poller import ProgressCallback, ignore
from pulumi_alicloud_mps.operations.call import DEFAULT_TIMEOUT
from pulumi_alicloud_mps.state.project_folder import own_folder, own_path

NOT_ASKED = (
    "whether MPS lists the files of a text library: needs an import job",
    "the error code of an exhausted quota, and whether it is per region: needs more libraries",
    "the error code of too many video libraries at once: needs more libraries",
    "who pauses a library, and how it is resumed: no API action does",
    "what a failed delete job reports: nothing makes one fail",
)

_PREFIX = "alicloud-mps-probe-"
_MODEL = int(FpModel.AUDIO)
_CALL_SECONDS = 60.0
# An undocumented state counts once it has lasted for so long.
_LASTING_SECONDS = 60.0
_POLL_SECONDS = 1.0

JsonObject = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """One question, what is assumed (empty for what is only measured), and what was found."""

    question: str
    assumed: str
    found: str

    @property
    def differs(self) -> bool:
        """Whether MPS behaves differently than assumed."""
        return self.assumed not in {"", self.found}


@dataclass
class Findings:
    """All answers, and the settings and quirks that make an emulator behave the same."""

    region: str
    answers: list[Finding] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)
    quirks: list[str] = field(default_factory=list)

    def add(self, question: str, assumed: str, found: str, quirk: str = "") -> None:
        """Add an answer; one that differs gives the emulator that quirk."""
        answer = Finding(question, assumed, found)
        self.answers.append(answer)
        if answer.differs and quirk:
            self.quirks.append(quirk)

    @property
    def differs(self) -> bool:
        """Whether any answer differs from what is assumed."""
        return any(answer.differs for answer in self.answers)

    def to_dict(self) -> dict[str, object]:
        """Return everything for JSON."""
        return {
            "region": self.region,
            "answers": [{**vars(item), "differs": item.differs} for item in self.answers],
            "not_asked": list(NOT_ASKED),
            "emulator": {**self.settings, "quirks": self.quirks},
        }


class Probe:
    """A look at MPS in one region.

    The IDs of the libraries that it creates are in a file until these are deleted.
    """

    def __init__(self, libraries: Libraries, directory: Path) -> None:
        self._libraries = libraries
        self._client = libraries.client
        self._clock = libraries.clock
        self._directory = directory
        self._path = own_path(directory) / f"probe-{libraries.region}"
        self._findings = Findings(libraries.region)

    def run(self) -> Findings:
        """Ask everything, then delete what was created for it.

        Raises:
            MpsError: MPS could not be asked, or what was created could not be deleted.
        """
        # Letters that MPS may recode, and blanks that it may trim.
        name = f"{_PREFIX}{secrets.token_hex(4)}  ü "
        try:
            first = self._create_first(name)
            self._watch(first)
            page = self._ask(Action.LIST_FILES, FpDBId=first, PageSize=1)
            found = "a token" if page.get("NextPageToken") else "no token"
            self._findings.add("last page of files", "no token", found, "empty-pages")
            self._list_all({first, *self._create_second(name)})
            self._delete_first(first)
        finally:
            self.clean()
        return self._findings

    def leftovers(self) -> list[str]:
        """Return the libraries that were created and not deleted."""
        with suppress(OSError):
            return self._path.read_text(encoding="utf-8").split()
        return []

    def clean(self) -> list[str]:
        """Delete what probes left in the region, as far as it is recorded or listed.

        Raises:
            DeletionRefusedError: Somebody has put media into it.
        """
        found = dict.fromkeys(self.leftovers())
        with suppress(RefusedError):
            until = self._clock.now() + _CALL_SECONDS
            listed = self._client.list_libraries(deadline=until).libraries
            own = [item for item in listed.values() if item.name.startswith(_PREFIX)]
            found |= dict.fromkeys(item.fp_db_id for item in own if not item.gone)
        for fp_db_id in found:
            self._delete(fp_db_id)
        self._path.unlink(missing_ok=True)
        return list(found)

    def _delete(self, fp_db_id: str, on_progress: ProgressCallback = ignore) -> None:
        """Delete a library by the same rules as any other."""
        until = self._clock.now() + DEFAULT_TIMEOUT
        if self._libraries.is_deleted(fp_db_id, until):
            return
        library = Library(fp_db_id, _PREFIX, _MODEL, NOT_STATED)
        delete = Deletion(self._libraries).delete
        try:
            delete(library, force=False, deadline=until, on_progress=on_progress)
        except DeletionRefusedError as error:
            raise DeletionRefusedError(
                f"{error}. `alicloud-mps probe --clean` deletes it when it is empty; if it no"
                f" longer exists at MPS, remove its ID from {self._path}"
            ) from error

    def _create_first(self, name: str) -> str:
        add, assumed = self._findings.add, "32 hex digits"
        made = self._create(Name=name, Description=name, ModelId=_MODEL)
        fp_db_id = str(made["FpDBId"])
        usual = re.fullmatch("[0-9a-f]{32}", fp_db_id)
        add("form of an FpDBId", assumed, assumed if usual else repr(fp_db_id), "upper-ids")
        missing = [key for key in ("Name", "ModelId", "State") if made.get(key) in {None, ""}]
        left_out = f"without {', '.join(missing)}" if missing else "all fields"
        add("answer to Create", "all fields", left_out, "bare-create")
        return fp_db_id

    def _watch(self, fp_db_id: str) -> None:
        """Look the library up until it is active, or has lasted in another state."""
        add, began = self._findings.add, self._clock.now()
        first, states, library = "", dict[str, float](), None
        while True:
            seen = self._look_up(fp_db_id)
            now = self._clock.now()
            state = str(seen.get("Status") or NOT_STATED) if seen else "not listed"
            first = first or ("listed" if seen else "NonExistIds")
            library = seen or library
            since = states.setdefault(state, now)
            transient = state == LibraryState.OFFLINE.value
            if state == LibraryState.ACTIVE.value or now - began >= DEFAULT_TIMEOUT:
                break
            if not transient and now - since >= _LASTING_SECONDS:
                break
            self._clock.sleep(_POLL_SECONDS)
        add("first look-up by ID", "listed", first, "denied-first" if library else "denied-always")
        odd = [state for state in states if state not in {*LibraryState, "not listed"}]
        add("states", "as documented", ", ".join(odd) or "as documented", "other-states")
        add("seconds until it is usable", "", f"{since - began:.0f}")
        self._findings.settings["activation_seconds"] = round(since - began, 1)
        if library is None:
            add("name and description", "", "not seen")
            return
        listed = str(library.get("Name") or "")
        trimmed = listed == " ".join(listed.split())
        add("blanks in names", "kept", "trimmed" if trimmed else "kept", "trimmed-text")
        kept = "ü" in listed
        add("letters beyond ASCII", "kept", "kept" if kept else "recoded", "recoded-text")
        description = library.get("Description")
        same = "like the name" if description == listed else "unlike the name"
        add("the same text as description", "like the name", same if description else "not listed")

    def _create_second(self, name: str) -> list[str]:
        made, found, unique = [], "created", False
        try:
            made = [str(self._create(Name=name, ModelId=_MODEL)["FpDBId"])]
        except RefusedError as error:
            found, unique = f"refused ({error.code})", error.blames_parameters
        self._findings.add("a second library with that name", "created", found)
        self._findings.settings["unique_names"] = unique
        return made

    def _list_all(self, own: set[str]) -> None:
        question, assumed = "List without IDs", "all libraries"
        settings, add = self._findings.settings, self._findings.add
        try:
            listed = self._list()
        except RefusedError as error:
            settings["list_without_ids"] = "refused"
            add(question, assumed, f"refused ({error.code})")
            return
        count = len(listed)
        settings["list_without_ids"] = "all" if listed else "none"
        hidden = own - {str(item.get("FpDBId")) for item in listed}
        found = f"the first {count}" if listed else "none"
        add(question, assumed, found if hidden else assumed, f"list-first={count}" if count else "")
        odd = sum(
            not (item.get("Name") and item.get("Status"))
            or item.get("ModelId") not in {*FpModel, 1, 3}
            for item in listed
        )
        add("libraries with odd fields", "none", str(odd or "none"), "odd-libraries")

    def _delete_first(self, fp_db_id: str) -> None:
        settings, add, began = self._findings.settings, self._findings.add, self._clock.now()
        words: dict[str, None] = {}
        self._delete(fp_db_id, lambda status, _: words.setdefault(status))
        odd = [word for word in words if word not in {*DeleteJobStatus}]
        found = ", ".join(odd) or "as documented"
        add("statuses of a delete job", "as documented", found, "other-job-words")
        seconds = self._clock.now() - began
        add("seconds until it is deleted", "", f"{seconds:.0f}")
        settings["deletion_seconds"] = round(seconds, 1)
        library = self._look_up(fp_db_id)
        shown = str(library.get("Status")) if library else "NonExistIds"
        add("a deleted library", LibraryState.DELETED.value, shown)
        settings["deleted_libraries"] = "status" if library else "missing"

    def _create(self, **parameters: object) -> JsonObject:
        made = self._ask(Action.CREATE, **parameters).get("FpShotDB")
        if not isinstance(made, Mapping) or not isinstance(made.get("FpDBId"), str):
            raise OutcomeUnknownError(Action.CREATE, "the answer has no FpDBId")
        own_folder(self._directory)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{made['FpDBId']}\n")
        return made

    def _look_up(self, fp_db_id: str) -> JsonObject | None:
        return next(iter(self._list(FpDBIds=fp_db_id)), None)

    def _list(self, **parameters: object) -> list[JsonObject]:
        listed = self._ask(Action.LIST, **parameters).get("FpShotDBList") or {}
        return cast("list[JsonObject]", listed.get("FpShotDB") or [])

    def _ask(self, action: Action, **parameters: object) -> JsonObject:
        return self._client.ask(action, parameters, self._clock.now() + _CALL_SECONDS)
