"""A commented community, written from a board, an uplink and meters; it passes the check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from sibiao.config import json_schema
from sibiao.config.constants import config_source
from sibiao.config.load import Files, Read, load
from sibiao.config.problems import Problem, Refused, meant
from sibiao.config.wiring import Wired, wire
from sibiao.errors import SibiaoError

# Of the policies that the flash outlasts, the one that loses least; as schema.Save.
_SAVES = ((10, 1, 60), (100, 5, 120), (1000, 60, 600))
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Wish:
    """`meters`: names of profiles, one a point, in order. `address`: 12 digits; the points' are
    those that follow."""

    name: str
    title: str
    board: str
    uplink: str
    serial: str
    address: str
    meters: list[str]


def community(wish: Wish, base: Path) -> str:
    """The file's text; SibiaoError where no such community can be."""
    if not _NAME.fullmatch(wish.name):
        raise SibiaoError(f"{wish.name!r} is no name for a file: small letters, digits and -")
    if not re.fullmatch(r"[0-9]{12}", wish.address):
        raise SibiaoError(f"address {wish.address!r} must be 12 digits, most significant first")
    if not wish.meters:
        raise SibiaoError("a community needs at least one meter")
    files = Files(base)
    board = _read(files, "boards", wish.board).value
    meters = [(name, _read(files, "meters", name).value) for name in wish.meters]
    _read(files, "uplinks", wish.uplink)
    wired = wire(board, wish.board, meters)
    profiles = dict(meters)
    points = [
        _point(n, profiles[each.profile], each, int(wish.address) + n)
        for n, each in enumerate(wired, 1)
    ]
    links = {meter.link for _, meter in meters}
    for every, at_most_s, at_least_s in _SAVES if "pulse" in links else _SAVES[:1]:
        save = (
            f"save = {{ every_pulses = {every}, at_most_every_s = {at_most_s}, "
            f"at_least_every_s = {at_least_s} }}"
        )
        text = "\n\n".join([_head(wish, links, save), *points]) + "\n"
        problems = _problems(wish.name, text, base)
        if not problems:
            return text
    said = "; ".join(each.sentence for each in problems)
    raise SibiaoError(f"{wish.name} would not pass the check: {said}")


def _read(files: Files, kind: str, name: str) -> Read:
    if name not in files.names(kind):
        known = files.names(kind)
        hint = meant(name, known) or f"there are: {', '.join(known) or 'none'}"
        raise SibiaoError(f"there is no {name!r} among the {kind}; {hint}")
    return files.read(kind, name)


def _head(wish: Wish, links: set[str], save: str) -> str:
    lines = [
        json_schema.first_line("communities"),
        "schema = 1",
        f"title = {_quoted(wish.title)}",
        f'board = "{wish.board}"',
        f'uplink = "{wish.uplink}"',
        f'serial = "{wish.serial}"',
        f'address = "{wish.address}"  # the converter\'s own, on the way up',
        "",
        "[policy]",
    ]
    if "pulse" in links:
        lines += [
            "# A total is written after so many pulses, but not twice within the second number",
            "# and at the latest after the third. What that costs: sibiao config life",
            save,
        ]
    if links - {"pulse", "transparent"}:
        lines += ["poll_every_s = 60  # each meter on a bus", "poll_silent_every_s = 600"]
    lines.append("settlement = { day = 1, hour = 0, month = 1 }  # monthly and yearly registers")
    return "\n".join(lines)


def _point(number: int, meter, wired: Wired, address: int) -> str:
    wires = [f'"{each}"' for each in wired.wires]
    lines = [
        f"# {meter.title}",
        "[[points]]",
        f'name = "{meter.medium}-{number}"',
        f'address = "{address:012}"',
        f'meter = "{wired.profile}"',
        f"wired_to = {wires[0] if len(wires) == 1 else '[' + ', '.join(wires) + ']'}",
    ]
    if meter.link == "pulse":
        lines.append('base_reading = "0"  # what the dial shows when counting begins, m3')
    if wired.meter_address is not None:
        found = "as its plate says; sibiao scan finds it"
        lines.append(f'meter_address = "{wired.meter_address}"  # proposed: {found}')
    return "\n".join(lines)


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise SibiaoError(f"title {text!r} holds characters that cannot be printed")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _problems(name: str, text: str, base: Path) -> list[Problem]:
    """What is written is read and compiled as any other file, among its neighbours to be."""
    with TemporaryDirectory() as folder:
        copytree(base, folder, dirs_exist_ok=True)
        path = Path(folder, "communities", f"{name}.toml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        try:
            config_source(load(str(path)))
        except Refused as refused:
            return refused.problems
    return []
