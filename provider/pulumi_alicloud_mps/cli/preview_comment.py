"""The subcommand `alicloud-mps preview-comment`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pulumi_alicloud_mps.preview.truncate import LIMIT

from .usage import Integer, UsageError, content_of

_LOSS, _CHANGES, _FAILED = 3, 4, 5
_STDIN = Path("-")


@click.command(
    "preview-comment",
    epilog=(
        "Exit codes: 0 success; 2 a preview can't be read; 3 --fail-on-loss; 4 --expect-no-changes;"
        " 5 a preview failed, with one of these two options. The comment is printed in all cases"
        " but 2. See docs/how-to/pull-requests.md."
    ),
)
@click.argument(
    "files", metavar="[FILE]...", nargs=-1, type=click.Path(dir_okay=False, path_type=Path)
)
@click.option("--drift", is_flag=True, help="Show only what a refresh found.")
@click.option("--fail-on-loss", is_flag=True, help="Exit with 3 if fingerprints may be lost.")
@click.option("--expect-no-changes", is_flag=True, help="Exit with 4 if anything changes.")
@click.option(
    "--stack",
    metavar="PROJECT/STACK",
    default="unknown",
    help="The stack of a preview that does not name its own.",
)
@click.option("--commit", metavar="SHA", default="", help="The commit that was previewed.")
@click.option(
    "--url", metavar="URL", default="", help="Link to the whole preview, such as the run's log."
)
@click.option(
    "--limit",
    type=Integer(1_000),
    metavar="N",
    default=LIMIT,
    show_default=True,
    help="Maximum length in characters. GitHub accepts 65,536, GitLab 1,000,000.",
)
def preview_comment(  # noqa: PLR0913 - the options of a command
    files: tuple[Path, ...],
    *,
    drift: bool,
    fail_on_loss: bool,
    expect_no_changes: bool,
    stack: str,
    commit: str,
    url: str,
    limit: int,
) -> None:
    """Turn previews into a comment on a pull request.

    Reads the output of `pulumi preview --json`, for one or more stacks, from files. A dash, or no
    file, is standard input. Prints Markdown.
    """
    # Imported here, because the other subcommands need no pydantic.
    from pulumi_alicloud_mps.preview.plan import StackPreview  # noqa: PLC0415
    from pulumi_alicloud_mps.preview.read import PreviewError, read_previews  # noqa: PLC0415
    from pulumi_alicloud_mps.preview.render import comment  # noqa: PLC0415

    try:
        digests = [item for name, text in _contents(files) for item in read_previews(text, name)]
        previews = [StackPreview(item, drift_only=drift, owner=stack) for item in digests]
        text = comment(previews, limit=limit, commit=commit, url=url)
    except PreviewError as error:
        raise UsageError(str(error), "preview") from error
    click.echo(text, nl=False)
    failed = any(item.errors for item in previews)
    if failed and (fail_on_loss or expect_no_changes):
        sys.exit(_FAILED)
    if fail_on_loss and any(item.has_losses for item in previews):
        sys.exit(_LOSS)
    if expect_no_changes and any(item.has_changes for item in previews):
        sys.exit(_CHANGES)


def _contents(files: tuple[Path, ...]) -> list[tuple[str, bytes]]:
    return [_content(path) for path in dict.fromkeys(files or (_STDIN,))]


def _content(path: Path) -> tuple[str, bytes]:
    if path == _STDIN:
        # A process may have no standard input.
        return "standard input", sys.stdin.buffer.read() if sys.stdin else b""
    return str(path), content_of(path)
