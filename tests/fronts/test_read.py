"""A refresh shows what MPS returns, and forgets a library only on proof."""

import pytest

from control_api import LocalMps, local_mps
from fronts.stack import Host, Managed, checked, up
from host_process import URN, HostError, HostProcess


@pytest.fixture
def songs(host: Host, name: str) -> Managed:
    """Return a library with every input set."""
    return up(host, name=name, model_id=13, config='{"a": 1}', description="Licensed")


@pytest.mark.portability
def test_nothing_drifted(host: Host, songs: Managed) -> None:
    """Reading an unchanged library changes neither outputs nor inputs."""
    read = host.read(songs.id, songs.outputs, songs.inputs)
    assert (read.id, read.outputs, read.inputs) == (songs.id, songs.outputs, None)
    assert host.written == ""


@pytest.mark.parametrize(
    ("property_", "value"),
    [
        ("name", "renamed"),
        ("description", "Licensed "),
        ("description", ""),
        ("model_id", 14),
        ("model_id", 1),
    ],
)
def test_what_mps_tells_otherwise_replaces_nothing(
    host: Host, songs: Managed, property_: str, value: object
) -> None:
    """A library that differs at MPS changes the outputs, and the inputs stay."""
    host.mps.rewrite(songs.id, **{property_: value})
    read = host.read(songs.id, songs.outputs, songs.inputs)
    shown = {key: item for key, item in {**songs.outputs, property_: value}.items() if item != ""}
    assert (read.outputs, read.inputs) == (shown, None)
    news = checked(host, dict(songs.inputs), songs.inputs)
    diff = host.diff(songs.id, read.outputs, news, old_inputs=songs.inputs)
    assert (diff.changes, diff.replaces) == ("DIFF_UNKNOWN", [])
    changed = checked(host, {**songs.inputs, "description": "Other"}, songs.inputs)
    diff = host.diff(songs.id, read.outputs, changed, old_inputs=songs.inputs)
    assert diff.replaces == ["description"]


@pytest.mark.parametrize(
    ("state", "changes"), [("offline", "DIFF_SOME"), ("paused", "DIFF_UNKNOWN")]
)
def test_another_state_is_shown(host: Host, songs: Managed, state: str, changes: str) -> None:
    """A library that is no longer active is in the state as such; what may pass is waited for."""
    host.mps.set_state(songs.id, state)
    read = host.read(songs.id, songs.outputs, songs.inputs)
    assert (read.outputs, read.inputs) == ({**songs.outputs, "state": state}, None)
    assert host.diff(songs.id, read.outputs, songs.inputs).changes == changes
    late = {**songs.outputs, "never_active": True}
    assert host.read(songs.id, late, songs.inputs).outputs["never_active"]


def test_a_paused_library_is_warned_of_once(host: Host, songs: Managed) -> None:
    """A refresh warns of it, since Pulumi's JSON leaves the change out; the `up` after it not."""
    urn = f"{URN}-paused-{songs.id}"
    host.check(songs.inputs, songs.inputs, urn=urn)
    host.mps.set_state(songs.id, "paused")
    read = host.read(songs.id, songs.outputs, songs.inputs, urn=urn)
    host.diff(songs.id, read.outputs, songs.inputs, urn=urn)
    told = [message.text for message in host.engine.shown(urn) if "not active" in message.text]
    assert len(told) == 1
    assert told[0].startswith(f"library {songs.id} is 'paused', not active: resume it")


@pytest.mark.parametrize("state", ["offline", "not listed"])
def test_a_library_that_never_was_listed_is_not_forgotten(
    host: Host, songs: Managed, state: str
) -> None:
    """`NonExistIds` proves nothing of a library that MPS may not list yet."""
    host.mps.erase(songs.id)
    with pytest.raises(HostError, match=rf"^MPS does not list {songs.id}"):
        host.read(songs.id, {**songs.outputs, "state": state}, songs.inputs)


def test_a_library_is_looked_for_where_it_was_made(host: Host, name: str) -> None:
    """The stored region counts, not the one that the stack has today."""
    songs = up(host, name=name, region="cn-beijing")
    with HostProcess(host.mps.config_with(region="cn-shenzhen")) as moved:
        assert moved.read(songs.id, songs.outputs).outputs == songs.outputs
        moved.delete(songs.id, songs.outputs)
    assert host.mps.library(songs.id) is None


