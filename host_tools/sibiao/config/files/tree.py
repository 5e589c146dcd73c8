"""A Document as a tree in which each value carries the place that set it, so that what is moved,
merged or copied keeps its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sibiao.config.files.document import Document, Key
from sibiao.config.problems import Origin


@dataclass(frozen=True)
class Node:
    """`held`: tables and lists hold nodes, all else is the plain value."""

    origin: Origin
    held: Any

    @property
    def is_table(self) -> bool:
        return isinstance(self.held, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.held, list)

    @property
    def kind(self) -> str:
        """What it is, as messages say it."""
        return "a table" if self.is_table else "a list" if self.is_list else repr(self.held)

    def get(self, key: str) -> Node | None:
        return self.held.get(key)

    def holding(self, held: Any) -> Node:
        return replace(self, held=held)

    def but(self, **changed: Node) -> Node:
        return self.holding(self.held | changed)

    def less(self, *keys: str) -> Node:
        return self.holding({k: v for k, v in self.held.items() if k not in keys})

    def items(self) -> list[tuple[str | int, Node]]:
        return list(self.held.items() if self.is_table else enumerate(self.held))


def tree(document: Document) -> Node:
    def grown(value: Any, key: Key) -> Node:
        if isinstance(value, dict):
            value = {k: grown(v, (*key, k)) for k, v in value.items()}
        elif isinstance(value, list):
            value = [grown(v, (*key, k)) for k, v in enumerate(value)]
        return Node(document.origin(*key), value)

    return grown(document.data, ())


def document(path: Path, root: Node) -> Document:
    """`path`: the file that is meant, whichever files set its values."""
    origins: dict[Key, Origin] = {}

    def plain(node: Node, key: Key) -> Any:
        if key:
            origins[key] = node.origin
        if node.is_table:
            return {k: plain(v, (*key, k)) for k, v in node.items()}
        if node.is_list:
            return [plain(v, (*key, k)) for k, v in node.items()]
        return node.held

    return Document(path, plain(root, ()), origins)
