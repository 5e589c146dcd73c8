"""What the schema refuses in a file, in words: where, what is allowed, what was meant."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter, ValidationError

from sibiao.config.files.document import Document, Key
from sibiao.config.problems import Problem, meant

SCHEMA = 1
NAMED_BY = ("name", "di", "quantity")  # what tells an element of a list, if it has it
_LENGTHS = ("too_short", "too_long")
_TYPES = {
    "string": "a text in quotes",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list in square brackets",
    "object": "a table",
}


def other_schema(document: Document) -> Problem | None:
    """A file of another schema is judged by nothing else: all its keys may have changed."""
    number = document.data.get("schema")
    if number == SCHEMA and number is not True:
        return None
    at = document.origin("schema")
    if number is None:
        return Problem(at, "the file does not say its schema", f"write schema = {SCHEMA}")
    if isinstance(number, int) and number > SCHEMA:
        todo = "it was written for a newer sibiao; update sibiao, or write the file for schema 1"
    else:
        todo = f"write schema = {SCHEMA} and go by docs/configuration.md"
    return Problem(at, f"schema = {number!r} is none that this sibiao knows", todo)


def problems(error: ValidationError, document: Document, kind: TypeAdapter) -> list[Problem]:
    """One for each place, however many ways of reading it have failed there."""
    found: dict[tuple, Problem] = {}
    for each in error.errors(include_url=False):
        problem = _problem(each, document, kind)
        path = _path(each["loc"], document)
        found.setdefault((path, problem.text if each["type"] == "missing" else ""), problem)
    return list(found.values())


def _path(loc: Key, document: Document) -> Key:
    """The keys of the file in pydantic's, which names branches of unions, too."""
    path: list[str | int] = []
    data = document.data
    for key in loc:
        known = isinstance(data, dict) and key in data
        if known or (isinstance(data, list) and isinstance(key, int) and key < len(data)):
            path.append(key)
            data = data[key]
    return tuple(path)


def _problem(each: dict, document: Document, kind: TypeAdapter) -> Problem:
    path = _path(each["loc"], document)
    at = document.origin(*path)
    what = each["type"]
    tag = each.get("ctx", {}).get("discriminator", "").strip("'")
    if what in ("missing", "union_tag_not_found"):
        lacking = (*path, tag or each["loc"][-1])
        allowed = _allowed(lacking, document, kind)
        return Problem(
            at, f"{written(lacking, document)} is missing", allowed and f"it is {allowed}"
        )
    if what == "union_tag_invalid":
        path = (*path, tag)
        at = document.origin(*path)
    if what == "extra_forbidden":
        known = _keys(path[:-1], document, kind)
        text = f"{written(path, document)} is no key"
        return Problem(at, text, f"there are: {', '.join(known)}", meant(str(path[-1]), known))
    if what == "value_error":
        text = str(each["ctx"]["error"])
        own = text.partition(":")[0] in _keys(path, document, kind)
        name = written(path, document)
        if not path or own:
            return Problem(at if not own else document.origin(*path, text.partition(":")[0]), text)
        return Problem(at, f"{name} = {_value(path, document)}: {text}")
    allowed = _allowed(path, document, kind)
    node = _node(path, document, kind)
    given = _held(path, document)
    hint = meant(given, map(str, node.get("enum", ()))) if isinstance(given, str) else ""
    text = f"{written(path, document)} = {_value(path, document)} is not allowed"
    if what in _LENGTHS:
        text = f"{written(path, document)} holds {len(given)} of what it lists"
    return Problem(at, text, allowed and f"it must be {allowed}", hint)


def written(path: Key, document: Document) -> str:
    """Keys as a file has them: points of a list by their names, which stay when others come."""
    text, data = "", document.data
    for key in path:
        data = data[key] if isinstance(data, list) or key in data else None
        if isinstance(key, int):
            names = (data.get(by) for by in NAMED_BY) if isinstance(data, dict) else ()
            text += f"[{next(filter(None, names), key + 1)}]"
        else:
            text += f".{key}" if text else key
    return text


