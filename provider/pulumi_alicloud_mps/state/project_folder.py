"""The folder of the Pulumi project, and what this package keeps in it."""

from __future__ import annotations

from pathlib import Path

OWN_FOLDER = ".alicloud-mps"
"""The name of this package's folder in a project."""

_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


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
    """Return where this package's folder is, or would be: without a project in `directory`."""
    return (project_folder(directory) or directory) / OWN_FOLDER


def project_folder(directory: Path) -> Path | None:
    """Return the folder of the Pulumi project that `directory` belongs to, if it does to one."""
    for folder in (directory, *directory.parents):
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
    return None
