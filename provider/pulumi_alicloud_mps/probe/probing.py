"""Asks MPS what nobody documents, with at most two small libraries of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.errors import OutcomeUnknownError, RefusedError
from pulumi_alicloud_mps.mps.client import CREATE, MpsClient
from pulumi_alicloud_mps.mps.models import UNKNOWN, DeleteJobStatus, FpModel, LibraryState

from .findings import Findings
from .own_libraries import LASTING, LONGEST, LOOK_EVERY, MODEL, OwnLibraries, new_name

_STATES = {state.value for state in LibraryState}
_JOB_WORDS = {status.value for status in DeleteJobStatus}
_FIELDS = ("Name", "ModelId", "State")

Content = Mapping[str, Any]


class Probe:
    """One look into MPS in one region; `run` leaves nothing behind."""

    def __init__(self, client: MpsClient, clock: Clock, own: OwnLibraries, region: str) -> None:
        self._client = client
        self._clock = clock
        self._own = own
        self._findings = Findings(region)

    def run(self) -> Findings:
        """Ask everything, and delete what was made for it.

        Raises:
            MpsError: MPS could not be asked, or what was made not be deleted.
        """
        name = new_name()
        try:
            first = self._create(name)
            self._watch(first)
            self._look_at_files(first)
            second = self._create_second(name)
            self._list_all([first, *second])
            self._delete(first)
        finally:
            self._own.clean()
        return self._findings

    def _create(self, name: str) -> str:
        made, fp_db_id = self._made(Name=name, Description=name, ModelId=MODEL)
        add = self._findings.add
        usual = re.fullmatch("[0-9a-f]{32}", fp_db_id)
        assumed = "32 lower-case digits and letters"
        add("form of an FpDBId", assumed, assumed if usual else repr(fp_db_id), "upper-ids")
        missing = [key for key in _FIELDS if made.get(key) in {None, ""}]
        left_out = f"without {', '.join(missing)}" if missing else "all fields"
        add("answer to Create", "all fields", left_out, "bare-create")
        return fp_db_id

    def _watch(self, fp_db_id: str) -> None:
        """Look the library up until it is active, or has lasted in another state."""
        add, began = self._findings.add, self._clock.now()
        first, states, library = "", dict[str, float](), None
        while True:
            seen = self._looked_up(fp_db_id)
            now = self._clock.now()
            state = str(seen.get("Status") or UNKNOWN) if seen else "not listed"
            first = first or ("listed" if seen else "NonExistIds")
            library = seen or library
            since = states.setdefault(state, now)
            transient = state == LibraryState.OFFLINE.value
            if state == LibraryState.ACTIVE.value or now - began >= LONGEST:
                break
            if not transient and now - since >= LASTING:
                break
            self._clock.sleep(LOOK_EVERY)
        add("first look-up by ID", "listed", first, "denied-first" if library else "denied-always")
        words = [state for state in states if state != "not listed"]
        odd = [state for state in words if state not in _STATES]
        add("states", "as documented", ", ".join(odd) or "as documented", "other-states")
        add("seconds until it is usable", "", f"{since - began:.0f}")
        self._findings.settings["activation_seconds"] = round(since - began, 1)
        self._compare_text(library)

    def _compare_text(self, library: Content | None) -> None:
        add = self._findings.add
        if library is None:
            add("name and description", "", "not seen")
            return
        listed = str(library.get("Name") or "")
        trimmed = listed == " ".join(listed.split())
        add("blanks in names", "kept", "trimmed" if trimmed else "kept", "trimmed-text")
        kept = "ü" in listed
        add("letters beyond ASCII", "kept", "kept" if kept else "recoded", "recoded-text")
        told = library.get("Description")
        same = "as the name" if told == listed else "otherwise than the name"
        add("the same text as description", "as the name", same if told else "not listed")

    def _look_at_files(self, fp_db_id: str) -> None:
        page = self._ask("ListFpShotFiles", FpDBId=fp_db_id, PageSize=1)
        found = "no token" if not page.get("NextPageToken") else "a token"
        self._findings.add("last page of files", "no token", found, "empty-pages")

    def _create_second(self, name: str) -> list[str]:
        question, assumed = "a second library of the same name", "is made"
        try:
            _, fp_db_id = self._made(Name=name, ModelId=MODEL)
        except RefusedError as error:
            self._findings.add(question, assumed, f"is refused ({error.code})")
            self._findings.settings["unique_names"] = error.blames_parameters
            return []
        self._findings.add(question, assumed, assumed)
        self._findings.settings["unique_names"] = False
        return [fp_db_id]

    def _list_all(self, own: list[str]) -> None:
        question, assumed = "List without IDs", "all libraries"
        settings, add = self._findings.settings, self._findings.add
        try:
            listed = _items(self._ask("ListFpShotDB"), "FpShotDBList", "FpShotDB")
        except RefusedError as error:
            settings["list_without_ids"] = "refused"
            add(question, assumed, f"is refused ({error.code})")
            return
        settings["list_without_ids"] = "all" if listed else "none"
        hidden = {*own} - {str(item.get("FpDBId")) for item in listed}
        found = f"the first {len(listed)}" if listed else "none"
        add(
            question,
            assumed,
            found if hidden else assumed,
            f"list-first={len(listed)}" if listed else "",
        )
        odd = sum(_is_odd(item) for item in listed)
        add("libraries with fields missing or unknown", "none", str(odd or "none"), "odd-libraries")

    def _delete(self, fp_db_id: str) -> None:
        add, began = self._findings.add, self._clock.now()
        words = self._own.delete(fp_db_id)
        odd = [word for word in words if word not in _JOB_WORDS]
        add("statuses of a delete job", "as documented", ", ".join(odd) or "as documented", _WORDS)
        seconds = self._clock.now() - began
        add("seconds until it is deleted", "", f"{seconds:.0f}")
        self._findings.settings["deletion_seconds"] = round(seconds, 1)
        library = self._looked_up(fp_db_id)
        shown = str(library.get("Status")) if library else "NonExistIds"
        add("a deleted library", LibraryState.DELETED.value, shown)
        self._findings.settings["deleted_libraries"] = "status" if library else "missing"

    def _made(self, **parameters: object) -> tuple[Content, str]:
        made = self._ask(CREATE, **parameters).get("FpShotDB")
        if not isinstance(made, Mapping) or not isinstance(made.get("FpDBId"), str):
            raise OutcomeUnknownError(CREATE, "the answer has no FpDBId")
        self._own.add(made["FpDBId"])
        return made, made["FpDBId"]

    def _looked_up(self, fp_db_id: str) -> Content | None:
        answer = self._ask("ListFpShotDB", FpDBIds=fp_db_id)
        return next(iter(_items(answer, "FpShotDBList", "FpShotDB")), None)

    def _ask(self, action: str, **parameters: object) -> Content:
        return self._client.ask(action, parameters, self._clock.now() + LASTING)


_WORDS = "other-job-words"


def _items(answer: Content, wrapper: str, name: str) -> list[Content]:
    return cast("list[Content]", (answer.get(wrapper) or {}).get(name) or [])


def _is_odd(item: Content) -> bool:
    known = {*FpModel, 1, 3}
    return not (item.get("Name") and item.get("Status")) or item.get("ModelId") not in known
