"""Copies of the project with one promise of the provider broken, and the tests that notice it.

The tests and the processes that they start run on a virtual environment of the copy's own, since
no test inherits PYTHONPATH: it has the copy's package before everything of this environment.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from reliability.mutants import MUTANTS, PACKAGE, Mutant

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "broken-copies.md"
BEGIN, END = "<!-- mutants -->\n", "<!-- /mutants -->\n"

_SCRIPTS = ("alicloud-mps", "pulumi-resource-alicloud-mps")
# The test of the table itself fails in every broken copy.
_WITHOUT_THE_TABLE = ("--ignore", "tests/reliability/test_mutants.py")
_REST = (
    ("tests", "--ignore", "tests/stacks", "--numprocesses", "auto", "--dist", "worksteal"),
    ("tests/stacks", "--numprocesses", "auto", "--dist", "worksteal"),
)
_FAILURE = re.compile(r"^(?:FAILED|ERROR) (tests/\S+::.+?)(?: - .*)?$", re.MULTILINE)
_PASSED, _FAILED = 0, 1
_HEAD = "| what was broken | found by |\n| --- | --- |\n"


class CopyError(Exception):
    """What ran in a copy says nothing of the tests."""


class Copy:
    """The project in another folder, with a Python that imports the package from there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _lines("git", "ls-files", folder=ROOT):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, file)
        venv = folder / ".venv"
        _lines(sys.executable, "-m", "venv", "--without-pip", str(venv), folder=ROOT)
        self._bin = venv / "bin"
        self._python = str(self._bin / "python")
        ours = sysconfig.get_path("purelib")
        theirs = Path(sysconfig.get_path("purelib", vars={"base": str(venv)}))
        lines = f"{folder / 'provider'}\nimport site; site.addsitedir({ours!r})\n"
        (theirs / "copy.pth").write_text(lines, encoding="utf-8")
        for script in _SCRIPTS:
            program = Path(sys.executable).with_name(script).read_text(encoding="utf-8")
            program = program.replace(str(Path(sys.executable).parent), str(self._bin))
            entry = self._bin / script
            entry.write_text(program, encoding="utf-8")
            entry.chmod(0o755)
        self._check_import()

    def first_failure(self, *arguments: str) -> str | None:
        """Run tests until one fails, and return which."""
        quiet = ("-q", "-x", "--tb=no", "-rfE", "-p", "no:cacheprovider")
        done = self._run(self._python, "-m", "pytest", *quiet, *arguments)
        if done.returncode == _PASSED:
            return None
        found = _FAILURE.search(done.stdout)
        if done.returncode != _FAILED or not found:
            raise CopyError(f"pytest {' '.join(arguments)}:\n{done.stdout[-2000:]}{done.stderr}")
        return found[1]

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """Have one place of a module read otherwise."""
        file = self.folder / PACKAGE / mutant.module
        text = file.read_text(encoding="utf-8")
        file.write_text(mutant.applied_to(text), encoding="utf-8")
        yield
        file.write_text(text, encoding="utf-8")

    def _check_import(self) -> None:
        code = "import pulumi_alicloud_mps as package; print(package.__file__)"
        # Elsewhere, and without help of the environment, as the processes of tests run.
        imported = self._run(self._python, "-c", code, folder=Path(tempfile.gettempdir())).stdout
        if not Path(imported.strip()).is_relative_to(self.folder):
            raise CopyError(f"the package is imported from {imported.strip() or 'nowhere'}")

    def _run(self, *command: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        inherited = {name: os.environ[name] for name in ("HOME", "CHROMIUM") if name in os.environ}
        path = os.pathsep.join([str(self._bin), os.environ.get("PATH", "")])
        # Of its own: pytest clears away what other runs leave, and stumbles over one that does so.
        # Outside of the copy, which is a Pulumi project.
        own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DEBUG_TEMPROOT": str(self.folder.parent)}
        return subprocess.run(
            command,
            cwd=folder or self.folder,
            # Compiled code of the same second and size would hide the break.
            env={**inherited, "PATH": path, **own},
            check=False,
            capture_output=True,
            text=True,
        )


def find(mutant: Mutant) -> str | None:
    """Return the first test that fails where this is broken, and passes where it is not.

    Raises:
        CopyError: It could not be broken, or the test fails anyway.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Copy(Path(name).resolve() / "project")
        with copy.broken(mutant):
            runs = (mutant.likely, *_REST)
            failures = (copy.first_failure(*_WITHOUT_THE_TABLE, *run) for run in runs)
            found = next(filter(None, failures), None)
        if found and copy.first_failure(found):
            raise CopyError(f"{found} fails without the break, too")
        return found


def run(only: str, jobs: int, *, write_docs: bool) -> int:
    """Break one promise after the other and say what found it; return the code to exit with."""
    chosen = [mutant for mutant in MUTANTS if only in mutant.title]
    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(_report, chosen))
    tests = {mutant.title: test for mutant, test in zip(chosen, found, strict=True) if test}
    sys.stdout.write(f"broken copies {len(chosen)}, found {len(tests)}\n")
    if write_docs:
        PAGE.write_text(documented(PAGE.read_text(encoding="utf-8"), tests), encoding="utf-8")
    # A text that chooses none is a mistake, and no success.
    return int(not tests or len(tests) < len(chosen))


def documented(page: str, tests: dict[str, str]) -> str:
    """Return the page with these tests in its table, beside those of other breaks that it had."""
    before, _, rest = page.partition(BEGIN)
    old, _, after = rest.partition(END)
    known = dict(row.strip("| ").split(" | ") for row in old.splitlines()[2:])
    known |= {title: f"`{test.partition('[')[0]}`" for title, test in tests.items()}
    rows = (f"| {item.title} | {known[item.title]} |\n" for item in MUTANTS if item.title in known)
    return f"{before}{BEGIN}{_HEAD}{''.join(rows)}{END}{after}"


def _report(mutant: Mutant) -> str | None:
    start = time.monotonic()
    try:
        test = find(mutant)
        said = f"found by {test}" if test else "NOT FOUND"
    except (CopyError, ValueError) as error:
        test, said = None, f"FAILED: {error}"
    sys.stdout.write(f"{mutant.title}: {said} ({time.monotonic() - start:.0f} s)\n")
    sys.stdout.flush()
    return test


def _lines(*command: str, folder: Path) -> Sequence[str]:
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
