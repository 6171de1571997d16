"""The transport: what is sent, and what comes of every kind of answer."""

import json
import logging
import os
import socket
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates import self_signed
from clocks import FakeClock
from connections import KEYS, REGION, Connections
from core import Core
from pulumi_alicloud_mps.emulator import Emulator, EmulatorSettings
from pulumi_alicloud_mps.emulator.auth import sign, string_to_sign
from pulumi_alicloud_mps.errors import (
    ApiError,
    MpsError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    ThrottledError,
)
from pulumi_alicloud_mps.mps.access import Credentials
from pulumi_alicloud_mps.mps.client import MPS_VERSION
from pulumi_alicloud_mps.mps.transport import Transport
from pulumi_stack import until
from raw_server import Answer, Fault, RawServer, Request, http, ok, refused

MPS = "mts.cn-shanghai.aliyuncs.com"

STS_KEYS = Credentials("STS.key", "s3cret/+value=", "t0ken/+of=STS==")


def failure(transport: Transport, kind: type[ApiError] = ApiError, name: str = "songs") -> ApiError:
    """Call an action that fails, and return how: with an error of just this kind."""
    with pytest.raises(kind) as caught:
        transport.call("CreateFpShotDB", {"Name": name})
    assert kind in {ApiError, type(caught.value)}
    return caught.value


