"""The board from above with what is wired to it, as an SVG: pads edge by edge, each used one with
a wire of its own to the box that it belongs to."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from html import escape

from sibiao.config.load import Loaded
from sibiao.sheet.wiring import Group, Wire, groups, pin_name

_COLOURS = {
    "uplink": "#0b5fa5",
    "bus": "#00784f",
    "pulse": "#c2500a",
    "button": "#9c2f8a",
    "supply": "#b3261e",
    "chip": "#5b6470",
    "led": "#8a6d00",
}
_PITCH, _TOP, _BOARD, _BOX, _LANE, _LINE = 24, 64, 190, 268, 9, 16
_MARGIN, _GAP = 14, 12
_HEAD = 24  # of a box


@dataclass
class _Ending:
    """A wire from its pad to its place at a box."""

    wire: Wire
    kind: str
    pad_y: float
    box_y: float


@dataclass
class _Box:
    group: Group
    wires: list[Wire]
    y: float = 0

    @property
    def height(self) -> float:
        rows = max(len(self.wires), len([line for line in self.group.lines if line]))
        return _HEAD + _LINE * rows + 8

    def wire_y(self, place: int) -> float:
        return self.y + _HEAD + _LINE * place + _LINE / 2


def picture(loaded: Loaded) -> str:
    """The whole drawing; it needs nothing beside it."""
    found = groups(loaded)
    edges, ordered = _edges(loaded, found)
    pads = {pin: (side, y) for side, pins in edges.items() for pin, y in _places(pins)}
    boxes = {side: _boxes(found, pads, side) for side in edges}
    inside = [group for group in found if not any(wire.gpio in pads for wire in group.wires)]
    board_h = max(len(pins) for pins in edges.values()) * _PITCH + 20
    height = max([_TOP + board_h + 24, *(b.y + b.height for s in boxes.values() for b in s)]) + 12
    endings = {side: _endings(boxes[side], pads) for side in edges}
    lanes = max(len(ends) for ends in endings.values())
    reach = _LANE * (lanes + 2) + 30
    left = _MARGIN + _BOX + reach
    width = left + _BOARD + reach + _BOX + _MARGIN
    parts = [_board(loaded, edges, left, board_h, found)]
    middle = left + _BOARD / 2
    if note := _note(loaded, inside, ordered):
        parts.append(_text(middle, _TOP + board_h + 20, note, 10.5, "middle"))
    for side, edge_x, sign in (("left", left, -1), ("right", left + _BOARD, 1)):
        parts += _wires(endings[side], edge_x, sign, reach)
        box_x = _MARGIN if side == "left" else width - _MARGIN - _BOX
        parts += [_box(box, box_x, side) for box in boxes[side]]
    return _svg(loaded, width, height, parts)


def _edges(loaded: Loaded, found: list[Group]) -> tuple[dict[str, list], bool]:
    if edges := loaded.board.edges:
        return {"left": edges.left, "right": edges.right}, True
    # Where the pins stand on the board is not told: those that are used, group by group.
    left: list = []
    right: list = []
    half = sum(len(group.wires) for group in found) / 2
    for group in found:
        (left if len(left) + len(group.wires) / 2 <= half else right).extend(
            wire.gpio for wire in group.wires
        )
    return {"left": left, "right": right}, False


def _places(pins: list) -> list[tuple[int | str, float]]:
    return [(pin, _TOP + 22 + i * _PITCH) for i, pin in enumerate(pins)]


def _boxes(found: list[Group], pads: dict, side: str) -> list[_Box]:
    """A group with pins on both edges has a box at each."""
    made = []
    for group in found:
        wires = [wire for wire in group.wires if pads.get(wire.gpio, ("",))[0] == side]
        if wires:
            made.append(_Box(group, sorted(wires, key=lambda wire: pads[wire.gpio][1])))
    made.sort(key=lambda box: sum(pads[w.gpio][1] for w in box.wires) / len(box.wires))
    # As near to their pads as the ones above leave room, then up again where that is too low.
    for box in made:
        middle = sum(pads[w.gpio][1] for w in box.wires) / len(box.wires)
        box.y = middle - box.height / 2
    for _ in range(40):
        for above, box in itertools.pairwise(made):
            overlap = above.y + above.height + _GAP - box.y
            if overlap > 0:
                above.y -= overlap / 2
                box.y += overlap / 2
    floor = _TOP - 14
    for box in made:
        box.y = max(box.y, floor)
        floor = box.y + box.height + _GAP
    return made


def _endings(boxes: list[_Box], pads: dict) -> list[_Ending]:
    return [
        _Ending(wire, box.group.kind, pads[wire.gpio][1], box.wire_y(place))
        for box in boxes
        for place, wire in enumerate(box.wires)
    ]


def _wires(endings: list[_Ending], edge_x: float, sign: int, reach: float) -> list[str]:
    """Each in a lane of its own, so that those of one direction never cross: of those that lead
    down the upper one turns further out, of those that lead up the lower one."""
    down = sorted((e for e in endings if e.box_y >= e.pad_y), key=lambda e: -e.pad_y)
    up = sorted((e for e in endings if e.box_y < e.pad_y), key=lambda e: e.pad_y)
    drawn = []
    for lane_of in (down, up):
        for lane, end in enumerate(lane_of):
            x = edge_x + sign * (24 + _LANE * (lane + 1))
            far = edge_x + sign * reach
            path = f"M{edge_x + sign * 6:g} {end.pad_y:g}H{x:g}V{end.box_y:g}H{far:g}"
            colour = _COLOURS[end.kind]
            drawn.append(f'<path d="{path}" fill="none" stroke="#fff" stroke-width="5"/>')
            drawn.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.2"/>')
    return drawn


def _note(loaded: Loaded, inside: list[Group], ordered: bool) -> str:
    if not ordered:
        return "pins by name, not as they stand on the board"
    names = [
        f"{group.title} ({', '.join(pin_name(loaded, w.gpio) for w in group.wires)})"
        for group in inside
    ]
    return f"on the board: {'; '.join(names)}" if names else ""


def _board(loaded: Loaded, edges: dict, x: float, height: float, found: list[Group]) -> str:
    kinds = {wire.gpio: group.kind for group in found for wire in group.wires}
    parts = [
        (
            f'<rect x="{x:g}" y="{_TOP:g}" width="{_BOARD}" height="{height:g}" rx="10" '
            'fill="#f3f7f4" stroke="#2b3a33" stroke-width="1.6"/>'
        )
    ]
    middle = x + _BOARD / 2
    usb = loaded.board.edges and loaded.board.edges.usb
    if usb:
        y = _TOP - 8 if usb == "top" else _TOP + height - 12
        parts.append(
            f'<rect x="{middle - 22:g}" y="{y:g}" width="44" height="20" rx="3" fill="#c9d1d9" '
            f'stroke="#2b3a33"/>{_text(middle, y + 14, "USB", 10, "middle")}'
        )
    y = _TOP + height / 2
    parts.append(
        f'<text transform="translate({middle:g} {y:g}) rotate(-90)" text-anchor="middle" '
        f'font-size="13" font-weight="bold" fill="#2b3a33">{escape(loaded.chip.title)}'
        f'<tspan x="0" dy="17" font-size="10.5" font-weight="normal">'
        f"{escape(loaded.community.board)}</tspan></text>"
    )
    for side, sign, anchor in (("left", 1, "start"), ("right", -1, "end")):
        at = x if side == "left" else x + _BOARD
        for pin, y in _places(edges[side]):
            kind = kinds.get(pin)
            plain = "#1f2328" if "GND" in str(pin) else "#d0d7de"
            fill = _COLOURS[kind] if kind else plain
            parts.append(f'<circle cx="{at:g}" cy="{y:g}" r="6" fill="{fill}" stroke="#2b3a33"/>')
            name = pin if isinstance(pin, str) else pin_name(loaded, pin)
            weight = "bold" if kind else "normal"
            parts.append(_text(at + sign * 13, y + 4, name, 11.5, anchor, weight))
    return "".join(parts)


def _box(box: _Box, x: float, side: str) -> str:
    colour = _COLOURS[box.group.kind]
    parts = [
        (
            f'<rect x="{x}" y="{box.y:g}" width="{_BOX}" height="{box.height:g}" rx="6" '
            f'fill="#fff" stroke="{colour}" stroke-width="1.6"/>'
        ),
        f'<path d="M{x} {box.y + 20:g}h{_BOX}" stroke="{colour}" stroke-width=".8"/>',
        _text(x + 9, box.y + 15, box.group.title, 12.5, "start", "bold", colour),
    ]
    inner, anchor = (x + _BOX - 9, "end") if side == "left" else (x + 9, "start")
    outer, other = (x + 9, "start") if side == "left" else (x + _BOX - 9, "end")
    for place, wire in enumerate(box.wires):
        parts.append(_text(inner, box.wire_y(place) + 4, wire.role, 11, anchor, "bold", colour))
    for place, line in enumerate(filter(None, box.group.lines)):
        beside = box.wires[place].role if place < len(box.wires) else ""
        room = int((_BOX - 30 - 7.6 * len(beside)) / 6.6)
        shown = line if len(line) <= room else line[: room - 1].rstrip() + "…"
        parts.append(_text(outer, box.wire_y(place) + 4, shown, 10.5, other))
    return "".join(parts)


def _text(x, y, text, size, anchor="start", weight="normal", fill="#1f2328") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}" fill="{fill}">{escape(str(text))}</text>'
    )


def _svg(loaded: Loaded, width: float, height: float, parts: list[str]) -> str:
    title = f"Wiring of {loaded.name} on {loaded.board.title}"
    head = _text(_MARGIN, 26, loaded.community.title, 15, "start", "bold")
    proof = {True: "verified on its chip", "emulated": "emulated chip only"}
    said = proof.get(loaded.board.verified, "NOT VERIFIED: never ran on its chip")
    fill = "#1f2328" if loaded.board.verified else "#b3261e"
    sub = _text(_MARGIN, 44, f"{loaded.board.title}: {said}", 12, "start", "normal", fill)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        "font-family=\"'DejaVu Sans', 'Noto Sans CJK SC', Arial, sans-serif\">"
        f"<title>{escape(title)}</title>"
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>{head}{sub}'
        f"{''.join(parts)}</svg>\n"
    )
