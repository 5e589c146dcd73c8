"""Which modules of the firmware a configuration needs: the others are not copied to the board.

The imports are walked from the composition root. A branch that the configuration's constants
decide is followed only as they say, and where a module's name is put together at run time, the
names that stand in the configuration are tried.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterable, Iterator
from functools import cache

from sibiao.config.inline import module_name

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
        left += [name.rpartition(".")[0]]
        left += walk.references(_parsed(sources[paths[name]]), name.rpartition(".")[0])
    return {path: sources[path] for name, path in paths.items() if name in found}


def constants_of(config: str) -> dict:
    """Name -> value, of the source of `config`."""
    constants: dict = {}
    exec(config, constants)
    del constants["__builtins__"]
    return constants


@cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _text(node: ast.expr):
    return node.value if isinstance(node, ast.Constant) else None


def texts(value) -> Iterator[str]:
    """Those in a constant."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)


class _Walk:
    def __init__(self, constants: dict, modules: dict[str, str]):
        self._constants = constants
        self._modules = modules
        self._names = {text for value in constants.values() for text in texts(value)}

    def references(self, node: ast.AST, folder: str) -> Iterator[str]:
        """What the code below a node names, whether it is a module or not."""
        if isinstance(node, ast.If):
            try:
                chosen = node.body if self._value(node.test) else node.orelse
            except _Undecided:
                chosen = [node.test, *node.body, *node.orelse]
            for each in chosen:
                yield from self.references(each, folder)
            return
        yield from self._named(node, folder)
        for child in ast.iter_child_nodes(node):
            yield from self.references(child, folder)

    def _named(self, node: ast.AST, folder: str) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (node.value, _PACKAGE + node.value, f"{folder}.{node.value}")
        elif isinstance(node, ast.BinOp) and isinstance(start := _text(node.left), str):
            # "converter.station." or "rtc_", with a name of the configuration behind it.
            ends = [start + name for name in self._names]
            yield from (m for m in self._modules if m in ends or m.rpartition(".")[2] in ends)

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
