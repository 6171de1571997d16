"""The vendor's own SDK takes the emulator for MPS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest
from aliyunsdkmts.request.v20140618.CreateFpShotDBRequest import CreateFpShotDBRequest
from aliyunsdkmts.request.v20140618.ListFpShotDBRequest import ListFpShotDBRequest
from aliyunsdkmts.request.v20140618.ListFpShotFilesRequest import ListFpShotFilesRequest
from aliyunsdkmts.request.v20140618.QueryFpDBDeleteJobListRequest import (
    QueryFpDBDeleteJobListRequest,
)
from aliyunsdkmts.request.v20140618.SubmitFpDBDeleteJobRequest import SubmitFpDBDeleteJobRequest

from emulator.calls import Clock
from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    Emulator,
    Fault,
)

# The SDK ignores NO_PROXY, and an empty mapping too.
_NO_PROXY = {"http": None, "https": None}


class Sdk:
    """Sends the SDK's requests to an emulator."""

    def __init__(self, emulator: Emulator, secret: str = LOCAL_ACCESS_KEY_SECRET) -> None:
        self._endpoint = emulator.url.removeprefix("http://")
        self.client = AcsClient(LOCAL_ACCESS_KEY_ID, secret, "cn-shanghai", proxy=_NO_PROXY)

    def send(self, request: RpcRequest, **values: object) -> Any:  # noqa: ANN401 - JSON is anything
        """Send a request with some values set, and return the decoded answer."""
        for name, value in values.items():
            getattr(request, f"set_{name}")(value)
        request.set_endpoint(self._endpoint)
        return json.loads(self.client.do_action_with_exception(request))


@pytest.fixture
def sdk(emulator: Emulator) -> Iterator[Sdk]:
    """Return the SDK with the default keys, and close its connections afterwards."""
    sdk = Sdk(emulator)
    yield sdk
    sdk.client.session.close()


def test_a_whole_life(sdk: Sdk, emulator: Emulator, clock: Clock) -> None:
    """Create, list, files, delete and query work through the SDK's own request classes."""
    created = sdk.send(CreateFpShotDBRequest(), Name="a b+c*d~e/中", ModelId=13, Config="{}")
    library = created["FpShotDB"]["FpDBId"]
    clock.advance(3)
    (listed,) = sdk.send(ListFpShotDBRequest(), FpDBIds=library)["FpShotDBList"]["FpShotDB"]
    assert (listed["Name"], listed["Status"]) == ("a b+c*d~e/中", "active")
    emulator.model.add_files(emulator.model.libraries()[0], 1)
    files = sdk.send(ListFpShotFilesRequest(), FpDBId=library, PageSize=5)
    assert len(files["FpShotFileList"]["FpShotFile"]) == 1
    job = sdk.send(SubmitFpDBDeleteJobRequest(), FpDBId=library, DelType="Delete")["JobId"]
    clock.advance(3)
    jobs = sdk.send(QueryFpDBDeleteJobListRequest(), JobIds=job)["FpDBDeleteJobList"]
    assert jobs["FpDBDeleteJob"][0]["Status"] == "Success"
    (listed,) = sdk.send(ListFpShotDBRequest(), FpDBIds=library)["FpShotDBList"]["FpShotDB"]
    assert listed["Status"] == "deleted"


def test_errors(sdk: Sdk) -> None:
    """An error arrives with its code, status and request ID."""
    with pytest.raises(ServerException) as caught:
        sdk.send(SubmitFpDBDeleteJobRequest(), FpDBId="f" * 32, DelType="Delete")
    assert caught.value.get_error_code() == "InvalidParameter.DBNotExist"
    assert caught.value.get_http_status() == 400
    assert len(caught.value.get_request_id()) == 36


def test_wrong_secret(emulator: Emulator) -> None:
    """The SDK finds its own string to sign in the refusal, and so blames the secret."""
    sdk = Sdk(emulator, secret="other")
    with pytest.raises(ServerException) as caught:
        sdk.send(ListFpShotDBRequest(), FpDBIds="f" * 32)
    assert caught.value.get_error_code() == "InvalidAccessKeySecret"
    sdk.client.session.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_common_request(sdk: Sdk, emulator: Emulator, method: str) -> None:
    """A CommonRequest works too, by GET and with a form, for STS as for MPS."""
    request = CommonRequest(version="2015-04-01", action_name="GetCallerIdentity")
    request.set_method(method)
    if method == "POST":
        request.add_body_params("Extra", "a b")
    assert sdk.send(request)["AccountId"] == emulator.model.account_id


def test_half_a_body(sdk: Sdk, emulator: Emulator) -> None:
    """Half a body is a success to the SDK, so that only reading it fails."""
    emulator.set_faults([Fault(action="*", kind="half_body")])
    with pytest.raises(json.JSONDecodeError):
        sdk.send(CreateFpShotDBRequest(), Name="songs")
    assert len(emulator.model.libraries()) == 1
