"""Guides, followed word for word from an empty folder."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from documents import GUIDES, ROOT
from pulumi_stack import COMMAND_SECONDS, guided_in

_BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"\b[0-9a-f]{32}\b")
_CHANGING = re.compile(r"/\S*/\.alicloud-mps/|\d{8}T\d{6}Z")


@dataclass
class Reader:
    """Does what a guide says: `sh` is run, `python` is the program, `text` is what was printed."""

    folder: Path
    output: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def follow(self, kind: str, block: str) -> None:
        """Do what one block says, with the IDs that the libraries have here."""
        if kind == "text":
            self._compare(block)
            return
        known = _ID.sub(lambda match: self.ids[match[0]], block)
        if kind == "python":
            (self.folder / "__main__.py").write_text(known, encoding="utf-8")
        else:
            self._run(known)

    def _run(self, script: str) -> None:
        # Without Pulumi's own questions, as in a terminal that nobody sits at.
        done = subprocess.run(
            ["/bin/bash", "-e", "-c", script],
            cwd=self.folder,
            env=guided_in(self.folder.parent),
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode == 0, script + done.stdout
        self.output = done.stdout

    def _compare(self, block: str) -> None:
        """Check that what the guide shows was printed, and learn which IDs stand for its own."""
        printed = [_neutral(line) for line in self.output.splitlines()]
        for line in filter(None, block.splitlines()):
            shown = _neutral(line)
            found = [number for number, text in enumerate(printed) if shown in text]
            assert found, f"{line}\n\nis not in\n\n{self.output}"
            if mine := _ID.search(line):
                theirs = _ID.findall(self.output.splitlines()[found[0]])
                assert self.ids.setdefault(mine[0], theirs[0]) == theirs[0]


def _neutral(line: str) -> str:
    return _CHANGING.sub("…", _ID.sub("<id>", line)).strip()


@pytest.mark.parametrize("name", GUIDES)
def test_guide(name: str, tmp_path: Path) -> None:
    """Every command succeeds, every program runs, and everything shown is printed."""
    project = tmp_path / "project"
    for folder in (project, tmp_path / "state"):
        folder.mkdir()
    reader = Reader(project)
    blocks = _BLOCK.findall((ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8"))
    for kind, block in blocks:
        reader.follow(kind, block)
    assert len(blocks) > 3
    assert reader.ids
