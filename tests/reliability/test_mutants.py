"""The table of broken promises, which `scripts/reliability --mutants` runs the tests on."""

import re

import pytest

from reliability.broken_copies import PAGE, ROOT, documented
from reliability.mutants import MUTANTS, PACKAGE, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.title)
def test_a_break_has_its_place(mutant: Mutant) -> None:
    """What is to be broken stands in the source once, and its likely tests are there."""
    text = (ROOT / PACKAGE / mutant.module).read_text(encoding="utf-8")
    compile(mutant.applied_to(text), mutant.module, "exec")
    assert all((ROOT / test).exists() for test in mutant.likely)


def test_the_page_has_what_found_each() -> None:
    """docs/reference/broken-copies.md has a test for every break, as `--write-docs` writes it."""
    page = PAGE.read_text(encoding="utf-8")
    assert documented(page, {}) == page
    assert all(f"| {mutant.title} | `tests/" in page for mutant in MUTANTS)
    named = re.findall(r"`(tests/\S+\.py)::(?:\w+::)?(\w+)`", page)
    files = {file: (ROOT / file).read_text(encoding="utf-8") for file, _ in named}
    assert [test for file, test in named if f"def {test}(" not in files[file]] == []
