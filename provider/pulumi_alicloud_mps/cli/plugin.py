"""The subcommand `alicloud-mps plugin`."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import click

from pulumi_alicloud_mps.package import PACKAGE, PLUGIN
from pulumi_alicloud_mps.settings.schema import OWN_SPACE
from pulumi_alicloud_mps.state.project_folder import project_folder

from .usage import UsageError


@click.command()
def plugin() -> None:
    """Print what Pulumi.yaml needs for the native provider.

    `alicloud-mps plugin >> Pulumi.yaml` adds the lines to a project that names no plugins yet. The
    path is relative to the project's folder if the environment is inside it.
    """
    folder = _folder()
    project = project_folder(Path.cwd())
    if project and folder.is_relative_to(project):
        folder = folder.relative_to(project)
    # JSON is YAML, whatever characters the folder has.
    click.echo(
        "plugins:\n"
        "  providers:\n"
        f"    - name: {OWN_SPACE}\n"
        f"      path: {json.dumps(str(folder), ensure_ascii=False)}"
    )


def _folder() -> Path:
    """Return the folder of the script, as the package's installer has recorded it."""
    for file in metadata.files(PACKAGE) or ():
        script = Path(file.locate()).resolve()
        if script.stem == PLUGIN and script.is_file():
            return script.parent
    raise UsageError(f"{PLUGIN} is not installed; install the package with pip, without --target")
