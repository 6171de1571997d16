"""Gives each tenant of a platform a fingerprint library of its own, without a Pulumi project.

    python tenants.py add acme
    python tenants.py list
    python tenants.py remove acme

Each tenant is a stack of one project, so that adding one can't touch another.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import pulumi
from pulumi import automation

from pulumi_alicloud_mps import FpModel, FpShotDB

PROJECT = "tenants"
CONFIG = {
    # The embedded MPS, so that the example runs without an account. Leave it out on one.
    "alicloud-mps:endpoint": "local",
    "alicloud-mps:region": "cn-shanghai",
}


def program(tenant: str, *, force_destroy: bool = False) -> automation.PulumiFn:
    """Return what a tenant gets. It runs in this process, and needs no files."""

    def declare() -> None:
        library = FpShotDB(
            "uploads",
            model_id=FpModel.VIDEO,
            description=f"Uploads of {tenant}",
            force_destroy=force_destroy,
        )
        pulumi.export("fp_db_id", library.fp_db_id)

    return declare


def options(home: Path) -> automation.LocalWorkspaceOptions:
    """Return where everything is kept: in that folder, but for the state if you set a backend."""
    home.mkdir(parents=True, exist_ok=True)
    # Provider processes are found on PATH: let them be of the Python that runs this file.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    own_backend = {"PULUMI_BACKEND_URL": home.resolve().as_uri(), "PULUMI_CONFIG_PASSPHRASE": ""}
    return automation.LocalWorkspaceOptions(
        # Fixed, since the default is a new temporary folder for each run; and `main`, which is
        # where the embedded MPS keeps its libraries, would be the folder you happen to be in.
        work_dir=str(home),
        project_settings=automation.ProjectSettings(
            name=PROJECT, runtime="python", main=str(home.resolve())
        ),
        env_vars={"PATH": path, **({} if "PULUMI_BACKEND_URL" in os.environ else own_backend)},
    )


@click.group()
@click.option(
    "--home",
    default=".tenants",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the stacks' settings, and of their state unless PULUMI_BACKEND_URL is set.",
)
@click.pass_context
def main(context: click.Context, home: Path) -> None:
    """Libraries for tenants."""
    context.obj = options(home)


@main.command()
@click.argument("tenant")
@click.pass_obj
def add(where: automation.LocalWorkspaceOptions, tenant: str) -> None:
    """Make TENANT's library; where there is one, see that it is as it should be."""
    stack = automation.create_or_select_stack(
        tenant, project_name=PROJECT, program=program(tenant), opts=where
    )
    stack.set_all_config({key: automation.ConfigValue(value) for key, value in CONFIG.items()})
    outputs = stack.up(on_output=show).outputs
    click.echo(f"{tenant}: {outputs['fp_db_id'].value}")


@main.command(name="list")
@click.pass_obj
def list_(where: automation.LocalWorkspaceOptions) -> None:
    """Show each tenant with the FpDBId of its library."""
    workspace = automation.LocalWorkspace(**vars(where))
    for summary in workspace.list_stacks():
        outputs = workspace.stack_outputs(summary.name)
        fp_db_id = outputs["fp_db_id"].value if "fp_db_id" in outputs else "no library"
        click.echo(f"{summary.name}: {fp_db_id}")


@main.command()
@click.argument("tenant")
@click.option("--with-content", is_flag=True, help="Destroy the library's fingerprints, too.")
@click.pass_obj
def remove(where: automation.LocalWorkspaceOptions, tenant: str, *, with_content: bool) -> None:
    """Delete TENANT's library, which must be empty."""
    stack = automation.select_stack(
        tenant,
        project_name=PROJECT,
        program=program(tenant, force_destroy=True),
        opts=where,
    )
    if with_content:
        # The permission counts once it is in the state.
        stack.up(on_output=show)
    stack.destroy(on_output=show)
    stack.workspace.remove_stack(tenant)
    click.echo(f"{tenant}: removed")


def show(line: str) -> None:
    """Show what Pulumi says, apart from the results."""
    click.echo(line.rstrip("\n"), err=True)


if __name__ == "__main__":
    try:
        main()
    except automation.StackNotFoundError:
        sys.exit("there is no such tenant; `list` shows all")
    except automation.CommandError as error:
        # Empty where the command has shown its errors as they came.
        reason = str(error).rpartition("stderr:")[2].strip()
        sys.exit(reason or "Pulumi failed, and says why above")
