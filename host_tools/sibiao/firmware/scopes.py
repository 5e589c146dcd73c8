"""Which names of a module's code are the module's own, and which a function's or a class's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
IMPORTS = (ast.Import, ast.ImportFrom)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def defined(tree: ast.Module) -> list[str]:
    """What a module has at its top level, in order; imports apart."""
    return list(dict.fromkeys(name for node in tree.body for name in _named_by(node)))


def local_names(tree: ast.Module) -> Iterator[str]:
    """All that are a function's or a class's, anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            yield from bound(node)
        elif isinstance(node, _COMPREHENSIONS):
            yield from _targets(node)
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                yield from _named_by(each)


def _named_by(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, _DEFINITIONS):
        yield node.name
    else:
        yield from _stored(node)


def _stored(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id
        elif isinstance(each, _DEFINITIONS):
            yield each.name


def _targets(comprehension: ast.AST) -> Iterator[str]:
    for each in comprehension.generators:
        yield from _stored(each.target)


def bound(function: ast.AST) -> set[str]:
    """Names that are a function's own."""
    names = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
    others: set[str] = set()
    left = list(function.body) if isinstance(function.body, list) else []
    while left:
        node = left.pop()
        if isinstance(node, ast.Global):
            others |= set(node.names)
        elif isinstance(node, _DEFINITIONS):
            names.add(node.name)
            continue
        elif isinstance(node, IMPORTS):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            left += ast.iter_child_nodes(node)
    return names - others


class Scoped(ast.NodeTransformer):
    """Walks a module and knows at each name whether it is the module's: `renamed` says what such
    a one is called from now on."""

    def __init__(self):
        self._scopes: list[set[str]] = []
        self._class: set[str] | None = None  # what the class body that we stand in has so far

    def renamed(self, name: str) -> str:
        return name

    def is_global(self, name: str) -> bool:
        own = self._class or ()
        return name not in own and not any(name in scope for scope in self._scopes)

    def _define(self, node: ast.AST) -> None:
        if self._class is not None:
            self._class.add(node.name)
        elif not self._scopes:
            node.name = self.renamed(node.name)

    def _function(self, node):
        arguments = node.args
        self._each(getattr(node, "decorator_list", []))
        self._each(arguments.defaults)
        self._each(arguments.kw_defaults)
        if not isinstance(node, ast.Lambda):
            self._define(node)
        outside, self._class = self._class, None
        self._scopes.append(bound(node))
        if isinstance(node.body, list):
            self._each(node.body)
        else:
            node.body = self.visit(node.body)
        self._scopes.pop()
        self._class = outside
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def visit_ClassDef(self, node):
        self._each(node.bases)
        self._define(node)
        outside, self._class = self._class, set()
        self._each(node.body)
        self._class = outside
        return node

    def _comprehension(self, node):
        self._scopes.append(set(_targets(node)))
        self.generic_visit(node)
        self._scopes.pop()
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _each(self, nodes: list) -> None:
        # One may become several.
        new = [self.visit(node) if node else node for node in nodes]
        nodes[:] = [each for n in new for each in (n if isinstance(n, list) else [n])]

    def visit_Name(self, node):
        if self._class is not None and isinstance(node.ctx, ast.Store):
            self._class.add(node.id)
        elif self.is_global(node.id):
            node.id = self.renamed(node.id)
        return node

    def visit_Global(self, node):
        node.names = [self.renamed(name) for name in node.names]
        return node
