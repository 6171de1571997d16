"""The script of the guide's GitLab pipeline, run against the API that it calls."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from documents import ROOT
from environment import ran
from raw_server import RawServer, Request, http

ME, SOMEBODY = 7, 8
MARKER = "<!-- alicloud-mps preview-comment: catalogue/dev -->"
COMMENT = f"### `catalogue/dev`: 1 library created 🎵\n\n{MARKER}\n"
TOKEN = "glpat-t0ken"
NOTES = "/api/v4/projects/12/merge_requests/34/notes"


class GitLab:
    """Serves the notes of one merge request, a page at a time."""

    def __init__(self, *notes: tuple[int, str]) -> None:
        self.notes = [
            {"id": number, "author": {"id": author}, "body": body}
            for number, (author, body) in enumerate(notes, 1000)
        ]
        self.written: list[tuple[str, str, Any]] = []

    def __call__(self, request: Request) -> bytes:
        """Answer one call."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        path, _, _ = request.target.partition("?")
        if headers.get("private-token") != TOKEN:
            return http(401, b"{}")
        if request.method == "GET":
            return http(200, json.dumps(self._read(path, request.parameters)).encode())
        self.written.append((request.method, path, json.loads(request.body)))
        return http(200, b"{}")

    def _read(self, path: str, parameters: dict[str, str]) -> object:
        if path == "/api/v4/user":
            return {"id": ME}
        assert path == NOTES
        size, page = int(parameters["per_page"]), int(parameters["page"])
        return self.notes[(page - 1) * size : page * size]


def commented(gitlab: GitLab, folder: Path, comment: str = COMMENT) -> list[tuple[str, str, Any]]:
    """Run the guide's step that comments, and return what it wrote at GitLab."""
    guide = (ROOT / "docs" / "how-to" / "merge-requests.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"(?s)```yaml\n(.*?)```", guide)
    (step,) = [item for item in yaml.safe_load(text)["preview"]["script"] if "PYTHON" in item]
    (folder / "comment.md").write_text(comment, encoding="utf-8")
    with RawServer(gitlab) as server:
        environment = {
            "CI_API_V4_URL": f"{server.url}/api/v4",
            "CI_PROJECT_ID": "12",
            "CI_MERGE_REQUEST_IID": "34",
            "GITLAB_TOKEN": TOKEN,
        }
        done = ran("/bin/bash", "-e", "-c", step, folder=folder, environ=environment)
    assert done.returncode == 0, done.stderr
    return gitlab.written


def test_the_first_comment_is_added(tmp_path: Path) -> None:
    """Where the merge request has no note of ours, one is made."""
    gitlab = GitLab((SOMEBODY, "Looks good."))
    assert commented(gitlab, tmp_path) == [("POST", NOTES, {"body": COMMENT})]


@pytest.mark.parametrize("place", [0, 99, 100, 149])
def test_the_next_one_updates_it(place: int, tmp_path: Path) -> None:
    """Our note of that stack is updated, wherever it stands, and nobody else's."""
    notes = [(SOMEBODY, f"old\n\n{MARKER}"), (ME, f"old\n\n{MARKER.replace('dev', 'prod')}")] * 75
    # GitLab keeps a note without the newline at its end.
    notes[place] = (ME, f"### `catalogue/dev`: old\n\n{MARKER}")
    gitlab = GitLab(*notes)
    assert commented(gitlab, tmp_path) == [("PUT", f"{NOTES}/{1000 + place}", {"body": COMMENT})]


def test_no_comment_where_there_is_none(tmp_path: Path) -> None:
    """A preview that could not be read leaves the merge request as it is."""
    assert commented(GitLab((ME, f"old\n\n{MARKER}")), tmp_path, "") == []
