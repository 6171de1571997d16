"""What the read-only calls show about credentials, rights, the network and the account."""

from collections.abc import Callable
from typing import Any

import pytest

from connections import KEYS, REGION
from control_api import ControlApi
from core import Core
from pulumi_alicloud_mps.doctor import Calls, Check, Report, Result
from pulumi_alicloud_mps.mps.access import Credentials
from pulumi_alicloud_mps.settings.credentials import credentials_source
from pulumi_alicloud_mps.settings.endpoint import parse_endpoint

Diagnose = Callable[..., Report]

IDENTITY, LIST = "GetCallerIdentity", "ListFpShotDB"
FILES, JOBS = "ListFpShotFiles", "QueryFpDBDeleteJobList"
WITHOUT = "ListFpShotDB without IDs"


@pytest.fixture
def diagnose(core: Core) -> Diagnose:
    """Return a function that tries the calls, with other settings or a state if given."""

    def run(held: dict[str, str] | None = None, account: str = "", **settings: Any) -> Report:  # noqa: ANN401 - any setting
        report = Report()
        calls = Calls(report, core.service(**settings), REGION, core.clock)
        calls.check(held or {}, {account} if account else set())
        return report

    return run


def problems(report: Report) -> dict[str, str]:
    """Return the problems, by what was checked."""
    return {item.name: item.detail for item in report.checks if item.result is Result.PROBLEM}


def skipped(report: Report) -> list[str]:
    """Return what was not checked, without the writing calls, which never are."""
    return [item.name for item in report.checks[:-2] if item.result is Result.SKIPPED]


@pytest.mark.portability
def test_everything_works(diagnose: Diagnose, mps: ControlApi) -> None:
    """Where all is well each call is made once, and none that could change something."""
    mps.add_library(Name="songs")
    report = diagnose()
    assert report.problems == 0
    assert report.policy() is None
    assert report.checks[0] == Check(IDENTITY, Result.OK, f"account {mps.account_id()}", REGION)
    assert report.checks[4] == Check(WITHOUT, Result.OK, "answered, with 1 library", REGION)
    assert [item.name for item in report.checks[5:]] == ["CreateFpShotDB", "SubmitFpDBDeleteJob"]
    assert report.checks[5].detail == "would change something"
    assert mps.calls() == [IDENTITY, LIST, FILES, JOBS, LIST]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("InvalidAccessKeyId.NotFound", "check the access key that is in use"),
        ("InvalidSecurityToken.Expired", "log in again"),
        ("InvalidTimeStamp.Expired", "set this machine's clock"),
    ],
)
def test_credentials(diagnose: Diagnose, mps: ControlApi, code: str, told: str) -> None:
    """A problem with the keys or the clock is reported once, in plain words."""
    mps.set_faults({"action": "*", "kind": "error", "code": code})
    report = diagnose()
    (detail,) = problems(report).values()
    assert code in detail
    assert told in detail
    assert skipped(report) == [LIST, FILES, JOBS, WITHOUT]
    assert mps.calls() == [IDENTITY]


def test_an_endpoint_of_another_region(diagnose: Diagnose) -> None:
    """A host that does not fit the region is a problem in the report, and not its end."""
    report = diagnose(endpoint=parse_endpoint("mts.cn-beijing.aliyuncs.com"))
    (detail,) = problems(report).values()
    assert "is the host of another region" in detail
    assert detail.endswith("; remove the setting, or give the resource that region [settings]")


def test_a_wrong_secret(diagnose: Diagnose) -> None:
    """A secret that does not belong to its key is reported, and shown nowhere."""
    report = diagnose(credentials=lambda: Credentials(KEYS.access_key_id, "hunter2"))
    (detail,) = problems(report).values()
    assert "SignatureDoesNotMatch" in detail
    assert "check the secret of the access key" in detail
    assert "hunter2" not in detail


def test_a_service_that_is_not_activated(diagnose: Diagnose, mps: ControlApi) -> None:
    """Keys that are fine do not hide that MPS is not activated."""
    code = "InvalidIdentity.ServiceDisabled"
    mps.set_faults({"action": LIST, "kind": "error", "code": code})
    report = diagnose()
    assert list(problems(report)) == [LIST]
    assert "activate MPS for this account in its console" in problems(report)[LIST]
    assert skipped(report) == [FILES, JOBS, WITHOUT]


def test_rights(diagnose: Diagnose, mps: ControlApi) -> None:
    """Each action that RAM refuses is found in one run, and the policy to add has just these."""
    mps.set_faults(
        {"action": LIST, "kind": "error", "code": "Forbidden.RAM"},
        {"action": JOBS, "kind": "error", "code": "NoPermission"},
    )

    report = diagnose()

    assert list(problems(report)) == [LIST, JOBS]
    assert skipped(report) == [WITHOUT]
    assert report.policy() == {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["mts:ListFpShotDB", "mts:QueryFpDBDeleteJobList"],
                "Resource": "*",
            }
        ],
    }


def test_an_endpoint_that_can_t_be_reached(diagnose: Diagnose) -> None:
    """STS and MPS have hosts of their own: if neither answers, both are reported."""
    report = diagnose(endpoint=parse_endpoint("http://127.0.0.1:1"))
    assert list(problems(report)) == [IDENTITY, LIST]
    assert "check the network, the proxy" in problems(report)[LIST]
    assert skipped(report) == [FILES, JOBS, WITHOUT]


def test_sts_alone_is_out_of_reach(diagnose: Diagnose) -> None:
    """Without STS the calls of MPS are tried all the same."""
    report = diagnose(sts_endpoint=parse_endpoint("http://127.0.0.1:1"))
    assert list(problems(report)) == [IDENTITY]
    assert "set alicloud-mps:accountId" in problems(report)[IDENTITY]
    assert skipped(report) == []


@pytest.mark.portability
def test_no_credentials(diagnose: Diagnose, mps: ControlApi) -> None:
    """Where there are none the line says how to give some, and nothing is called."""
    report = diagnose(credentials=credentials_source("nobody"))
    (detail,) = problems(report).values()
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in detail
    assert mps.calls() == []


def test_another_account(diagnose: Diagnose) -> None:
    """Credentials of another account than the state's are a problem, although they work."""
    report = diagnose(account="42")
    assert "belong to account 42, but the current credentials are for" in problems(report)[IDENTITY]
    assert skipped(report) == []


@pytest.mark.parametrize("answer", ["none", "refused"])
def test_a_listing_that_lists_nothing(diagnose: Diagnose, mps: ControlApi, answer: str) -> None:
    """It reports that a lost Create could not be found again, if that can be known."""
    mps.change_settings(list_without_ids=answer)
    held = {mps.add_library(Name="songs"): "songs"}
    assert list(problems(diagnose(held))) == [WITHOUT]


def test_what_passes(diagnose: Diagnose, mps: ControlApi) -> None:
    """A call that is throttled for too long says nothing of the next ones."""
    mps.set_faults({"action": FILES, "kind": "error", "code": "Throttling.User"})
    report = diagnose()
    assert list(problems(report)) == [FILES]
    assert skipped(report) == []
