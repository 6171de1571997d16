"""Respects in which the real MPS may differ from what its documentation shows.

Each is off until a setting names it, and none is known to be true.
docs/reference/emulator.md describes them.
"""

import re
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, cast

from .records import NewLibrary
from .requests import ApiRequest
from .responses import Content

QUIRKS = (
    "odd-libraries",
    "bare-create",
    "trimmed-text",
    "recoded-text",
    "other-states",
    "other-job-words",
    "denied-first",
    "denied-always",
    "empty-pages",
    "upper-ids",
    "unlisted-text",
    "list-first",
)
"""The names of all quirks; the last takes a number."""

_LIST_FIRST = re.compile(r"list-first=([0-9]{1,4})")
_EMPTY_PAGE = "empty-page-before-"
_ODD_LIBRARIES: list[Content] = [
    {"FpDBId": "0" * 31 + "1", "Name": "", "ModelId": 12, "Status": "active"},
    {"FpDBId": "0" * 31 + "2", "Name": "without model and status"},
    {"FpDBId": "0" * 31 + "3", "Name": "of another kind", "ModelId": 99, "Status": "active"},
]
_STATES = {"offline": "preparing", "active": "normal", "paused": "suspended"}
_JOB_WORDS = {"Queuing": "Waiting", "Analysing": "Running", "Success": "Succeeded"}


def checked_quirk(text: str) -> str:
    """Return a quirk as it is written, such as `bare-create` or `list-first=3`.

    Raises:
        ValueError: There is none of that name.
    """
    if _LIST_FIRST.fullmatch(text) or text in QUIRKS[:-1]:
        return text
    raise ValueError(f"must be one of {', '.join(QUIRKS[:-1])}, list-first=N")


def new_library_id(quirks: Collection[str]) -> str:
    """Return the ID of a new library."""
    return str(uuid.uuid4()).upper() if "upper-ids" in quirks else uuid.uuid4().hex


def stored(new: NewLibrary, quirks: Collection[str]) -> NewLibrary:
    """Return a library as it is kept, by what its creator says."""
    for quirk, spelt in _SPELLINGS.items():
        if quirk in quirks:
            new = replace(new, name=spelt(new.name), description=spelt(new.description))
    return new


class Quirks:
    """Changes answers; remembers which IDs it has denied."""

    def __init__(self) -> None:
        self._denied: set[str] = set()

    def received(self, call: ApiRequest, quirks: Collection[str]) -> ApiRequest:
        """Return a call as the actions understand it."""
        token = call.parameters.get("NextPageToken", "")
        if "empty-pages" not in quirks or not token.startswith(_EMPTY_PAGE):
            return call
        known = {**call.parameters, "NextPageToken": token.removeprefix(_EMPTY_PAGE)}
        return replace(call, parameters=known)

    def answered(self, call: ApiRequest, content: Content, quirks: Collection[str]) -> Content:
        """Return what is answered to a call in the place of some content."""
        if call.action == "CreateFpShotDB":
            content = {"FpShotDB": _library(_part(content, "FpShotDB"), "State", quirks)}
            if "bare-create" in quirks:
                content = {"FpShotDB": {"FpDBId": _part(content, "FpShotDB")["FpDBId"]}}
        elif call.action == "ListFpShotDB":
            content = self._listing(call, content, quirks)
        elif call.action == "ListFpShotFiles":
            content = _files(call, content, quirks)
        elif call.action == "QueryFpDBDeleteJobList" and "other-job-words" in quirks:
            jobs = [
                {**job, "Status": _JOB_WORDS.get(job["Status"], job["Status"])}
                for job in _part(content, "FpDBDeleteJobList")["FpDBDeleteJob"]
            ]
            content = {**content, "FpDBDeleteJobList": {"FpDBDeleteJob": jobs}}
        return content

    def _listing(self, call: ApiRequest, content: Content, quirks: Collection[str]) -> Content:
        listed = [
            _library(item, "Status", quirks) for item in _part(content, "FpShotDBList")["FpShotDB"]
        ]
        gone = list(_part(content, "NonExistIds").get("String", ()))
        if not call.parameters.get("FpDBIds"):
            for quirk in quirks:
                if found := _LIST_FIRST.fullmatch(quirk):
                    listed = listed[: int(found[1])]
            listed += _ODD_LIBRARIES if "odd-libraries" in quirks else []
        elif denied := self._denies([str(item["FpDBId"]) for item in listed], quirks):
            listed = [item for item in listed if item["FpDBId"] not in denied]
            gone += denied
        missing = {"NonExistIds": {"String": gone}} if gone else {}
        return {"FpShotDBList": {"FpShotDB": listed}, **missing}

    def _denies(self, ids: Collection[str], quirks: Collection[str]) -> list[str]:
        if "denied-always" in quirks:
            return list(ids)
        denied = [item for item in ids if item not in self._denied]
        if "denied-first" not in quirks:
            return []
        self._denied.update(denied)
        return denied


def _library(item: Content, field: str, quirks: Collection[str]) -> Content:
    if "other-states" not in quirks:
        return item
    state = str(item[field])
    return {**item, field: _STATES.get(state, state)}


def _files(call: ApiRequest, content: Content, quirks: Collection[str]) -> Content:
    token = call.parameters.get("NextPageToken", "")
    if "empty-pages" in quirks and not token.startswith(_EMPTY_PAGE):
        return {"FpShotFileList": {"FpShotFile": []}, "NextPageToken": f"{_EMPTY_PAGE}{token}"}
    return content


def _part(content: Content, name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", content.get(name) or {})


_SPELLINGS: dict[str, Callable[[str], str]] = {
    "trimmed-text": lambda text: " ".join(text.split()),
    "recoded-text": lambda text: text.encode("ascii", "replace").decode(),
}
