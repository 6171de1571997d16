"""The actions: what each checks, does and answers. All but the first line of each is the model's.

Names, defaults and limits are those of the API, MPS 2014-06-18 and STS 2015-04-01.
"""

import json
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus

from .errors import EmulatedError, invalid, missing
from .records import (
    DEFAULT_MODEL,
    DEFAULT_REGION,
    DeleteJobRecord,
    FaultEffect,
    FileRecord,
    LibraryRecord,
    NewLibrary,
    RecordPage,
    moment_from,
    utc_text,
)
from .requests import ApiRequest
from .responses import Content
from .store import MpsModel

# The second form is that of the quirk upper-ids.
_ID = re.compile(r"[0-9a-f]{32}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_NUMBER = re.compile(r"[0-9]{1,9}")


def id_of(call: ApiRequest, name: str) -> str:
    """Return a required ID.

    Raises:
        ApiError: It is missing or malformed.
    """
    return _checked_id(call.required(name))


def ids_of(call: ApiRequest, name: str, limit: int) -> list[str]:
    """Return the different IDs of a comma-separated list, in order; blank items don't count.

    Raises:
        ApiError: There are more than ``limit``, or one is malformed.
    """
    items = [item.strip() for item in call.parameters.get(name, "").split(",")]
    ids = list(dict.fromkeys(item for item in items if item))
    if len(ids) > limit:
        raise invalid(f"The parameter {name} holds {len(ids)} IDs; the limit is {limit}.")
    return [_checked_id(item) for item in ids]


def number_of(call: ApiRequest, name: str, default: int) -> int:
    """Return a whole number, or the default if it is absent or empty.

    Raises:
        ApiError: It is not a number.
    """
    text = call.parameters.get(name)
    if not text:
        return default
    if not _NUMBER.fullmatch(text):
        raise invalid(f"The parameter {name} must be an integer.")
    return int(text)


def moment_of(call: ApiRequest, name: str, default: float) -> float:
    """Return a UTC moment as seconds since the epoch, or the default.

    Raises:
        ApiError: It is not of the form ``YYYY-MM-DDThh:mm:ssZ``.
    """
    text = call.parameters.get(name)
    if not text:
        return default
    try:
        return moment_from(text)
    except ValueError:
        raise invalid(f"The parameter {name} must be of the form YYYY-MM-DDThh:mm:ssZ.") from None


def json_of(call: ApiRequest, name: str) -> str:
    """Return an argument that is JSON, as it was written, or an empty string.

    Raises:
        ApiError: It is neither empty nor JSON.
    """
    text = call.parameters.get(name, "")
    if text:
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            raise invalid(f"The parameter {name} must be a JSON string.") from None
    return text


def one_of(call: ApiRequest, name: str, values: Sequence[str]) -> str:
    """Return an argument that must be one of some values; the first is the default.

    Raises:
        ApiError: It is another.
    """
    value = call.parameters.get(name) or values[0]
    if value not in values:
        raise invalid(f"The parameter {name} must be one of {', '.join(values)}.")
    return value


def _checked_id(text: str) -> str:
    if not _ID.fullmatch(text):
        message = "An ID consists of 32 characters, each a digit or one of the letters a to f."
        raise invalid(message, "UUIDFormatInvalid")
    return text


Action = Callable[[MpsModel, ApiRequest, FaultEffect], Content]
"""Carries out a call, and lets what it makes have that fate."""

_TEXT_MODEL = 11
_MODELS = range(_TEXT_MODEL, 15)
_MOST_IDS = 10
_PAGE_SIZES = range(1, 101)
_USER_DATA_BYTES = 128


def find_action(call: ApiRequest) -> Action:
    """Return what carries out a call.

    Raises:
        ApiError: There is no such action, or not in that version of the API.
    """
    action = call.required("Action")
    version = call.required("Version")
    if action not in _ACTIONS:
        message = f"The action {action} is not found; check its spelling."
        raise EmulatedError("InvalidApi.NotFound", message, HTTPStatus.NOT_FOUND)
    offered, carry_out = _ACTIONS[action]
    if version != offered:
        raise EmulatedError("InvalidVersion", f"The action {action} has the version {offered}.")
    return carry_out


def create_library(model: MpsModel, call: ApiRequest, effect: FaultEffect) -> Content:
    """CreateFpShotDB: create a library, offline at first."""
    library = model.create_library(new_library(call), effect)
    # The API calls the same thing State here and Status in lists.
    state = {"State": library.state(model.clock()), "Config": library.config}
    return {"FpShotDB": {**_description(library), **state}}


def new_library(call: ApiRequest) -> NewLibrary:
    """Return the library that a call describes.

    Raises:
        ApiError: MPS would not create it.
    """
    name = call.required("Name")
    if not name.strip():
        raise invalid("The parameter Name must not be blank.", "EmptyValue")
    region, model_id = _region(call), _model_id(call)
    if model_id == _TEXT_MODEL and region != DEFAULT_REGION:
        message = f"Text fingerprint libraries are offered in {DEFAULT_REGION} only."
        raise invalid(message, "NotSupported")
    return NewLibrary(
        name=name,
        region=region,
        model_id=model_id,
        config=json_of(call, "Config"),
        description=call.parameters.get("Description", ""),
    )


def list_libraries(model: MpsModel, call: ApiRequest, _: FaultEffect) -> Content:
    """ListFpShotDB: the libraries of up to ten IDs, and the IDs of none."""
    ids = ids_of(call, "FpDBIds", _MOST_IDS)
    if not ids:
        return _listing(_without_ids(model, call), [], model.clock())
    found = _listable(model, model.libraries_in(_region(call), ids))
    known = {library.id for library in found}
    return _listing(found, [item for item in ids if item not in known], model.clock())


def list_files(model: MpsModel, call: ApiRequest, _: FaultEffect) -> Content:
    """ListFpShotFiles: one page of the files in a library."""
    size = number_of(call, "PageSize", 20)
    if size not in _PAGE_SIZES:
        raise invalid("The parameter PageSize must be from 1 to 100.", "OutOfRange")
    library = model.present_library(_region(call), id_of(call, "FpDBId"))
    since = moment_of(call, "StartTime", float("-inf"))
    until = moment_of(call, "EndTime", float("inf"))
    # One more than asked for tells whether there is a next page.
    files = model.files(library, RecordPage(size + 1, _position(call), since, until))
    if library.model_id == _TEXT_MODEL and "unlisted-text" in model.settings.quirks:
        files = []
    token = f"{files[size - 1].position:032x}" if len(files) > size else ""
    listed = [_file(file) for file in files[:size]]
    return {"FpShotFileList": {"FpShotFile": listed}, "NextPageToken": token}


def submit_delete_job(model: MpsModel, call: ApiRequest, effect: FaultEffect) -> Content:
    """SubmitFpDBDeleteJob: start the deletion of a library."""
    library_id = id_of(call, "FpDBId")
    delete_type = one_of(call, "DelType", ("Purge", "Delete"))
    user_data = call.parameters.get("UserData", "")
    if len(user_data.encode()) > _USER_DATA_BYTES:
        raise invalid(f"The parameter UserData is limited to {_USER_DATA_BYTES} bytes.")
    library = model.present_library(_region(call), library_id)
    if delete_type == "Purge":
        # True of the models 11 to 14, and others can't be created any more.
        message = f"Libraries of the model {library.model_id} support only the DelType Delete."
        raise invalid(message, "NotSupported")
    job = model.submit_delete_job(library, call.parameters.get("PipelineId", ""), user_data, effect)
    return {"JobId": job.id}


def query_delete_jobs(model: MpsModel, call: ApiRequest, _: FaultEffect) -> Content:
    """QueryFpDBDeleteJobList: the jobs of some IDs, else the region's 20 most recent ones."""
    ids = ids_of(call, "JobIds", _MOST_IDS)
    jobs = model.delete_jobs(_region(call), ids)
    known = {job.id for job in jobs}
    listed = [_job(job, model.clock()) for job in jobs]
    gone = _non_exist_ids([item for item in ids if item not in known])
    return {"FpDBDeleteJobList": {"FpDBDeleteJob": listed}, **gone}


def caller_identity(model: MpsModel, _: ApiRequest, __: FaultEffect) -> Content:
    """GetCallerIdentity of STS: the account that the key belongs to, here by its root user."""
    account = model.account_id
    return {
        "IdentityType": "Account",
        "AccountId": account,
        "UserId": account,
        "PrincipalId": account,
        "Arn": f"acs:ram::{account}:root",
    }


_MPS = "2014-06-18"

_ACTIONS: dict[str, tuple[str, Action]] = {
    "CreateFpShotDB": (_MPS, create_library),
    "ListFpShotDB": (_MPS, list_libraries),
    "ListFpShotFiles": (_MPS, list_files),
    "SubmitFpDBDeleteJob": (_MPS, submit_delete_job),
    "QueryFpDBDeleteJobList": (_MPS, query_delete_jobs),
    "GetCallerIdentity": ("2015-04-01", caller_identity),
}

ACTIONS = frozenset(_ACTIONS)
"""The names of all actions."""


def _region(call: ApiRequest) -> str:
    return call.parameters.get("RegionId") or DEFAULT_REGION


def _model_id(call: ApiRequest) -> int:
    model_id = number_of(call, "ModelId", DEFAULT_MODEL)
    if model_id not in _MODELS:
        raise invalid("The parameter ModelId must be 11, 12, 13 or 14.")
    return model_id


def _position(call: ApiRequest) -> int:
    token = call.parameters.get("NextPageToken")
    if not token:
        return 0
    try:
        return int(id_of(call, "NextPageToken")[-15:], 16)
    except EmulatedError:
        raise invalid("The parameter NextPageToken is none that a list answered.") from None


def _without_ids(model: MpsModel, call: ApiRequest) -> list[LibraryRecord]:
    if model.settings.list_without_ids == "refused":
        raise missing("FpDBIds")
    if model.settings.list_without_ids == "none":
        return []
    return _listable(model, model.libraries_in(_region(call)))


def _listable(model: MpsModel, libraries: list[LibraryRecord]) -> list[LibraryRecord]:
    now = model.clock()
    listed = [library for library in libraries if library.listed_at <= now]
    if model.settings.deleted_libraries == "status":
        return listed
    return [library for library in listed if library.state(now) != "deleted"]


def _listing(libraries: list[LibraryRecord], gone: list[str], now: float) -> Content:
    listed = [{**_description(library), "Status": library.state(now)} for library in libraries]
    return {"FpShotDBList": {"FpShotDB": listed}, **_non_exist_ids(gone)}


def _non_exist_ids(ids: list[str]) -> Content:
    return {"NonExistIds": {"String": ids}} if ids else {}


def _description(library: LibraryRecord) -> Content:
    return {
        "FpDBId": library.id,
        "Name": library.name,
        "Description": library.description,
        "ModelId": library.model_id,
    }


def _job(job: DeleteJobRecord, now: float) -> Content:
    status = job.status(now)
    ended = {"FinishTime": utc_text(job.finish_at)} if now >= job.finish_at else {}
    reason = {"Code": job.failure_code, "Message": job.failure_message} if status == "Fail" else {}
    return {
        "Id": job.id,
        "FpDBId": job.library_id,
        "DelType": "Delete",
        "Status": status,
        "PipelineId": job.pipeline_id,
        "UserData": job.user_data,
        "CreationTime": utc_text(job.created_at),
        **ended,
        **reason,
    }


def _file(file: FileRecord) -> Content:
    place = {"Bucket": file.bucket, "Location": file.location, "Object": file.object}
    return {
        "FileId": file.id,
        "PrimaryKey": file.primary_key,
        "StoreTime": utc_text(file.stored_at),
        "InputFile": place,
    }
