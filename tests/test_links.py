"""Links between the documents lead somewhere, and every document can be found."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents import ROOT

DOCS = ROOT / "docs"
DOCUMENTS = sorted(
    path
    for folder in (".", ".github", "docs/**", "examples/*", "benchmarks", "tools/*")
    for path in ROOT.glob(f"{folder}/*.md")
)

_LINK = re.compile(r"(?<=\]\()[^()\s]+(?=\))|(?<=src=\")[^\"]+|(?<=srcset=\")[^\"]+")
_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """Return where a document's links into this repository lead: the file and the anchor."""
    for link in _LINK.findall(_CODE.sub("", _text(document))):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield (document.parent / path).resolve() if path else document, anchor


def anchors(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_text(document)):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def _text(document: Path) -> str:
    return _BLOCK.sub("", document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links(document: Path) -> None:
    """Each link leads to a file or folder of the repository, and to a heading in it."""
    broken = [
        f"{path}#{anchor}"
        for path, anchor in links(document)
        if not path.exists() or (anchor and anchor not in anchors(path))
    ]
    assert broken == []


def test_the_index_has_every_document() -> None:
    """docs/README.md leads to each page and policy, and to nothing else in docs/."""
    listed = {path for path, _ in links(DOCS / "README.md") if path.is_relative_to(DOCS)}
    pages = {*DOCS.rglob("*.md"), *DOCS.rglob("*.json")} - {DOCS / "README.md"}
    assert listed == pages


def test_every_example_is_listed() -> None:
    """The guide to the examples lists each of them, and each says what it is."""
    examples = {path for path in (ROOT / "examples").iterdir() if path.is_dir()}
    assert examples <= {path for path, _ in links(DOCS / "how-to" / "examples.md")}
    assert [path for path in examples if not (path / "README.md").exists()] == []
