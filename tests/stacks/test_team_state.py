"""docs/how-to/team-state.md, word for word: two people, two machines, and one state in OSS."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from control_api import ControlApi
from object_store import ENDPOINT, REGION, ObjectStore
from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    Emulator,
)
from pulumi_stack import Outcome, PulumiStack, Running

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "team-state"
BUCKET = "example-pulumi-state"
STATE = ".pulumi/stacks/catalogue/prod.json"
DESCRIPTION = b"Licensed catalogue"
ANSWERED_LATE: dict[str, object] = {"action": "CreateFpShotDB", "kind": "hang", "execute": True}


@dataclass(frozen=True)
class Guide:
    """The guide's code blocks."""

    text: str

    def blocks(self, section: str, language: str = "sh") -> list[str]:
        """Return a section's blocks in that language."""
        (body,) = re.findall(rf"(?ms)^## {section}\n(.*?)(?=^## |\Z)", self.text)
        return re.findall(rf"(?s)```{language}\n(.*?)```", body)

    def policy(self) -> dict[str, Any]:
        """Return the RAM policy for the bucket."""
        (text,) = self.blocks("The bucket", "json")
        return dict(json.loads(text))


GUIDE = Guide((ROOT / "docs" / "how-to" / "team-state.md").read_text(encoding="utf-8"))


