"""What a front gets of `pulumi:autonaming`, and what it has to read."""

import json
from collections.abc import Iterator
from typing import Self

import pytest

from pulumi_alicloud_mps.errors import SettingsError, StackStateError
from pulumi_alicloud_mps.native import autonaming
from pulumi_alicloud_mps.native.autonaming import pattern_of

URN = "urn:pulumi:dev::catalogue::alicloud-mps:index:FpShotDB::songs"
PATTERN = {"pattern": "${organization}/${project}/${stack}/${config.team}/${name}-${hex(15)}"}


class Stacks:
    """The stacks of a backend, of which one is selected."""

    def __init__(self, selected: str | None, **teams: str) -> None:
        self._selected = selected
        self._teams = teams
        self._stack = ""
        self.reads = 0

    def __call__(self, stack: str | None, **_: object) -> Self:
        """Return one of them, as `StackState` does."""
        self._stack = stack or self._selected or ""
        return self

    def qualified_name(self) -> str:
        """Return its name."""
        if self._stack not in self._teams:
            raise StackStateError(f"no stack {self._stack!r}")
        return f"acme/catalogue/{self._stack}"

    def configuration(self) -> dict[str, object]:
        """Return its configuration, in which a setting for dynamic resources counts for nothing."""
        self.reads += 1
        other = {"providers": {"pulumi-python": {"mode": "disabled"}}}
        team = self._teams[self._stack]
        return {"pulumi:autonaming": json.dumps(PATTERN | other), "catalogue:team": team}


@pytest.fixture(autouse=True)
def _unread() -> Iterator[None]:
    yield
    autonaming._configured.cache_clear()


@pytest.mark.parametrize(("proposed", "pattern"), [("", ""), ("songs", "${name}")])
def test_what_the_proposal_tells(
    monkeypatch: pytest.MonkeyPatch, proposed: str, pattern: str
) -> None:
    """A library that gets no name, or its logical one, needs nothing read."""
    monkeypatch.setattr(autonaming, "StackState", Stacks(None))
    assert pattern_of(URN, proposed) == pattern


@pytest.mark.parametrize("selected", ["dev", "prod", None])
def test_a_pattern_is_read_once(monkeypatch: pytest.MonkeyPatch, selected: str | None) -> None:
    """It is that of the stack that is deployed, which need not be the selected one."""
    stacks = Stacks(selected, dev="media", prod="other")
    monkeypatch.setattr(autonaming, "StackState", stacks)
    for number in range(2):
        pattern = pattern_of(f"{URN}-{number}", "acme-media-songs-7d1")
        assert pattern == "acme/catalogue/dev/media/${name}-${hex(15)}"
    assert stacks.reads == 1


def test_a_pattern_that_can_t_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A random name would be another one at the next attempt, so one has to be given."""
    monkeypatch.setattr(autonaming, "StackState", Stacks(None))
    with pytest.raises(SettingsError, match=r"^name: must be set, because .*no stack 'dev'"):
        pattern_of(URN, "songs-7d1")
