"""What only the start calls: `__init__` of the classes of which nothing is made later. Each is
bytecode in RAM; app.started takes them from their classes when the start is over.

A class counts where all that names it runs at the start: functions of modules that are loaded for
the start alone, and `__init__` of such classes. It is found by its name wherever that stands, so
that a class is rather kept than lost.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

MODULE = "converter.app.started"
# Where a name stands, if not in the `__init__` or among the bases of the class of that name.
_LATER, _START, _CLASS = "", "at the start", "as a class"


def source(
    trees: Mapping[str, ast.Module],
    resident: Iterable[str],
    starting: Iterable[str],
    said: Iterable[str] = (),
) -> str:
    """Of app.started. `resident`: modules whose classes it may be; `starting`: modules that are
    loaded for the start alone; `said`: names that the configuration says."""
    classes = {
        node.name: module
        for module in resident
        for node in trees[module].body
        if isinstance(node, ast.ClassDef) and "__init__" in _methods(node)
    }
    places = [place for m, tree in trees.items() for place in _places(tree, m in {*starting})]
    lost = {"", *said} | {name for name in classes if places.count((name, _CLASS)) != 1}
    while lost:
        classes = {name: m for name, m in classes.items() if name not in lost}
        sure = {*classes, _CLASS, _START}
        lost = {name for name, where in places if name in classes and where not in sure}
    ordered = sorted(classes.items())
    lines = [f"from {m} import {name}" for name, m in ordered]
    # Not `del`: MicroPython's tables keep the value of what is deleted.
    body = [f"    {name}.__init__ = None" for name, _ in ordered] or ["    pass"]
    return "\n".join([*lines, "def forget():", *body]) + "\n"


def _methods(node: ast.ClassDef) -> set[str]:
    return {each.name for each in node.body if isinstance(each, ast.FunctionDef)}


def _places(tree: ast.Module, is_start: bool) -> Iterator[tuple[str, str]]:
    """Each name that could be a class's, and where it stands."""
    aliases = {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    for name, where in _walk(tree.body, _LATER, is_start):
        yield aliases.get(name, name), where


def _walk(nodes: Iterable[ast.AST], where: str, is_start: bool) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield node.name, _CLASS
            yield from _walk([*node.bases, *node.decorator_list], node.name, False)
            for each in node.body:
                made = isinstance(each, ast.FunctionDef) and each.name == "__init__"
                yield from _walk([each], node.name if made else _LATER, False)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            # A function inside another one may be called later, and `is_start` is of the module.
            inner = _START if is_start else where if _is_init(node, where) else _LATER
            yield from _walk(ast.iter_child_nodes(node), inner, False)
        else:
            if isinstance(node, ast.Name):
                yield node.id, where
            elif isinstance(node, ast.Attribute):
                yield node.attr, where
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value, where
            yield from _walk(ast.iter_child_nodes(node), where, is_start)


def _is_init(node: ast.AST, where: str) -> bool:
    return bool(where) and where != _START and getattr(node, "name", "") == "__init__"
