"""The vendor's current SDK works with the emulator as with MPS."""

import pytest
from alibabacloud_mts20140618 import models
from alibabacloud_mts20140618.client import Client as MtsClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config, GlobalParameters

from clocks import WallClock
from pulumi_alicloud_mps.emulator import Emulator


def _config(emulator: Emulator, **more: object) -> Config:
    return Config(
        endpoint=emulator.url.removeprefix("http://"),
        protocol="HTTP",
        **{"access_key_id": "local", "access_key_secret": "local-secret", **more},
    )


@pytest.fixture
def sdk(emulator: Emulator) -> MtsClient:
    """Return the SDK's client with the default keys."""
    return MtsClient(_config(emulator))


def _listed(sdk: MtsClient, library: str) -> models.ListFpShotDBResponseBodyFpShotDBListFpShotDB:
    answer = sdk.list_fp_shot_db(models.ListFpShotDBRequest(fp_dbids=library))
    (found,) = answer.body.fp_shot_dblist.fp_shot_db
    return found


@pytest.mark.parametrize("algorithm", [None, "v2"], ids=["default", "rpc"])
def test_a_whole_life(emulator: Emulator, clock: WallClock, algorithm: str | None) -> None:
    """Create, list, files, delete and query work unchanged, by either signature."""
    sdk = MtsClient(_config(emulator, signature_algorithm=algorithm))
    name = "a b+c*d~e/中"
    request = models.CreateFpShotDBRequest(name=name, model_id=13, config='{"a": "x&y=z"}')
    created = sdk.create_fp_shot_db(request).body.fp_shot_db
    library = created.fp_dbid
    assert (created.name, created.state, created.config) == (name, "offline", '{"a": "x&y=z"}')
    clock.advance(3)
    assert (_listed(sdk, library).name, _listed(sdk, library).status) == (name, "active")
    emulator.model.add_files(emulator.model.libraries()[0], 3)
    files = sdk.list_fp_shot_files(models.ListFpShotFilesRequest(fp_dbid=library, page_size=2))
    assert len(files.body.fp_shot_file_list.fp_shot_file) == 2
    job = sdk.submit_fp_dbdelete_job(
        models.SubmitFpDBDeleteJobRequest(fp_dbid=library, del_type="Delete", user_data="u")
    ).body.job_id
    clock.advance(3)
    jobs = sdk.query_fp_dbdelete_job_list(models.QueryFpDBDeleteJobListRequest(job_ids=job))
    (ended,) = jobs.body.fp_dbdelete_job_list.fp_dbdelete_job
    assert (ended.status, ended.fp_dbid, ended.user_data) == ("Success", library, "u")
    assert _listed(sdk, library).status == "deleted"


def test_the_caller(emulator: Emulator) -> None:
    """The SDK of STS learns who calls."""
    answer = StsClient(_config(emulator)).get_caller_identity()
    assert answer.body.account_id == emulator.model.account_id


def test_a_region(emulator: Emulator) -> None:
    """The region is a global parameter, since this host name doesn't contain it."""
    region = GlobalParameters(queries={"RegionId": "cn-beijing"})
    sdk = MtsClient(_config(emulator, global_parameters=region))
    sdk.create_fp_shot_db(models.CreateFpShotDBRequest(name="songs"))
    assert emulator.model.libraries()[0].region == "cn-beijing"


def test_a_wrong_secret(emulator: Emulator) -> None:
    """A wrong signature is refused with the string that the server signed, and no secret."""
    with pytest.raises(ClientException, match="server string to sign is:ACS3-") as caught:
        MtsClient(_config(emulator, access_key_secret="other")).list_fp_shot_db(
            models.ListFpShotDBRequest()
        )
    assert caught.value.code == "SignatureDoesNotMatch"
    assert "local-secret" not in str(caught.value)


def test_errors(sdk: MtsClient) -> None:
    """A refusal arrives with its code, status and request ID."""
    request = models.SubmitFpDBDeleteJobRequest(fp_dbid="f" * 32, del_type="Delete")
    with pytest.raises(ClientException) as caught:
        sdk.submit_fp_dbdelete_job(request)
    assert caught.value.code == "InvalidParameter.DBNotExist"
    assert caught.value.status_code == 400
    assert len(caught.value.request_id) == 36
