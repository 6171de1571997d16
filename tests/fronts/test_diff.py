"""A diff shows what MPS would see: what must be replaced, and nothing that only looks different."""

from collections.abc import Iterator

import pytest
from pulumi.runtime.rpc import UNKNOWN

from control_api import LocalMps, local_mps
from fronts.stack import CHANGES, Host, Managed, checked, up
from host_process import URN, Difference, HostError, HostProcess, Properties
from pulumi_alicloud_mps.state.deployment import PROVIDER_KEY, by_key


@pytest.fixture(scope="module")
def songs(host: Host) -> Managed:
    """Return a library with every input set."""
    return up(host, name="songs", model_id=12, config='{"a": 1}', description="Licensed")


def test_what_the_state_has_proves_nothing_more(another_host: Host) -> None:
    """When a later run sees the library in the state, its journal entry is done with."""
    made = up(another_host, name="talks", model_id=13)
    entries = another_host.directory / ".alicloud-mps" / "asked"
    assert len(list(entries.iterdir())) == 1
    another_host.diff(made.id, made.outputs, checked(another_host, made.inputs, made.inputs))
    assert list(entries.iterdir()) == []


@pytest.mark.parametrize("property_", CHANGES)
def test_an_identity_can_only_be_replaced(host: Host, songs: Managed, property_: str) -> None:
    """Each immutable property alone makes a replacement, deleted first, and names itself."""
    news = checked(host, {**songs.inputs, property_: CHANGES[property_]}, songs.inputs)
    diff = host.diff(songs.id, songs.outputs, news)
    assert diff.replaces == [property_]
    assert diff.changes == "DIFF_UNKNOWN"
    assert diff.delete_before_replace


@pytest.mark.portability
def test_all_that_replaces_is_named(host: Host, songs: Managed) -> None:
    """A preview shows every property that forces the replacement."""
    news = checked(host, {**songs.inputs, **CHANGES}, songs.inputs)
    assert set(host.diff(songs.id, songs.outputs, news).replaces) == set(CHANGES)


@pytest.mark.parametrize("property_", ["config", "description"])
def test_unsetting_is_a_change(host: Host, songs: Managed, property_: str) -> None:
    """A property that the program drops replaces the library, too."""
    program = {key: value for key, value in songs.inputs.items() if key != property_}
    news = checked(host, program, songs.inputs)
    assert host.diff(songs.id, songs.outputs, news).replaces == [property_]


@pytest.mark.parametrize(
    ("property_", "spelling"), [("config", '{\n"a" : 1}'), ("model_id", 12.0), ("adopt", None)]
)
def test_a_spelling_is_no_change(
    host: Host, songs: Managed, property_: str, spelling: object
) -> None:
    """What means the same replaces nothing, and leaves the engine nothing to compare."""
    news = checked(host, {**songs.inputs, property_: spelling}, songs.inputs)
    diff = host.diff(songs.id, songs.outputs, news)
    assert (diff.changes, diff.replaces) == ("DIFF_UNKNOWN", [])
    assert news == songs.inputs


@pytest.mark.parametrize("property_", CHANGES)
def test_an_unknown_identity_may_be_another_one(host: Host, songs: Managed, property_: str) -> None:
    """A preview that can't know says that the library may be replaced."""
    news = checked(host, {**songs.inputs, property_: UNKNOWN}, songs.inputs)
    assert host.diff(songs.id, songs.outputs, news).replaces == [property_]


def test_an_unknown_adoption_is_none_yet(host: Host, songs: Managed) -> None:
    """While it is not known which library is to be adopted, nothing is refused or replaced."""
    news = checked(host, {**songs.inputs, "adopt": UNKNOWN}, songs.inputs)
    before = host.mps.calls()
    for adopted in (songs.outputs, {**songs.outputs, "adopt": songs.id}):
        assert host.diff(songs.id, adopted, news).replaces == []
    assert host.mps.calls() == before


def test_force_destroy_replaces_nothing(host: Host, songs: Managed) -> None:
    """The guard can be opened and closed without touching the library."""
    news = checked(host, {**songs.inputs, "force_destroy": True}, songs.inputs)
    diff = host.diff(songs.id, songs.outputs, news)
    assert (diff.changes, diff.replaces) == ("DIFF_UNKNOWN", [])


