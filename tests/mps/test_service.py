"""The service: the right account, endpoint and region behind every call."""

import math
import re
import threading
from asyncio import BaseTransport
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from certificates import self_signed
from connections import KEYS, REGION
from core import Core
from pulumi_alicloud_mps.clock import Clock
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.emulator.connections import ClientConnection
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_alicloud_mps.errors import (
    AccountMismatchError,
    MpsError,
    NotSentError,
    SettingsError,
    StoppedError,
)
from pulumi_alicloud_mps.mps.access import Endpoint
from pulumi_alicloud_mps.mps.models import LibrarySpec
from pulumi_alicloud_mps.mps.retry import TRIES
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.operations.advice import advised
from pulumi_alicloud_mps.settings.endpoint import parse_endpoint
from pulumi_alicloud_mps.settings.reader import read_settings
from pulumi_alicloud_mps.settings.schema import PROVIDER_NAME
from pulumi_stack import until
from raw_server import Answer, Fault, RawServer, http, ok, refused


@pytest.fixture
def service(core: Core) -> Service:
    """A service behind the relay."""
    return core.service(core.relay.url)


class TestAccount:
    """Whose libraries they are."""

    def test_it_is_asked_for_once_by_many(self, core: Core) -> None:
        """All that need the account at the same time, in whatever region, share one call."""
        service = core.service(core.relay.url, Clock())
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(service.account_id, [REGION, "cn-beijing"] * 8))
        assert set(found) == {core.model.account_id}
        assert core.relay.actions == ["GetCallerIdentity"]

    def test_a_stop_reaches_all_who_wait_for_it(self, core: Core) -> None:
        """A Ctrl-C ends the wait of those who need an account that another one asks for."""
        stopping = threading.Event()
        with RawServer(Fault.SILENCE) as server, ThreadPoolExecutor(5) as pool:
            service = core.service(server.url, Clock(stopping))
            asking = [pool.submit(service.account_id, REGION) for _ in range(5)]
            until(lambda: server.actions)
            stopping.set()
            until(lambda: sum(one.done() for one in asking) == 4)
            server.close()
        assert {type(one.exception()) for one in asking} == {StoppedError}

    def test_a_failure_is_shared_for_a_moment(self, service: Service, core: Core) -> None:
        """Those who wait for the same account share a failure; later it is asked for again."""
        core.relay.answer(
            "GetCallerIdentity", 1, refused("InvalidSecurityToken.Expired", status=403)
        )
        for _ in range(2):
            with pytest.raises(MpsError, match="log in again"):
                service.account_id(REGION)
        assert core.relay.actions == ["GetCallerIdentity"]
        core.clock.sleep(5)
        assert service.account_id(REGION) == core.model.account_id

    def test_asking_ends_by_the_deadline(self, service: Service, core: Core) -> None:
        """An account that can't be asked for is not asked for after the deadline."""
        for number in range(1, TRIES + 1):
            core.relay.answer("GetCallerIdentity", number, http(503, b"{}"))
        deadline = core.clock.now() + 0.2
        with pytest.raises(MpsError, match="HTTP 503"):
            service.account_id(REGION, deadline)
        assert core.clock.now() <= deadline

    @pytest.mark.parametrize(
        "answer", [http(503, b"{}"), refused("Forbidden.RAM", status=403)], ids=["down", "denied"]
    )
    def test_a_check_that_fails_ends_soon(self, answer: Answer, core: Core) -> None:
        """The check of the account fails within 15 s, and says what else can be done."""
        started = core.clock.now()
        with RawServer(answer) as server, pytest.raises(MpsError) as caught:
            core.service(server.url).account_id(REGION)
        advice = advised(caught.value)
        assert "only the account check, a call to STS, failed" in advice
        assert "alicloud-mps:accountId" in advice
        assert "alicloud-mps:stsEndpoint" in advice
        assert "RAM policy" not in advice
        assert core.clock.now() - started <= 7

    def test_an_account_that_is_set_is_not_asked_for(self, core: Core) -> None:
        """The setting `accountId` takes the place of the check."""
        assert core.service(core.relay.url, account_id="123").account_id(REGION) == "123"
        assert core.relay.actions == []

    def test_credentials_of_another_account_conclude_nothing(
        self, service: Service, core: Core
    ) -> None:
        """With another account's credentials no library looks gone: nothing is looked up at all."""
        with Emulator() as other:
            owner = other.model.account_id
            with pytest.raises(AccountMismatchError) as caught:
                service.libraries_of(owner, REGION)
        assert f"belongs to account {owner}" in str(caught.value)
        assert f"use credentials for {owner}" in str(caught.value)
        assert core.relay.actions == ["GetCallerIdentity"]

    def test_an_unknown_owner_is_accepted(self, service: Service) -> None:
        """A library whose account was never noted is looked up with the credentials at hand."""
        assert service.libraries_of(None, REGION) is service.libraries(REGION)


