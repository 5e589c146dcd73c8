"""Several modules made one, and the others' imports of them rewritten: what each name stands for
must not change. Public functions keep their names where they can, for tracebacks; classes and
what is imported get short ones, as private names have (firmware/short_names.py).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from sibiao.firmware.module_facts import Facts
from sibiao.firmware.scopes import IMPORTS, Scoped
from sibiao.firmware.short_names import letters

Meaning = tuple[str, str]  # module, name in it; "" for the module itself


class Joining:
    """`parts`: name -> modules, in the order in which both are loaded. `home` of each of these
    modules is its part. The trees are used up."""

    def __init__(
        self,
        trees: Mapping[str, ast.Module],
        every: Mapping[str, Facts],
        parts: Mapping[str, Iterable[str]],
    ):
        self.home = {module: part for part, modules in parts.items() for module in modules}
        self._parts = parts
        self._trees = trees
        self._every = every
        self._named: dict[Meaning, str] = {}
        self._name_all()

    def _name_all(self) -> None:
        # What is public has one name in all parts, so that one can import it of another.
        public = {name for module in self.home for name in self._every[module].local}
        public |= {alias.asname or alias.name for m in self.home for _, alias in self._outer(m)}
        private: dict[str, set[str]] = {part: set() for part in self._parts}
        for module in self.home:
            ours = self._every[module]
            for name in ours.defined:
                if name in ours.classes or not name.startswith("_"):
                    short = "_" if name in ours.classes else name
                    self._named[module, name] = new = _free(short, module, public)
                    public.add(new)
        for module, part in self.home.items():
            for name in self._every[module].defined:
                if (module, name) not in self._named:
                    new = _free(name, module, public | private[part])
                    self._named[module, name] = new
                    private[part].add(new)

    def name_of(self, meaning: Meaning) -> str:
        return self._named[meaning]

    def joined(self, part: str) -> ast.Module:
        header: dict[str, ast.stmt] = {}
        body: list[ast.stmt] = []
        for module in self._parts[part]:
            for importing, alias in self._outer(module):
                each = ast.Import([alias])
                if importing:
                    each = ast.ImportFrom(importing, [alias], 0)
                header[ast.unparse(each)] = each
            tree = self._trees[module]
            rewriter = _Joiner(self, part, module, tree, self._every[module])
            for node in tree.body:
                is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
                if not is_text and not isinstance(node, IMPORTS):
                    body.append(rewriter.visit(node))
            for other, name in sorted(rewriter.wanted):
                each = ast.ImportFrom(other, [ast.alias(name)], 0)
                header[ast.unparse(each)] = each
        return ast.fix_missing_locations(ast.Module([*header.values(), *body], []))

    def rewritten(self, module: str) -> ast.Module:
        """One that stays by itself."""
        tree = self._trees[module]
        return ast.fix_missing_locations(_Importer(self, tree, self._every[module]).visit(tree))

    def imported(self, node: ast.AST) -> Iterator[tuple[ast.alias, Meaning | None]]:
        """What each name of an import stands for; None for what is not joined."""
        for alias in node.names if isinstance(node, IMPORTS) else ():
            meaning = None
            if isinstance(node, ast.ImportFrom):
                if f"{node.module}.{alias.name}" in self.home:
                    meaning = f"{node.module}.{alias.name}", ""
                elif node.module in self.home:
                    meaning = node.module, alias.name
            yield alias, meaning

    def _outer(self, module: str) -> Iterator[tuple[str, ast.alias]]:
        """What a module imports, at its top, of modules that are not joined."""
        for node in self._trees[module].body:
            for alias, meaning in self.imported(node):
                if not meaning:
                    yield getattr(node, "module", ""), alias


class _Importer(Scoped):
    """In a module that stays, and in functions."""

    def __init__(self, joining: Joining, tree: ast.Module, known: Facts):
        super().__init__()
        self._joining = joining
        # Where a name stands for a module, it does so in the whole of ours.
        self._modules = dict(self._meanings(ast.walk(tree), of_modules=True))
        self._short: dict[str, str] = {}  # of what is imported at the top
        taken = {*known.local, *known.defined}
        for node in tree.body:
            for alias, meaning in joining.imported(node):
                here = alias.asname or alias.name
                if meaning:
                    self._short[here] = _free("_", "", taken)
                taken.add(self._short.get(here, here))

    def renamed(self, name):
        return self._short.get(name, name)

    def _meanings(self, nodes, of_modules: bool) -> Iterator[tuple[str, Meaning]]:
        for node in nodes:
            for alias, meaning in self._joining.imported(node):
                if meaning and of_modules == (not meaning[1]):
                    yield alias.asname or alias.name, meaning

    def visit_ImportFrom(self, node):
        out = []
        for alias, meaning in self._joining.imported(node):
            module, here = node.module, alias.asname or alias.name
            if meaning:
                module = self._joining.home[meaning[0]]
                name = meaning[1] and self._joining.name_of(meaning)
                if not name:
                    module, _, name = module.rpartition(".")
                here = here if self._scopes else self.renamed(here)
                alias = ast.alias(name, None if name == here else here)
            out.append(ast.ImportFrom(module, [alias], 0))
        return out

    def visit_Attribute(self, node):
        value = node.value
        if isinstance(value, ast.Name) and value.id in self._modules:
            module, _ = self._modules[value.id]
            node.attr = self._joining.name_of((module, node.attr))
        return self.generic_visit(node)


class _Joiner(_Importer):
    """In a joined module: its own names, and those that it imported at its top."""

    def __init__(self, joining: Joining, part: str, module: str, tree: ast.Module, known: Facts):
        super().__init__(joining, tree, known)
        self.wanted: set[tuple[str, str]] = set()  # of other parts
        self._part = part
        self._names = {name: (module, name) for name in known.defined}
        self._names |= dict(self._meanings(tree.body, of_modules=False))
        self._outer = dict(self._meanings(tree.body, of_modules=True))

    def renamed(self, name):
        return self._of(self._names[name]) if name in self._names else name

    def visit_Attribute(self, node):
        value = node.value
        if isinstance(value, ast.Name) and value.id in self._outer and self.is_global(value.id):
            module, _ = self._outer[value.id]
            return ast.Name(self._of((module, node.attr)), node.ctx)
        return super().visit_Attribute(node)

    def _of(self, meaning: Meaning) -> str:
        name, home = self._joining.name_of(meaning), self._joining.home[meaning[0]]
        if home != self._part:
            self.wanted.add((home, name))
        return name


def _free(name: str, module: str, taken: set[str]) -> str:
    if name.startswith("_"):
        others = letters()
    else:
        leaf = module.rpartition(".")[2]
        others = (f"{name}_{leaf}{end}" for end in ("", *range(2, 99)))
    return next(new for new in (name, *others) if new not in taken and new != "_")
