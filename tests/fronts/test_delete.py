"""Every route to a deletion goes through one guard; what is gone already is no error."""

import pytest

from fronts.stack import Host, up
from host_process import HostError

DELETE = "SubmitFpDBDeleteJob"


@pytest.mark.portability
def test_fingerprints_are_not_destroyed(host: Host, name: str) -> None:
    """A library with content is refused in one line that names it and the ways out."""
    songs = up(host, name=name)
    host.mps.fill(songs.id)
    host.mps.forget_calls()
    with pytest.raises(HostError, match="holds fingerprints") as caught:
        host.delete(songs.id, songs.outputs)
    text = str(caught.value)
    for part in (songs.id, "force_destroy", "retain_on_delete"):
        assert part in text
    assert "\n" not in text
    assert DELETE not in host.mps.calls()
    assert host.mps.library(songs.id)


@pytest.mark.parametrize("force_destroy", [True, False])
def test_nothing_is_deleted_where_the_state_can_t_be_read(
    host: Host, another_host: Host, name: str, *, force_destroy: bool
) -> None:
    """Where another resource may have the library, it stays, even empty, until that is mended."""
    songs = up(host, name=name, force_destroy=force_destroy)
    another_host.refuse_state("no stack is selected")
    with pytest.raises(
        HostError,
        match=r"\(pulumi stack export failed: no stack is selected\): .*\(`pulumi` on PATH",
    ):
        another_host.delete(songs.id, songs.outputs)
    assert host.mps.library(songs.id)
    host.delete(songs.id, songs.outputs)
    assert host.mps.library(songs.id) is None


@pytest.mark.parametrize("word", ["true", 1, None])
def test_only_a_plain_yes_counts(host: Host, name: str, word: object) -> None:
    """Nothing but a true `force_destroy` opens the guard."""
    songs = up(host, name=name)
    host.mps.fill(songs.id)
    with pytest.raises(HostError, match="holds fingerprints"):
        host.delete(songs.id, {**songs.outputs, "force_destroy": word})


def test_a_library_that_never_was_listed_is_not_called_gone(host: Host, name: str) -> None:
    """Destroying what MPS does not list yet fails with its ID, or nobody would know of it."""
    songs = up(host, name=name)
    host.mps.erase(songs.id)
    with pytest.raises(HostError, match=rf"^MPS does not list {songs.id}.*pulumi state delete"):
        host.delete(songs.id, {**songs.outputs, "state": "not listed"})
