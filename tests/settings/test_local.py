"""The embedded MPS: the project's own, kept in its folder."""

import math
from pathlib import Path

import pytest

from connections import REGION
from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.models import LibrarySpec
from pulumi_alicloud_mps.mps.service import Service
from pulumi_alicloud_mps.settings.reader import Settings, read_settings
from pulumi_alicloud_mps.state.project_folder import own_folder, project_folder

SPEC = LibrarySpec("songs", 12)


def local(**config: str) -> Settings:
    """Return the settings of a stack whose endpoint is `local`."""
    return read_settings({"alicloud-mps:endpoint": "local", **config}.get, {})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Pulumi project; the program runs in a folder below."""
    (tmp_path / "Pulumi.yaml").write_text("name: station\nruntime: python\n", encoding="utf-8")
    program = tmp_path / "infra" / "program"
    program.mkdir(parents=True)
    monkeypatch.chdir(program)
    return tmp_path


@pytest.mark.portability
def test_it_lives_in_the_projects_folder(project: Path) -> None:
    """All of it is one folder of the project, which git ignores, wherever the program runs."""
    service = Service(local().open())
    service.libraries(REGION).create(SPEC, math.inf)
    service.close()
    assert {path.name for path in project.iterdir()} == {"Pulumi.yaml", "infra", ".alicloud-mps"}
    folder = project / ".alicloud-mps"
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert (folder / "mps.sqlite").is_file()


@pytest.mark.usefixtures("project")
def test_real_keys_are_not_sent_to_it() -> None:
    """The embedded MPS is called with its own keys, whatever the environment holds."""
    keys = {"alicloud-mps:accessKey": "real", "alicloud-mps:secretKey": "s3cret"}
    service = Service(local(**keys).open())
    assert service.account_id(REGION)
    service.close()


@pytest.mark.parametrize("name", [".alicloud-mps", ".alicloud-mps/mps.sqlite"])
def test_a_folder_that_can_not_be_used_is_an_error(project: Path, name: str) -> None:
    """Where the embedded MPS can't keep its libraries, the error names setting and place."""
    obstacle = project / name
    obstacle.parent.mkdir(exist_ok=True)
    obstacle.write_text("something else\n" * 100, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^endpoint: .*\.alicloud-mps"):
        local().open()


def test_without_a_project_it_is_the_folder_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no project, the embedded MPS lives where the program runs."""
    assert project_folder(tmp_path) is None
    assert own_folder(tmp_path).parent == tmp_path
    monkeypatch.chdir(tmp_path)
    access = local().open()
    access.close()
    assert access.credentials().access_key_id == "local"
    assert (tmp_path / ".alicloud-mps" / "mps.sqlite").is_file()
