"""A file with everything that it takes over: from the file that it extends, the uplinks whose rows
it includes, its dwellings and its defaults. What comes out is what a file without any of these
could say."""

from __future__ import annotations

from pathlib import Path

from sibiao.config.files.document import Document, parse
from sibiao.config.files.dwellings import expanded
from sibiao.config.files.merge import merge, named, without
from sibiao.config.files.tree import Node, document, tree
from sibiao.config.problems import Problem, Refused, meant

_ROWS = ("identifiers", "writes")
_EXTENDING = ("extends", "without")
_OF_COMMUNITIES = ("dwellings", "defaults")


def effective(path: Path) -> Document:
    """Of a file in the folder of its kind. Refused with every mistake in extending."""
    problems: list[Problem] = []
    root = _whole(path, problems, ())
    if path.parent.name == "communities":
        root = _with_defaults(root, problems)
    if path.parent.name == "uplinks":
        root = _in_order(root)
    if problems:
        raise Refused(problems)
    return document(path, root)


def _whole(path: Path, problems: list[Problem], through: tuple[Path, ...]) -> Node:
    own = tree(parse(path))
    if path.parent.name == "communities":
        own = _with_dwellings(own, problems)
    if path.parent.name == "uplinks":
        own = _with_included(path, own, problems, through)
    name, less = own.get("extends"), own.get("without")
    own = own.less(*_EXTENDING)
    if name is None:
        if less is not None:
            text = "without says what is not taken over from a base, and there is none"
            problems.append(Problem(less.origin, text, 'set extends = "NAME", too'))
        return own
    base = _other(path, name, "extends", problems, (*through, path))
    if base is None:
        return own
    whole = _whole(base, problems, (*through, path))
    if less is not None:
        whole = without(whole, less, problems)
    return merge(whole, own, problems)


def _other(
    path: Path, name: Node, key: str, problems: list[Problem], through: tuple[Path, ...]
) -> Path | None:
    """The file of the same kind that `extends` or `include` names."""
    kind = path.parent.name
    if not isinstance(name.held, str):
        text = f"{key}: {name.kind} is no name"
        problems.append(Problem(name.origin, text, f"it is the name of one of the {kind}"))
        return None
    other = path.with_name(f"{name.held}.toml")
    if other in through:
        way = " -> ".join(each.stem for each in (*through[through.index(other) :], other))
        text = f"{name.held!r} {key.removesuffix('s')}s itself: {way}"
        problems.append(Problem(name.origin, text, hint=f"take {key} out of one of them"))
        return None
    known = sorted({each.stem for each in path.parent.glob("*.toml")} - {path.stem})
    if name.held not in known:
        text = f"{key}: there is no {name.held!r} among the {kind}"
        hint = meant(name.held, known) or f"there are: {', '.join(known) or 'none'}"
        problems.append(Problem(name.origin, text, hint=hint))
        return None
    return other


def _with_included(
    path: Path, own: Node, problems: list[Problem], through: tuple[Path, ...]
) -> Node:
    """Rows, writes only where the service is named, and the services of the first where none are
    named: the line and all else of what is included stay there."""
    names, writes = own.get("include"), own.get("writes")
    included = names.held if names and names.is_list else []
    for name in reversed(included):
        other = _other(path, name, "include", problems, (*through, path))
        if other is not None:
            whole = _whole(other, problems, (*through, path))
            taken = (*_ROWS, "services") if name is included[0] else _ROWS
            rows = {key: whole.held[key] for key in taken if key in whole.held}
            own = merge(own.holding(rows), own, problems)
    services = own.get("services")
    if included and not (services and services.is_list and "write" in _texts(services)):
        own = own.less("writes")
        own = own.but(writes=writes) if writes else own
    return own


def _texts(of: Node) -> list:
    return [each.held for each in of.held]


def _in_order(root: Node) -> Node:
    """The identifiers stand as in the firmware and so in blocks: by number, what counts back from
    1 on."""
    rows = root.get("identifiers")
    if rows is None or not rows.is_list:
        return root

    def number(row: Node) -> str:
        return (named(row, "di") or "").replace("**", "00").replace("##", "01")

    return root.but(identifiers=rows.holding(sorted(rows.held, key=number)))


def _with_dwellings(own: Node, problems: list[Problem]) -> Node:
    """A point of the name of a dwelling's changes that one."""
    made = expanded(own, problems)
    tables, points = own.get("dwellings"), own.get("points")
    own = own.less("dwellings")
    if not made:
        return own
    made = tables.holding(made)
    return own.but(points=merge(made, points, problems, "points") if points else made)


def _with_defaults(root: Node, problems: list[Problem]) -> Node:
    defaults = root.get("defaults")
    root = root.less(*_OF_COMMUNITIES)
    if defaults is None:
        return root
    table = defaults.get("point") if defaults.is_table else None
    if table is None or not table.is_table or len(defaults.held) > 1:
        text = "defaults holds something else than the table [defaults.point]"
        problems.append(Problem(defaults.origin, text, "there are no other defaults"))
        return root
    points = root.get("points")
    if points is None or not points.is_list:
        return root
    return root.but(
        points=points.holding(
            [
                _moved(merge(table, each, problems, "defaults.point"), each)
                if each.is_table
                else each
                for each in points.held
            ]
        )
    )


def _moved(whole: Node, own: Node) -> Node:
    """The point's own keys first, as somebody would write it."""
    keys = (*own.held, *(key for key in whole.held if key not in own.held))
    return whole.holding({key: whole.held[key] for key in keys})
