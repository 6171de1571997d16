"""The folder of the Pulumi project, what its file says, and what this package keeps in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_alicloud_mps.errors import StackStateError

from .deployment import LIBRARY_TYPE, NATIVE_LIBRARY_TYPE, NATIVE_PROVIDER_TYPE, Deployment

OWN_FOLDER = ".alicloud-mps"
"""The name of this package's folder in a project."""

_PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_PLUGIN = NATIVE_PROVIDER_TYPE.rpartition(":")[2]


@dataclass(frozen=True)
class Project:
    """A Pulumi project: its file, and what that says."""

    path: Path
    content: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, directory: Path) -> Project | None:
        """Read the project that `directory` belongs to, if any.

        Raises:
            StackStateError: Its file can't be read.
        """
        folder = project_folder(directory)
        if folder is None:
            return None
        # Imported here: an operation only needs to know the folder.
        import yaml  # type: ignore[import-untyped] # noqa: PLC0415

        path = next(path for name in _PROJECT_FILES if (path := folder / name).is_file())
        try:
            # JSON is YAML, too.
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise StackStateError(f"{path.name} can't be read: {reason}") from error
        return cls(path, content if isinstance(content, dict) else {})

    @property
    def runtime(self) -> str:
        """The program's language, such as `yaml`."""
        found = self.content.get("runtime")
        return str(found.get("name") if isinstance(found, dict) else found)

    @property
    def plugin_folder(self) -> Path | None:
        """Where the native provider's executable is, if the project says so."""
        named = (self.content.get("plugins") or {}).get("providers") or ()
        found = (self.path.parent / item["path"] for item in named if item.get("name") == _PLUGIN)
        return next(found, None)

    @property
    def has_package(self) -> bool:
        """Whether `pulumi package add` has added the native provider."""
        return _PLUGIN in (self.content.get("packages") or {})

    def library_types(self, exported: Deployment) -> set[str]:
        """Return the types of the libraries that its program has, or would have in this state."""
        if self.runtime != "python":
            return {NATIVE_LIBRARY_TYPE}
        found = {item.type for item in exported.libraries}
        if self.plugin_folder or self.has_package:
            # The libraries of the state may be about to move to it.
            found |= {NATIVE_LIBRARY_TYPE}
        return found or {LIBRARY_TYPE}


def own_folder(directory: Path) -> Path:
    """Make, if it is not there, this package's folder in the project; git ignores it.

    Raises:
        OSError: It can't be created.
    """
    folder = own_path(directory)
    folder.mkdir(exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    return folder


def own_path(directory: Path) -> Path:
    """Return where this package's folder is, or would be; without a project, in `directory`."""
    return (project_folder(directory) or directory) / OWN_FOLDER


def project_folder(directory: Path) -> Path | None:
    """Return the folder of the Pulumi project that `directory` belongs to, if any."""
    for folder in (directory, *directory.parents):
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
    return None
