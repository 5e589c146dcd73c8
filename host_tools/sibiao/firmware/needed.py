"""Which modules of the firmware a configuration needs: the others are not copied to the board.

The imports are walked from the composition root. A branch that the configuration's constants
decide is followed only as they say, and where a module's name is put together at run time, the
names that stand in the configuration are tried.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from sibiao.firmware.inline import module_name

_ROOTS = "config", "converter.app.node"
_PACKAGE = "converter."
_COMPARE = {
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class _Undecided(Exception):
    pass


def needed(sources: dict[str, str], config: str, beside: Iterable[str] = ()) -> dict[str, str]:
    """Of the sources (path -> source) those that a node with this `config` module can load, or
    that those at the paths `beside` can."""
    constants = constants_of(config)
    paths = {module_name(path): path for path in sources}
    walk = _Walk(constants, paths)
    found, left = set(), [*_ROOTS, *map(module_name, beside)]
    while left:
        name = left.pop()
        if name in found or name not in paths:
            continue
        found.add(name)
        # The folders that a module lies in are loaded with it.
        folder = name.rpartition(".")[0]
        left += [folder, *walk.modules(_named(sources[paths[name]]), folder)]
    return {path: sources[path] for name, path in paths.items() if name in found}


def constants_of(config: str) -> dict:
    """Name -> value, of the source of `config`."""
    constants: dict = {}
    exec(config, constants)
    del constants["__builtins__"]
    return constants


def _text(node: ast.expr):
    return node.value if isinstance(node, ast.Constant) else None


def texts(value) -> Iterator[str]:
    """Those in a constant."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)


@dataclass
class _Named:
    """What a piece of code names, whether it is a module or not."""

    imports: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    # Beginnings of texts: "converter.station." or "rtc_", with a name of the configuration behind.
    starts: set[str] = field(default_factory=set)
    branches: list[tuple[ast.expr, _Named, _Named, _Named]] = field(default_factory=list)

    def add(self, node: ast.AST) -> None:
        if isinstance(node, ast.If):
            self.branches.append((node.test, *map(_all_of, ([node.test], node.body, node.orelse))))
            return
        if isinstance(node, ast.Import):
            self.imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            self.imports.add(node.module)
            self.imports.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.texts.add(node.value)
        elif isinstance(node, ast.BinOp) and isinstance(start := _text(node.left), str):
            self.starts.add(start)
        for child in ast.iter_child_nodes(node):
            self.add(child)


def _all_of(nodes: Iterable[ast.AST]) -> _Named:
    named = _Named()
    for node in nodes:
        named.add(node)
    return named


@cache
def _named(source: str) -> _Named:
    return _all_of([ast.parse(source)])


class _Walk:
    def __init__(self, constants: dict, modules: Iterable[str]):
        self._constants = constants
        self._leaves = [(module, module.rpartition(".")[2]) for module in modules]
        self._ends = {text for value in constants.values() for text in texts(value)}

    def modules(self, named: _Named, folder: str) -> Iterator[str]:
        """Of what is named, all that may be one; in branches, as the configuration decides."""
        yield from named.imports
        for text in named.texts:
            yield from (text, _PACKAGE + text, f"{folder}.{text}")
        for start in named.starts:
            whole = {start + end for end in self._ends}
            yield from (m for m, leaf in self._leaves if m in whole or leaf in whole)
        for test, in_test, body, orelse in named.branches:
            try:
                chosen = [body if self._value(test) else orelse]
            except _Undecided:
                chosen = [in_test, body, orelse]
            for each in chosen:
                yield from self.modules(each, folder)

    def _value(self, test: ast.expr):
        match test:
            case ast.Constant():
                return test.value
            case ast.Attribute(value=ast.Name(id="config")) if test.attr in self._constants:
                return self._constants[test.attr]
            case ast.UnaryOp(op=ast.Not()):
                return not self._value(test.operand)
            case ast.BoolOp():
                values = [bool(self._value(each)) for each in test.values]
                return all(values) if isinstance(test.op, ast.And) else any(values)
            case ast.Compare(ops=[op]) if type(op) in _COMPARE:
                left, right = self._value(test.left), self._value(test.comparators[0])
                return _COMPARE[type(op)](left, right)
        raise _Undecided
