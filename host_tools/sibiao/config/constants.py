"""A checked community as the constants that the firmware reads: the module `config`."""

from __future__ import annotations

import hashlib

from converter.link import cjt188_gate
from converter.model import quantity

from sibiao.config import schema, terms
from sibiao.config.check.every import check
from sibiao.config.device.buses import PARITY, buses, codes, max_age_s
from sibiao.config.device.module import module, reports
from sibiao.config.device.pulses import pulse_points
from sibiao.config.device.records import record_sizes, written_sizes
from sibiao.config.device.services import access, jobs, sealed, seldom, services
from sibiao.config.load import Loaded

_ALLOW = {"valve": cjt188_gate.VALVE, "sync": cjt188_gate.SYNC}

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


def config_source(loaded: Loaded) -> str:
    """Python source of the device's `config` module: nothing but constants."""
    check(loaded)
    community, board = loaded.community, loaded.board
    uart = board.uarts["uplink"]
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
            PARITY[line.parity],
            uart.direction,
            loaded.uplink.preamble_bytes,
            loaded.uplink.quiet_ms,
        ),
        "MODULE": module(loaded),
        "REPORTS": reports(loaded),
        "SPONTANEOUS": bool(loaded.uplink.report and loaded.uplink.report.spontaneous),
        "SERVICES": services(loaded),
        "SELDOM": seldom(loaded),
        "ACCESS": access(loaded),
        "SEALED": sealed(loaded),
        "JOBS": jobs(loaded),
        "POINTS": tuple(_point(loaded, p) for p in community.points),
        "PULSES": tuple(pulse_points(loaded)),
        "BUSES": buses(loaded),
        "ALLOW": sum({_ALLOW[what] for what in community.policy.allow}),
        "KEEPER": _keeper(loaded),
        "RTC": board.rtc and (board.rtc.chip, (board.rtc.i2c, board.rtc.scl, board.rtc.sda)),
        "SUPPLY": board.supply
        and (board.supply.gpio, int(board.supply.active == "high"), board.supply.pull_up),
        "SETTLEMENT": (settlement.day, settlement.hour, settlement.month),
    }
    body = "".join(f"{key} = {value!r}\n" for key, value in values.items())
    return body + f"DIGEST = {hashlib.sha256(body.encode()).hexdigest()[:16]!r}\n"


def _keeper(loaded: Loaded) -> tuple:
    fram = loaded.board.fram
    if fram is None:
        return "file", ("/state",)
    directory = tuple(record_sizes(loaded).items())
    far = tuple(written_sizes(loaded).items())
    if fram.kind == "fram-i2c":
        pins = (fram.i2c, fram.scl, fram.sda, fram.address)
    else:
        pins = (fram.spi, fram.sck, fram.mosi, fram.miso, fram.cs)
    return fram.kind.replace("-", "_"), (*pins, fram.size_bytes, directory, far)


def codes_of(loaded: Loaded, point: schema.Point) -> bytes:
    """The quantities that a point holds, the main index first."""
    meter = loaded.meters[point.meter]
    return _PULSE_CODES if meter.link == "pulse" else codes(meter, point.meter)


def _point(loaded: Loaded, point: schema.Point) -> tuple:
    is_counted = loaded.meters[point.meter].link == "pulse"
    oldest_s = 0 if is_counted else max_age_s(loaded.community.policy)  # a count is always current
    return terms.wire(point.address), codes_of(loaded, point), oldest_s
