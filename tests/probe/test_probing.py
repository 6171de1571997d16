"""A probe finds each respect in which MPS differs, and an emulator takes it over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connections import REGION, Connections
from fake_clock import FakeClock, emulator_by
from pulumi_alicloud_mps.emulator import EmulatorSettings
from pulumi_alicloud_mps.emulator.quirks import QUIRKS
from pulumi_alicloud_mps.emulator.records import NewLibrary
from pulumi_alicloud_mps.mps.client import MpsClient
from pulumi_alicloud_mps.mps.errors import MpsError, OutcomeUnknownError
from pulumi_alicloud_mps.probe.findings import Findings
from pulumi_alicloud_mps.probe.own_libraries import OwnLibraries
from pulumi_alicloud_mps.probe.probing import Probe
from raw_server import Answer, refused
from relay import Relay

FOUND = [*QUIRKS[:-2], "list-first=2"]
"""All quirks but `unlisted-text`, which can't be asked for without an import."""


class World:
    """An emulator, and what probes it."""

    def __init__(self, tmp_path: Path, **settings: object) -> None:
        self.clock = FakeClock()
        self.emulator = emulator_by(self.clock)
        self.emulator.model.settings = self.emulator.model.settings.changed(settings)
        self._folder = tmp_path

    def probed(self, spoil: Callable[[Relay], None] = lambda _: None) -> Findings:
        """Probe it; whatever comes of that, nothing is left."""
        with self.emulator, Connections(self.clock) as connections:
            for name in ("a", "b"):
                self.emulator.model.create_library(NewLibrary(name))
            with Relay(self.emulator.url) as relay:
                spoil(relay)
                client = connections.client(relay.url)
                own = OwnLibraries(client, REGION, self.clock, self._folder)
                try:
                    return Probe(client, self.clock, own, REGION).run()
                finally:
                    self._clean(connections.client(self.emulator.url))

    def _clean(self, client: MpsClient) -> None:
        own = OwnLibraries(client, REGION, self.clock, self._folder)
        own.clean()
        assert own.noted() == []
        now, kept = self.emulator.model.clock(), self.emulator.model.libraries()
        assert {item.name for item in kept if item.state(now) != "deleted"} == {"a", "b"}


def test_an_mps_as_assumed(tmp_path: Path) -> None:
    """Where MPS is as its documentation says, nothing differs, and durations are measured."""
    world = World(tmp_path, activation_seconds=7, deletion_seconds=5)
    findings = world.probed()
    assert [item for item in findings.answers if item.differs] == []
    assert findings.quirks == []
    found = EmulatorSettings().changed(findings.to_dict()["emulator"])  # type: ignore[arg-type]
    assert 7 <= found.activation_seconds < 9
    assert 5 <= found.deletion_seconds < 7


@pytest.mark.parametrize("quirk", FOUND)
def test_each_quirk_is_found(tmp_path: Path, quirk: str) -> None:
    """An emulator that takes the findings over has just the quirk that was probed."""
    findings = World(tmp_path, quirks=[quirk]).probed()
    assert findings.differs
    assert findings.quirks == [quirk]
    found = EmulatorSettings().changed(findings.to_dict()["emulator"])  # type: ignore[arg-type]
    assert found.quirks == [quirk]


@pytest.mark.parametrize(
    "setting",
    [
        {"list_without_ids": "none"},
        {"list_without_ids": "refused"},
        {"deleted_libraries": "missing"},
        {"unique_names": True},
    ],
    ids=str,
)
def test_each_setting_is_found(tmp_path: Path, setting: dict[str, object]) -> None:
    """What documentation leaves open is found out as well."""
    findings = World(tmp_path, **setting).probed()
    assert findings.differs
    assert findings.settings.items() >= setting.items()
    assert findings.quirks == []


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("ListFpShotFiles", refused("Forbidden.RAM", status=403)),
        ("SubmitFpDBDeleteJob", refused("Forbidden.RAM", status=403)),
        ("CreateFpShotDB", refused("QuotaExceeded")),
    ],
)
def test_a_probe_that_fails_leaves_what_it_notes(
    tmp_path: Path, action: str, answer: Answer
) -> None:
    """What could not be deleted is noted, so that it is by `--clean`."""
    with pytest.raises(MpsError):
        World(tmp_path).probed(lambda relay: relay.answer(action, 1, answer))


def test_what_a_killed_probe_left_is_found_by_its_name(tmp_path: Path) -> None:
    """A library whose ID was never noted is deleted by what its name begins with."""
    with pytest.raises(OutcomeUnknownError):
        World(tmp_path).probed(lambda relay: relay.lose("CreateFpShotDB", 1))
