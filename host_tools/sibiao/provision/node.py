"""The running node as provisioning sees it: who it is, its dials, its clock; over the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sibiao.board import identity
from sibiao.board.console import Commands
from sibiao.config.device.pulses import on_dial
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.errors import SibiaoError

_CLOCK_SLACK_S = 5
_PULSES_MEANWHILE = 100  # that may come between entering a dial and reading it back


@dataclass(frozen=True)
class Dial:
    """A pulse point's dial. `text`: what it shows, in m3; None while the record is lost."""

    number: int
    name: str
    text: str | None
    pulses: int  # that were counted, both ways


def identified(loaded: Loaded, port: str) -> dict:
    """The node's report. SibiaoError when it is none, or another unit's."""
    report = identity.running(port)
    wanted = (loaded.name, loaded.community.serial)
    if (report["community"], report["serial"]) != wanted:
        raise SibiaoError(
            f"the node at {port} is unit {report['serial']} of {report['community']!r}, and not "
            f"{wanted[1]} of {wanted[0]!r}: take the right one, or flash it with --unit"
        )
    return report


def pulse_points(loaded: Loaded) -> list[tuple[int, Point]]:
    return [
        (number, point)
        for number, point in enumerate(loaded.community.points, 1)
        if loaded.meters[point.meter].link == "pulse"
    ]


def bus_points(loaded: Loaded) -> list[tuple[int, Point]]:
    """Those of meters that are asked; whoever is only passed through is none."""
    return [
        (number, point)
        for number, point in enumerate(loaded.community.points, 1)
        if loaded.meters[point.meter].link in ("cjt188", "mbus")
    ]


def point_named(loaded: Loaded, name: str) -> tuple[int, Point]:
    """SibiaoError when the unit counts no pulses of such a point."""
    found = {point.name: (number, point) for number, point in pulse_points(loaded)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise SibiaoError(
            f"{loaded.name!r} has no pulse point {name!r}; there are: {known}. A meter on a bus "
            "tells its dial by itself"
        )
    return found[name]


def index_of(loaded: Loaded, point: Point, text: str) -> int:
    """A dial in m3 as the node counts it."""
    meter = loaded.meters[point.meter]
    index = on_dial(text, meter)
    if index is None:
        raise SibiaoError(
            f"{text!r} does not fit the dial of {point.name}: {meter.dial_digits} digits, "
            f"{max(0, -meter.weight.exponent)} of them decimals"
        )
    return index


class Dials:
    def __init__(self, loaded: Loaded, commands: Commands):
        self._loaded = loaded
        self._commands = commands

    def read(self, number: int) -> Dial:
        return self._dial(self._commands.command(f"point {number}", "point"))

    def enter(self, number: int, text: str, how: str) -> Dial:
        """how: `dial`'s reason, or `restore`. What it then shows; SibiaoError when it is not
        that."""
        point = self._loaded.community.points[number - 1]
        index = index_of(self._loaded, point, text)
        line = f"restore {number} {index}" if how == "restore" else f"dial {number} {index} {how}"
        self._commands.command(line, "point")
        found = self.read(number)
        weight = self._loaded.meters[point.meter].weight
        step = Decimal(weight.numerator).scaleb(weight.exponent) / weight.denominator
        most = Decimal(text) + _PULSES_MEANWHILE * step
        if found.text is None or not Decimal(text) <= Decimal(found.text) <= most:
            raise SibiaoError(
                f"{point.name}: {text} m3 was entered, and it reads back {found.text or 'nothing'}"
            )
        return found

    def preset(self) -> tuple[int, int, int, int]:
        """Of the newest: point, reason, old and new index."""
        point, reason, _, _, old, new = self._commands.command("preset 0", "preset")["preset"][:6]
        return point, reason, old, new

    def _dial(self, said: dict) -> Dial:
        point = self._loaded.community.points[said["point"] - 1]
        number = Decimal(said["index"]).scaleb(said["exponent"])
        text = None if said["lost"] else f"{number:f}"
        return Dial(said["point"], point.name, text, said["forward"] + said["reverse"])


def set_clock(commands: Commands) -> str:
    """To the time of this computer. What the node then says."""
    commands.command(f"time {datetime.now():%Y-%m-%dT%H:%M:%S}", "time")
    said = commands.command("time", "time")["time"]
    told = datetime(*said) if said else None
    if told is None or abs((datetime.now() - told).total_seconds()) > _CLOCK_SLACK_S:
        raise SibiaoError(f"the clock was set, and the node at {commands.name} says {told}")
    return told.isoformat()
