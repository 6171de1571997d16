"""docs/emulator.md: its programs run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_alicloud_mps.emulator import Emulator

_DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"
_PROGRAMS = re.findall(r"```python\n(.*?)```", _DOCUMENT.read_text(), re.DOTALL)


@pytest.mark.parametrize("program", _PROGRAMS, ids=range(len(_PROGRAMS)))
def test_programs(program: str) -> None:
    """Each program ends without an error, against an emulator at the address that it names."""
    with Emulator() as emulator:
        program = program.replace("127.0.0.1:8014", emulator.url.removeprefix("http://"))
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
    assert (ended.returncode, ended.stderr) == (0, "")
