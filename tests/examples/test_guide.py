"""The examples, run from preview to destroy as their guide says."""

import json
import re
import sys
from typing import Any

from examples.guide import GUIDE, Checkout, blocks
from pulumi_alicloud_mps.emulator import Emulator
from pulumi_alicloud_mps.testing import MpsEmulator

FP_DB_ID = "[0-9a-f]{32}"


def libraries(checkout: Checkout, project: str) -> list[dict[str, str]]:
    """Return the libraries on the embedded MPS of a project."""
    with Emulator(checkout.folder / project / ".alicloud-mps" / "mps.sqlite") as running:
        return MpsEmulator(running.url).libraries()


def outputs(checkout: Checkout, project: str) -> dict[str, Any]:
    """Return the outputs of a project's stack."""
    command = f"pulumi stack output --json --cwd {project}"
    return dict(json.loads(checkout.run(command).succeeded().output))


def test_each_section_is_run() -> None:
    """No section of the guide has commands that no test here runs."""
    titles = re.findall(r"(?m)^## (.*)$", GUIDE.read_text(encoding="utf-8"))
    assert {title: len(blocks(title)) for title in titles} == {
        "Media catalogue": 3,
        "Languages": 1,
        "Adoption": 2,
        "Automation API": 1,
        "Unit test": 2,
    }


def test_media_catalogue(checkout: Checkout) -> None:
    """Models and regions arrive at MPS, and another stack reads where its libraries are."""
    make, read, clean = blocks("Media catalogue")
    project = "examples/media-catalogue"

    told = checkout.run(make).succeeded().output
    made = {
        (library["Region"], library["Description"].removeprefix("Licensed ")): library["FpDBId"]
        for library in libraries(checkout, project)
    }
    assert set(made) == {
        ("cn-shanghai", "image"),
        ("cn-shanghai", "audio"),
        ("cn-shanghai", "video"),
        ("ap-southeast-1", "video"),
    }
    for (region, kind), fp_db_id in made.items():
        assert re.search(rf"{fp_db_id} .* {region} .* {region}-{kind}\b", told)
    exported = outputs(checkout, project)["fp_db_ids"]
    assert exported["ap-southeast-1"] == {"video": made["ap-southeast-1", "video"]}

    read_out = checkout.run(read).succeeded()
    assert "created" in read_out.output
    assert outputs(checkout, f"{project}/consumer")["environment"] == {
        "MPS_REGION": "cn-shanghai",
        "MPS_AUDIO_LIBRARY": made["cn-shanghai", "audio"],
        "MPS_VIDEO_LIBRARY": made["cn-shanghai", "video"],
    }

    checkout.run(clean).succeeded()
    assert libraries(checkout, project) == []


def test_languages(checkout: Checkout) -> None:
    """A program without Python plans, changes and deletes with the provider of the environment."""
    (commands,) = blocks("Languages")
    (checkout.folder / ".venv").symlink_to(sys.prefix)
    told = checkout.run(commands).succeeded().output
    assert "+ 4 created" in told
    assert "~ 1 updated" in told
    assert "+-1 to replace" in told
    assert libraries(checkout, "examples/languages/yaml") == []


def test_adoption(checkout: Checkout) -> None:
    """Existing libraries come under a stack and leave it again with all their fingerprints."""
    adopt, leave = blocks("Adoption")
    project = "examples/adoption"
    adopted = checkout.run(adopt).succeeded()
    assert "+ 2 to create" in adopted.output
    before = {library["Name"]: library["FpDBId"] for library in libraries(checkout, project)}
    assert set(before) == {"licensed-music", "licensed-films"}
    found = outputs(checkout, project)
    assert found["music"] == before["licensed-music"]
    assert found["films"] == {"name": "licensed-films", "state": "active"}
    checkout.run(leave).succeeded()
    after = {library["Name"]: library["FpDBId"] for library in libraries(checkout, project)}
    assert after == before


def test_automation_api(checkout: Checkout) -> None:
    """A tenant gets a library, is listed with its ID, and goes without a trace."""
    (commands,) = blocks("Automation API")
    shown = checkout.run(commands).succeeded().output
    assert len(re.findall(f"(?m)^acme: {FP_DB_ID}$", shown)) == 2
    assert shown.endswith("acme: removed\n")
    assert libraries(checkout, "examples/automation-api/.tenants") == []


def test_tenants(checkout: Checkout) -> None:
    """A tenant's fingerprints go only if that is asked for; what can't be done is one line."""
    folder = "examples/automation-api"
    tool = f"cd {folder}; unset PULUMI_BACKEND_URL; python tenants.py"
    misnamed = checkout.run(f"{tool} add 'a b'").failed()
    assert misnamed.output.startswith("error: ")
    assert misnamed.output.count("\n") == 1

    checkout.run(f"{tool} add acme").succeeded()
    with Emulator(checkout.folder / folder / ".tenants/.alicloud-mps/mps.sqlite") as running:
        mps = MpsEmulator(running.url)
        mps.fill(mps.libraries()[0]["FpDBId"])

    refused = checkout.run(f"{tool} remove acme").failed()
    assert "holds fingerprints" in refused.output
    assert refused.output.endswith("\nPulumi failed, and says why above\n")

    checkout.run(f"{tool} remove --with-content acme").succeeded()
    assert libraries(checkout, f"{folder}/.tenants") == []
    unknown = checkout.run(f"{tool} remove acme").failed()
    assert unknown.output == "there is no such tenant; `list` shows all\n"


def test_unit_test(checkout: Checkout) -> None:
    """The example's own tests go by its own settings wherever it lies, and pass; so does it."""
    tests, stack = blocks("Unit test")
    assert "3 passed" in checkout.run(tests).succeeded().output
    checkout.run(stack).succeeded()
    assert libraries(checkout, "examples/unit-test") == []
