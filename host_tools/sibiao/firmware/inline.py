"""Numbers instead of names: the firmware's public constants, put where they are used.

MicroPython keeps a public `NAME = const(n)` as a name in RAM and looks it up at every use. Before
compilation, each use in any module becomes the number, the definition goes, and so does an import
that then serves nothing. The sources stay readable; the device pays nothing for it.
"""

from __future__ import annotations

import ast
import re
from functools import cache

Constants = tuple[tuple[str, int], ...]  # name, number


def inline_constants(sources: dict[str, str]) -> dict[str, str]:
    """Path -> source, with constants in place of their names. Modules left empty are dropped."""
    names = {path: module_name(path) for path in sources}
    known = {names[path]: _constants(source) for path, source in sources.items()}
    leaves = [(m.rpartition(".")[2], m) for m, constants in known.items() if constants]
    inlined = {}
    for path, source in sources.items():
        # Only those whose name stands in it: most modules are then the same for every community.
        words, module = _words(source), names[path]
        named = {m: known[m] for leaf, m in leaves if leaf in words or m == module}
        inlined[path] = _inlined(source, module, tuple(named.items()))
    return {path: source for path, source in inlined.items() if source is not None}


@cache
def _words(source: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", source))


@cache
def _inlined(source: str, module: str, known: tuple[tuple[str, Constants], ...]) -> str | None:
    tree = ast.parse(source)
    _Inliner({name: dict(constants) for name, constants in known}, module).inline(tree)
    return None if _is_empty(tree) else ast.unparse(tree)


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def _constants(source: str) -> Constants:
    return tuple(
        (node.targets[0].id, ast.literal_eval(node.value.args[0]))
        for node in ast.parse(source).body
        if _is_public_constant(node)
    )


def is_constant(node: ast.stmt) -> bool:
    """Whether it is `NAME = const(n)`."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "const"
    )


def _is_public_constant(node: ast.stmt) -> bool:
    return is_constant(node) and not node.targets[0].id.startswith("_")


def _is_empty(tree: ast.Module) -> bool:
    # Nothing but its docstring and the import of const.
    return all(
        (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.ImportFrom) and node.module == "micropython")
        for node in tree.body
    )


class _Inliner(ast.NodeTransformer):
    def __init__(self, known: dict[str, dict[str, int]], module: str):
        self._known = known
        self._names = dict(known.get(module, {}))  # name -> number
        self._modules: dict[str, dict[str, int]] = {}  # alias -> that module's constants
        self._dropped = set(self._names)

    def inline(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                self._note(node)
        self.visit(tree)
        tree.body = [node for node in tree.body if not _is_public_constant(node)]
        self._drop_unused_imports(tree)

    def _note(self, node: ast.ImportFrom) -> None:
        for name in node.names:
            alias = name.asname or name.name
            if constants := self._known.get(f"{node.module}.{name.name}"):
                self._modules[alias] = constants
                self._dropped.add(alias)
            elif name.name in (constants := self._known.get(node.module, {})):
                self._names[alias] = constants[name.name]
                self._dropped.add(alias)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.attr in self._modules.get(node.value.id, {}):
            return ast.Constant(self._modules[node.value.id][node.attr])
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._names:
            return ast.Constant(self._names[node.id])
        return node

    def _drop_unused_imports(self, tree: ast.Module) -> None:
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}

        class Drop(ast.NodeTransformer):
            def visit_ImportFrom(drop, node):
                node.names = [
                    n
                    for n in node.names
                    if (n.asname or n.name) in used or (n.asname or n.name) not in self._dropped
                ]
                return node if node.names else None

        Drop().visit(tree)
