"""What a community takes of the heap of its node: a sum of measured parts (`make bench`, parts
`heap` and `shares`; docs/measurements/bench.md). It is within 3 % of what each shipped community
takes that was measured.
"""

from __future__ import annotations

from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded

# Bytes on a 32-bit MicroPython: the node with its uplink, and each pulse point.
NODE, PULSES, PULSE = 52_600, 8_900, 1_750  # PULSES: what all of them share
MODULE, REPORT, SEALED, COLLECTOR = 1_600, 2_500, 3_000, 7_000
RTC, FRAM, NAMUR = 3_400, 3_300, 1_700
# What every bus shares, what each link adds, and each meter of it.
BUS = 6_700
LINK = {"cjt188": 4_600, "mbus": 9_700, "transparent": 1_000}
METER = {"cjt188": 810, "mbus": 1_300, "transparent": 200}


def estimate_bytes(loaded: Loaded) -> int:
    return NODE + _points_bytes(loaded) + _uplink_bytes(loaded) + _board_bytes(loaded)


def _points_bytes(loaded: Loaded) -> int:
    links = [loaded.meters[point.meter].link for point in loaded.community.points]
    pulses, on_bus = links.count("pulse"), [link for link in links if link != "pulse"]
    used = PULSES + PULSE * pulses if pulses else 0
    used += BUS if on_bus else 0
    return used + sum(LINK[link] for link in set(on_bus)) + sum(METER[link] for link in on_bus)


def _uplink_bytes(loaded: Loaded) -> int:
    uplink = loaded.uplink
    used = SEALED if uplink.sealed != "off" else 0
    used += COLLECTOR if uplink.collector else 0
    return used + (MODULE if uplink.module else 0) + (REPORT if uplink.report else 0)


def _board_bytes(loaded: Loaded) -> int:
    board = loaded.board
    wires = [wire for point in loaded.community.points for wire in wires_of(point)]
    inputs = [board.pulse_inputs[wire] for wire in wires if wire in board.pulse_inputs]
    used = NAMUR if any(each.source == "namur" for each in inputs) else 0
    return used + (RTC if board.rtc else 0) + (FRAM if board.fram else 0)