def _value(path: Key, document: Document) -> str:
    data = _held(path, document)
    if isinstance(data, bool):
        return str(data).lower()
    if isinstance(data, str):
        return f'"{data}"'
    if isinstance(data, (dict, list)):
        return "{ … }" if isinstance(data, dict) else "[ … ]"
    return str(data)


def _held(path: Key, document: Document):
    data = document.data
    for key in path:
        data = data[key]
    return data


def _allowed(path: Key, document: Document, kind: TypeAdapter) -> str:
    return words(_node(path, document, kind), _root(kind))


def _keys(path: Key, document: Document, kind: TypeAdapter) -> list[str]:
    return list(_node(path, document, kind).get("properties", {}))


@cache
def _json_schema(kind: TypeAdapter) -> dict:
    return kind.json_schema(by_alias=True)


def _root(kind: TypeAdapter) -> dict:
    return _json_schema(kind)


def _node(path: Key, document: Document, kind: TypeAdapter) -> dict:
    """What the schema says of a place in this file."""
    root = _root(kind)
    node, data = _branch(root, root, document.data), document.data
    for key in path:
        if isinstance(key, int):
            node = node.get("items", {})
            data = data[key] if isinstance(data, list) and key < len(data) else None
        else:
            node = node.get("properties", {}).get(key) or node.get("additionalProperties", {})
            data = data.get(key) if isinstance(data, dict) else None
        node = _branch(node if isinstance(node, dict) else {}, root, data)
    return node


def _branch(node: dict, root: dict, data) -> dict:
    """Follows references, and of several branches the one that this value takes."""
    if "$ref" in node:
        held = root["$defs"][node["$ref"].rpartition("/")[2]]
        return _branch({k: v for k, v in node.items() if k != "$ref"} | held, root, data)
    if tag := node.get("discriminator"):
        chosen = data.get(tag["propertyName"]) if isinstance(data, dict) else None
        if isinstance(chosen, str) and chosen in tag["mapping"]:
            return _branch({"$ref": tag["mapping"][chosen]}, root, data)
        return {"properties": {tag["propertyName"]: {"enum": list(tag["mapping"])}}}
    some = [b for b in node.get("anyOf", ()) if b.get("type") != "null"]
    if some and "description" not in node:
        fitting = [b for b in some if _is_of(b, data, root)]
        if len(some) == 1 or isinstance(data, (dict, list)):
            return _branch((fitting or some)[0], root, data)
    return node


def _is_of(branch: dict, data, root: dict) -> bool:
    kind = _branch(branch, root, None).get("type")
    return kind == ("array" if isinstance(data, list) else "object")


def words(node: dict, root: dict) -> str:
    """What a value must be, for somebody who never saw a schema."""
    if "description" in node and node.get("type") != "object":
        return node["description"]
    if "$ref" in node:
        return words(_branch(node, root, None), root)
    if "const" in node:
        return _quoted(node["const"])
    if "enum" in node:
        return _either([_quoted(each) for each in node["enum"]])
    if some := [b for b in node.get("anyOf", node.get("oneOf", ())) if b.get("type") != "null"]:
        return _either(list(dict.fromkeys(words(each, root) for each in some)))
    kind = node.get("type", "")
    if kind in ("integer", "number"):
        return _TYPES[kind] + _range(node)
    if kind == "array":
        return _list(node, root)
    return _TYPES.get(kind, "")


def _list(node: dict, root: dict) -> str:
    low, high = node.get("minItems"), node.get("maxItems")
    each = words(node.get("items", {}), root)
    count = f" of {low}" if low and low == high else f" of {low} or more" if low else ""
    return f"a list{count}" + (f" (each {each})" if each and each != _TYPES["object"] else "")


def _range(node: dict) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f", {low:g} or more"
    if "exclusiveMinimum" in node:
        return f" above {node['exclusiveMinimum']:g}"
    return f", {high:g} at most" if high is not None else ""


def _quoted(value) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _either(each: list[str]) -> str:
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} or {each[-1]}"
