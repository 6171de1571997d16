"""The actions: what each returns and refuses."""

import re

import pytest

from clocks import WallClock
from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.actions import ACTIONS
from pulumi_alicloud_mps.emulator.records import utc_text
from pulumi_alicloud_mps.emulator.requests import VERSIONS
from pulumi_alicloud_mps.mps.models import Action

_ID = re.compile(r"[0-9a-f]{32}")
_UNKNOWN = "f" * 32


def _settings(emulator: Emulator, **changes: object) -> None:
    emulator.model.settings = emulator.model.settings.changed(changes)


def test_every_action_has_its_version() -> None:
    """Each action that a call or a fault may name is carried out."""
    assert ACTIONS.keys() == VERSIONS.keys() >= set(Action)


def test_create(client: Client) -> None:
    """A create returns the whole library, with its state as State."""
    answer = client.ok(
        "CreateFpShotDB", Name="songs", ModelId=13, Config='{"a": 1}', Description="目录"
    )
    library = answer["FpShotDB"]
    assert _ID.fullmatch(library.pop("FpDBId"))
    assert library == {
        "Name": "songs",
        "Description": "目录",
        "ModelId": 13,
        "Config": '{"a": 1}',
        "State": "offline",
    }


def test_quota(client: Client, clock: WallClock) -> None:
    """An account has room for five libraries over all regions, and deletions make room."""
    first = client.create()
    for region in ("cn-beijing", "cn-beijing", "cn-hangzhou", "cn-shanghai"):
        client.create(RegionId=region)
    reply = client.call("CreateFpShotDB", Name="one too many")
    assert (reply.status, reply.code) == (400, "QuotaExceeded.FpShotDB")
    client.delete(first)
    assert client.call("CreateFpShotDB", Name="still").code == "QuotaExceeded.FpShotDB"
    clock.advance(3)
    client.create()


def test_unique_names(client: Client, emulator: Emulator, clock: WallClock) -> None:
    """Where names are unique, a region refuses a second one until the first is deleted."""
    assert client.create("of two") != client.create("of two")
    _settings(emulator, unique_names=True)
    first = client.create("twin")
    client.create("twin", RegionId="cn-beijing")
    assert client.call("CreateFpShotDB", Name="twin").code == "InvalidParameter"
    client.delete(first)
    clock.advance(3)
    client.create("twin")


def test_list(client: Client) -> None:
    """A list has the state as Status and no Config, and names unknown IDs."""
    library = client.create("songs", Config="{}")
    answer = client.ok("ListFpShotDB", FpDBIds=f" {library} ,,{_UNKNOWN},{library}")
    assert answer["FpShotDBList"] == {
        "FpShotDB": [
            {
                "FpDBId": library,
                "Name": "songs",
                "Description": "",
                "ModelId": 12,
                "Status": "offline",
            }
        ]
    }
    assert answer["NonExistIds"] == {"String": [_UNKNOWN]}


def test_list_knows_one_region(client: Client) -> None:
    """A library is visible in its region only."""
    library = client.create(RegionId="cn-beijing")
    answer = client.ok("ListFpShotDB", FpDBIds=library)
    assert answer["NonExistIds"] == {"String": [library]}
    assert client.listed(library, RegionId="cn-beijing")
    assert client.listed() == []


@pytest.mark.parametrize("ids", [None, "", " , "])
def test_list_without_ids(client: Client, emulator: Emulator, ids: str | None) -> None:
    """Without IDs a list has all libraries, none, or is refused, as the settings say."""
    created = [client.create(name) for name in ("a", "b")]
    listed = client.ok("ListFpShotDB", FpDBIds=ids)["FpShotDBList"]["FpShotDB"]
    assert [library["FpDBId"] for library in listed] == created
    _settings(emulator, list_without_ids="none")
    assert client.ok("ListFpShotDB", FpDBIds=ids)["FpShotDBList"] == {"FpShotDB": []}
    _settings(emulator, list_without_ids="refused")
    assert client.call("ListFpShotDB", FpDBIds=ids).code == "MissingFpDBIds"


def test_deletion(client: Client, clock: WallClock) -> None:
    """A delete job queues, analyses and succeeds, and with it the library is deleted."""
    library, submitted = client.create(), utc_text(clock())
    job = client.delete(library, UserData="stack-a", PipelineId="queue")
    seen = []
    for _ in range(3):
        listed = client.job(job)
        seen.append((listed["Status"], client.listed(library)[0]["Status"]))
        clock.advance(1.5)
    assert seen == [("Queuing", "offline"), ("Analysing", "offline"), ("Success", "deleted")]
    assert listed == {
        "Id": job,
        "FpDBId": library,
        "DelType": "Delete",
        "Status": "Success",
        "PipelineId": "queue",
        "UserData": "stack-a",
        "CreationTime": submitted,
        "FinishTime": utc_text(clock() - 1.5),
    }


