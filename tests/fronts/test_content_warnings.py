"""A replacement that would lose content warns on the resource's row, and never fails for it."""

import json
from pathlib import Path

import pytest
from pulumi.runtime.rpc import UNKNOWN

from control_api import LocalMps
from fronts.stack import CHANGES, Host, Managed, up
from host_process import URN, FakeEngine
from pulumi_alicloud_mps import FpModel
from pulumi_alicloud_mps.dynamic.provider import REPLACING_KEY
from raw_server import http
from relay import Relay

NOT_COUNTED = "[mps-files ?] "


class Program:
    """The resource of one test, in a process of its own or the module's."""

    def __init__(self, host: Host, name: str, songs: Managed) -> None:
        self._host = host
        self._urn = f"{URN}-{name}"
        self._songs = songs

    def change(self, **changes: object) -> list[str]:
        """Change inputs, as a preview and an up do, and return all warnings so far."""
        songs = self._songs
        program = {**songs.inputs, **changes}
        news = self._host.check(program, songs.inputs, urn=self._urn).inputs
        assert self._host.diff(songs.id, songs.outputs, news, urn=self._urn).replaces
        return self.warnings

    def refresh(self) -> None:
        """Look at the library, as a refresh does, and compare the wrong way round."""
        songs = self._songs
        read = self._host.read(songs.id, songs.outputs, songs.inputs, urn=self._urn)
        self._host.diff(songs.id, read.outputs, songs.inputs, urn=self._urn)

    @property
    def warnings(self) -> list[str]:
        """What was warned of on the resource's row, apart from names that are taken."""
        shown = self._host.engine.shown(self._urn)
        stay = [item.text for item in shown if item.severity == "WARNING" and not item.ephemeral]
        return [text for text in stay if not text.startswith("name: ")]


@pytest.fixture
def songs(host: Host, name: str) -> Managed:
    """Return a library that holds 234 files."""
    made = up(host, name=name, model_id=12, config='{"a": 1}', description="Licensed")
    host.mps.fill(made.id, 234)
    return made


@pytest.fixture
def program(host: Host, name: str, songs: Managed) -> Program:
    """Return a program that has the library."""
    return Program(host, name, songs)


@pytest.mark.parametrize("property_", CHANGES)
def test_each_property_warns(program: Program, songs: Managed, property_: str) -> None:
    """Whatever replaces a library, the warning has its ID and the number of files."""
    (warning,) = program.change(**{property_: CHANGES[property_]})
    assert warning.startswith(f"holds 234 files\nreplacing {songs.id} is refused if")


def test_what_another_replacement_replaces_warns(host: Host, name: str, songs: Managed) -> None:
    """The engine compares it before its check, with a value that is not known yet."""
    news = {**songs.inputs, "description": UNKNOWN}
    host.diff(songs.id, songs.outputs, news, urn=f"{URN}-{name}")
    (warning,) = Program(host, name, songs).warnings
    assert warning.startswith("holds 234 files\n")


def test_force_destroy_counts_from_the_state(host: Host, name: str, songs: Managed) -> None:
    """What the state has decides, and not what the program says from now on."""
    unguarded = songs.with_outputs({**songs.outputs, "force_destroy": True})
    (warning,) = Program(host, name, unguarded).change(description="Other")
    assert "destroys them" in warning
    second = Program(host, f"{name}-2", songs)
    (warning,) = second.change(description="Other", force_destroy=True)
    assert "is refused" in warning


@pytest.mark.parametrize("front", ["dynamic"], indirect=True)
def test_a_guard_that_replaces_warns(program: Program) -> None:
    """A program whose `replace_on_changes` has `force_destroy` replaces for it.

    Only the program in Python informs the provider of that.
    """
    (warning,) = program.change(force_destroy=True, **{REPLACING_KEY: True})
    assert warning.startswith("holds 234 files\n")


