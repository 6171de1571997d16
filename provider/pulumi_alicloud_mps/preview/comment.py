"""The comment as a whole: one or several stacks, in what fits into a comment."""

from __future__ import annotations

from collections.abc import Sequence

from .changes import StackPreview
from .fitting import Section, fitted
from .markdown import code, link, marker
from .reading import PreviewError
from .report import sections
from .wording import libraries_counted, plural

_COMMIT_LENGTH = 12

LIMIT = 65_000
"""How long a comment may be; GitHub refuses more than 65,536 characters."""


def comment(
    previews: Sequence[StackPreview], *, limit: int = LIMIT, commit: str = "", url: str = ""
) -> str:
    """Return the comment as Markdown.

    Args:
        previews: What to tell of, in this order.
        limit: How many characters it may have.
        commit: The commit that the previews are of.
        url: Where the whole previews are, such as the log of a workflow's run.

    Raises:
        PreviewError: Not even the summaries fit.
    """
    first, *rest = [
        *_overview(previews),
        *(part for item in previews for part in sections(item, limit // 2 // len(previews))),
    ]
    ending = [*_footer(commit, url), _markers(previews)]
    whole = fitted([first, *rest, *ending], limit)
    if whole is None:
        raise PreviewError(f"{len(previews)} previews are too many for {limit} characters")
    if whole.is_cut:
        whole = fitted([first, _notice(url), *rest, *ending], limit) or whole
    return f"{whole.text}\n"


def _overview(previews: Sequence[StackPreview]) -> list[Section]:
    if len(previews) == 1:
        return []
    failed = sum(bool(item.errors) for item in previews)
    drifted = sum(bool(item.drifts or item.unnamed_drifts) for item in previews)
    unknown = sum(item.is_drift_unknown for item in previews)
    parts = [
        f"{failed} failed" if failed else "",
        f"{unknown} not refreshed" if unknown else "",
        libraries_counted(*previews),
        f"drift in {drifted}" if drifted else "",
    ]
    said = ", ".join(part for part in parts if part) or "no library changes"
    stacks = len(_owners(previews))
    return [Section(None, [f"## {plural(stacks, 'stack', 'stacks')}: {said}"])]


def _notice(url: str) -> Section:
    where = f" {link('The log', url)} has all of it." if url else ""
    return Section(
        None, [f"*Cut in the middle to fit: “… more …” counts what is left out.*{where}"]
    )


def _footer(commit: str, url: str) -> list[Section]:
    parts = [
        f"Preview of {code(commit[:_COMMIT_LENGTH])}" if commit else "",
        link("Log", url) if url else "",
    ]
    said = " · ".join(part for part in parts if part)
    return [Section(None, [f"<sub>{said}</sub>"])] if said else []


def _markers(previews: Sequence[StackPreview]) -> Section:
    # On one line, the last one: by it a workflow finds the comment again.
    return Section(None, ["".join(marker(owner) for owner in _owners(previews))])


def _owners(previews: Sequence[StackPreview]) -> list[str]:
    return list(dict.fromkeys(item.owner for item in previews))