def test_deleted_as_missing(client: Client, emulator: Emulator, clock: WallClock) -> None:
    """Where deleted libraries count as missing, they are named in NonExistIds and never listed."""
    _settings(emulator, deleted_libraries="missing")
    library = client.create()
    client.delete(library)
    clock.advance(3)
    assert client.ok("ListFpShotDB", FpDBIds=library)["NonExistIds"] == {"String": [library]}
    assert client.listed() == []


@pytest.mark.parametrize("purge", [None, "", "Purge"])
def test_purge_is_refused(client: Client, purge: str | None) -> None:
    """The default delete type is Purge, which no current model supports."""
    reply = client.call("SubmitFpDBDeleteJob", FpDBId=client.create(), DelType=purge)
    assert (reply.status, reply.code) == (400, "InvalidParameter.NotSupported")
    assert client.ok("QueryFpDBDeleteJobList")["FpDBDeleteJobList"] == {"FpDBDeleteJob": []}


def test_second_delete(client: Client, clock: WallClock) -> None:
    """While a delete job runs, a second one is accepted and delays nothing; a later one is not."""
    library = client.create()
    client.delete(library)
    clock.advance(2)
    client.delete(library)
    clock.advance(1)
    assert client.listed(library)[0]["Status"] == "deleted"
    reply = client.call("SubmitFpDBDeleteJob", FpDBId=library, DelType="Delete")
    assert reply.code == "InvalidParameter.DBNotExist"


def test_recent_jobs(client: Client) -> None:
    """Without IDs the 20 most recent jobs of the region are listed, newest first."""
    library = client.create()
    jobs = [client.delete(library) for _ in range(21)]
    listed = client.ok("QueryFpDBDeleteJobList")["FpDBDeleteJobList"]["FpDBDeleteJob"]
    assert [job["Id"] for job in listed] == jobs[:0:-1]
    elsewhere = client.ok("QueryFpDBDeleteJobList", RegionId="cn-beijing")
    assert elsewhere["FpDBDeleteJobList"] == {"FpDBDeleteJob": []}


def test_files_in_pages(client: Client) -> None:
    """Files are paged through by a token, which is empty at the end."""
    library = client.create()
    client.control("POST", f"libraries/{library}/files", {"count": 45})
    keys: list[str] = []
    sizes: list[int] = []
    token = ""
    while token or not sizes:
        answer = client.ok("ListFpShotFiles", FpDBId=library, NextPageToken=token)
        page, token = answer["FpShotFileList"]["FpShotFile"], answer["NextPageToken"]
        sizes.append(len(page))
        keys += [file["PrimaryKey"] for file in page]
    assert sizes == [20, 20, 5]
    assert keys == [f"clip-{number:04}" for number in range(1, 46)]


def test_one_file(client: Client, clock: WallClock) -> None:
    """A file has an ID, a key, a store time and the object it came from."""
    library = client.create()
    client.control("POST", f"libraries/{library}/files", {"count": 1})
    answer = client.ok("ListFpShotFiles", FpDBId=library, PageSize=1)
    (file,) = answer["FpShotFileList"]["FpShotFile"]
    assert answer["NextPageToken"] == ""
    assert _ID.fullmatch(file.pop("FileId"))
    place = {"Bucket": "emulator", "Location": "oss-cn-shanghai", "Object": "clips/clip-0001.mp4"}
    assert file == {"PrimaryKey": "clip-0001", "StoreTime": utc_text(clock()), "InputFile": place}


def test_files_in_a_window(client: Client, clock: WallClock) -> None:
    """Files can be limited to those stored in a window of time, both ends included."""
    library, start = client.create(), clock()
    for _ in range(3):
        client.control("POST", f"libraries/{library}/files", {"count": 1})
        clock.advance(60)
    window = {"StartTime": utc_text(start + 60), "EndTime": utc_text(start + 60)}
    answer = client.ok("ListFpShotFiles", FpDBId=library, **window)
    assert [file["PrimaryKey"] for file in answer["FpShotFileList"]["FpShotFile"]] == ["clip-0002"]


def test_caller_identity(client: Client, emulator: Emulator) -> None:
    """STS returns the account that the database belongs to, 16 digits long."""
    identity = client.ok("GetCallerIdentity")
    account = emulator.model.account_id
    assert re.fullmatch(r"[1-9][0-9]{15}", account)
    del identity["RequestId"]
    assert identity == {
        "IdentityType": "Account",
        "AccountId": account,
        "UserId": account,
        "PrincipalId": account,
        "Arn": f"acs:ram::{account}:root",
    }