@pytest.mark.parametrize(
    "outputs",
    [{"state": "offline"}, {"state": "not listed"}, {"state": "paused", "never_active": True}],
)
def test_a_library_that_never_was_active_is_owed_an_update(
    host: Host, songs: Managed, outputs: dict[str, object]
) -> None:
    """While the first wait has not ended well the next `up` calls update."""
    diff = host.diff(songs.id, {**songs.outputs, **outputs}, songs.inputs)
    assert (diff.changes, diff.replaces) == ("DIFF_SOME", [])


@pytest.mark.parametrize(
    ("state", "told"),
    [("paused", "resume it in the MPS console"), ("frozen", "MPS does not document")],
)
def test_a_library_that_was_active_stops_nothing(
    host: Host, name: str, state: str, told: str
) -> None:
    """Whatever state MPS puts it into, the program's dependents go on, and a warning names it."""
    songs = up(host, name=name)
    urn, outputs = f"{URN}-{state}", {**songs.outputs, "state": state}
    host.check(songs.inputs, songs.inputs, urn=urn)
    diff = host.diff(songs.id, outputs, songs.inputs, urn=urn)
    assert (diff.changes, diff.replaces) == ("DIFF_UNKNOWN", [])
    warning = host.engine.shown(urn)[-1]
    assert warning.text.startswith(f"library {songs.id} is '{state}', not active: {told}")
    assert host.update(songs.id, outputs, songs.inputs) == outputs


def test_a_moved_provider_is_noticed(host: Host, songs: Managed) -> None:
    """Another pointer in the state is brought up to date by an update that replaces nothing."""
    moved = {**songs.outputs, "__provider": "gASVMOVED"}
    diff = host.diff(songs.id, moved, songs.inputs)
    assert (diff.changes, diff.replaces) == ("DIFF_SOME", [])


def test_a_diff_makes_no_call(host: Host, songs: Managed) -> None:
    """A preview costs MPS nothing where no library is replaced, whatever else changes."""
    host.mps.forget_calls()
    for change in ({}, {"force_destroy": True}, {"adopt": songs.id}):
        news = checked(host, {**songs.inputs, **change}, songs.inputs)
        assert host.diff(songs.id, songs.outputs, news).replaces == []
    assert host.mps.calls() == []


@pytest.mark.parametrize("adopted", [False, True])
def test_another_library_can_t_be_adopted(host: Host, songs: Managed, *, adopted: bool) -> None:
    """A resource that has a library already refuses another one, naming both."""
    old = {"adopt": songs.id} if adopted else {}
    other = "0" * 32
    news = checked(host, {**songs.inputs, "adopt": other}, {**songs.inputs, **old})
    with pytest.raises(HostError) as caught:
        host.diff(songs.id, {**songs.outputs, **old}, news)
    assert songs.id in str(caught.value)
    assert other in str(caught.value)


@pytest.fixture(scope="module")
def other() -> Iterator[LocalMps]:
    """Serve MPS for another account."""
    with local_mps() as running:
        yield running