class TestRequests:
    """What is sent."""

    def test_calls_are_signed(self, core: Core) -> None:
        """A call carries the key pair's signature over all of its parameters."""
        with RawServer(ok(Answer=1)) as server:
            answer = core.transport(server.url).call("ListFpShotDB", {"FpDBIds": "a,b c*~"})
        (request,) = server.requests
        assert answer == {"RequestId": "REQUEST-OK", "Answer": 1}
        assert request.method == "POST"
        assert request.parameters["FpDBIds"] == "a,b c*~"
        assert request.parameters["RegionId"] == REGION
        assert request.parameters["Version"] == MPS_VERSION
        assert request.parameters["Format"] == "JSON"
        text = string_to_sign("POST", request.parameters)
        assert request.parameters["Signature"] == sign(KEYS.access_key_secret, text)

    def test_the_environment_does_not_replace_the_keys(
        self, core: Core, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The SDK's own variables (ALIYUN_ACCESS_KEY_*) don't take the place of the given keys."""
        monkeypatch.setenv("ALIYUN_ACCESS_KEY_ID", "somebody")
        monkeypatch.setenv("ALIYUN_ACCESS_KEY_SECRET", "else")
        with RawServer(ok()) as server:
            core.transport(server.url).call("ListFpShotDB", {})
            core.transport(server.url, STS_KEYS).call("ListFpShotDB", {})
        used = [request.parameters["AccessKeyId"] for request in server.requests]
        assert used == [KEYS.access_key_id, STS_KEYS.access_key_id]

    @pytest.mark.portability
    def test_an_sts_token_is_signed_and_accepted(self, core: Core) -> None:
        """Temporary credentials work: their token goes along, signed like every parameter."""
        accepted = EmulatorSettings(
            access_key_id=STS_KEYS.access_key_id,
            access_key_secret=STS_KEYS.access_key_secret,
            security_token=STS_KEYS.security_token,
        )
        with Emulator(settings=accepted) as emulator:
            answer = core.transport(emulator.url, STS_KEYS).call("ListFpShotDB", {})
        assert "FpShotDBList" in answer

    def test_renewed_credentials_are_used(self, core: Core) -> None:
        """A call is signed with the credentials of its own moment, for roles are renewed."""
        keys = iter([KEYS, STS_KEYS])
        with RawServer(ok()) as server:
            transport = core.transport(server.url, lambda: next(keys))
            transport.call("ListFpShotDB", {})
            transport.call("ListFpShotDB", {})
        tokens = [request.parameters.get("SecurityToken") for request in server.requests]
        assert tokens == [None, STS_KEYS.security_token]

    @pytest.mark.portability
    def test_netrc_is_ignored(self, core: Core) -> None:
        """An entry of ~/.netrc adds no Authorization header to a signed call."""
        netrc = Path(os.environ["HOME"], ".netrc")
        netrc.write_text("machine 127.0.0.1 login me password mine\n", encoding="utf-8")
        netrc.chmod(0o600)
        with RawServer(ok()) as server:
            core.transport(server.url).call("ListFpShotDB", {})
        assert "authorization" not in server.requests[0].headers

    def test_debug_mode_of_the_sdk_prints_nothing(
        self, core: Core, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """DEBUG=sdk, which makes the SDK's own client print signed URLs, prints nothing."""
        monkeypatch.setenv("DEBUG", "sdk")
        with RawServer(ok()) as server:
            core.transport(server.url).call("ListFpShotDB", {})
        assert capfd.readouterr() == ("", "")


class TestWays:
    """By which way it is sent: TLS, proxies."""

    @pytest.fixture
    def trusted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RawServer:
        """A proxy that plays MPS itself in its tunnel, with a certificate of `self.bundle`."""
        context, public = self_signed(tmp_path, MPS)
        self.bundle = str(public)
        self.answer: Answer = ok()
        server = RawServer(lambda _: self.answer, tunnel=context)
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        return server

    @pytest.mark.parametrize("name", [MPS, f"https://{MPS}"])
    def test_mps_is_called_by_https(self, name: str, core: Core, trusted: RawServer) -> None:
        """A real endpoint is called by TLS, also when its name is a text of its own."""
        with trusted:
            core.transport("".join(name), ca_bundle=self.bundle).call("ListFpShotDB", {})
        connect, call = trusted.requests
        assert (connect.method, connect.target) == ("CONNECT", f"{MPS}:443")
        assert call.action == "ListFpShotDB"

    @pytest.mark.parametrize("fault", [Fault.CLOSE, Fault.RESET])
    def test_an_answer_that_a_proxy_loses_is_unknown(
        self, fault: Fault, core: Core, trusted: RawServer
    ) -> None:
        """A call that went out through a proxy and got no answer does not count as unsent."""
        self.answer = fault
        with trusted:
            error = failure(core.transport(MPS, ca_bundle=self.bundle), OutcomeUnknownError)
        assert trusted.count("CreateFpShotDB") == 1
        assert str(error).startswith("CreateFpShotDB got no usable answer: the connection broke")

    @pytest.mark.portability
    def test_a_refusing_proxy_means_not_sent(
        self, core: Core, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A proxy that refuses the tunnel proves that MPS never saw the call."""
        with RawServer(http(407, b"who are you?")) as proxy:
            monkeypatch.setenv("https_proxy", proxy.url)
            error = failure(core.transport(MPS), NotSentError)
        assert str(error).startswith(
            "CreateFpShotDB could not be sent: the proxy refused to connect"
        )

    @pytest.mark.parametrize(
        ("proxy", "transient", "told"),
        [
            ("http://127.0.0.1:1", True, "the proxy can't be reached"),
            ("socks5://127.0.0.1:1", False, "the proxy's address can't be used"),
            ("http://:80:80", False, "the proxy's address can't be used"),
        ],
    )
    def test_a_proxy_that_can_not_be_used_means_not_sent(
        self, proxy: str, told: str, core: Core, monkeypatch: pytest.MonkeyPatch, *, transient: bool
    ) -> None:
        """A proxy that is not there, or none that can be asked, proves that MPS saw no call."""
        monkeypatch.setenv("https_proxy", proxy)
        error = failure(core.transport(MPS), NotSentError)
        assert error.transient == transient
        assert f": {told} ({MPS})" in str(error)

    @pytest.mark.portability
    @pytest.mark.parametrize("exempt", [MPS, ".aliyuncs.com", "*"])
    def test_no_proxy_is_honoured(
        self, exempt: str, core: Core, trusted: RawServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A host that NO_PROXY exempts is called directly."""
        monkeypatch.setenv("NO_PROXY", exempt)
        # Nobody answers there, and the proxy must not either.
        with trusted:
            failure(core.transport(f"{MPS}:1" if exempt == "*" else MPS), NotSentError)
        assert trusted.connections == 0

    def test_this_machine_needs_no_proxy(self, core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
        """Calls by plain HTTP don't leave this machine, even where a proxy is set for all."""
        with RawServer(ok()) as server, RawServer(ok()) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            monkeypatch.setenv("http_proxy", proxy.url)
            core.transport(server.url).call("ListFpShotDB", {})
        assert (server.connections, proxy.connections) == (1, 0)

    @pytest.mark.portability
    def test_an_untrusted_certificate_gets_nothing(self, tmp_path: Path, core: Core) -> None:
        """A server whose certificate is not trusted is sent nothing, and that is said."""
        context, _ = self_signed(tmp_path, "127.0.0.1")
        with RawServer(ok(), tls=context) as server:
            error = failure(core.transport(server.url), NotSentError)
        assert server.connections == 1
        assert server.requests == []
        assert not error.transient
        assert "the server's certificate is not trusted" in str(error)
        # The signed URL, which the error of requests holds.
        assert "http" not in str(error)

    @pytest.mark.portability
    def test_the_server_is_told_the_name(self, tmp_path: Path, core: Core) -> None:
        """A TLS server sees the name that is called (SNI), by which gateways pick a certificate."""
        context, public = self_signed(tmp_path, "localhost")
        seen: list[str | None] = []
        context.sni_callback = lambda _, name, __: seen.append(name)
        with RawServer(ok(), tls=context) as server:
            url = f"https://localhost:{server.port}"
            core.transport(url, ca_bundle=str(public)).call("ListFpShotDB", {})
        assert seen == ["localhost"]

    @pytest.mark.portability
    def test_a_certificate_of_another_host_gets_nothing(
        self, core: Core, trusted: RawServer
    ) -> None:
        """A server with a trusted certificate of another host is sent nothing."""
        with trusted:
            elsewhere = "mts.cn-beijing.aliyuncs.com"
            error = failure(core.transport(elsewhere, ca_bundle=self.bundle), NotSentError)
        assert trusted.actions == [""]
        assert not error.transient
        assert "the server's certificate is not trusted" in str(error)

    def test_a_server_without_tls_leaves_it_unknown(self, core: Core) -> None:
        """Where TLS fails for no reason of ours, nothing proves that MPS saw no call."""
        with RawServer(b"no TLS here\r\n\r\n") as server:
            url = server.url.replace("http:", "https:")
            error = failure(core.transport(url), OutcomeUnknownError)
        assert str(error).startswith("CreateFpShotDB got no usable answer: TLS failed")


def answer_text(status: int, text: str) -> bytes:
    """Return an answer with a text for its body."""
    return http(status, text.encode())


TRUNCATED = ok(FpShotDB={"FpDBId": "a" * 32})[:-9]
HTML = "<html><body>502 Bad Gateway</body></html>"

UNKNOWN: dict[str, tuple[Answer, bool]] = {
    "closed before the answer": (Fault.CLOSE, True),
    "reset before the answer": (Fault.RESET, True),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", True),
    "success, cut off": (TRUNCATED, True),
    "success, no body": (http(200, b""), True),
    "success, HTML of a login page": (answer_text(200, HTML), True),
    "success, a JSON list": (answer_text(200, "[]"), True),
    "success, null": (answer_text(200, "null"), True),
    "success, not UTF-8": (http(200, b'{"Name": "\xff"}'), True),
    "success, nested too deeply": (answer_text(200, "[" * 100_000), True),
    "redirect": (http(302, b"", "Location: http://127.0.0.1:9/"), False),
    "502 with HTML": (answer_text(502, HTML), True),
    "500 without a body": (http(500, b""), True),
    "500 with a JSON list": (answer_text(500, '["Code"]'), True),
    "500 with null": (answer_text(500, "null"), True),
    "500 not UTF-8": (http(500, b"\xc4rger"), True),
    "408 of a gateway": (answer_text(408, HTML), True),
    "429 of a gateway": (answer_text(429, HTML), True),
    "400 without Code": (answer_text(400, '{"Message": "what?"}'), False),
    "400 with a Code that is no text": (answer_text(400, '{"Code": {}, "Message": 5}'), False),
}

ANSWERED: dict[str, tuple[bytes, type[ApiError], str, bool]] = {
    "throttled": (refused("Throttling.User"), ThrottledError, "Throttling.User", True),
    "throttled by 503": (refused("Throttling", status=503), ThrottledError, "Throttling", True),
    "rejected": (refused("Rejected.Throttling"), ThrottledError, "Rejected.Throttling", True),
    "RAM": (refused("Forbidden.RAM", status=403), RefusedError, "Forbidden.RAM", False),
    "parameter": (refused("InvalidParameter"), RefusedError, "InvalidParameter", False),
    "unknown key": (
        refused("InvalidAccessKeyId.NotFound", status=404),
        RefusedError,
        "InvalidAccessKeyId.NotFound",
        False,
    ),
    "signature": (
        refused("SignatureDoesNotMatch", "server string to sign is:GET&%2F"),
        RefusedError,
        "SignatureDoesNotMatch",
        False,
    ),
    "fault": (refused("InternalError", status=500), OutcomeUnknownError, "InternalError", True),
    "busy": (
        refused("ServiceUnavailable", status=503),
        OutcomeUnknownError,
        "ServiceUnavailable",
        True,
    ),
    "nonce": (refused("SignatureNonceUsed"), OutcomeUnknownError, "SignatureNonceUsed", True),
}


class TestAnswers:
    """What comes of every kind of answer."""

    @pytest.mark.parametrize("case", UNKNOWN)
    def test_what_says_nothing_certain_is_unknown(self, case: str, core: Core) -> None:
        """An answer from which nothing follows leaves the outcome unknown, whatever its form."""
        answer, transient = UNKNOWN[case]
        with RawServer(answer) as server:
            error = failure(core.transport(server.url), OutcomeUnknownError)
        assert server.actions == ["CreateFpShotDB"]
        assert error.transient == transient
        assert error.action == "CreateFpShotDB"
        assert str(error).startswith("CreateFpShotDB got no usable answer: ")

    @pytest.mark.parametrize("case", ANSWERED)
    def test_an_error_of_mps_keeps_its_code(self, case: str, core: Core) -> None:
        """An error that MPS answers becomes one of ours, with its code and request ID."""
        answer, kind, code, transient = ANSWERED[case]
        with RawServer(answer) as server:
            error = failure(core.transport(server.url), kind)
        assert error.code == code
        assert error.request_id == "REQUEST-NO"
        assert error.transient == transient
        assert code in str(error)
        assert "(RequestId REQUEST-NO)" in str(error)

    @pytest.mark.portability
    def test_a_wrong_secret_is_named_as_such(self, core: Core) -> None:
        """A secret that does not belong to the key is reported as that, with what to do."""
        wrong = Credentials(KEYS.access_key_id, "s3cret-of-another")
        with Emulator() as emulator:
            error = failure(core.transport(emulator.url, wrong), RefusedError)
        assert str(error).endswith("; check the secret of the access key")
        # The string to sign, which MPS repeats.
        assert "POST" not in str(error)

    @pytest.mark.portability
    def test_a_refused_connection_means_not_sent(self, core: Core) -> None:
        """A connection that nobody accepts proves that the call was not sent."""
        with RawServer(b"") as server:
            url = server.url
        error = failure(core.transport(url), NotSentError)
        assert error.transient
        assert str(error).startswith("CreateFpShotDB could not be sent: the connection was refused")

    @pytest.mark.portability
    def test_an_unknown_host_means_not_sent(self, core: Core) -> None:
        """A host name that nobody knows proves that the call was not sent, and stays unknown."""
        error = failure(core.transport("https://mps.invalid"), NotSentError)
        assert not error.transient
        assert "(mps.invalid); check the network" in str(error)

    @pytest.mark.portability
    def test_an_answer_that_does_not_come_is_unknown(self, core: Core) -> None:
        """A call that is not answered in time ends, and its outcome is unknown."""
        with RawServer(Fault.SILENCE) as server:
            error = failure(core.transport(server.url, read_timeout=0.25), OutcomeUnknownError)
            until(lambda: server.actions)
        assert server.actions == ["CreateFpShotDB"]
        assert error.transient
        assert "no response within 0.25 seconds (127.0.0.1:" in str(error)

    @pytest.mark.portability
    def test_a_connection_that_is_not_made_in_time_means_not_sent(self, core: Core) -> None:
        """A host that takes no connection is given up, and the call was not sent."""
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            # Linux lets one more in than it is told to.
            waiting = [socket.create_connection(full.getsockname())]
            host = f"127.0.0.1:{full.getsockname()[1]}"
            error = failure(core.transport(host, connect_timeout=0.25), NotSentError)
            waiting[0].close()
        assert error.transient
        assert f"the connection timed out ({host})" in str(error)

    def test_a_redirect_is_not_followed(self, core: Core) -> None:
        """A redirect does not take a signed call to another host."""
        with (
            RawServer(ok()) as elsewhere,
            RawServer(http(307, b"", f"Location: {elsewhere.url}/")) as server,
        ):
            failure(core.transport(server.url))
        assert elsewhere.connections == 0

    @settings(max_examples=150)
    @given(
        answer=st.one_of(
            st.binary(max_size=200),
            st.builds(http, st.integers(100, 999), st.binary(max_size=80)),
            st.builds(
                lambda status, content: http(status, json.dumps(content).encode()),
                st.integers(200, 599),
                st.recursive(
                    st.none() | st.booleans() | st.floats() | st.text(),
                    lambda inner: (
                        st.lists(inner, max_size=3)
                        | st.dictionaries(
                            st.sampled_from(["Code", "Message", "RequestId", "FpShotDB"]), inner
                        )
                    ),
                    max_leaves=6,
                ),
            ),
        )
    )
    def test_nothing_else_comes_out(self, answer: bytes) -> None:
        """Whatever bytes come back, a call returns an object or raises an error of ours."""
        with RawServer(answer) as server, Connections(FakeClock()) as connections:
            transport = connections.transport(server.url)
            try:
                assert isinstance(transport.call("ListFpShotDB", {}), dict)
            except MpsError as error:
                assert str(error).isprintable()  # noqa: PT017 - some answers are no errors


class TestSecrets:
    """What no message may hold."""

    def check(self, error: ApiError, request: Request | None = None) -> None:
        """See that an error shows nothing that signs, neither plain nor as it was sent."""
        hidden = [*STS_KEYS.secrets, *map(quote_plus, STS_KEYS.secrets)]
        if request:
            signature = request.parameters["Signature"]
            hidden += [signature, quote_plus(signature)]
        assert not [secret for secret in hidden if secret in str(error)]
        assert str(error).isprintable()
        assert len(str(error)) < 1200
        # A traceback would print the signed URL.
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__

    def test_a_refused_connection_hides_the_url(self, core: Core) -> None:
        """The signed URL, which the error of requests holds, is not in ours."""
        with RawServer(b"") as server:
            pass
        error = failure(core.transport(server.url, STS_KEYS))
        self.check(error)
        assert "http" not in str(error)
        assert "AccessKeyId" not in str(error)

    @pytest.mark.parametrize("how", ["string to sign", "every field", "error page"])
    @pytest.mark.parametrize("status", [400, 403, 500])
    def test_what_signs_is_not_repeated(self, how: str, status: int, core: Core) -> None:
        """A server that repeats what signed, plain or encoded, and wherever, is not quoted."""

        def echo(request: Request) -> Answer:
            if how == "error page":
                return http(status, f"<a href='{request.target}'>{request.target}</a>".encode())
            if how == "string to sign":
                pairs = "&".join(f"{key}={value}" for key, value in request.parameters.items())
                text = f"server string to sign is:POST&%2F&{pairs}"
                return refused("SignatureDoesNotMatch", text, status)
            text = f"{STS_KEYS.secrets} {request.target}\x1b[31m \n"
            content = {"Code": f"Bad\n{text}", "Message": text, "RequestId": text}
            return http(status, json.dumps(content).encode())

        with RawServer(echo) as server:
            error = failure(core.transport(server.url, STS_KEYS))
        self.check(error, server.requests[0])
        assert "POST" not in str(error)

    @pytest.mark.parametrize("status", [400, 500])
    def test_what_the_program_chose_is_hidden(self, status: int, core: Core) -> None:
        """A text that may be a secret is not repeated from an answer; what only names things is."""
        parameters = {
            "Name": "hit  parade",
            "Description": 'to "nobody" / never',
            "Config": '{"owner": "s3cret", "more": ["wörd"]}',
            "Later": "on the radio",
            "FpDBId": "a1" * 16,
            "ModelId": 12,
        }

        def echo(request: Request) -> Answer:
            text = f"{request.target} {parameters} hit parade s3cret wörd model 12 is bad"
            return http(status, json.dumps({"Code": "InvalidName", "Message": text}).encode())

        with RawServer(echo) as server, pytest.raises(ApiError, match="InvalidName") as caught:
            core.transport(server.url).call("CreateFpShotDB", parameters)
        hidden = ("parade", "nobody", "s3cret", "wörd", "w%C3%B6rd", "never", "radio")
        assert not [text for text in hidden if text in str(caught.value)]
        assert "a1" * 16 in str(caught.value)

    def test_a_name_hides_no_code(self, core: Core) -> None:
        """A library that is named like an error code does not change what an error is taken for."""
        with RawServer(refused("QuotaExceeded", "QuotaExceeded for QuotaExceeded")) as server:
            error = failure(core.transport(server.url), RefusedError, "QuotaExceeded")
        assert isinstance(error, RefusedError)
        assert error.over_quota
        assert "… for …" in str(error)

    def test_logs_hide_the_url(self, core: Core, caplog: pytest.LogCaptureFixture) -> None:
        """A program that logs all that its libraries say logs no signed URL."""
        caplog.set_level(logging.DEBUG)
        with RawServer(ok()) as server:
            core.transport(server.url, STS_KEYS).call("ListFpShotDB", {})
        failure(core.transport(server.url, STS_KEYS))
        assert "Starting new HTTP connection" in caplog.text
        assert "Signature" not in caplog.text