@dataclass
class Machine(PulumiStack):
    """Somebody's checkout, on a machine with a home of its own."""

    def __post_init__(self) -> None:
        """Make the home; the project's files are there already."""
        (self._user / ".config").mkdir(parents=True)
        self.use_passphrase("correct horse battery staple")

    def use_passphrase(self, text: str) -> None:
        """Keep a passphrase where the guide has it."""
        (self._user / ".config" / "catalogue-passphrase").write_text(text, encoding="utf-8")

    def follow(self, section: str, block: int = 0) -> Outcome:
        """Run the commands of a section."""
        return self._run(["bash", "-euo", "pipefail", "-c", GUIDE.blocks(section)[block]])

    def declare(self, line: str) -> None:
        """Add a library to the program."""
        with (self.folder / "__main__.py").open("a", encoding="utf-8") as program:
            program.write(f"{line}\n")

    def pull(self, colleague: Path) -> None:
        """Get what a colleague has committed."""
        for name in ("Pulumi.yaml", "Pulumi.prod.yaml", "__main__.py"):
            shutil.copy(colleague / name, self.folder)

    def exported(self) -> str:
        """Return the state, which is in no file here."""
        return self.run("stack", "export").succeeded().output

    @property
    def _user(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-home")

    def _environment(self) -> dict[str, str]:
        start = super()._environment()
        for name in [name for name in start if name.startswith(("AWS_", "PULUMI_BACKEND"))]:
            del start[name]
        del start["PULUMI_CONFIG_PASSPHRASE"]
        start.update(self.environment, HOME=str(self._user))
        (settings,) = GUIDE.blocks("Keys and passphrase")
        command = ["bash", "-euc", f"{settings}\nenv -0"]
        told = subprocess.run(command, env=start, capture_output=True, text=True, check=True)
        return dict(item.split("=", 1) for item in told.stdout.split("\0") if item)


MachineMaker = Callable[..., Machine]


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[ObjectStore]:
    """Serve the guide's bucket by the guide's rights; nothing else is reached, no secret stays."""
    with ObjectStore(tmp_path, BUCKET, GUIDE.policy()) as store:
        yield store
        assert DESCRIPTION not in b"".join(store.objects().values())
    assert store.strangers == []


@pytest.fixture
def new_machine(emulator: Emulator, bucket: ObjectStore, tmp_path: Path) -> Iterator[MachineMaker]:
    """Return a maker of machines, with the example or with what a colleague has committed."""
    made: list[Machine] = []

    def make(owner: str, colleague: Machine | None = None) -> Machine:
        folder = tmp_path / owner
        folder.mkdir()
        machine = Machine(
            folder,
            config={},
            environment={
                "ALIBABA_CLOUD_ACCESS_KEY_ID": LOCAL_ACCESS_KEY_ID,
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET": LOCAL_ACCESS_KEY_SECRET,
                **bucket.environment,
            },
            stack="prod",
        )
        made.append(machine)
        if colleague:
            machine.pull(colleague.folder)
        else:
            shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
            machine.configure({"alicloud-mps:endpoint": emulator.url})
        return machine

    yield make
    for machine in made:
        machine.close()


def cut_off(machine: Machine, mps: ControlApi) -> Running:
    """Start an `up` whose CreateFpShotDB is carried out and never answered."""
    mps.set_faults(ANSWERED_LATE)
    mps.forget_calls()
    running = machine.start_up()
    mps.await_calls("CreateFpShotDB")
    return running


def library_of(resource: str, mps: ControlApi) -> str:
    """Return the ID of the library whose name was derived from a resource's."""
    (library,) = [item for item in mps.libraries() if item["Name"].startswith(f"{resource}-")]
    return str(library["FpDBId"])


def older_state(alice: Machine, bucket: ObjectStore, mps: ControlApi) -> None:
    """Bring back an older version of the state, as the guide says, and see what `up` says."""
    alice.follow("Copies and older states").succeeded()
    exported = json.loads((alice.folder / "prod-state.json").read_text(encoding="utf-8"))
    assert exported["deployment"]["resources"]
    before = bucket.objects()[STATE]
    alice.declare('FpShotDB("news", model_id=FpModel.AUDIO)')
    alice.up().succeeded()

    (body,) = re.findall(r"(?ms)^## Copies and older states\n(.*)", GUIDE.text)
    places = re.findall(r"(?m)^\| `(.*?)`", body)
    assert len(places) == 4
    assert all(any(key.startswith(place) for key in bucket.ever()) for place in places)

    assert before in bucket.versions(STATE)[1:]
    bucket.restore(STATE, before)
    output = alice.follow("Copies and older states", 1).failed().output
    assert f"an earlier run created library {library_of('news', mps)}" in output
    assert len(mps.libraries()) == 4


def fewer_rights(bob: Machine, bucket: ObjectStore) -> None:
    """Preview with the rights that the guide says are enough, and not with another passphrase."""
    for statement in bucket.policy["Statement"]:
        statement["Action"] = [
            action
            for action in statement["Action"]
            if action in {"oss:ListObjects", "oss:GetObject"}
        ]
    bob.preview("--expect-no-changes").succeeded()
    assert bucket.refused == []
    assert "AccessDenied" in bob.up().failed().output
    bob.use_passphrase("wrong")
    assert "incorrect passphrase" in bob.preview().failed().output


def test_two_machines(new_machine: MachineMaker, bucket: ObjectStore, mps: ControlApi) -> None:
    """Two machines see one stack, by the guide's rights: nothing is doubled, no secret is shown.

    A second up is refused, and a run that died is settled in any folder, if its name tells. An
    older version of the state comes back, and makes no library a second time.
    """
    alice = new_machine("alice")
    alice.follow("The first stack").succeeded()
    bob = new_machine("bob", alice)
    bob.follow("The second machine").succeeded()
    assert bucket.refused == []
    assert bucket.used == {
        action for statement in GUIDE.policy()["Statement"] for action in statement["Action"]
    }
    assert bucket.keys == {LOCAL_ACCESS_KEY_ID}
    assert all(key.startswith(".pulumi/") for key in bucket.objects())
    songs = mps.only_library()["FpDBId"]
    assert bob.outputs() == alice.outputs() == {"songs": songs}

    alice.declare('FpShotDB("talks")')
    bob.pull(alice.folder)
    running = cut_off(alice, mps)
    (refusal,) = GUIDE.blocks("Two at once", "text")
    assert refusal in bob.up().failed().output
    bob.preview().succeeded()
    running.kill("cli", "provider")
    mps.set_faults()
    bob.cancel()
    told = bob.recover().succeeded().output
    assert f"talks: found library {library_of('talks', mps)}, which" in told
    assert mps.calls().count("CreateFpShotDB") == 1

    # Of a name that the program gives, only the folder of the run has the proof.
    alice.declare('FpShotDB("clips", name="clips")')
    bob.pull(alice.folder)
    running = cut_off(alice, mps)
    bob.cancel()
    assert running.cli.poll() is None
    running.kill("cli", "provider")
    mps.set_faults()
    refused = bob.recover()
    assert refused.code == 1
    assert "matches its name, but nothing here shows" in refused.output
    assert "clips: found library " in alice.follow("When a run was cut off").succeeded().output

    older_state(alice, bucket, mps)
    fewer_rights(bob, bucket)

    everything = b"".join([*bucket.objects().values(), *bucket.versions(STATE)])
    assert songs.encode() in everything
    assert DESCRIPTION not in everything
    assert LOCAL_ACCESS_KEY_SECRET.encode() not in everything
    assert DESCRIPTION not in (alice.folder / "Pulumi.prod.yaml").read_bytes()


def test_addresses(new_machine: MachineMaker, bucket: ObjectStore) -> None:
    """The one option that would leave the bucket out of the host's name is to be left out."""
    url = f"s3://{BUCKET}?endpoint=https://{ENDPOINT}&region={REGION}"
    assert url in (EXAMPLE / "Pulumi.yaml").read_text(encoding="utf-8")
    machine = new_machine("alice")
    machine.run("login", url).succeeded()
    machine.run("login", f"{url}&s3ForcePathStyle=true").failed()
    assert set(bucket.strangers) == {f"{ENDPOINT}:443"}
    bucket.strangers.clear()


WORKFLOWS = ROOT / "examples" / "github-actions"


@pytest.mark.parametrize("workflow", ["preview.yml", "deploy.yml"])
@pytest.mark.parametrize("in_oss", [True, False])
def test_workflow_step(workflow: str, tmp_path: Path, *, in_oss: bool) -> None:
    """A workflow whose state is in OSS hands on the keys that the login has set."""
    (job,) = yaml.safe_load((WORKFLOWS / workflow).read_bytes())["jobs"].values()
    (step,) = [item for item in job["steps"] if item.get("name", "").endswith("a state in OSS")]
    url = f"s3://{BUCKET}?endpoint=https://{ENDPOINT}&region={REGION}" if in_oss else "s3://other"
    login = {"ACCESS_KEY_ID": "id", "ACCESS_KEY_SECRET": "secret", "SECURITY_TOKEN": "token"}
    environment = {f"ALIBABA_CLOUD_{name}": value for name, value in login.items()}
    handed = tmp_path / "environment"
    handed.touch()
    subprocess.run(
        ["/bin/bash", "-euc", step["run"]],
        env={**environment, "GITHUB_ENV": str(handed), "PULUMI_BACKEND_URL": url},
        check=True,
    )
    names = ["AWS_ACCESS_KEY_ID=id", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=token"]
    assert handed.read_text(encoding="utf-8").splitlines() == (names if in_oss else [])