class TestMovedToAProvider:
    """A library whose resource is given to an explicit provider."""

    def diff(self, songs: Managed, config: dict[str, str], **changes: object) -> Difference:
        """Ask the process of a provider with this configuration."""
        with HostProcess({**config, "alicloud-mps:provider": "mine"}) as host:
            news = checked(host, {**songs.inputs, **changes}, songs.inputs)
            return host.diff(songs.id, songs.outputs, news)

    def test_the_same_account_is_no_change(self, songs: Managed, mps: LocalMps) -> None:
        """In the same region and account nothing changes, and who asks is asked for once."""
        mps.forget_calls()
        diff = self.diff(songs, mps.config)
        assert (diff.replaces, diff.changes) == ([], "DIFF_UNKNOWN")
        assert mps.calls() == ["GetCallerIdentity"]

    def test_another_account_is_refused(
        self, songs: Managed, mps: LocalMps, other: LocalMps
    ) -> None:
        """A library can't move to another account, and the preview says so."""
        with pytest.raises(HostError) as caught:
            self.diff(songs, other.config)
        assert f"belongs to account {mps.account_id()}" in str(caught.value)
        assert other.account_id() in str(caught.value)

    def test_the_default_provider_compares_the_account_that_is_set(
        self, songs: Managed, mps: LocalMps
    ) -> None:
        """A library that comes back to it is refused without a call, if that suffices."""
        mps.forget_calls()
        with HostProcess(mps.config_with(accountId="1")) as host:
            news = checked(host, songs.inputs, songs.inputs)
            with pytest.raises(HostError, match="the current credentials are for account 1"):
                host.diff(songs.id, songs.outputs, news)
        assert mps.calls() == []

    @pytest.mark.parametrize("change", [{"description": "Other"}, {"region": "cn-beijing"}])
    def test_a_replacement_needs_keys_of_the_account(
        self, songs: Managed, mps: LocalMps, other: LocalMps, change: dict[str, object]
    ) -> None:
        """Nothing is replaced by what can't be made, as another process would delete first."""
        for config, told in (
            (mps.config_with(secretKey="wrong"), "SignatureDoesNotMatch"),
            (other.config, f"belongs to account {mps.account_id()}"),
        ):
            with pytest.raises(HostError, match=told):
                self.diff(songs, config, **change)

    @pytest.mark.parametrize("made_by", ["mine", "default_1_2_3"])
    def test_a_replacement_needs_an_answer(
        self, songs: Managed, mps: LocalMps, made_by: str
    ) -> None:
        """Where nobody can be asked, a preview goes on only if the same provider deletes."""
        config = {**mps.config, "alicloud-mps:provider": "mine"}
        denied = {"action": "*", "kind": "error", "code": "Forbidden.RAM", "status": 403}
        with HostProcess(config) as host, mps.faulty(denied):
            provider = f"urn:pulumi:test::catalogue::pulumi:providers:x::{made_by}::1"
            host.have_in_state(URN, songs.id, songs.outputs, provider=provider)
            news = checked(host, {**songs.inputs, "description": "Other"}, songs.inputs)
            if made_by == "mine":
                assert host.diff(songs.id, songs.outputs, news).replaces == ["description"]
                return
            kept = r"can't reach MPS \(.*stsEndpoint to a host .*\), so the library was kept"
            with pytest.raises(HostError, match=kept):
                host.diff(songs.id, songs.outputs, news)

    @pytest.mark.portability
    def test_a_preview_needs_no_credentials(self, songs: Managed, mps: LocalMps) -> None:
        """Where nobody can be asked whose the keys are, the preview goes on."""
        assert self.diff(songs, mps.config_with(secretKey="wrong")).replaces == []


class TestMovedToTheOtherFront:
    """A library that the state has from the other provider of this package."""

    @pytest.fixture
    def olds(self, songs: Managed) -> Properties:
        """Return its outputs, in the spelling and with the pointer that this one does not have."""
        return {**by_key(songs.outputs), PROVIDER_KEY: ""}

    def test_the_same_account_is_an_update(
        self, songs: Managed, olds: Properties, mps: LocalMps
    ) -> None:
        """The state is brought up to date, and nobody is asked but whose the keys are."""
        mps.forget_calls()
        with HostProcess(mps.config) as host:
            news = checked(host, songs.inputs, by_key(songs.inputs))
            diff = host.diff(songs.id, olds, news, old_inputs=by_key(songs.inputs))
            assert (diff.replaces, diff.changes) == ([], "DIFF_SOME")
            assert host.update(songs.id, olds, news) == songs.outputs
        assert mps.calls() == ["GetCallerIdentity"]

    def test_another_account_is_refused(
        self, front: str, songs: Managed, olds: Properties, mps: LocalMps, other: LocalMps
    ) -> None:
        """Keys under `alicloud:` do not reach the native provider, so the message says where to."""
        with HostProcess(other.config) as host, pytest.raises(HostError) as caught:
            host.diff(songs.id, olds, checked(host, songs.inputs, by_key(songs.inputs)))
        assert f"belongs to account {mps.account_id()}" in str(caught.value)
        way_out = "set those under alicloud: there as well, with `pulumi config set`"
        assert (way_out in str(caught.value)) == (front == "native")
