"""Every test runs without the environment and the home of whoever runs it."""

from __future__ import annotations

import hypothesis
import pytest

import environment

environment.isolate()

# The same examples in every run, and no folder to keep them in.
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
