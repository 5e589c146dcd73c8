"""What a community takes of the heap of its node: a sum of measured parts (`make bench`, parts
`heap` and `shares`; docs/measurements/bench.md). It is some kilobytes high where little is loaded
(sealed-dwelling 3, gas-site and behind-a-collector 1), and lower than none that was measured.
"""

from __future__ import annotations

from sibiao.config.load import Loaded

# Bytes on a 32-bit MicroPython: the node with its uplink, and each pulse point.
NODE, PULSE = 67_500, 2_100
MODULE, REPORT = 2_800, 4_600
# What every bus shares, what each link adds, and each meter of it.
BUS = 8_000
LINK = {"cjt188": 5_600, "mbus": 11_900, "transparent": 1_000}
METER = {"cjt188": 1_050, "mbus": 1_500, "transparent": 200}


def estimate_bytes(loaded: Loaded) -> int:
    links = [loaded.meters[point.meter].link for point in loaded.community.points]
    on_bus = [link for link in links if link != "pulse"]
    used = NODE + PULSE * links.count("pulse")
    used += BUS if on_bus else 0
    used += sum(LINK[link] for link in set(on_bus)) + sum(METER[link] for link in on_bus)
    uplink = loaded.uplink
    return used + (MODULE if uplink.module else 0) + (REPORT if uplink.report else 0)
