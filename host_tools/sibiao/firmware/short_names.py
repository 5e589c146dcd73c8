"""Short names for what no other module sees: MicroPython keeps each name of an attribute, a
function or a parameter in RAM, once, for ever.

Private names become `_a`, `_b` and so on, the same ones again in modules that share no class;
parameters, which are found by their place alone, become `_0`, `_1` and so on. Names that anybody
could ask for otherwise (as keywords, on other objects than `self`, as aliases) stay.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase

from sibiao.firmware.inline import is_constant, module_name

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def shortened(sources: dict[str, str]) -> dict[str, str]:
    """Path -> source of each module that a board gets."""
    asked = {path: _asked(source) for path, source in sources.items()}
    staying = frozenset().union(*(each.staying for each in asked.values()))
    out = {}
    for group in _sharing_classes(asked):
        private = sorted(set().union(*(asked[path].private for path in group)) - staying)
        renamed = dict(zip(private, letters(), strict=False))
        for path in group:
            ours = tuple((old, renamed[old]) for old in sorted(asked[path].private - staying))
            out[path] = _renamed(sources[path], ours, staying & asked[path].parameters)
    return {path: out[path] for path in sources}


@dataclass(frozen=True)
class _Asked:
    """What of a module decides about other modules' names."""

    staying: frozenset[str]
    private: frozenset[str]
    parameters: frozenset[str]
    bases: tuple[str, ...]  # what its classes' bases could lie in: modules, or names in them


@cache
def _asked(source: str) -> _Asked:
    tree = ast.parse(source)
    return _Asked(
        frozenset(_staying(tree)),
        frozenset(_private(tree)),
        frozenset(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)),
        tuple(_modules_of_bases(tree)),
    )


@cache
def _renamed(source: str, renamed: tuple[tuple[str, str], ...], staying: frozenset[str]) -> str:
    tree = ast.parse(source)
    _Renaming(dict(renamed)).visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            _shorten_parameters(node, staying)
    return ast.unparse(tree)


def letters() -> Iterator[str]:
    for first in ("", *ascii_lowercase):
        yield from (f"_{first}{last}" for last in ascii_lowercase)


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def _staying(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self")):
                pass
            case ast.Attribute(attr=name) if _is_private(name):
                yield name
            case ast.keyword(arg=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name
            case ast.alias():
                yield node.asname or node.name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names
            case ast.Assign(targets=[ast.Name(id=name)]) if is_constant(node):
                yield name  # the compiler puts the number in its place


def _sharing_classes(asked: dict[str, _Asked]) -> list[list[str]]:
    """Paths of modules of which one's class is the base of another's stand together."""
    groups = {module_name(path): [path] for path in asked}
    for path, each in asked.items():
        for base in each.bases:
            ours, theirs = groups[module_name(path)], groups.get(base, [])
            if theirs and ours is not theirs:
                ours += theirs
                groups |= {name: ours for name, group in groups.items() if group is theirs}
    return list({id(group): group for group in groups.values()}.values())


def _modules_of_bases(tree: ast.Module) -> Iterator[str]:
    imported = {
        alias.asname or alias.name: (node.module, f"{node.module}.{alias.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        for base in node.bases if isinstance(node, ast.ClassDef) else ():
            name = base.value if isinstance(base, ast.Attribute) else base
            yield from imported.get(name.id, ())


def _private(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.arg(arg=name):
                pass
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                pass
            case ast.ClassDef(name=name):
                pass
            case _:
                continue
        if _is_private(name):
            yield name


class _Renaming(ast.NodeVisitor):
    def __init__(self, renamed: dict[str, str]):
        self._renamed = renamed

    def visit(self, node: ast.AST) -> None:
        for field in ("attr", "id", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str) and not isinstance(node, ast.alias):
                setattr(node, field, self._renamed.get(name, name))
        self.generic_visit(node)


def _shorten_parameters(function: ast.AST, staying: Iterable[str]) -> None:
    body = function.body if isinstance(function.body, list) else [function.body]
    inside = [node for statement in body for node in ast.walk(statement)]
    if any(isinstance(node, (*_FUNCTIONS, ast.ClassDef)) for node in inside):
        return  # what it gives to an inner one is found by its name
    arguments = function.args
    renamed = {
        arg.arg: f"_{place}"
        for place, arg in enumerate(arguments.args)
        if arg.arg != "self" and arg.arg not in staying
    }
    for arg in arguments.args:
        arg.arg = renamed.get(arg.arg, arg.arg)
    for node in inside:
        if isinstance(node, ast.Name):
            node.id = renamed.get(node.id, node.id)
