"""Modules that every start loads, joined to a few: on the device each module of its own costs some
250 bytes of heap, of which its name and its path, kept for ever, are a hundred.

A module stays by itself where its name is put together at run time, where it is loaded for one
call or for the start (app.seldom), or where it is handed on as a value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from functools import cache

from sibiao.firmware import started
from sibiao.firmware.inline import module_name
from sibiao.firmware.joining import Joining
from sibiao.firmware.module_facts import Facts, facts
from sibiao.firmware.needed import constants_of, texts

ROOT = "converter.app.node"
_PART = "converter.part{}"
_CONFIG = "config.py"
# Names in one part, about: those behind the first 128 take a byte more at each use.
_MOST_NAMES = 250


def joined(sources: dict[str, str], config: str) -> dict[str, str]:
    """Path -> source of each module that a board gets. `config` as a source, too."""
    every = {module_name(path): facts(source) for path, source in sources.items()}
    constants = constants_of(config)
    parts = tuple(tuple(part) for part in _parts(every, constants))
    classes = frozenset().union(*(each.classes for each in every.values()))
    said = classes.intersection(constants, texts(tuple(constants.values())))
    code = tuple((path, source) for path, source in sources.items() if path != _CONFIG)
    configs = {path: source for path, source in sources.items() if path == _CONFIG}
    return configs | dict(_joined(code, parts, said))


@cache
def _joined(
    sources: tuple[tuple[str, str], ...], part_modules: tuple[tuple[str, ...], ...], said: Set[str]
) -> tuple[tuple[str, str], ...]:
    # The same for most configurations of a community: its values stand in `config` alone.
    paths = {module_name(path): path for path, _ in sources}
    code = {module_name(path): source for path, source in sources}
    parts = {_PART.format(n): part for n, part in enumerate(part_modules)}
    every = {name: facts(source) for name, source in code.items()}
    trees = {name: ast.parse(source) for name, source in code.items()}
    if (name := started.MODULE) in trees:
        starting = {module for each in every.values() for module in each.once}
        starting -= {module for each in every.values() for module in each.call}
        resident = [module for part in part_modules for module in part]
        source = started.source(trees, resident, starting, said)
        every[name], trees[name] = facts(source), ast.parse(source)
    joining = Joining(trees, every, parts)
    out = {
        path: ast.unparse(joining.rewritten(name))
        for name, path in paths.items()
        if name not in joining.home
    }
    for part in parts:
        out[part.replace(".", "/") + ".py"] = ast.unparse(joining.joined(part))
    # All of them before anything else: what is loaded for one call must not take one with it.
    for part in reversed(parts):
        out[paths[ROOT]] = f"import {part}\n{out[paths[ROOT]]}"
    return tuple(out.items())


def _parts(every: dict[str, Facts], constants: dict) -> Iterator[list[str]]:
    """Each with the modules it is joined of, in an order in which each finds what it imports."""
    named = _put_together(every, every, constants)
    # What SELDOM names is loaded for one call each.
    constants = {name: value for name, value in constants.items() if name != "SELDOM"}
    once = sorted({name for each in every.values() for name in each.once} & set(every))
    heads = sorted(_put_together({name: every[name] for name in once}, every, constants))
    order: list[str] = []
    for name in (ROOT, *once, *heads):
        _visit(name, every, order, inside=name in once)
    imported = {m for name in order for m in every[name].imports(every)}
    alone = {ROOT, *once, *named, "config", "converter"}
    for each in every.values():
        alone |= each.call | set(each.handed_on(every))
    part: list[str] = []
    names: set[str] = set()
    for name in order:
        own = every[name].names
        if name not in alone:
            full = len(names | own) > _MOST_NAMES
        else:
            # What the next ones import must find what it imports itself in a part before.
            full = name in imported and _visit(name, every, []) & set(part)
        if full and part:
            yield part
            part, names = [], set()
        if name not in alone:
            part.append(name)
            names |= own
    if part:
        yield part


def _visit(name: str, every: dict[str, Facts], order: list[str], inside: bool = False) -> set[str]:
    """Puts the module behind all that it imports. What code for the start imports in a function
    (`inside`) is loaded then, too."""
    if name not in order:
        for each in every[name].imports(every, inside):
            _visit(each, every, order)
        order.append(name)
    return set(order)


def _put_together(some: dict[str, Facts], every: dict[str, Facts], constants: dict) -> set[str]:
    """Modules whose names some put together with one of the configuration."""
    starts = {start for each in some.values() for start in each.starts}
    ends = {start + text for start in starts for text in texts(tuple(constants.values()))}
    return {m for m in every if m in ends or m.rpartition(".")[2] in ends}
