"""The embedded MPS: what the endpoint `local` means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SettingsError
from .settings import Credentials

if TYPE_CHECKING:
    from pulumi_alicloud_mps.emulator import Emulator

OWN_FOLDER = ".alicloud-mps"
"""The name of this package's folder in a project."""

_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


def start_local(directory: Path) -> tuple[Emulator, Credentials]:
    """Serve the project's own MPS on a free loopback port; return it with the keys it accepts.

    Its libraries live in one file of the project's folder, which is the nearest one above
    `directory` that has a Pulumi.yaml (without any, `directory` itself), and which git is told
    to ignore.

    Raises:
        SettingsError: That folder can't be used.
    """
    # Imported here because only the local stack needs an HTTP server.
    from pulumi_alicloud_mps.emulator import (  # noqa: PLC0415
        LOCAL_ACCESS_KEY_ID,
        LOCAL_ACCESS_KEY_SECRET,
        DatabaseError,
        Emulator,
    )

    try:
        folder = own_folder(directory)
        emulator = Emulator(folder / "mps.sqlite")
        emulator.start()
    except (OSError, DatabaseError) as error:
        raise SettingsError(
            f"endpoint: the embedded MPS can't keep its libraries: {error}"
        ) from error
    return emulator, Credentials(LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET)


def own_folder(directory: Path) -> Path:
    """Make, if it is not there, this package's folder in the project; git ignores it.

    Raises:
        OSError: It can't be made.
    """
    folder = own_path(directory)
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder


def own_path(directory: Path) -> Path:
    """Return where this package's folder in the project is, or would be."""
    return (project_folder(directory) or directory) / OWN_FOLDER


def project_folder(directory: Path) -> Path | None:
    """Return the folder of the Pulumi project that `directory` belongs to, if it does to one."""
    for folder in (directory, *directory.parents):
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
    return None
