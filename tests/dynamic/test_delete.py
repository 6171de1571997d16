"""Every route to a deletion goes through one guard; what is gone already is no error."""

import pytest

from dynamic.local_mps import NEVER, LocalMps
from dynamic.stack import up
from host_process import FakeEngine, HostError, HostProcess

DELETE = "SubmitFpDBDeleteJob"


@pytest.mark.portability
def test_fingerprints_are_not_destroyed(host: HostProcess, mps: LocalMps, name: str) -> None:
    """A library with content is refused in one line that names it and the ways out."""
    songs = up(host, name=name)
    mps.fill(songs.id)
    mps.forget_calls()
    with pytest.raises(HostError, match="holds fingerprints") as caught:
        host.delete(songs.id, songs.outputs)
    text = str(caught.value)
    for part in (songs.id, "force_destroy", "retain_on_delete"):
        assert part in text
    assert "\n" not in text
    assert DELETE not in mps.actions
    assert mps.library(songs.id)


def test_the_state_s_word_destroys_fingerprints(
    host: HostProcess, mps: LocalMps, name: str
) -> None:
    """With `force_destroy` in the state the content goes, too."""
    songs = up(host, name=name, force_destroy=True)
    mps.fill(songs.id)
    host.delete(songs.id, songs.outputs)
    assert mps.library(songs.id) is None


@pytest.mark.parametrize("force_destroy", [True, False])
def test_nothing_is_deleted_where_the_state_can_t_be_read(
    host: HostProcess, another_host: HostProcess, mps: LocalMps, name: str, *, force_destroy: bool
) -> None:
    """Where another resource may have the library, it stays, even empty, until that is mended."""
    songs = up(host, name=name, force_destroy=force_destroy)
    another_host.refuse_state("no stack is selected")
    with pytest.raises(HostError, match=r"no stack is selected.*`pulumi stack export` work"):
        another_host.delete(songs.id, songs.outputs)
    assert mps.library(songs.id)
    host.delete(songs.id, songs.outputs)
    assert mps.library(songs.id) is None


@pytest.mark.parametrize("word", ["true", 1, None])
def test_only_a_plain_yes_counts(host: HostProcess, mps: LocalMps, name: str, word: object) -> None:
    """Nothing but a true `force_destroy` opens the guard."""
    songs = up(host, name=name)
    mps.fill(songs.id)
    with pytest.raises(HostError, match="holds fingerprints"):
        host.delete(songs.id, {**songs.outputs, "force_destroy": word})


def test_a_library_that_never_was_listed_is_not_called_gone(
    host: HostProcess, mps: LocalMps, name: str
) -> None:
    """Destroying what MPS does not list yet fails with its ID, or nobody would know of it."""
    songs = up(host, name=name)
    mps.erase(songs.id)
    with pytest.raises(HostError, match=rf"^MPS does not list {songs.id}.*pulumi state delete"):
        host.delete(songs.id, {**songs.outputs, "state": "not listed"})


def test_the_job_s_progress_is_shown(
    host: HostProcess, mps: LocalMps, name: str, engine: FakeEngine
) -> None:
    """The row of the resource tells how far MPS is."""
    songs = up(host, name=name)
    before = len(engine.messages)
    with mps.changed(deletion_seconds=NEVER), pytest.raises(HostError, match="still Queuing"):
        host.delete(songs.id, songs.outputs, timeout=0.1)
    assert {message.text.split()[0] for message in engine.messages[before:]} == {"Queuing"}


def test_a_library_kept_after_a_failure_can_be_deleted(
    host: HostProcess, mps: LocalMps, name: str
) -> None:
    """What the state keeps of a late library is enough to destroy it."""
    with mps.changed(activation_seconds=NEVER), pytest.raises(HostError) as caught:
        host.create(host.check({"name": name}).inputs, timeout=0.1)
    failed = caught.value.init_failed
    assert failed
    host.delete(failed.id, failed.properties)
    assert mps.named(name) == []
