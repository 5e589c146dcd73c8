"""A file that extends another: what it sets goes before what its base sets.

Tables merge key by key. Points merge by name, a meter's fields by quantity, an uplink's writes by
identifier; identifiers are added. Every other list, and every value, replaces its base's.
"""

from __future__ import annotations

from sibiao.config.files.tree import Node
from sibiao.config.problems import Problem, meant

NAMED_BY = {"points": "name", "fields": "quantity", "writes": "di"}
_ADDED = ("identifiers",)


def merge(base: Node, own: Node, problems: list[Problem], key: str = "") -> Node:
    """Associative as long as nothing clashes: a base may be merged with its own base first, or
    last. `key`: of the two, with the points between."""
    last = key.rpartition(".")[2]
    if base.is_table != own.is_table or (last in NAMED_BY and base.is_list != own.is_list):
        problems.append(_clash(base, own, key))
        return own
    if own.is_table:
        held = dict(base.held)
        for name, node in own.items():
            at = f"{key}.{name}" if key else name
            held[name] = merge(held[name], node, problems, at) if name in held else node
        return own.holding(held)
    if own.is_list and base.is_list and last in NAMED_BY:
        return own.holding(_by_name(base.held, own.held, problems, key, NAMED_BY[last]))
    if own.is_list and base.is_list and last in _ADDED:
        return own.holding(base.held + own.held)
    return own


def _clash(base: Node, own: Node, key: str) -> Problem:
    text = f"{key} is {own.kind}, and {base.kind} in {base.origin}"
    allowed = "both must be of one kind"
    if base.origin.file == own.origin.file:  # of a dwelling, or a default
        return Problem(own.origin, text, allowed)
    hint = f'or take it out of the base: without = ["{key}"]'
    return Problem(own.origin, f"{text}, which this extends", allowed, hint)


def named(node: Node, by: str) -> str | None:
    """What an element of a list is named by, if it is."""
    name = node.get(by) if node.is_table else None
    return name.held if name and isinstance(name.held, str) else None


def _by_name(
    base: list[Node], own: list[Node], problems: list[Problem], key: str, by: str
) -> list[Node]:
    held = list(base)
    # Each is met once: of two that have one name the second stays, and the check tells.
    places: dict[str, int] = {}
    for place, node in enumerate(base):
        places.setdefault(named(node, by), place)
    for node in own:
        place = places.pop(named(node, by), None) if named(node, by) else None
        if place is None:
            held.append(node)
        else:
            at = f"{key}.{named(node, by)}"
            held[place] = merge(held[place], node, problems, at)
    return held


def without(base: Node, paths: Node, problems: list[Problem]) -> Node:
    """The base less what its extender does not want: keys with points between, `rtc` or
    `points.heat-301`."""
    for path in paths.held if paths.is_list else [paths]:
        if isinstance(path.held, str):
            base = _less(base, path.held.split("."), path, problems, "")
        else:
            problems.append(
                Problem(path.origin, f"without: {path.kind} is no key", '["rtc"], for example')
            )
    return base


def _less(node: Node, keys: list[str], path: Node, problems: list[Problem], at: str) -> Node:
    first, *rest = keys
    by = NAMED_BY.get(at.rpartition(".")[2], "")
    known = {
        (named(each, by) or str(name)) if node.is_list else name: each
        for name, each in (node.items() if node.is_table or node.is_list else ())
    }
    if first not in known:
        problems.append(
            Problem(
                path.origin,
                f"without: the base has no {path.held!r}",
                f"{at or 'it'} holds {', '.join(known) or 'nothing'}",
                meant(first, known),
            )
        )
        return node
    if rest:
        known[first] = _less(known[first], rest, path, problems, f"{at}.{first}".lstrip("."))
    else:
        del known[first]
    return node.holding(known if node.is_table else list(known.values()))
