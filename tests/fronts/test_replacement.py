"""The calls of a replacement, in the order in which the real engine makes them."""

import pytest
from pulumi.runtime.rpc import UNKNOWN

from fronts.stack import Host, Managed, checked, up, up_as
from host_process import URN, HostError, HostProcess


def test_a_replacement_by_a_property(host: Host, name: str) -> None:
    """A changed property deletes the old library, and creates one of the same name."""
    songs = up(host, name=name)
    program: dict[str, object] = {"name": name, "description": "Licensed"}
    news = checked(host, program, songs.inputs)
    diff = host.diff(songs.id, songs.outputs, news)
    assert (diff.replaces, diff.delete_before_replace) == (["description"], True)
    inputs = checked(host, program)
    host.delete(songs.id, songs.outputs)
    replacement = host.create(inputs)
    assert host.mps.named(name) == [replacement.id]
    assert replacement.outputs["description"] == "Licensed"


def test_replacements_that_keep_the_old_libraries(host: Host, another_host: Host) -> None:
    """Each gets a name of its own; the state remembers what was kept, in later runs, too."""
    urn = f"{URN}-kept"
    songs = up_as(urn, host, {})
    kept = [songs.id]
    for run, description in ((host, "Second"), (another_host, "Third"), (another_host, "Fourth")):
        program = {"description": description}
        news = run.check(program, songs.inputs, urn=urn).inputs
        run.diff(songs.id, songs.outputs, news, urn=urn)
        made = up_as(urn, run, program)
        assert run.read(made.id, made.outputs, made.inputs, urn=urn).outputs == made.outputs
        songs = made.with_outputs(run.update(made.id, made.outputs, made.inputs, urn=urn))
        assert songs.outputs["predecessors"] == kept
        kept.append(songs.id)
    with pytest.raises(HostError, match=songs.id):
        up_as(urn, another_host, {})


def test_forced_replacements_that_keep_the_old_libraries(another_host: Host) -> None:
    """Without a diff, the state shows what is replaced, and what that had kept."""
    host, (urn, kept) = another_host, (f"{URN}-forced", list[str]())
    for _ in range(3):
        songs = up_as(urn, host, {})
        assert songs.outputs.get("predecessors", []) == kept
        host.state.clear()
        host.have_in_state(urn, songs.id, songs.outputs, pendingReplacement=True)
        kept.append(songs.id)
    host.delete(songs.id, songs.outputs, urn=urn)
    assert up_as(urn, host, {}).outputs["predecessors"] == kept[:2]


def test_what_an_adopted_library_takes_the_place_of_is_remembered(
    another_host: Host, name: str
) -> None:
    """Once the engine has replaced a library that is kept, another one can be adopted for it."""
    host, urn = another_host, f"{URN}-{name}"
    songs = up_as(urn, host, {})
    made = host.mps.add_library(Name=name)
    program = {"name": name, "model_id": 12, "adopt": made}
    news = host.check(program, songs.inputs, urn=urn).inputs
    with pytest.raises(HostError, match=f"already manages library {songs.id}"):
        host.diff(songs.id, songs.outputs, news, urn=urn)
    host.have_in_state(urn, songs.id, songs.outputs, pendingReplacement=True)
    assert "adopt" in host.diff(songs.id, songs.outputs, news, urn=urn).replaces
    adopted = up_as(urn, host, program)
    assert (adopted.id, adopted.outputs["predecessors"]) == (made, [songs.id])


def test_what_a_forced_replacement_keeps_has_its_name(another_host: Host, name: str) -> None:
    """Where the program gives the name, the error says that the old library keeps it."""
    songs = up(another_host, name=name)
    another_host.have_in_state(URN, songs.id, songs.outputs, pendingReplacement=True)
    with pytest.raises(HostError, match=rf"replaced \({songs.id}\) is kept .*another `name`"):
        up(another_host, name=name)


def test_several_replacements_of_one_process(host: Host, name: str) -> None:
    """A resource can be replaced again and again by one process."""
    songs = up(host, name=name)
    for _ in range(3):
        host.delete(songs.id, songs.outputs)
        songs = up(host, name=name)
    assert host.mps.named(name) == [songs.id]


def move(host: HostProcess, songs: Managed, region: object) -> None:
    """Check and compare a program that moves a library, as a preview and an up do."""
    program: dict[str, object] = {"name": songs.inputs["name"], "region": region}
    news = checked(host, program, songs.inputs)
    assert host.diff(songs.id, songs.outputs, news).replaces == ["region"]


