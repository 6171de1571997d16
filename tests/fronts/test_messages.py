"""What the user sees: one line for an error, progress in the resource's row, and no secret."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from control_api import LocalMps, local_mps
from fronts.stack import NEVER, Host, checked, up
from host_process import URN, FakeEngine, HostError, HostProcess, Properties


def test_progress_is_in_the_resource_s_row(host: Host, name: str) -> None:
    """While MPS works the row says how far it is, and nothing of it stays."""
    urn = f"{URN}-{name}"
    inputs = checked(host, {"name": name})
    with host.mps.changed(activation_seconds=NEVER), ThreadPoolExecutor() as pool:
        creating = pool.submit(host.create, inputs, urn=urn)
        host.engine.await_message(lambda message: message.urn == urn)
        (fp_db_id,) = host.mps.named(name)
        host.mps.set_state(fp_db_id, "active")
        assert creating.result().outputs["state"] == "active"
    first, *_, last = host.engine.shown(urn)
    assert first.text.startswith("offline for ")
    assert last.text.startswith("active after ")
    assert all(message.ephemeral for message in host.engine.shown(urn))


def test_progress_is_short(host: Host, name: str) -> None:
    """Where each message is a line of a log there is one for each state, not for each look."""
    urn = f"{URN}-{name}"
    inputs = checked(host, {"name": name})
    with host.mps.changed(activation_seconds=NEVER), pytest.raises(HostError):
        host.create(inputs, urn=urn, timeout=0.8)
    (message,) = host.engine.shown(urn)
    assert message.text.startswith("offline for ")


@pytest.mark.parametrize("engine_address", ["127.0.0.1:1", "no address"])
def test_an_unreachable_engine_changes_nothing(
    mps: LocalMps, name: str, engine_address: str
) -> None:
    """Messages that can't be shown fail no operation."""
    with HostProcess(mps.config, engine_address) as host:
        songs = up(host, name=name)
        host.delete(songs.id, songs.outputs)
        assert songs.outputs["state"] == "active"
        assert host.written == ""


@pytest.mark.portability
@pytest.mark.parametrize("absurd", [{}, {"region": []}, {"region": {"a": 1}}])
def test_a_bug_is_one_line(host: Host, absurd: Properties) -> None:
    """A state that this package never wrote fails in one line, without a traceback."""
    with pytest.raises(HostError) as caught:
        host.delete("0" * 32, absurd)
    text = str(caught.value)
    assert text.startswith("this is a bug in pulumi-alicloud-mps; please report it: ")
    assert "\n" not in text
    assert "Traceback" not in text


def test_inputs_that_were_never_checked_are_named(host: Host) -> None:
    """Create refuses inputs that this package has not seen, before any call."""
    with pytest.raises(HostError, match=r"^name: must be text; region: is not set"):
        host.create({"name": 12})


LOCAL = {"alicloud-mps:endpoint": "local", "alicloud-mps:region": "cn-shanghai"}


def test_the_local_mps_says_so_once(tmp_path: Path, engine: FakeEngine) -> None:
    """Every run on the local endpoint says in one line that nothing is created at Alibaba Cloud."""
    with HostProcess(LOCAL, engine.address, directory=tmp_path) as host:
        for number in range(3):
            checked(host, {"name": f"songs-{number}"})
        with pytest.raises(HostError, match="has no library"):
            host.read("0" * 32, {})
    told = [message for message in engine.messages if "endpoint is local" in message.text]
    assert [(message.severity, message.ephemeral) for message in told] == [("INFO", False)]


@pytest.mark.portability
def test_no_secret_leaves_the_host(name: str) -> None:
    """Neither the key's secret nor the STS token is in a message, an error, a state or a record."""
    secrets = ("S3cr3t+key/of=mine", "CAIS-t0ken+with/slashes==")
    keys = {"access_key_secret": secrets[0], "security_token": secrets[1]}
    with local_mps(**keys, activation_seconds=NEVER) as mps, FakeEngine() as engine:
        right = mps.config_with(secretKey=secrets[0], securityToken=secrets[1])
        seen = _said(right, engine, name)
        wrong = ({"secretKey": "wrong"}, {"securityToken": "wrong"}, {"accessKey": "unknown"})
        for change in wrong:
            changed = {f"alicloud-mps:{key}": value for key, value in change.items()}
            seen += _said({**right, **changed}, engine, name)
        seen += [str(message) for message in engine.messages] + [str(mps.requests())]
    assert any(mark in text for text in seen for mark in ("SignatureDoesNotMatch", "SecurityToken"))
    forms = {*secrets, *map(quote, secrets), *(quote(secret, safe="") for secret in secrets)}
    for text in seen:
        assert not any(form in text for form in forms)


def _said(config: dict[str, str], engine: FakeEngine, name: str) -> list[str]:
    """Let everything fail, and return all that the host says."""
    with HostProcess(config, engine.address) as host:
        checked_ = host.check({"name": name, "model_id": 5})
        inputs = checked(host, {"name": name})
        said = [str(checked_)]
        for _ in range(2):
            with pytest.raises(HostError) as caught:
                host.create(inputs, timeout=0.1)
            said += [str(caught.value), str(caught.value.init_failed)]
        with pytest.raises(HostError) as caught:
            host.read("0" * 32, inputs)
        return [*said, str(caught.value), host.written]
