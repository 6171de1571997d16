"""The actions: what each checks, does and returns. What they change is the model's.

Names, defaults and limits are those of the API, MPS 2014-06-18 and STS 2015-04-01.
"""

import json
import math
import re
from collections.abc import Callable, Mapping

from .records import (
    DEFAULT_MODEL,
    DEFAULT_REGION,
    DeleteJobRecord,
    FaultEffect,
    LibraryRecord,
    NewLibrary,
    utc_text,
)
from .requests import ApiRequest
from .responses import Content, EmulatedError, invalid, missing
from .store import MpsModel

Handler = Callable[[MpsModel, ApiRequest, FaultEffect], Content]
"""Carries out a call; the effect is what happens to the library or job that it makes."""

# The second form is that of the quirk upper-ids.
_ID = re.compile(r"[0-9a-f]{32}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_TEXT_MODEL = 11
_MODELS = range(_TEXT_MODEL, 15)
_MOST_IDS = 10
_PAGE_SIZES = range(1, 101)
_USER_DATA_BYTES = 128


def create_library(model: MpsModel, call: ApiRequest, effect: FaultEffect) -> Content:
    """CreateFpShotDB: create a library, offline at first."""
    library = model.create_library(new_library(call), effect)
    # The API calls the same thing State here and Status in lists.
    state = {"State": library.state(model.clock()), "Config": library.config}
    return {"FpShotDB": {**described(library), **state}}


def new_library(call: ApiRequest) -> NewLibrary:
    """Return the library that a call describes; refuse what MPS would not create."""
    name = call.required("Name")
    if not name.strip():
        raise invalid("The parameter Name must not be blank.", "EmptyValue")
    region, model_id = _region(call), call.number("ModelId", DEFAULT_MODEL)
    if model_id not in _MODELS:
        raise invalid("The parameter ModelId must be 11, 12, 13 or 14.")
    if model_id == _TEXT_MODEL and region != DEFAULT_REGION:
        message = f"Text fingerprint libraries are offered in {DEFAULT_REGION} only."
        raise invalid(message, "NotSupported")
    config = call.parameters.get("Config", "")
    try:
        json.loads(config or "{}")
    except (ValueError, RecursionError):
        raise invalid("The parameter Config must be a JSON string.") from None
    description = call.parameters.get("Description", "")
    return NewLibrary(name, region, model_id, config=config, description=description)


def list_libraries(model: MpsModel, call: ApiRequest, _: FaultEffect) -> Content:
    """ListFpShotDB: the libraries of up to ten IDs, and the IDs that no library has."""
    ids, settings, now = _ids(call, "FpDBIds"), model.settings, model.clock()
    if not ids and settings.list_without_ids == "refused":
        raise missing("FpDBIds")
    libraries = model.libraries(_region(call), ids)
    if not ids and settings.list_without_ids == "none":
        libraries = []
    listed = [
        {**described(library), "Status": library.state(now)}
        for library in libraries
        if library.listed_at <= now
        and (settings.deleted_libraries == "status" or library.state(now) != "deleted")
    ]
    unknown = _non_exist_ids(ids, {str(item["FpDBId"]) for item in listed})
    return {"FpShotDBList": {"FpShotDB": listed}, **unknown}


def list_files(model: MpsModel, call: ApiRequest, _: FaultEffect) -> Content:
    """ListFpShotFiles: one page of the files in a library."""
    size = call.number("PageSize", 20)
    if size not in _PAGE_SIZES:
        raise invalid("The parameter PageSize must be from 1 to 100.", "OutOfRange")
    library = model.present_library(_region(call), _checked_id(call.required("FpDBId")))
    window = call.moment("StartTime", -math.inf), call.moment("EndTime", math.inf)
    token = call.parameters.get("NextPageToken") or "0" * 32
    try:
        after = int(_checked_id(token)[-15:], 16)
    except EmulatedError:
        raise invalid("The parameter NextPageToken is not one that a list returned.") from None
    # One more than requested shows whether there is a next page.
    files = model.files(library, size + 1, after, window)
    if library.model_id == _TEXT_MODEL and "unlisted-text" in model.settings.quirks:
        files = []
    listed = [
        {
            "FileId": file.id,
            "PrimaryKey": file.primary_key,
            "StoreTime": utc_text(file.stored_at),
            "InputFile": {"Bucket": file.bucket, "Location": file.location, "Object": file.object},
        }
        for file in files[:size]
    ]
    next_token = f"{files[size - 1].position:032x}" if len(files) > size else ""
    return {"FpShotFileList": {"FpShotFile": listed}, "NextPageToken": next_token}


def submit_delete_job(model: MpsModel, call: ApiRequest, effect: FaultEffect) -> Content:
    """SubmitFpDBDeleteJob: start the deletion of a library."""
    library_id = _checked_id(call.required("FpDBId"))
    delete_type = call.parameters.get("DelType") or "Purge"
    if delete_type not in ("Purge", "Delete"):
        raise invalid("The parameter DelType must be one of Purge, Delete.")
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
    ids = _ids(call, "JobIds")
    jobs = model.delete_jobs(_region(call), ids)
    unknown = _non_exist_ids(ids, {job.id for job in jobs})
    listed = [_job(job, model.clock()) for job in jobs]
    return {"FpDBDeleteJobList": {"FpDBDeleteJob": listed}, **unknown}


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


ACTIONS: Mapping[str, Handler] = {
    "CreateFpShotDB": create_library,
    "ListFpShotDB": list_libraries,
    "ListFpShotFiles": list_files,
    "SubmitFpDBDeleteJob": submit_delete_job,
    "QueryFpDBDeleteJobList": query_delete_jobs,
    "GetCallerIdentity": caller_identity,
}
"""What carries out each action, by its name."""


def _region(call: ApiRequest) -> str:
    return call.parameters.get("RegionId") or DEFAULT_REGION


def _ids(call: ApiRequest, name: str) -> list[str]:
    """Return the different IDs of a comma-separated list, in order; blank items don't count."""
    items = [item.strip() for item in call.parameters.get(name, "").split(",")]
    ids = list(dict.fromkeys(item for item in items if item))
    if len(ids) > _MOST_IDS:
        raise invalid(f"The parameter {name} holds {len(ids)} IDs; the limit is {_MOST_IDS}.")
    return [_checked_id(item) for item in ids]


def _checked_id(text: str) -> str:
    if not _ID.fullmatch(text):
        message = "An ID consists of 32 characters, each a digit or one of the letters a to f."
        raise invalid(message, "UUIDFormatInvalid")
    return text


def _non_exist_ids(ids: list[str], known: set[str]) -> Content:
    unknown = [item for item in ids if item not in known]
    return {"NonExistIds": {"String": unknown}} if unknown else {}


def described(library: LibraryRecord) -> Content:
    """Return a library as every list shows it."""
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