def test_a_name_that_is_taken_is_refused(another_host: Host, name: str) -> None:
    """Before its library is deleted, a replacement is refused whose name another library has."""
    host = another_host
    taken = f"{name}-taken"
    other = host.mps.add_library(Name=taken)
    there = host.mps.add_library(Name=name, Region="cn-beijing")
    songs = up(host, name=name)
    for change, holder in (({"name": taken}, other), ({"region": "cn-beijing"}, there)):
        news = checked(host, {**songs.inputs, **change}, songs.inputs)
        with pytest.raises(
            HostError, match=rf"^name: .* already exists in \S+ \({holder}\).* another `name`"
        ):
            host.diff(songs.id, songs.outputs, news)
    adopted = checked(host, {**songs.inputs, "name": taken, "adopt": songs.id}, songs.inputs)
    with pytest.raises(HostError, match=r"^name: "):
        host.diff(songs.id, songs.outputs, adopted)
    news = checked(host, {**songs.inputs, "name": f"{name}-free"}, songs.inputs)
    assert host.diff(songs.id, songs.outputs, news).replaces == ["name"]


def test_a_name_that_nobody_could_look_for_is_looked_for_before_the_deletion(
    another_host: Host, name: str
) -> None:
    """Where a preview could ask nobody, the library stays where its successor's name is taken."""
    host = another_host
    taken = f"{name}-taken"
    other = host.mps.add_library(Name=taken)
    songs = up(host, name=name)
    news = checked(host, {**songs.inputs, "name": taken}, songs.inputs)
    with host.mps.faulty({**REFUSED, "action": "*"}):
        host.diff(songs.id, songs.outputs, news)
    with pytest.raises(HostError, match=rf"already exists in \S+ \({other}\)"):
        host.delete(songs.id, songs.outputs)
    assert host.mps.named(name) == [songs.id]


def test_a_name_that_nobody_could_look_for_is_the_successor_s_by_now(
    host: Host, another_host: Host, name: str
) -> None:
    """A library whose successor was created first, perhaps by another process, is deleted."""
    songs = up(host, name=name)
    news = checked(another_host, {**songs.inputs, "name": f"{name}-new"}, songs.inputs)
    with another_host.mps.faulty(REFUSED):
        another_host.diff(songs.id, songs.outputs, news)
    created = another_host.mps.add_library(Name=f"{name}-new")
    another_host.delete(songs.id, songs.outputs, delete=True)
    assert another_host.mps.named(name) == []
    assert another_host.mps.named(f"{name}-new") == [created]


REFUSED = {"action": "ListFpShotDB", "kind": "error", "code": "InvalidRegion", "status": 400}


def test_a_region_that_does_not_answer_is_refused(another_host: Host, name: str) -> None:
    """A preview fails for a mistyped region, while the library's own one answers."""
    songs = up(another_host, name=name)
    with (
        another_host.mps.faulty({**REFUSED, "calls": [2]}),
        pytest.raises(HostError, match=r"^region: can't reach MPS in cn-shangai .*InvalidRegion"),
    ):
        move(another_host, songs, "cn-shangai")
    assert another_host.mps.named(name) == [songs.id]


def test_a_region_that_nobody_could_ask_is_asked_before_the_deletion(
    another_host: Host, name: str
) -> None:
    """Where a preview could ask nobody, the library stays until the new region has answered."""
    songs = up(another_host, name=name, force_destroy=True)
    another_host.mps.fill(songs.id)
    with another_host.mps.faulty({**REFUSED, "action": "*"}):
        move(another_host, songs, "cn-shangai")
    with (
        another_host.mps.faulty(REFUSED),
        pytest.raises(HostError, match=r"can't reach MPS in .* stays in cn-shanghai"),
    ):
        another_host.delete(songs.id, songs.outputs)
    another_host.delete(songs.id, songs.outputs)
    assert another_host.mps.named(name) == []


def test_a_region_that_is_not_known_yet_is_not_asked(another_host: Host, name: str) -> None:
    """An unknown region is one to replace for, and none to ask; nor is an unknown name one."""
    songs = up(another_host, name=name)
    another_host.mps.forget_calls()
    move(another_host, songs, UNKNOWN)
    news = checked(another_host, {**songs.inputs, "name": UNKNOWN}, songs.inputs)
    assert another_host.diff(songs.id, songs.outputs, news).replaces == ["name"]
    assert "ListFpShotDB" not in another_host.mps.calls()


@pytest.mark.parametrize(("region", "warns"), [("cn-shangai", 1), ("cn-beijing", 0)])
def test_a_region_without_documented_fingerprints_warns(
    host: Host, name: str, region: str, warns: int
) -> None:
    """A new library outside of the documented regions warns in the preview, a known one doesn't."""
    urn = f"{URN}-{name}"
    inputs = host.check({"name": name, "region": region}, urn=urn).inputs
    host.check({"name": name, "region": region}, inputs, urn=urn)
    told = [
        item.text
        for item in host.engine.shown(urn)
        if item.text.startswith("region: MPS documents")
    ]
    assert len(told) == warns
