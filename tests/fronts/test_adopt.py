"""An existing library is taken over on proof that it is the one the program means."""

import re

import pytest

from control_api import LocalMps
from fronts.stack import Host, Managed, checked, up
from host_process import URN, FakeEngine, HostError, HostProcess, Properties
from pulumi_alicloud_mps.inputs import UNLISTED
from pulumi_alicloud_mps.state.journal import CreateJournal

FORMER, SECOND = (URN.replace("songs", name) for name in ("former", "second"))


@pytest.fixture
def songs(host: Host, name: str) -> Managed:
    """Return a library that another stack made."""
    return up(host, name=name, model_id=13, description="Licensed")


@pytest.fixture
def program(songs: Managed) -> Properties:
    """Return a program that takes it over."""
    return {
        "name": songs.inputs["name"],
        "model_id": 13,
        "description": "Licensed",
        "adopt": songs.id,
    }


@pytest.mark.portability
def test_a_library_is_taken_over(host: Host, songs: Managed, program: Properties) -> None:
    """Adopting creates nothing, and the state is as complete as after creating."""
    host.mps.forget_calls()
    made = up(host, **program)
    assert made.id == songs.id
    assert made.outputs == {**songs.outputs, "adopt": songs.id}
    assert "CreateFpShotDB" not in host.mps.calls()


def test_an_adoption_does_not_export_the_state(mps: LocalMps, program: Properties) -> None:
    """What earlier creates asked for only concerns another create."""
    with HostProcess(mps.config) as host:
        up(host, **program)
        assert host.exports == 0


def test_an_adoption_settles_an_earlier_create(host: Host, program: Properties) -> None:
    """Once its library is known, the create without an answer proves nothing about another."""
    journal = CreateJournal(host.directory)
    journal_entry = journal.of(URN, "cn-shanghai", str(program["name"]), host.mps.account_id())
    journal_entry.record_request()
    up(host, **program)
    assert journal_entry.unanswered_for() is None


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"description": "Other"}, r"adopt: library .* its description differs; change"),
        ({"adopt": "0" * 32}, r"adopt: cn-shanghai has no library 0000"),
        ({}, None),
    ],
)
def test_a_preview_warns_of_what_create_would_refuse(
    mps: LocalMps,
    engine: FakeEngine,
    program: Properties,
    changes: dict[str, object],
    warning: str | None,
) -> None:
    """A library that can't be adopted is reported before anything is done."""
    urn = f"{URN}-{program['name']}"
    with HostProcess(mps.config, engine.address) as host:
        assert host.check({**program, **changes}, urn=urn).failures == []
    told = [message.text for message in engine.shown(urn)]
    assert len(told) == int(warning is not None)
    assert all(re.match(str(warning), text) for text in told)


def test_a_preview_that_can_t_compare_says_so(
    mps: LocalMps, engine: FakeEngine, program: Properties
) -> None:
    """Where MPS can't be asked, the preview goes on and claims nothing."""
    config = mps.config_with(secretKey="wrong")
    urn = f"{URN}-{program['name']}"
    with HostProcess(config, engine.address) as host:
        assert host.check(program, urn=urn).failures == []
    (message,) = engine.shown(urn)
    assert message.text.startswith(f"adopt: {program['adopt']} was not compared with the program (")


def test_what_can_t_be_compared_is_told(
    mps: LocalMps, engine: FakeEngine, program: Properties
) -> None:
    """An adoption warns of each input that MPS does not list."""
    values = {**program, **dict.fromkeys(UNLISTED, "{}")}
    with HostProcess(mps.config, engine.address) as host:
        up(host, **values)
    told = [message.text for message in engine.shown(URN)]
    for name in UNLISTED:
        assert f"MPS does not return `{name}`, so it was not compared with the program" in told


def test_an_adopted_library_is_compared_once(host: Host, program: Properties) -> None:
    """The preview of a resource that has its library makes no call for `adopt`."""
    inputs = up(host, **program).inputs
    host.mps.forget_calls()
    checked(host, program, inputs)
    assert host.mps.calls() == []


def test_a_library_that_changes_hands_is_kept(
    host: Host, songs: Managed, program: Properties
) -> None:
    """A run that adopts a library for one resource does not delete it for another one."""
    made = up(host, **program)
    host.delete(songs.id, {**songs.outputs, "force_destroy": True}, urn=FORMER)
    assert host.mps.named(str(program["name"])) == [made.id]


def test_a_library_that_could_not_change_hands_is_not_forgotten(
    another_host: Host, songs: Managed, program: Properties
) -> None:
    """Where the adoption failed, the resource that has the library stays in the state."""
    inputs = checked(another_host, {**program, "model_id": 12})
    with pytest.raises(HostError, match="its model_id is 13"):
        another_host.create(inputs)
    with pytest.raises(HostError, match=f"was left untouched: {URN} must adopt it"):
        another_host.delete(songs.id, {**songs.outputs, "force_destroy": True}, urn=FORMER)
    assert another_host.mps.library(songs.id)


