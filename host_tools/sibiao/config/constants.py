"""A checked community as the constants that the firmware reads: the module `config`."""

from __future__ import annotations

import hashlib

from converter.model import quantity

from sibiao.config import schema, terms
from sibiao.config.check import check
from sibiao.config.goldens import check_goldens
from sibiao.config.layouts import ask, layout, layout_rows, wire_address
from sibiao.config.load import Loaded
from sibiao.config.pulses import pulse_points
from sibiao.config.records import record_sizes
from sibiao.errors import SibiaoError

_PARITY = {"N": None, "E": 0, "O": 1}  # as machine.UART takes it
# The main index first: it is what freezes keep.
_PULSE_CODES = bytes(
    (
        quantity.VOLUME,
        quantity.PULSES,
        quantity.FORWARD,
        quantity.REVERSE,
        quantity.FLOW,
        quantity.SEQUENCE,
        quantity.GENERATION,
        quantity.LOSS_BOUND,
        quantity.GAP,
        quantity.ALARMS,
    )
)
_MISSED_POLLS = 3  # a bus value older than this many poll intervals is unknown


def config_source(loaded: Loaded) -> str:
    """Python source of the device's `config` module: nothing but constants."""
    check(loaded)
    community, board = loaded.community, loaded.board
    uart = _wire_of(loaded, "uplink", board.uarts, "uarts")
    line = loaded.uplink.line
    settlement = community.policy.settlement
    values = {
        "NAME": loaded.name,
        "SERIAL": community.serial.encode(),
        "ADDRESS": terms.wire(community.address),
        "BOUND": 1 if community.bind == "point" and len(community.points) == 1 else 0,
        "LED": board.led,
        "UPLINK": (
            uart.uart,
            uart.tx,
            uart.rx,
            line.baud,
            _PARITY[line.parity],
            loaded.uplink.preamble_bytes,
        ),
        "IDENTIFIERS": b"".join(_identifier_row(loaded, i) for i in loaded.uplink.identifiers),
        "POINTS": tuple(_point(loaded, p) for p in community.points),
        "PULSES": tuple(pulse_points(loaded)),
        "BUSES": tuple(_buses(loaded)),
        "KEEPER": _keeper(loaded),
        "RTC": board.rtc and (board.rtc.chip, (board.rtc.i2c, board.rtc.scl, board.rtc.sda)),
        "SUPPLY": board.supply
        and (board.supply.gpio, int(board.supply.active == "high"), board.supply.pull_up),
        "SETTLEMENT": (settlement.day, settlement.hour, settlement.month),
    }
    body = "".join(f"{key} = {value!r}\n" for key, value in values.items())
    return body + f"DIGEST = {hashlib.sha256(body.encode()).hexdigest()[:16]!r}\n"


def _where(loaded: Loaded, what: str) -> str:
    return f"community {loaded.name!r}, {what}"


def _wire_of(loaded: Loaded, name: str, table: dict, what: str):
    known = ", ".join(table) or "none"
    if name not in table:
        raise SibiaoError(
            f"board {loaded.community.board!r} has no {name!r} among its {what}; "
            f"there are: {known}"
        )
    return table[name]


def _identifier_row(loaded: Loaded, row: schema.Identifier) -> bytes:
    where = f"uplink {loaded.community.uplink!r}, identifier {row.di}"
    by_point = "**" in row.di
    base, exponent = terms.lookup(terms.UNITS, row.unit, "unit", where)
    code = terms.lookup(terms.QUANTITIES, row.quantity, "quantity", where)
    kind = terms.bytes_of(row.format) | (0x80 if row.signed else 0) | (0x40 if by_point else 0)
    exponent += 16 - terms.decimals(row.format)
    return terms.wire(row.di.replace("**", "00")) + bytes((code, kind, exponent, base))


def _keeper(loaded: Loaded) -> tuple:
    fram = loaded.board.fram
    if fram is None:
        return "file", ("/state",)
    directory = tuple(record_sizes(loaded).items())
    if fram.kind == "fram-i2c":
        pins = (fram.i2c, fram.scl, fram.sda, fram.address)
    else:
        pins = (fram.spi, fram.sck, fram.mosi, fram.miso, fram.cs)
    return fram.kind.replace("-", "_"), (*pins, fram.size_bytes, directory)


def _point(loaded: Loaded, point: schema.Point) -> tuple:
    meter = loaded.meters[point.meter]
    if meter.link == "pulse":
        codes = _PULSE_CODES
        max_age_s = 0  # a count is always current
    else:
        codes = bytes(row[0] for row in layout_rows(meter, point.meter))
        max_age_s = _MISSED_POLLS * loaded.community.policy.poll_every_s
    return terms.wire(point.address), codes, max_age_s


def _buses(loaded: Loaded):
    policy = loaded.community.policy
    by_bus: dict[str, list] = {}
    lines = {}
    for number, point in enumerate(loaded.community.points, 1):
        meter = loaded.meters[point.meter]
        if meter.link == "pulse":
            continue
        where = _where(loaded, point.name)
        if point.meter_address is None:
            raise SibiaoError(f"{where}: a meter on a bus needs its meter_address (14 digits)")
        if lines.setdefault(point.wired_to, meter.line) != meter.line:
            raise SibiaoError(f"{where}: {point.wired_to!r} already runs at other line settings")
        check_goldens(meter, point.meter)
        by_bus.setdefault(point.wired_to, []).append(
            (
                number,
                int(meter.request.type, 16),
                wire_address(meter, point.meter_address),
                ask(meter),
                layout(meter, point.meter),
            )
        )
    for bus, meters in by_bus.items():
        uart = _wire_of(loaded, bus, loaded.board.uarts, "uarts")
        port = (uart.uart, uart.tx, uart.rx, lines[bus].baud, _PARITY[lines[bus].parity])
        yield port, policy.poll_tries, policy.poll_every_s, tuple(meters)
