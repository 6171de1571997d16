"""Which errors a text of the package's code can end up in, as far as the code shows."""

import ast
import builtins
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pulumi_alicloud_mps
from pulumi_alicloud_mps import errors
from pulumi_alicloud_mps.errors import ApiError, LibraryError, MpsError, WaitError

PACKAGE = Path(pulumi_alicloud_mps.__file__).parent

_BASES = {MpsError, ApiError, WaitError, LibraryError}
_CHECKS = "inputs.py"
"""Where a check of the inputs fails with an exception of Python's."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def keys_of_classes() -> dict[str, str]:
    """Return the keys of the errors that are raised, by the names of their classes."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return {
        kind.__name__: kind.__new__(kind).key
        for kind in kinds
        if issubclass(kind, MpsError) and kind not in _BASES
    }


@cache
def trees() -> dict[str, ast.Module]:
    """Return the package's modules, by their paths in it."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@cache
def nodes() -> list[ast.AST]:
    """Return everything in the package's code."""
    return [node for tree in trees().values() for node in ast.walk(tree)]


def text_of(node: ast.AST) -> str:
    """Return the text that a node is; what is filled in is `…`."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            text_of(part) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def name_of(node: ast.AST) -> str:
    """Return the last part of a name, such as `of` of `NameTakenError.of`."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return getattr(node, "attr", "") or getattr(node, "id", "")


def keys_of_call(call: ast.Call) -> set[str]:
    """Return the keys with which a call has a message end, if it does."""
    name = name_of(call)
    if name in {"with_key", "UsageError"}:
        given = [text_of(part) for item in call.args[1:] for part in ast.walk(item)]
        given += [constant(name) for item in call.args[1:] if (name := name_of(item)).isupper()]
        return set(filter(None, given)) or {"usage"}
    if isinstance(call.func, ast.Attribute) and name == "of":
        name = name_of(call.func.value)
    return _keys_of_exceptions()[name]


@cache
def _keys_of_exceptions() -> dict[str, set[str]]:
    """Return the keys of the package's exceptions; of others, as the command line ends them."""
    found = defaultdict(set, {name: {key} for name, key in keys_of_classes().items()})
    for node in nodes():
        if isinstance(node, ast.ExceptHandler) and node.type:
            calls = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
            keys = {
                key for call in calls if name_of(call) == "UsageError" for key in keys_of_call(call)
            }
            for item in ast.walk(node.type):
                if name_of(item) and not hasattr(builtins, name_of(item)):
                    found[name_of(item)] |= keys
    return found


@cache
def constant(name: str) -> str:
    """Return the text that a constant of some module is."""
    return next(
        (
            text_of(node.value)
            for node in nodes()
            if isinstance(node, ast.Assign) and name in map(name_of, node.targets)
        ),
        "",
    )


@cache
def _parents() -> dict[ast.AST, ast.AST]:
    return {child: node for node in nodes() for child in ast.iter_child_nodes(node)}


@cache
def _mentions() -> dict[str, list[ast.AST]]:
    """Return where each name is used; that of an advice is where the situation is given."""
    found: dict[str, list[ast.AST]] = defaultdict(list)
    for node in nodes():
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            found[name_of(node)].append(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found[f"'{node.value}'"].append(node)
    return found


@cache
def keys_within() -> dict[str, set[str]]:
    """Return the keys of the errors that each function of the package makes itself."""
    found: dict[str, set[str]] = defaultdict(set)
    for function in nodes():
        if isinstance(function, FUNCTIONS) and function.name != "__init__":
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            found[function.name] |= {key for call in calls for key in keys_of_call(call)}
    return found


@cache
def _texts() -> list[tuple[str, ast.AST]]:
    return [(text, node) for node in nodes() if (text := text_of(node))]


@cache
def keys_of(quote: str) -> frozenset[str]:
    """Return the keys of all errors whose messages may contain a text."""
    found: set[str] = set()
    seen: set[ast.AST | str] = set()
    todo: list[ast.AST] = [node for text, node in _texts() if quote in text]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            keys, more = _where_to(node)
            found |= set(keys)
            todo += more
    return frozenset(found)


def _where_to(node: ast.AST) -> tuple[Iterable[str], Iterable[ast.AST]]:
    """Return the keys of the errors that a node is part of, or else what else it goes into."""
    while parent := _parents().get(node):
        if keys := _keys_at(parent, node):
            return keys, ()
        more = _goes_into(parent, node)
        if more is not None:
            return (), more
        node = parent
    return (), ()


def _keys_at(parent: ast.AST, node: ast.AST) -> Iterable[str]:
    if isinstance(parent, ast.Call) and node is not parent.func:
        return keys_of_call(parent) or keys_within()[name_of(parent)]
    if isinstance(parent, ast.ClassDef):
        return _keys_of_class(parent)
    if isinstance(parent, ast.Raise) and _module(parent) is trees()[_CHECKS]:
        return ["inputs"]
    if isinstance(parent, FUNCTIONS) and isinstance(owner := _parents()[parent], ast.ClassDef):
        return _keys_of_class(owner)
    return ()


def _goes_into(parent: ast.AST, node: ast.AST) -> Iterable[ast.AST] | None:
    if isinstance(parent, ast.Dict) and node in parent.values:
        situation = parent.keys[parent.values.index(node)]
        uses = _mentions()[f"'{text_of(situation)}'"] if situation else []
        return [use for use in uses if not isinstance(_parents()[use], ast.Dict)]
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        names = [item for target in targets for item in ast.walk(target) if name_of(item)]
        return [use for name in names for use in _uses(name, parent)]
    if isinstance(parent, FUNCTIONS):
        return _calls(parent)
    return None


def _keys_of_class(owner: ast.ClassDef) -> list[str]:
    """Return the keys of an error, or of all that derive from it."""
    kind = getattr(errors, owner.name, None)
    if not (isinstance(kind, type) and issubclass(kind, MpsError)) or kind is MpsError:
        return []
    return [
        key for name, key in keys_of_classes().items() if issubclass(getattr(errors, name), kind)
    ]


def _calls(function: Function) -> list[ast.AST]:
    """Return where a function is used: only in its module if others have one of its name."""
    uses = _mentions()[function.name]
    if _definitions()[function.name] == 1:
        return uses
    return [use for use in uses if _module(use) is _module(function)]


@cache
def _definitions() -> Counter[str]:
    return Counter(node.name for node in nodes() if isinstance(node, FUNCTIONS))


@cache
def _module(node: ast.AST) -> ast.AST:
    return _module(_parents()[node]) if node in _parents() else node


def _uses(target: ast.AST, assignment: ast.AST) -> list[ast.AST]:
    scope = assignment
    while scope in _parents() and not isinstance(scope, FUNCTIONS):
        scope = _parents()[scope]
    uses = _mentions()[name_of(target)]
    if isinstance(scope, FUNCTIONS) and isinstance(target, ast.Name):
        within = set(ast.walk(scope))
        return [use for use in uses if use in within]
    return uses
