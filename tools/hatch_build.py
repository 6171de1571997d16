"""What hatchling can't know by itself of this package."""

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_PLUGIN_FILE = "pulumi_alicloud_mps/pulumi-plugin.json"
_LINK = re.compile(r"(?<!!)\[([^]]*)\]\((?!\w+:|#)([^)]*)\)")
_PICTURE = re.compile(r"(?<= )(src|srcset)=\"(?!\w+:)([^\"]*)\"")
_PICTURES = re.compile(r"<picture>.*?</picture>\n*", re.DOTALL)


class EditablePluginFile(BuildHookInterface[Any]):
    """Put pulumi-plugin.json where the language host looks for it: beside the metadata.

    The file says that there is no plugin to download. Without it every `pulumi` command tries to,
    since the package's name starts with `pulumi-`, and takes 2.4 s longer (measured on 3.230.0).
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to editable wheels; in others it lies with the package anyway."""
        if version == "editable":
            build_data["force_include_editable"] = {f"provider/{_PLUGIN_FILE}": _PLUGIN_FILE}


class RepositoryLinks(MetadataHookInterface):
    """Lead from the package to the repository, at the tag that the package is built from."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the package's links, and its page, which is the README."""
        repository = self.config["repository"]
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        text = linked(readme, repository, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        pages = {
            "Homepage": "",
            "Documentation": "/tree/main/docs",
            "Changelog": "/blob/main/CHANGELOG.md",
            "Issues": "/issues",
            "Source": "",
        }
        metadata["urls"] = {name: repository + page for name, page in pages.items() if repository}


def linked(text: str, repository: str, version: str) -> str:
    """Return a document of the root as it reads outside of the repository."""
    if not repository:
        return _LINK.sub(r"\1", _PICTURES.sub("", text))
    commit = "main" if "dev" in version else f"v{version}"
    text = _LINK.sub(rf"[\1]({repository}/blob/{commit}/\2)", text)
    return _PICTURE.sub(rf'\1="{repository}/raw/{commit}/\2"', text)