class TestRegions:
    """One set of libraries for each region."""

    def test_each_region_has_its_own(self, service: Service, core: Core) -> None:
        """A library is found in its own region only."""
        stored = core.model.create_library(NewLibrary("songs", region="cn-beijing"))
        assert service.libraries("cn-beijing").find(stored.id)
        assert service.libraries(REGION).look_up(stored.id) is None

    def test_a_region_keeps_what_it_knows(self, service: Service) -> None:
        """All that happens in a region goes through the same libraries, which remember it."""
        service.libraries(REGION).create(LibrarySpec("songs", 12), math.inf)
        with pytest.raises(MpsError, match="already exists in cn-shanghai"):
            service.libraries(REGION).create(LibrarySpec("songs", 12), math.inf)


class TestConnections:
    """How the hosts are reached."""

    @pytest.fixture
    def accepted(self, monkeypatch: pytest.MonkeyPatch) -> list[None]:
        """One entry for each connection that an emulator has accepted."""
        connections: list[None] = []
        made = ClientConnection.connection_made

        def counting(self: ClientConnection, transport: BaseTransport) -> None:
            connections.append(None)
            made(self, transport)

        monkeypatch.setattr(ClientConnection, "connection_made", counting)
        return connections

    def test_they_are_reused(self, accepted: list[None], core: Core) -> None:
        """Any number of calls to a host takes one connection for each that runs at a time."""
        client = core.service(clock=Clock()).libraries(REGION)
        for _ in range(20):
            client.listed()
        assert len(accepted) == 1
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: client.listed(), range(20)))
        assert len(accepted) <= 4


class TestCallLog:
    """The log of calls."""

    SECRETS = ("songs", "of 1968", "Licensed", KEYS.access_key_secret)

    def test_each_call_has_a_line(self, tmp_path: Path, core: Core) -> None:
        """A call is a line in the file, with how it ended and no value that was sent."""
        spec = LibrarySpec("songs", 12, config='{"a": "of 1968"}', description="Licensed")
        core.relay.answer("GetCallerIdentity", 1, Fault.CLOSE)
        core.relay.answer("CreateFpShotDB", 1, refused("QuotaExceeded", "songs of 1968"))
        file = tmp_path / "calls.log"
        settings = read_settings({"alicloud-mps:callLog": str(file)}.get, {})
        service = core.service(core.relay.url, log=settings.open().log)
        service.account_id(REGION)
        with pytest.raises(MpsError):
            service.client(REGION).create_library(spec, math.inf)
        lines = [line.split(" ", 1)[1] for line in file.read_text().splitlines()]
        broken, again, refusal = [re.sub(r"\d\.\d{3} s", "SECONDS", line) for line in lines]
        host = core.relay.url.removeprefix("http://")
        assert broken == (
            f"GetCallerIdentity cn-shanghai, the connection broke ({host}), SECONDS, attempt 1"
        )
        assert re.fullmatch(
            r"GetCallerIdentity cn-shanghai, HTTP 200, RequestId \S+, SECONDS, attempt 2", again
        )
        assert refusal.startswith("CreateFpShotDB cn-shanghai, HTTP 400, QuotaExceeded")
        assert not [text for text in self.SECRETS if text in file.read_text()]


