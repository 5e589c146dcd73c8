"""A TOML file as plain data, and where each of its values was set, from one parse.

The tree is tree-sitter's; what TOML 1.0 says of tables that are opened twice is checked here.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter
import tree_sitter_toml

from sibiao.config.problems import Origin, Problem, Refused

Key = tuple[str | int, ...]

_PLAIN_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_PLAIN_STRING = re.compile(r'"[^"\\\x00-\x1f\x7f]*"|\'[^\'\x00-\x1f\x7f]*\'')
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")
_KEYS = ("bare_key", "quoted_key", "dotted_key")


@dataclass
class Document:
    """`origins`: where the key of each path stands, and of an element of a list the element."""

    path: Path
    data: dict[str, Any]
    origins: dict[Key, Origin] = field(default_factory=dict)

    def origin(self, *keys: str | int) -> Origin:
        """Where it was set; of what was not set, where the table stands that lacks it."""
        for end in range(len(keys), 0, -1):
            if keys[:end] in self.origins:
                return self.origins[keys[:end]]
        return Origin(self.path)


def parse(path: Path) -> Document:
    """Refused, with line and column, where it is not TOML 1.0."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise Refused([Problem(Origin(path), f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        at = Origin(path, raw.count(b"\n", 0, error.start) + 1)
        raise Refused([Problem(at, "not UTF-8 text; save the file as UTF-8")]) from error
    root = _parser().parse(raw).root_node
    if root.has_error:
        raise Refused([_syntax(path, text)])
    reader = _Reader(path, raw)
    reader.read(root)
    return Document(path, reader.data, reader.origins)


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))


def _syntax(path: Path, text: str) -> Problem:
    """tree-sitter knows where it lost its way, tomllib why: only then the file is parsed anew."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = _PLACE.search(said)
        line, column = found.groups() if found else (None, None)
        if line is None:
            line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        why = _PLACE.sub("", said)
        return Problem(
            Origin(path, int(line), int(column)), f"not TOML: {why[:1].lower()}{why[1:]}"
        )
    return Problem(Origin(path), "not TOML 1.0 as editors understand it")


class _Reader:
    """Walks a tree. What a table or list was made by decides whether it may be added to."""

    def __init__(self, path: Path, raw: bytes):
        self.path = path
        self.raw = raw
        self.lines = None if raw.isascii() else raw.split(b"\n")
        self.data: dict[str, Any] = {}
        self.origins: dict[Key, Origin] = {}
        self.made_by: dict[int, str] = {}  # by id of the table or list, all of which live on
        self.section = 0

    def read(self, root: tree_sitter.Node) -> None:
        for node in root.named_children:
            if node.type == "pair":
                self._pair(node, self.data, ())
            elif node.type == "table":
                self._section(node, False)
            elif node.type == "table_array_element":
                self._section(node, True)

    def _section(self, node: tree_sitter.Node, of_list: bool) -> None:
        self.section += 1
        children = node.named_children
        head = next(child for child in children if child.type in _KEYS)
        keys = self._names(head)
        table, path = self.data, ()
        for name, at in keys[:-1]:
            if name not in table:
                table[name] = self._table("above")
                self.origins[(*path, name)] = self._place(at)
            elif self.made_by.get(id(table[name]), "value") in ("inline", "value"):
                self._twice(at, (*path, name))
            table, path = table[name], (*path, name)
            if isinstance(table, list):
                table, path = table[-1], (*path, len(table) - 1)
        name, at = keys[-1]
        path = (*path, name)
        if of_list:
            if name not in table:
                table[name] = []
                self.made_by[id(table[name])] = "sections"
                self.origins[path] = self._place(at)
            elif self.made_by.get(id(table[name])) != "sections":
                self._twice(at, path)
            path = (*path, len(table[name]))
            table[name].append(self._table("section"))
            self.origins[path] = self._place(node)
            table = table[name][-1]
        else:
            if name not in table:
                table[name] = self._table("section")
            elif self.made_by.get(id(table[name])) != "above":
                self._twice(at, path)
            self.made_by[id(table[name])] = "section"
            self.origins[path] = self._place(at)
            table = table[name]
        for child in children:
            if child.type == "pair":
                self._pair(child, table, path)

    def _pair(self, node: tree_sitter.Node, table: dict, path: Key) -> None:
        head, value = (child for child in node.named_children if child.type != "comment")
        *through, (name, at) = self._names(head)
        dotted = f"dotted {self.section}"
        for part, where in through:
            if part not in table:
                table[part] = self._table(dotted)
                self.origins[(*path, part)] = self._place(where)
            elif self.made_by.get(id(table[part])) not in (dotted, "above"):
                self._twice(where, (*path, part))
            table, path = table[part], (*path, part)
        path = (*path, name)
        if name in table:
            self._twice(at, path)
        self.origins[path] = self._place(at)
        table[name] = self._value(value, path)

    def _value(self, node: tree_sitter.Node, path: Key) -> Any:
        kind = node.type
        if kind == "array":
            made = []
            self.made_by[id(made)] = "value"
            for child in node.named_children:
                if child.type != "comment":
                    element = (*path, len(made))
                    self.origins[element] = self._place(child)
                    made.append(self._value(child, element))
            return made
        if kind == "inline_table":
            made = self._table("inline")
            outer, self.section = self.section, -node.start_byte - 1
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, made, path)
            self.section = outer
            return made
        text = self.raw[node.start_byte : node.end_byte].decode()
        if kind == "string" and _PLAIN_STRING.fullmatch(text):
            return text[1:-1]
        if kind == "integer" and _PLAIN_INTEGER.fullmatch(text):
            return int(text)
        if kind == "boolean":
            return text == "true"
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (tomllib.TOMLDecodeError, ValueError) as error:
            at = self._place(node)
            raise Refused([Problem(at, f"not TOML: {text} is no value")]) from error

    def _names(self, head: tree_sitter.Node) -> list[tuple[str, tree_sitter.Node]]:
        if head.type == "dotted_key":
            return [name for part in head.named_children for name in self._names(part)]
        text = self.raw[head.start_byte : head.end_byte].decode()
        if head.type == "quoted_key":
            text = text[1:-1] if _PLAIN_STRING.fullmatch(text) else self._value(head, ())
        return [(text, head)]

    def _table(self, made_by: str) -> dict:
        made: dict[str, Any] = {}
        self.made_by[id(made)] = made_by
        return made

    def _place(self, node: tree_sitter.Node) -> Origin:
        row, column = node.start_point
        if self.lines:
            column = len(self.lines[row][:column].decode())
        return Origin(self.path, row + 1, column + 1)

    def _twice(self, node: tree_sitter.Node, path: Key) -> None:
        name = ".".join(str(part) for part in path)
        first = self.origins[path]
        raise Refused(
            [
                Problem(
                    self._place(node),
                    f"{name} is set twice",
                    f"it was set in line {first.line}",
                    "leave one of them",
                )
            ]
        )
