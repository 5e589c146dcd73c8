"""What is wired to which pin of a community's board, in groups: each is one box of the picture."""

from __future__ import annotations

from dataclasses import dataclass, field

from sibiao.config import schema
from sibiao.config.device.buses import points_by_bus
from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded
from sibiao.config.schema.bus import Line

_PREFIX = {"rp2": "GP", "esp32": "IO", "pyboard": ""}
_SOURCES = {
    "pio": "state machine",
    "irq": "interrupt",
    "counter": "counting unit",
    "poll": "looked at",
    "namur": "ADC, NAMUR",
}


@dataclass(frozen=True)
class Wire:
    """One pin. `role` as it stands at the box, `how` for the installer."""

    gpio: int | str
    role: str
    how: str


@dataclass
class Group:
    """What hangs together: a meter's contacts, a bus with its meters, a chip, a button. `kind`
    chooses its colour."""

    kind: str
    title: str
    lines: list[str]
    wires: list[Wire] = field(default_factory=list)


def pin_name(loaded: Loaded, gpio: int | str) -> str:
    """As it is printed on the board."""
    return f"{_PREFIX[loaded.chip.platform]}{gpio}"


def groups(loaded: Loaded) -> list[Group]:
    """All of them; what the community does not use of the board is left out."""
    board = loaded.board
    found = [_uplink(loaded)]
    for name, points in points_by_bus(loaded).items():
        found.append(_bus(loaded, name, [point for _, point in points]))
    found += [
        _contacts(loaded, point)
        for point in loaded.community.points
        if loaded.meters[point.meter].link == "pulse"
    ]
    if board.button:
        wire = Wire(board.button.gpio, "button", _to(board.button.active, board.button.pull_up))
        found.append(Group("button", "Button under the seal", ["programming window"], [wire]))
    if board.supply:
        wire = Wire(board.supply.gpio, "failing", f"{board.supply.active} when the supply fails")
        held = f"lives on for {board.supply.hold_up_ms} ms"
        found.append(Group("supply", "Supply monitor", [held], [wire]))
    found += _chips(board)
    led = Wire(board.led, "LED", "LED, lit when high")
    return [*found, Group("led", "Status LED", [], [led])]


def settings(line: Line) -> str:
    return f"{line.baud} 8{line.parity}1"


def _to(active: str, pull_up: bool) -> str:
    if active == "low":
        return "contact to GND" + (", pull-up in the chip" if pull_up else ", pull-up outside")
    return "contact to 3V3, pull-down outside"


def _uplink(loaded: Loaded) -> Group:
    uplink, pins = loaded.uplink, loaded.board.module
    far = uplink.module.kind.upper() + " module" if uplink.module else "electricity meter"
    made = Group("uplink", f"Uplink: {far}", [settings(uplink.line), loaded.community.uplink])
    made.wires += _uart(loaded.board.uarts["uplink"], "the module's")
    if pins and (uplink.module or uplink.report):
        for name in ("power", "reset", "set", "event", "sta"):
            if getattr(pins, name) is not None:
                turned = ", turned round" if name in pins.inverted else ""
                made.wires.append(Wire(getattr(pins, name), name.upper(), f"module pin{turned}"))
    return made


def _uart(uart: schema.Uart, whose: str) -> list[Wire]:
    wires = [
        Wire(uart.tx, "TX", f"to {whose} RX (UART {uart.uart})"),
        Wire(uart.rx, "RX", f"from {whose} TX (UART {uart.uart})"),
    ]
    if uart.direction is not None:
        wires.append(Wire(uart.direction, "DE", "RS-485 driver, high while sending"))
    if uart.supply is not None:
        wires.append(Wire(uart.supply, "PWR", "supply of the bus, high while it is on"))
    return wires


def _bus(loaded: Loaded, name: str, points: list[schema.Point]) -> Group:
    links = {"cjt188": "CJ/T 188", "mbus": "M-Bus", "transparent": "transparent"}
    spoken = sorted({links[loaded.meters[p.meter].link] for p in points})
    lines = [f"{p.name}: {meter_address(p)}".removesuffix(": ") for p in points]
    made = Group("bus", f"{name}: {' and '.join(spoken)}", lines)
    made.wires += _uart(loaded.board.uarts[name], "the bus driver's")
    return made


def meter_address(point: schema.Point) -> str:
    address = point.secondary_address or point.meter_address or ""
    return address + (f" / {point.fabrication}" if point.fabrication else "")


def _contacts(loaded: Loaded, point: schema.Point) -> Group:
    meter, inputs = loaded.meters[point.meter], loaded.board.pulse_inputs
    litres = (meter.m3_per_pulse * 1000).normalize()
    made = Group("pulse", point.name, [f"{meter.medium}, {litres:f} L a pulse"])
    for name in wires_of(point):
        pin = inputs[name]
        namur = pin.source == "namur"
        how = "sensor, behind its barrier" if namur else _to(pin.active, pin.pull_up)
        other = "3V3" if pin.active == "high" and not namur else "GND"
        made.wires.append(Wire(pin.gpio, f"{name} + {other}", f"{how}; {_SOURCES[pin.source]}"))
    for what, name in (("tamper", point.tamper), ("cable", point.cable)):
        if name:
            pin = inputs[name]
            other = "3V3" if pin.active == "high" else "GND"
            made.wires.append(Wire(pin.gpio, f"{what} + {other}", _to(pin.active, pin.pull_up)))
    return made


def _chips(board: schema.Board) -> list[Group]:
    found: dict[tuple, Group] = {}
    for title, part in (("Clock", board.rtc), ("FRAM", board.fram)):
        if part is None:
            continue
        roles = ("scl", "sda") if hasattr(part, "scl") else ("sck", "mosi", "miso", "cs")
        pins = tuple(getattr(part, role) for role in roles)
        if pins in found:  # one bus, two chips
            found[pins].title += f" and {title}"
            continue
        parts = zip(roles, pins, strict=True)
        wires = [Wire(pin, role.upper(), f"to {role.upper()} of the chip") for role, pin in parts]
        found[pins] = Group("chip", title, [getattr(part, "chip", "").upper()], wires)
    return list(found.values())
