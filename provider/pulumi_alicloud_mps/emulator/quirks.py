"""Ways in which the real MPS may differ from what its documentation shows.

Each is off until a setting names it, and none is known to be true.
"""

from collections.abc import Collection
from dataclasses import replace

from .requests import ApiRequest
from .responses import Content
from .settings import LIST_FIRST

_EMPTY_PAGE = "empty-page-before-"
_ODD_LIBRARIES: list[Content] = [
    {"FpDBId": "0" * 31 + "1", "Name": "", "ModelId": 12, "Status": "active"},
    {"FpDBId": "0" * 31 + "2", "Name": "without model and status"},
    {"FpDBId": "0" * 31 + "3", "Name": "of another kind", "ModelId": 99, "Status": "active"},
]
_STATES = {"offline": "preparing", "active": "normal", "paused": "suspended"}
_JOB_WORDS = {"Queuing": "Waiting", "Analysing": "Running", "Success": "Succeeded"}


class Quirks:
    """Changes calls and responses; remembers which IDs it has denied."""

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
        """Return the content of a response, as the quirks change it."""
        if call.action == "CreateFpShotDB":
            library = _library(content["FpShotDB"], "State", quirks)
            bare = {"FpDBId": library["FpDBId"]}
            return {"FpShotDB": bare if "bare-create" in quirks else library}
        if call.action == "ListFpShotDB":
            return self._listing(call, content, quirks)
        if call.action == "ListFpShotFiles" and "empty-pages" in quirks:
            token = call.parameters.get("NextPageToken", "")
            if not token.startswith(_EMPTY_PAGE):
                return {
                    "FpShotFileList": {"FpShotFile": []},
                    "NextPageToken": f"{_EMPTY_PAGE}{token}",
                }
        if call.action == "QueryFpDBDeleteJobList" and "other-job-words" in quirks:
            jobs = [
                {**job, "Status": _JOB_WORDS.get(job["Status"], job["Status"])}
                for job in content["FpDBDeleteJobList"]["FpDBDeleteJob"]
            ]
            return {**content, "FpDBDeleteJobList": {"FpDBDeleteJob": jobs}}
        return content

    def _listing(self, call: ApiRequest, content: Content, quirks: Collection[str]) -> Content:
        listed = [_library(item, "Status", quirks) for item in content["FpShotDBList"]["FpShotDB"]]
        gone = list(content.get("NonExistIds", {}).get("String", ()))
        if not call.parameters.get("FpDBIds"):
            for quirk in quirks:
                if quirk.startswith(LIST_FIRST):
                    listed = listed[: int(quirk.removeprefix(LIST_FIRST))]
            listed += _ODD_LIBRARIES if "odd-libraries" in quirks else []
        else:
            ids = [item["FpDBId"] for item in listed]
            denied = ids if "denied-always" in quirks else []
            if "denied-first" in quirks:
                denied = [item for item in ids if item not in self._denied]
                self._denied.update(denied)
            listed = [item for item in listed if item["FpDBId"] not in denied]
            gone += denied
        missing = {"NonExistIds": {"String": gone}} if gone else {}
        return {"FpShotDBList": {"FpShotDB": listed}, **missing}


def _library(item: Content, field: str, quirks: Collection[str]) -> Content:
    if "other-states" not in quirks:
        return item
    return {**item, field: _STATES.get(item[field], item[field])}
