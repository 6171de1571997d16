"""As many libraries by what one writes after the tutorials.

The provider's class is in the program, each call makes a client, and each library is asked for
once a second.
"""

import json
import os
import sys
import time
from typing import Any

import pulumi
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from pulumi.dynamic import (
    CreateResult,
    DiffResult,
    ReadResult,
    Resource,
    ResourceProvider,
)

# The SDK goes one call deeper for each provider that it pickles, and fails at some 320 of them.
sys.setrecursionlimit(20_000)


def call(action: str, **parameters: object) -> Any:
    """Call MPS and return its answer."""
    client = AcsClient(
        os.environ["ALICLOUD_ACCESS_KEY"], os.environ["ALICLOUD_SECRET_KEY"], "cn-shanghai"
    )
    request = CommonRequest(
        domain=os.environ["MPS_ENDPOINT"], version="2014-06-18", action_name=action
    )
    request.set_method("POST")
    request.set_protocol_type("http")
    for name, value in parameters.items():
        request.add_query_param(name, value)
    return json.loads(client.do_action_with_exception(request))


def listed(library_id: str) -> dict[str, Any] | None:
    """Return what MPS says about a library, or None where it is gone."""
    answer = call("ListFpShotDB", FpDBIds=library_id)
    for library in answer["FpShotDBList"]["FpShotDB"]:
        if library["Status"] != "deleted":
            return dict(library)
    return None


class LibraryProvider(ResourceProvider):
    """A library, as in Pulumi's documentation of dynamic providers."""

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create it and wait until it is active."""
        answer = call("CreateFpShotDB", Name=props["name"], ModelId=int(props["model_id"]))
        library_id = answer["FpShotDB"]["FpDBId"]
        while True:
            library = listed(library_id)
            if library and library["Status"] == "active":
                return CreateResult(library_id, {**props, "state": "active"})
            time.sleep(1)

    def diff(self, id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Replace it where anything has changed."""
        replaces = [key for key in ("name", "model_id") if olds[key] != news[key]]
        return DiffResult(changes=bool(replaces), replaces=replaces, delete_before_replace=True)

    def read(self, id: str, props: dict[str, Any]) -> ReadResult:
        """Look at it again."""
        library = listed(id)
        if library is None:
            return ReadResult("", {})
        return ReadResult(id, {**props, "name": library["Name"], "state": library["Status"]})

    def delete(self, id: str, props: dict[str, Any]) -> None:
        """Delete it and wait until it is gone."""
        job = call("SubmitFpDBDeleteJob", FpDBId=id, DelType="Delete")["JobId"]
        while True:
            jobs = call("QueryFpDBDeleteJobList", JobIds=job)["FpDBDeleteJobList"]["FpDBDeleteJob"]
            if jobs[0]["Status"] == "Success":
                return
            time.sleep(1)


class Library(Resource):
    """A resource of that provider."""

    def __init__(self, resource_name: str, model_id: int) -> None:
        props = {"name": resource_name, "model_id": model_id, "state": None}
        super().__init__(LibraryProvider(), resource_name, props)


config = pulumi.Config()
for number in range(config.require_int("libraries")):
    Library(f"library-{number}", config.require_int("model"))