@pytest.mark.parametrize(("model_id", "certain"), [(FpModel.IMAGE, True), (FpModel.TEXT, False)])
def test_an_empty_library_loses_nothing(
    host: Host, name: str, model_id: FpModel, *, certain: bool
) -> None:
    """Where nothing is lost that is said, if MPS is known to list the content, else warned of."""
    empty = Program(host, name, up(host, name=name, model_id=model_id))
    host.mps.forget_calls()
    warnings = empty.change(description="Other")
    assert host.mps.calls() == ["ListFpShotFiles"]
    shown = host.engine.shown(f"{URN}-{name}")
    told = [item for item in shown if item.text.startswith("empty: nothing is")]
    assert (len(told), len(warnings)) == ((1, 0) if certain else (0, 1))


def test_a_library_that_is_gone_says_nothing(
    program: Program, mps: LocalMps, songs: Managed
) -> None:
    """A replacement whose first half is done has nothing left to lose."""
    mps.set_state(songs.id, "deleted")
    assert program.change(description="Other") == []


@pytest.mark.portability
def test_a_large_library_is_counted_in_few_calls(
    program: Program, mps: LocalMps, songs: Managed
) -> None:
    """A count ends at a thousand."""
    mps.fill(songs.id, 1000)
    mps.forget_calls()
    (warning,) = program.change(description="Other")
    assert "holds 1,000+ files\n" in warning
    assert mps.calls() == ["ListFpShotFiles"] * 10


def test_a_refresh_warns_of_no_loss(program: Program, mps: LocalMps, songs: Managed) -> None:
    """A warning names what MPS spells differently, without its value; nothing is replaced."""
    mps.rewrite(songs.id, description="s3cret ")
    program.refresh()
    (warning,) = program.warnings
    assert warning.startswith(f"MPS reports a different `description` for library {songs.id} than")
    assert "s3cret" not in warning
    assert "holds 234 files" in program.change(description="Other")[-1]


def test_a_warning_is_given_once(program: Program) -> None:
    """The engine compares some resources twice."""
    program.change(description="Other")
    assert len(program.change(description="Other")) == 1


def test_without_credentials(
    mps: LocalMps, engine: FakeEngine, name: str, songs: Managed, tmp_path: Path
) -> None:
    """A preview without credentials warns in general, and says what is missing."""
    home = {
        "HOME": str(tmp_path),
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true",
    }
    mps.forget_calls()
    with Host(mps, engine, home, accessKey="", secretKey="") as host:
        (warning,) = Program(host, name, songs).change(description="Other")
    assert warning.startswith(f"may hold files\nreplacing {songs.id} is refused if")
    assert f"{NOT_COUNTED}credentials: the default chain gave none" in warning
    assert mps.calls() == []


def test_a_failure_is_shared(mps: LocalMps, engine: FakeEngine, name: str, songs: Managed) -> None:
    """What is refused once is not asked again for other libraries, but reported for each."""
    mps.forget_calls()
    denied = {"action": "GetCallerIdentity", "kind": "error", "code": "Forbidden.RAM"}
    with mps.faulty({**denied, "status": 403}), Host(mps, engine) as host:
        for number in range(20):
            (warning,) = Program(host, f"{name}-{number}", songs).change(description="Other")
            assert f"{NOT_COUNTED}GetCallerIdentity was refused: Forbidden.RAM" in warning
    assert mps.calls() == ["GetCallerIdentity"]


def test_empty_pages_without_end_are_not_nothing(
    mps: LocalMps, engine: FakeEngine, name: str, songs: Managed
) -> None:
    """A library that MPS has more pages of is not called empty."""
    page = {"FpShotFileList": {"FpShotFile": []}, "NextPageToken": "more"}
    with Relay(mps.url) as relay:
        for number in range(1, 100):
            relay.answer("ListFpShotFiles", number, http(200, json.dumps(page).encode()))
        with Host(mps, engine, endpoint=relay.url) as host:
            (warning,) = Program(host, name, songs).change(description="Other")
    assert f"{NOT_COUNTED}MPS listed no files but reported more" in warning
