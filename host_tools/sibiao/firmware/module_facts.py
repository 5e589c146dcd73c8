"""What has to be known of a module before several are joined to one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from sibiao.firmware.scopes import IMPORTS, Scoped, defined, local_names

Import = tuple[str, str, str]  # module, name in it or "", name here


@dataclass(frozen=True)
class Facts:
    top: tuple[Import, ...]  # imports that run with the module
    inside: tuple[Import, ...]  # every import
    names: frozenset[str]  # that MicroPython keeps of it, about
    local: frozenset[str]
    defined: tuple[str, ...]  # at its top level, in order; imports apart
    values: frozenset[str]  # imported names that are used for more than what is in them
    once: frozenset[str]  # modules that it loads for the start, and lets go of
    call: frozenset[str]  # that it loads for a call
    classes: frozenset[str]
    starts: frozenset[str]  # beginnings of modules' names that it puts together

    def imports(self, modules: Iterable[str], inside: bool = False) -> Iterator[str]:
        """Of these modules."""
        for module, name, _ in self.inside if inside else self.top:
            yield from (m for m in (module, f"{module}.{name}") if m in modules)

    def handed_on(self, modules: Iterable[str]) -> Iterator[str]:
        """Modules that it uses as values."""
        for module, name, here in self.inside:
            if here in self.values and f"{module}.{name}" in modules:
                yield f"{module}.{name}"


@cache
def facts(source: str) -> Facts:
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    local = frozenset(local_names(tree))
    named = {getattr(n, field, None) for n in nodes for field in ("attr", "name", "arg")}
    named |= {n.id for n in nodes if isinstance(n, ast.Name)} - local
    inside = tuple(_imports(nodes))
    top = tuple(_imports(_top(tree.body)))
    values = _Values({here for _, _, here in inside}, {here for _, _, here in {*inside} - {*top}})
    values.visit(tree)
    return Facts(
        top=top,
        inside=inside,
        names=frozenset(named - {None}),
        local=local,
        defined=tuple(defined(tree)),
        values=frozenset(values.found),
        once=frozenset(_called(nodes, "once")),
        call=frozenset(_called(nodes, "call")),
        classes=frozenset(n.name for n in tree.body if isinstance(n, ast.ClassDef)),
        starts=frozenset(
            n.left.value
            for n in nodes
            if isinstance(n, ast.BinOp)
            and isinstance(n.left, ast.Constant)
            and isinstance(n.left.value, str)
        ),
    )


def _top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _top([*node.body, *node.orelse])


def _imports(nodes: Iterable[ast.AST]) -> Iterator[Import]:
    for node in nodes:
        for alias in node.names if isinstance(node, IMPORTS) else ():
            here = alias.asname or alias.name
            if isinstance(node, ast.Import):
                yield alias.name, "", here
            else:
                yield node.module, alias.name, here


def _called(nodes: Iterable[ast.AST], how: str) -> Iterator[str]:
    # seldom.once("app.records", ...)
    for node in nodes:
        if isinstance(node, ast.Call) and node.args:
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called == how and isinstance(node.args[0], ast.Constant):
                yield f"converter.{node.args[0].value}"


class _Values(Scoped):
    def __init__(self, imported: set[str], in_functions: set[str]):
        super().__init__()
        self.found: set[str] = set()
        self._imported = imported
        self._in_functions = in_functions

    def visit_Attribute(self, node):
        if not isinstance(node.value, ast.Name):
            self.generic_visit(node)
        return node

    def visit_Name(self, node):
        ours = node.id in self._in_functions or self.is_global(node.id)
        if ours and node.id in self._imported and isinstance(node.ctx, ast.Load):
            self.found.add(node.id)
        return super().visit_Name(node)
