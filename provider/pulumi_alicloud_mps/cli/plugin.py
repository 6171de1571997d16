"""The subcommand `alicloud-mps plugin`."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

import click

from pulumi_alicloud_mps.package import PACKAGE, PLUGIN
from pulumi_alicloud_mps.settings.schema import OWN_SPACE
from pulumi_alicloud_mps.state.project_folder import Project

from .usage import UsageError


@click.command()
def plugin() -> None:
    """Print what Pulumi.yaml needs for the native provider.

    `alicloud-mps plugin >> Pulumi.yaml` adds the lines to a project that names no plugins yet; for
    another one, an error has the entry to add. The path is relative to the project's folder if the
    environment is inside it.
    """
    folder = _folder()
    project = Project.of(Path.cwd())
    if project and folder.is_relative_to(project.path.parent):
        folder = folder.relative_to(project.path.parent)
    # JSON is YAML, whatever characters the folder has.
    path = json.dumps(str(folder), ensure_ascii=False)
    if project and "plugins" in project.content:
        raise UsageError(
            f"{project.path.name} already has plugins; under their providers, add or correct"
            f" the entry - {{ name: {OWN_SPACE}, path: {path} }}"
        )
    click.echo(f"plugins:\n  providers:\n    - name: {OWN_SPACE}\n      path: {path}")


def _folder() -> Path:
    """Return the folder of the script, as the package's installer has recorded it."""
    for file in metadata.files(PACKAGE) or ():
        script = Path(file.locate()).resolve()
        if script.stem == PLUGIN and script.is_file():
            return script.parent
    raise UsageError(f"{PLUGIN} is not installed; install the package with pip, without --target")