def test_another_account_proves_nothing(mps: LocalMps, songs: Managed) -> None:
    """Another account's keys are refused by every operation: to them the library looks gone."""
    waiting = {**songs.outputs, "state": "offline"}
    with local_mps() as other, HostProcess(other.config) as stranger:
        for operation in (
            lambda: stranger.read(songs.id, songs.outputs, songs.inputs),
            lambda: stranger.update(songs.id, waiting, songs.inputs),
            lambda: stranger.delete(songs.id, songs.outputs),
        ):
            with pytest.raises(HostError, match="nothing was changed") as caught:
                operation()
            assert mps.account_id() in str(caught.value)
            assert "\n" not in str(caught.value)
            assert caught.value.init_failed is None
    assert mps.library(songs.id)


@pytest.mark.portability
def test_get_describes_a_library(host: Host, songs: Managed, front: str) -> None:
    """Reading by ID alone returns all that MPS lists, with the account and region."""
    read = host.read(songs.id, {})
    # It may be an import, whose program is believed in what MPS does not list.
    assert read.outputs.pop("not_compared", None) == (True if front == "native" else None)
    assert read.id == songs.id
    assert read.outputs == {
        "fp_db_id": songs.id,
        "name": songs.inputs["name"],
        "model_id": 13,
        "description": "Licensed",
        "region": "cn-shanghai",
        "force_destroy": False,
        "state": "active",
        "account_id": host.mps.account_id(),
    }


def test_get_looks_where_it_is_told(host: Host, name: str) -> None:
    """The region in the program wins over the stack's."""
    songs = up(host, name=name, region="cn-beijing")
    assert host.read(songs.id, {"region": "cn-beijing"}).outputs["region"] == "cn-beijing"
    with pytest.raises(HostError, match="cn-shanghai"):
        host.read(songs.id, {})


def test_get_of_nothing_fails(host: Host) -> None:
    """A library that should be there and is not is an error, which names ID and region."""
    fp_db_id = "0" * 32
    with pytest.raises(HostError) as caught:
        host.read(fp_db_id, {})
    assert fp_db_id in str(caught.value)
    assert "cn-shanghai" in str(caught.value)


@pytest.mark.parametrize("text", ["abc", "0" * 65, "0" * 32 + "\n", "0" * 32 + ",0"])
def test_get_of_no_id_fails(host: Host, text: str) -> None:
    """What can't be an ID is refused in one line that names the argument, without a call."""
    host.mps.forget_calls()
    with pytest.raises(HostError) as caught:
        host.read(text, {})
    assert (
        str(caught.value)
        == f"id: {text!r} is not an FpDBId: 16 to 64 letters, digits, - and _ [settings]"
    )
    assert host.mps.calls() == []


def test_get_needs_a_region(mps: LocalMps, songs: Managed) -> None:
    """Without any region the error says how to set one."""
    with (
        HostProcess(mps.config_with(region="")) as host,
        pytest.raises(HostError, match=r"^region: "),
    ):
        host.read(songs.id, {})


def test_a_refreshed_get_that_is_gone_is_forgotten(host: Host, songs: Managed) -> None:
    """A refresh drops what `get` had read once it is proven gone."""
    outputs = host.read(songs.id, {}).outputs
    host.mps.set_state(songs.id, "deleted")
    assert host.read(songs.id, outputs).id == ""


@pytest.mark.parametrize(
    "setting",
    [
        {"secretKey": "wrong"},
        {"endpoint": "http://127.0.0.1:1"},
        {"caBundle": "/none.pem"},
        {"accountId": "1"},
        {},
    ],
    ids=str,
)
def test_the_settings_of_the_state_are_named(
    mps: LocalMps, songs: Managed, setting: dict[str, str]
) -> None:
    """Where refresh and destroy fail for a setting, they say whose they use, beside all else."""
    denied = {"action": "GetCallerIdentity", "kind": "error", "code": "Forbidden.RAM"}
    cause = r"refresh and destroy use the configuration .* without --refresh"
    advice = "" if setting else r"or alicloud-mps:stsEndpoint to a host that responds\. "
    faults = [] if setting else [{**denied, "status": 403}]
    with HostProcess(mps.config_with(**setting)) as late, mps.faulty(*faults):
        with pytest.raises(HostError, match=advice + cause):
            late.read(songs.id, songs.outputs, songs.inputs)
        with pytest.raises(HostError, match=advice + cause):
            late.delete(songs.id, songs.outputs)
        late.check(songs.inputs, songs.inputs)
        with pytest.raises(HostError, match=f"^(?!.*{cause})"):
            late.read(songs.id, songs.outputs, songs.inputs)


def test_a_rate_limit_is_no_matter_of_outdated_settings(mps: LocalMps, songs: Managed) -> None:
    """Where a call got no turn in time, that is all that is said, whatever the endpoint is."""
    settings = mps.config_with(callsPerSecond="0.0001")
    with HostProcess(settings) as slow, pytest.raises(HostError, match=r"\[no-turn\]$"):
        slow.delete(songs.id, songs.outputs, timeout=1)
