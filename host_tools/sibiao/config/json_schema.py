"""The schema of each kind of file as JSON Schema (draft 2020-12), for editors.

What a file takes over from another (config.files.inherit) it need not say itself, so keys are
required only of a file that extends none, and of points only where there are no defaults.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

from sibiao.config.load import KINDS

FOLDER = ".schema"  # in board_configs, beside the folders of the kinds
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_WHOLE = "Whole"  # what is asked of a file that extends none
_STRICT = ("required", "minItems", "if", "then")
_EXTENDING = {
    "extends": {
        "type": "string",
        "description": "the file of the same kind that this one extends",
    },
    "without": {
        "description": "what is not taken over from it, such as points.heat-301",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    },
}
_DWELLINGS = {
    "type": "array",
    "description": "identical dwellings: points that stand once and are made for each name",
    "items": {
        "type": "object",
        "required": ["names", "points"],
        "additionalProperties": False,
        "properties": {
            "names": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "first": {"type": "integer"},
            "columns": {"type": "object", "additionalProperties": {"type": "array"}},
            "points": {"type": "array", "items": {"type": "object"}},
        },
    },
}


def text(kind: str) -> str:
    """The file of one kind, as it stands in the folder."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


def name(kind: str) -> str:
    return f"{kind}.schema.json"


def first_line(kind: str) -> str:
    """What tells an editor by which schema a TOML file is judged."""
    return f"#:schema ../{FOLDER}/{name(kind)}"


def write(folder: Path, kinds: list[str]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name(kind) for kind in kinds]
    for kind, path in zip(kinds, paths, strict=True):
        path.write_text(text(kind), encoding="utf-8")
    return paths


def schema(kind: str) -> dict:
    strict = KINDS[kind].json_schema(by_alias=True)
    defs = {key: _told(each) for key, each in strict.pop("$defs", {}).items()}
    root = _told(strict)
    branches = [defs[_target(each)] for each in root.get("oneOf", ())] or [root]
    for branch in branches:
        branch["properties"] |= _EXTENDING
        if kind == "communities":
            _take_dwellings(branch, defs)
    loose_defs = {f"Part{key}": _loose(each) for key, each in copy.deepcopy(defs).items()}
    return {
        "$schema": _DIALECT,
        "title": f"Sibiao: {kind}",
        **_loose(copy.deepcopy(root)),
        "if": {"not": {"required": ["extends"]}},
        "then": {"$ref": f"#/$defs/{_WHOLE}"},
        "$defs": {_WHOLE: root, **defs, **loose_defs},
    }


def _take_dwellings(branch: dict, defs: dict) -> None:
    branch["properties"] |= {
        "dwellings": _DWELLINGS,
        "defaults": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"point": {"$ref": "#/$defs/Point"}},
        },
    }
    branch["required"].remove("points")
    branch["anyOf"] = [{"required": ["points"]}, {"required": ["dwellings"]}]
    required = {"required": defs["Point"].pop("required")}
    branch["if"] = {"not": {"required": ["defaults"]}}
    branch["then"] = {"properties": {"points": {"items": required}}}


def _target(each: dict) -> str:
    return each["$ref"].rpartition("/")[2]


def _told(node):
    """Without pydantic's titles, which only repeat the keys, and OpenAPI's discriminator."""
    if isinstance(node, list):
        return [_told(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, each in node.items():
        if key in ("discriminator",) or (key == "title" and isinstance(each, str)):
            continue
        if key == "properties":
            made[key] = {name: _told(held) for name, held in each.items()}
        elif key == "description" and node.get("type") == "object":
            made[key] = " ".join(each.split())
        else:
            made[key] = _told(each)
    return made


def _loose(node):
    """Nothing required, and of several branches any that fits."""
    if isinstance(node, list):
        return [_loose(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, each in node.items():
        if key in _STRICT or (key == "anyOf" and _only_requires(each)):
            continue
        if key == "properties":
            made[key] = {name: _loose(held) for name, held in each.items()}
        elif key == "$ref":
            made[key] = each.replace("#/$defs/", "#/$defs/Part")
        else:
            made["anyOf" if key == "oneOf" else key] = _loose(each)
    return made


def _only_requires(branches: list) -> bool:
    return all(set(branch) == {"required"} for branch in branches)
