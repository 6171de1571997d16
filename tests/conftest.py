"""Every test runs without the keys, proxies and home of whoever runs it."""

from __future__ import annotations

import os
import re

import hypothesis
import pytest

_FOREIGN = re.compile(r"(?i)(ALICLOUD_|ALIBABA_|ALIYUN_).*|.*_PROXY|NETRC|DEBUG")

# The same examples in every run, and no folder to keep them in.
hypothesis.settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in os.environ:
        if _FOREIGN.fullmatch(name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