def test_a_library_that_changed_hands_earlier_is_kept(
    host: Host, another_host: Host, program: Properties
) -> None:
    """What an earlier run adopted is kept when this one removes the resource that had it."""
    made = up(host, **program)
    news = checked(another_host, program, made.inputs)
    another_host.diff(made.id, made.outputs, news)
    another_host.delete(made.id, {**made.outputs, "force_destroy": True}, urn=FORMER)
    assert host.mps.library(made.id)


def test_an_adopted_library_is_replaced_under_an_alias(
    host: Host, another_host: Host, program: Properties
) -> None:
    """A resource that is renamed with an alias and replaced does not keep what it adopted."""
    made = up(host, **program)
    program["description"] = "Other"
    news = checked(another_host, program, made.inputs)
    assert another_host.diff(made.id, made.outputs, news).replaces == ["description"]
    inputs = checked(another_host, program)
    another_host.delete(made.id, made.outputs, urn=FORMER)
    replacement = another_host.create(inputs)
    assert host.mps.named(str(program["name"])) == [replacement.id] != [made.id]


def test_two_resources_do_not_share_a_library(host: Host, program: Properties) -> None:
    """A second resource that adopts the same library is refused, and the first is named."""
    up(host, **program)
    with pytest.raises(HostError, match=f"already belongs to another resource.*{URN}") as caught:
        host.create(checked(host, program), urn=SECOND)
    assert str(program["adopt"]) in str(caught.value)
    assert host.mps.library(str(program["adopt"]))
    # A preview says it as well.
    ((given, reason),) = host.check(program, urn=SECOND).failures
    assert given == ""
    assert reason.startswith("adopt: library")
    assert URN in reason


def test_a_library_of_the_program_is_not_adopted(
    another_host: Host, songs: Managed, program: Properties
) -> None:
    """A library that a resource of the program has created is refused to one that adopts it."""
    news = checked(another_host, dict(songs.inputs), songs.inputs)
    another_host.diff(songs.id, songs.outputs, news)
    with pytest.raises(HostError, match="declare it only once"):
        another_host.create(checked(another_host, program), urn=SECOND)


def test_a_refresh_holds_nothing(another_host: Host, songs: Managed) -> None:
    """With `--refresh` an aliased rename is compared twice: by its old URN, and by its new one."""
    read = another_host.read(songs.id, songs.outputs, songs.inputs)
    another_host.diff(songs.id, read.outputs, songs.inputs, urn=FORMER)
    news = checked(another_host, dict(songs.inputs), songs.inputs)
    assert another_host.diff(songs.id, songs.outputs, news).replaces == []


def test_a_shared_library_survives_one_of_its_resources(another_host: Host, songs: Managed) -> None:
    """Where two resources have a library from before, the one that adopted it is removed alone."""
    outputs = {**songs.outputs, "adopt": songs.id, "force_destroy": True}
    news = checked(another_host, dict(songs.inputs), songs.inputs)
    another_host.diff(songs.id, songs.outputs, news)
    another_host.delete(songs.id, outputs, urn=SECOND)
    assert another_host.mps.library(songs.id)


@pytest.mark.parametrize("forced", [False, True], ids=["by a property", "by --target-replace"])
def test_the_library_being_replaced_is_not_taken_over_again(
    host: Host, another_host: Host, program: Properties, *, forced: bool
) -> None:
    """Replacing an adopted library deletes it and creates a new one, whatever `adopt` says."""
    made = up(host, **program)
    if not forced:
        program["description"] = "Other"
        news = checked(another_host, program, made.inputs)
        assert another_host.diff(made.id, made.outputs, news).replaces == ["description"]
    inputs = checked(another_host, program)
    another_host.delete(made.id, made.outputs)
    replacement = another_host.create(inputs)
    assert replacement.id != made.id
    assert host.mps.named(str(program["name"])) == [replacement.id]


def test_a_library_that_is_not_replaced_is_taken_over(
    host: Host, songs: Managed, program: Properties
) -> None:
    """A diff that replaces nothing doesn't keep a library from being adopted."""
    news = checked(host, dict(songs.inputs), songs.inputs)
    assert host.diff(songs.id, songs.outputs, news).replaces == []
    assert up(host, **program).id == songs.id


def test_a_broken_off_replacement_goes_on(
    host: Host, program: Properties, another_host: Host
) -> None:
    """When the process ended between delete and create, the next `up` creates."""
    made = up(host, **program)
    host.mps.set_state(made.id, "deleted")
    program["description"] = "Other"
    news = checked(another_host, program, made.inputs)
    assert another_host.diff(made.id, made.outputs, news).replaces == ["description"]
    assert another_host.create(checked(another_host, program)).id != made.id
