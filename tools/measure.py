"""Counts what tells how the code is cut: `python tools/measure.py [PACKAGE TESTS]`.

A module's lines are all of its lines; a function's are those from `def` to its end. A private
function used once is a function or method whose name begins with one underscore, and which is
named at one other place of its package. The import chain is the longest way from module to module
by what they import when they are loaded.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print the figures of a package and its tests."""
    package, tests = (Path(part) for part in sys.argv[1:] or _OWN)
    modules = {path: path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in modules.items()}
    lines = [text.count("\n") for text in modules.values()]
    functions = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for tree in trees.values()
        for node in _functions(tree)
    ]
    comments = sum(_comments(text) for text in modules.values())
    once = _used_once(trees)
    folders = Counter(path.parent for path in modules if path.name != "__init__.py").values()
    source = sum(lines)
    tested = sum(path.read_text(encoding="utf-8").count("\n") for path in tests.rglob("*.py"))
    figures = {
        "modules / lines": f"{len(modules)} / {source:,}",
        "lines per module, median / p90": f"{_median(lines)} / {_tenth(lines)}",
        "function lines, median / p90 / max": (
            f"{_median(functions)} / {_tenth(functions)} / {max(functions)}"
        ),
        "comments per 100 lines": f"{100 * comments / source:.1f}",
        "private functions used once": f"{once} of {len(functions)} ({once / len(functions):.0%})",
        "longest import chain": _longest_chain(package, trees),
        "modules in a folder, median / max": f"{_median(folders)} / {max(folders)}",
        "tests : source, lines": f"{tested / source:.2f}",
    }
    for name, figure in figures.items():
        sys.stdout.write(f"{name:36}{figure}\n")


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _comments(text: str) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(token.type == tokenize.COMMENT for token in tokens)


def _used_once(trees: dict[Path, ast.Module]) -> int:
    used: Counter[str] = Counter()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                used[node.id] += 1
            elif isinstance(node, ast.Attribute):
                used[node.attr] += 1
    names = [node.name for tree in trees.values() for node in _functions(tree)]
    private = [name for name in names if name.startswith("_") and not name.startswith("__")]
    return sum(used[name] == 1 for name in private)


def _longest_chain(package: Path, trees: dict[Path, ast.Module]) -> int:
    def dotted(path: Path) -> str:
        parts = path.relative_to(package.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    names = {dotted(path): path for path in trees}

    def imported(name: str) -> set[str]:
        path = names[name]
        here = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found = set()
        for node in _executed(trees[path]):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            else:
                base = here.rsplit(".", node.level - 1)[0] if node.level else ""
                module = ".".join(filter(None, [base, node.module]))
                inner = {f"{module}.{alias.name}" for alias in node.names}
                found |= inner if inner <= names.keys() else {module, *inner}
        return {item for item in found if item in names and item != name}

    @cache
    def depth(name: str) -> int:
        return 1 + max((depth(item) for item in imported(name) - {package.name}), default=0)

    return max(depth(name) for name in names)


def _executed(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _executed(node)


def _median(values: Iterable[int]) -> int:
    return round(statistics.median(values))


def _tenth(values: list[int]) -> int:
    return round(statistics.quantiles(values, n=10)[-1])


_OWN = (ROOT / "provider/pulumi_alicloud_mps", ROOT / "tests")

if __name__ == "__main__":
    main()
