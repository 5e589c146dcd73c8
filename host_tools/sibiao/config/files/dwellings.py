"""Identical dwellings: one table of points, repeated. What comes out is plain points.

In texts of the template stand, in braces, `dwelling` (its name), a column's name, and n, the
number of the dwelling: `{n}`, `{2n-1}`, `{n+300:012}` (with zeros, 12 digits).
"""

from __future__ import annotations

import re

from sibiao.config.files.tree import Node
from sibiao.config.problems import Problem, meant

_KEYS = ("names", "first", "columns", "points")
_RANGE = re.compile(r"([0-9]+)\.\.([0-9]+)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"([0-9]*)n([+-][0-9]+)?(?::0([0-9]{1,2}))?")
MOST = 1000  # in one table; no converter has so many meters


def expanded(community: Node, problems: list[Problem]) -> list[Node]:
    """The points of all `[[dwellings]]`, dwelling by dwelling, in the order of the file."""
    tables = community.get("dwellings")
    if tables is None:
        return []
    if not tables.is_list or not all(t.is_table for t in tables.held):
        problems.append(
            Problem(tables.origin, "dwellings is no list of tables", "write [[dwellings]]")
        )
        return []
    return [point for table in tables.held for point in _points(table, problems)]


def _points(table: Node, problems: list[Problem]) -> list[Node]:
    before = len(problems)
    for key, node in table.items():
        if key not in _KEYS:
            allowed = f"there are: {', '.join(_KEYS)}"
            text = f"dwellings: {key!r} is no key"
            problems.append(Problem(node.origin, text, allowed, meant(key, _KEYS)))
    names = _names(table, problems)
    first = _of_kind(table, "first", int, 1, "a number", problems)
    columns = _columns(table, len(names), problems)
    templates = table.get("points")
    if templates is None or not templates.is_list or not all(t.is_table for t in templates.held):
        text = "dwellings without points"
        problems.append(Problem(table.origin, text, "write [[dwellings.points]] below it"))
    if len(problems) > before:
        return []
    for template in templates.held:
        _told_apart(template, len(names), problems)
    return [
        _filled(template, {"dwelling": name} | _row(columns, k), first + k, problems)
        for k, name in enumerate(names)
        for template in templates.held
    ]


def _names(table: Node, problems: list[Problem]) -> list[Node]:
    given = table.get("names")
    if given is None or not given.is_list or not given.held:
        at = given or table
        text = "dwellings without names"
        problems.append(Problem(at.origin, text, 'names = ["301", "401..412"], for example'))
        return []
    names = [name for node in given.held for name in _of_range(node, problems)]
    seen: dict[str, Node] = {}
    for name in names:
        if name.held in seen:
            problems.append(
                Problem(
                    name.origin,
                    f"dwelling {name.held!r} stands twice",
                    "each has a name of its own",
                    f"it came first in {seen[name.held].origin}",
                )
            )
        seen.setdefault(name.held, name)
    return names


def _of_range(node: Node, problems: list[Problem]) -> list[Node]:
    if not isinstance(node.held, str):
        text = f"dwellings: {node.kind} is no name"
        problems.append(Problem(node.origin, text, 'names are texts: "301", or "301..306"'))
        return []
    found = _RANGE.fullmatch(node.held)
    if not found:
        return [node]
    low, high = found.groups()
    if len(low) != len(high) or not 0 <= int(high) - int(low) < MOST:
        problems.append(
            Problem(
                node.origin,
                f"dwellings: {node.held!r} is no range",
                f"both ends need the same digits, the first the smaller, {MOST} at most between",
            )
        )
        return []
    numbers = range(int(low), int(high) + 1)
    return [node.holding(str(number).zfill(len(low))) for number in numbers]


def _columns(table: Node, count: int, problems: list[Problem]) -> dict[str, list[Node]]:
    columns = _of_kind(table, "columns", dict, {}, "a table of lists", problems)
    for name, column in columns.items():
        if name in ("n", "dwelling") or not column.is_list:
            text = f"dwellings: column {name!r} cannot be"
            allowed = "a column is a list, and has another name than n and dwelling"
            problems.append(Problem(column.origin, text, allowed))
        elif len(column.held) != count:
            text = f"dwellings: column {name!r} has {len(column.held)} values"
            problems.append(
                Problem(column.origin, text, f"there are {count} dwellings, each needs one")
            )
    return {name: column.held for name, column in columns.items()}


def _of_kind(table: Node, key: str, kind: type, default, what: str, problems: list[Problem]):
    node = table.get(key)
    if node is None:
        return default
    if isinstance(node.held, kind) and not isinstance(node.held, bool):
        return node.held
    problems.append(Problem(node.origin, f"dwellings: {key} is {node.kind}", f"it is {what}"))
    return default


def _row(columns: dict[str, list[Node]], place: int) -> dict[str, Node]:
    return {name: column[place] for name, column in columns.items()}


def _told_apart(template: Node, count: int, problems: list[Problem]) -> None:
    name = template.get("name")
    if name and isinstance(name.held, str) and count > 1 and not _BRACES.search(name.held):
        text = f"point {name.held!r} would stand {count} times"
        hint = f'write name = "{name.held}-{{dwelling}}"'
        problems.append(Problem(name.origin, text, "each has a name of its own", hint))


def _filled(node: Node, row: dict[str, Node], n: int, problems: list[Problem]) -> Node:
    if node.is_table or node.is_list:
        parts = [(key, _filled(each, row, n, problems)) for key, each in node.items()]
        return node.holding(dict(parts) if node.is_table else [each for _, each in parts])
    if not isinstance(node.held, str):
        return node
    origin = node.origin

    def value(match: re.Match) -> str:
        nonlocal origin
        inner = match[1]
        if inner in row:
            # A column's value was set where the column has it.
            origin = origin if inner == "dwelling" else row[inner].origin
            return str(row[inner].held)
        number = _NUMBER.fullmatch(inner)
        if number:
            made = int(number[1] or 1) * n + int(number[2] or 0)
            if made >= 0:
                return str(made).zfill(int(number[3] or 0))
        known = ", ".join(f"{{{name}}}" for name in ("n", *row))
        said = "is below 0 here" if number else "stands for nothing"
        text = f"{{{inner}}} {said} ({node.held!r}, dwelling {row['dwelling'].held!r})"
        allowed = f"there are {known}, and numbers such as {{2n-1}} and {{n+300:012}}"
        problems.append(Problem(node.origin, text, allowed, meant(inner, row)))
        return match[0]

    text = _BRACES.sub(value, node.held)
    return Node(origin, text)
