"""A probe finds each respect in which MPS differs, and an emulator takes it over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from connections import REGION
from core import Core
from pulumi_alicloud_mps.emulator import EmulatorSettings
from pulumi_alicloud_mps.emulator.settings import QUIRKS
from pulumi_alicloud_mps.errors import MpsError, OutcomeUnknownError
from pulumi_alicloud_mps.mps.libraries import Libraries
from pulumi_alicloud_mps.probe import Findings, Probe
from raw_server import Answer, refused
from relay import Relay

FOUND = [*list(QUIRKS)[:-2], "list-first=2"]
"""All quirks but `unlisted-text`, which can't be asked for without an import."""


def probe(core: Core, url: str, folder: Path) -> Probe:
    """Return a probe of the MPS at that address."""
    return Probe(Libraries(core.client(url), REGION, core.clock), folder)


def probed(core: Core, folder: Path, spoil: Callable[[Relay], None] = lambda _: None) -> Findings:
    """Probe the emulator; whatever comes of that, nothing is left."""
    for name in ("a", "b"):
        core.store(name=name)
    spoil(core.relay)
    try:
        return probe(core, core.relay.url, folder).run()
    finally:
        undisturbed = probe(core, core.emulator.url, folder)
        undisturbed.clean()
        assert undisturbed.leftovers() == []
        now, kept = core.model.clock(), core.model.libraries()
        assert {item.name for item in kept if item.state(now) != "deleted"} == {"a", "b"}


def test_an_mps_as_assumed(core: Core, tmp_path: Path) -> None:
    """Where MPS is as its documentation says, nothing differs, and durations are measured."""
    core.change(activation_seconds=7, deletion_seconds=5)
    findings = probed(core, tmp_path)
    assert [item for item in findings.answers if item.differs] == []
    assert findings.quirks == []
    found = EmulatorSettings().changed(findings.to_dict()["emulator"])  # type: ignore[arg-type]
    assert 7 <= found.activation_seconds < 9
    assert 5 <= found.deletion_seconds < 7


@pytest.mark.parametrize("quirk", FOUND)
def test_each_quirk_is_found(core: Core, tmp_path: Path, quirk: str) -> None:
    """An emulator that takes the findings over has just the quirk that was probed."""
    core.change(quirks=[quirk])
    findings = probed(core, tmp_path)
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
def test_each_setting_is_found(core: Core, tmp_path: Path, setting: dict[str, object]) -> None:
    """What documentation leaves open is found out as well."""
    core.change(**setting)
    findings = probed(core, tmp_path)
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
    core: Core, tmp_path: Path, action: str, answer: Answer
) -> None:
    """What could not be deleted is noted, so that it is by `--clean`."""
    with pytest.raises(MpsError):
        probed(core, tmp_path, lambda relay: relay.answer(action, 1, answer))


def test_what_a_killed_probe_left_is_found_by_its_name(core: Core, tmp_path: Path) -> None:
    """A library whose ID was never noted is deleted by what its name begins with."""
    with pytest.raises(OutcomeUnknownError):
        probed(core, tmp_path, lambda relay: relay.lose("CreateFpShotDB", 1))