class TestEndpoints:
    """Which hosts are called."""

    @pytest.mark.parametrize(
        ("settings", "sts", "mts"),
        [
            ({}, "sts", "mts"),
            ({"vpc": True}, "sts-vpc", "mts-vpc"),
            ({"endpoint": Endpoint("mts-vpc.cn-beijing.aliyuncs.com")}, "sts", "mts-vpc"),
            ({"sts_endpoint": Endpoint("sts-vpc.cn-beijing.aliyuncs.com")}, "sts-vpc", "mts"),
        ],
    )
    def test_they_are_those_of_the_region_or_set(
        self,
        settings: dict[str, Any],
        sts: str,
        mts: str,
        core: Core,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Each is called at its host in the region, or at the endpoint that is set for it alone."""
        with RawServer(http(403, b"no")) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            service = core.service(**{"endpoint": None, **settings})
            with pytest.raises(NotSentError):
                service.account_id("cn-beijing")
            with pytest.raises(NotSentError):
                service.libraries("cn-beijing").find("a" * 32)
        called = list(dict.fromkeys(request.target for request in proxy.requests))
        assert called == [f"{name}.cn-beijing.aliyuncs.com:443" for name in (sts, mts)]

    def test_the_endpoint_of_sts_wins_over_an_emulator(self, core: Core) -> None:
        """Two emulators can answer, one for MPS and one for STS."""
        with Emulator() as sts:
            service = core.service(core.relay.url, sts_endpoint=parse_endpoint(sts.url))
            assert service.account_id(REGION) == sts.model.account_id
        assert core.relay.actions == []


class TestSettings:
    """How hosts are called."""

    def test_the_rate_is_the_one_that_is_set(self, core: Core) -> None:
        """After the first second's, calls go out no faster than the settings say."""
        service, start = core.service(calls_per_second=2), core.clock.now()
        for _ in range(14):
            service.libraries(REGION).listed()
        assert core.clock.now() - start == pytest.approx(6, abs=0.1)

    def test_timeouts_are_those_that_are_set(self, core: Core) -> None:
        """The time that is set for an answer is the time that one is waited for."""
        told = r"no response within 0\.1 seconds"
        with RawServer(Fault.SILENCE) as server, pytest.raises(MpsError, match=told):
            core.service(server.url, read_timeout=0.1).account_id(REGION)

    @pytest.mark.portability
    def test_the_bundle_that_is_set_is_trusted(
        self, tmp_path: Path, core: Core, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """MPS and STS are trusted by the bundle that is set, whatever the environment says."""
        monkeypatch.setenv("ALIBABA_CLOUD_CA_BUNDLE", str(tmp_path / "another.pem"))
        context, public = self_signed(tmp_path, "sts.cn-shanghai.aliyuncs.com")
        with RawServer(ok(AccountId="5123456789012345"), tunnel=context) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            service = core.service(endpoint=None, ca_bundle=str(public))
            assert service.account_id(REGION) == "5123456789012345"

    @pytest.mark.parametrize("network", ["mts", "mts-vpc"])
    @pytest.mark.parametrize(
        ("provider", "name"), [(None, "alicloud-mps:endpoint"), ("p", "provider p: endpoint")]
    )
    def test_the_host_of_another_region_is_refused(
        self, provider: str | None, name: str, network: str
    ) -> None:
        """There every library would look gone: the error names the setting and both regions."""
        endpoint = f"{network}.cn-beijing.aliyuncs.com"
        config = {"alicloud-mps:endpoint": endpoint, PROVIDER_NAME: provider}
        service = Service(read_settings(config.get, {}).open())
        with pytest.raises(SettingsError, match=rf"^{name}: .*beijing.*shanghai"):
            service.libraries("cn-shanghai")
        service.close()
