"""The programs of examples/languages, each through the life of its stack."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from control_api import ControlApi
from documents import ROOT
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_alicloud_mps.mps.models import WRITES
from pulumi_stack import PulumiStack

from .conftest import StackMaker

EXAMPLES = ROOT / "examples" / "languages"
PLUGIN = "path: ../../../.venv/bin"
# What scripts/test makes for the programs that need an SDK.
MADE = ROOT / ".sdks"
SDKS = {"typescript": MADE / "nodejs", "go": MADE / "go"}


def example(language: str, new_stack: StackMaker) -> PulumiStack:
    """Return a stack of a copy of the program, with the plugin of this environment."""
    stack = new_stack(native=True, project="languages")
    added = shutil.ignore_patterns("sdks", "node_modules")
    shutil.copytree(EXAMPLES / language, stack.folder, dirs_exist_ok=True, ignore=added)
    if language in SDKS:
        for folder in filter(Path.is_dir, SDKS[language].iterdir()):
            (stack.folder / folder.name).symlink_to(folder)
        _, modules, compiled = (MADE / "made").read_text(encoding="utf-8").splitlines()
        # Go compiles with the flags of scripts/test and in its cache, and gets nothing.
        stack.environment |= {"GOMODCACHE": modules, "GOCACHE": compiled, "GOPROXY": "off"}
        stack.environment |= {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath"}
    project = stack.folder / "Pulumi.yaml"
    text = project.read_text(encoding="utf-8")
    assert PLUGIN in text
    plugin = f"path: {json.dumps(str(Path(sys.executable).parent))}"
    project.write_text(text.replace(PLUGIN, plugin), encoding="utf-8")
    return stack


def writes(mps: ControlApi) -> list[str]:
    """Return the calls that change something, and forget all."""
    found = [call for call in mps.calls() if call in WRITES]
    mps.forget_calls()
    return found


@pytest.mark.parametrize("language", ["yaml", "python", "typescript", "go"])
def test_life(language: str, new_stack: StackMaker, mps: ControlApi) -> None:
    """The program of each language makes, changes, replaces and looks up the same."""
    stack = example(language, new_stack)
    keys = {"AccessKey": LOCAL_ACCESS_KEY_ID, "SecretKey": LOCAL_ACCESS_KEY_SECRET}
    options = (f"--secret=partner{name}={key}" for name, key in keys.items())
    stack.run("config", "set-all", *options).succeeded()

    stack.up().succeeded()
    made = {it["FpDBId"]: (it["Region"], it["ModelId"], it["Name"]) for it in mps.libraries()}
    songs, films = (stack.resources()[name]["id"] for name in ("songs", "films"))
    assert made[songs][:2] == ("cn-shanghai", 13)
    assert made[films][:2] == ("ap-southeast-1", 12)
    assert stack.outputs() == {"fpDbId": songs, "name": made[songs][2], "names": [made[films][2]]}
    assert LOCAL_ACCESS_KEY_SECRET not in stack.exported()
    assert writes(mps) == ["CreateFpShotDB", "CreateFpShotDB"]

    mps.fill(songs)
    stack.run("config", "set", "forceDestroy", "true").succeeded()
    assert "~ 1 updated" in stack.up("--refresh").succeeded().output
    stack.up("--expect-no-changes").succeeded()
    assert writes(mps) == []

    stack.run("config", "set", "description", "Licensed music").succeeded()
    mps.set_state(films, "deleted")
    stack.refresh().succeeded()
    assert [*stack.resources()] == ["songs"]
    done = stack.up().succeeded().output
    assert "+ 1 created" in done
    assert "+-1 replaced" in done
    assert stack.outputs()["fpDbId"] == stack.resources()["songs"]["id"] != songs
    stack.destroy().succeeded()
    assert mps.libraries() == []