_IDS = {"ListFpShotDB": "FpDBIds", "QueryFpDBDeleteJobList": "JobIds"}
_DELETE = {"FpDBId": _UNKNOWN, "DelType": "Delete"}


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateFpShotDB", {}, "MissingName"),
        ("CreateFpShotDB", {"Name": ""}, "MissingName"),
        ("CreateFpShotDB", {"Name": " \t"}, "InvalidParameter.EmptyValue"),
        *(
            ("CreateFpShotDB", {"Name": "a", "ModelId": model}, "InvalidParameter")
            # The fifth has digits, but not of ASCII.
            for model in (10, 15, "twelve", "12.0", "１２", "9" * 5000)  # noqa: RUF001
        ),
        ("CreateFpShotDB", {"Name": "a", "Config": "{"}, "InvalidParameter"),
        ("CreateFpShotDB", {"Name": "a", "Config": "[" * 20_000}, "InvalidParameter"),
        (
            "CreateFpShotDB",
            {"Name": "a", "ModelId": 11, "RegionId": "cn-beijing"},
            "InvalidParameter.NotSupported",
        ),
        *(
            (action, {name: ids}, code)
            for action, name in _IDS.items()
            for ids, code in (
                (",".join(f"{number:032x}" for number in range(11)), "InvalidParameter"),
                *(
                    (bad, "InvalidParameter.UUIDFormatInvalid")
                    for bad in ("F" * 32, "f" * 31, "g" * 32)
                ),
            )
        ),
        ("SubmitFpDBDeleteJob", {}, "MissingFpDBId"),
        ("SubmitFpDBDeleteJob", {"FpDBId": "x"}, "InvalidParameter.UUIDFormatInvalid"),
        ("SubmitFpDBDeleteJob", {"FpDBId": _UNKNOWN}, "InvalidParameter.DBNotExist"),
        ("SubmitFpDBDeleteJob", _DELETE, "InvalidParameter.DBNotExist"),
        ("SubmitFpDBDeleteJob", {**_DELETE, "DelType": "delete"}, "InvalidParameter"),
        ("SubmitFpDBDeleteJob", {**_DELETE, "UserData": "ü" * 65}, "InvalidParameter"),
        *(
            ("ListFpShotFiles", {"FpDBId": "made", **wrong}, code)
            for wrong, code in (
                ({"PageSize": 0}, "InvalidParameter.OutOfRange"),
                ({"PageSize": 101}, "InvalidParameter.OutOfRange"),
                ({"PageSize": "-1"}, "InvalidParameter"),
                ({"NextPageToken": "next"}, "InvalidParameter"),
                ({"StartTime": "yesterday"}, "InvalidParameter"),
                ({"FpDBId": _UNKNOWN}, "InvalidParameter.DBNotExist"),
                ({"FpDBId": None}, "MissingFpDBId"),
                ({"RegionId": "cn-beijing"}, "InvalidParameter.DBNotExist"),
            )
        ),
        *((action, {}, "InvalidApi.NotFound") for action in ("createFpShotDB", "Update", "a b")),
        ("ListFpShotDB", {"Version": "2020-11-09"}, "InvalidVersion"),
        ("GetCallerIdentity", {"Version": "2020-11-09"}, "InvalidVersion"),
    ],
)
def test_refusals(client: Client, action: str, parameters: dict[str, object], code: str) -> None:
    """What MPS would refuse is refused with its code, and nothing is created."""
    library = client.create()
    client.in_body = True
    sent = {key: library if value == "made" else value for key, value in parameters.items()}
    reply = client.call(action, **sent)
    assert (reply.status, reply.code) == (404 if code == "InvalidApi.NotFound" else 400, code)
    assert [item["FpDBId"] for item in client.listed()] == [library]


def test_an_unknown_format_is_refused(client: Client) -> None:
    """A format other than JSON and XML is an error."""
    assert client.call("CreateFpShotDB", Name="a", Format="YAML").status == 400


class TestCreations:
    """Video libraries that are on their way to active at the same time."""

    @pytest.fixture
    def full(self, client: Client) -> Client:
        """A client whose region is busy with two creations, the most that it allows."""
        client.control("PATCH", "settings", {"video_creations": 2, "quota": 10})
        client.create("one")
        client.create("two")
        return client

    def test_more_than_the_limit_are_refused(self, full: Client) -> None:
        """One more is refused, whether it names its model or takes the default."""
        for model in (None, 12):
            reply = full.call("CreateFpShotDB", Name="three", ModelId=model)
            assert (reply.status, reply.code) == (400, "LimitExceeded.FpShotDBJob")

    def test_other_models_and_regions_have_room(self, full: Client) -> None:
        """The limit is for video libraries, and for each region."""
        full.create("audio", ModelId=13)
        full.create("beijing", RegionId="cn-beijing")
        # Zero means no limit.
        full.control("PATCH", "settings", {"video_creations": 0})
        full.create("three")

    def test_an_active_library_makes_room(self, full: Client, clock: WallClock) -> None:
        """A library that has become active, by itself or by force, doesn't count any more."""
        clock.advance(3)
        made = [full.create("three"), full.create("four")]
        full.control("POST", f"libraries/{made[0]}/state", {"State": "active"})
        full.control("POST", f"libraries/{made[1]}/state", {"State": "deleted"})
        full.create("five")
        full.create("six")
