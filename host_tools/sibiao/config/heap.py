"""What a community takes of the heap of its node: a sum of measured parts (`make bench`, parts
`heap` and `shares`; docs/measurements/bench.md). It is 2 to 9 kB high for the
shipped communities that were measured.
"""

from __future__ import annotations

from sibiao.config.load import Loaded

# Bytes on a 32-bit MicroPython: the node with its uplink, and each pulse point.
NODE, PULSES, PULSE = 58_000, 8_500, 2_100  # PULSES: what all of them share
MODULE, REPORT, SEALED = 2_800, 4_600, 3_000
# What every bus shares, what each link adds, and each meter of it.
BUS = 5_500
LINK = {"cjt188": 3_000, "mbus": 14_400, "transparent": 1_000}
METER = {"cjt188": 1_050, "mbus": 1_500, "transparent": 200}


def estimate_bytes(loaded: Loaded) -> int:
    links = [loaded.meters[point.meter].link for point in loaded.community.points]
    on_bus = [link for link in links if link != "pulse"]
    used = NODE + PULSE * links.count("pulse")
    used += BUS if on_bus else 0
    used += PULSES if "pulse" in links else 0
    used += SEALED if loaded.uplink.sealed != "off" else 0
    used += sum(LINK[link] for link in set(on_bus)) + sum(METER[link] for link in on_bus)
    uplink = loaded.uplink
    return used + (MODULE if uplink.module else 0) + (REPORT if uplink.report else 0)
