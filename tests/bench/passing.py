"""Frames passed through to a meter on the bus (1F/9F): how long the electricity meter waits."""

from __future__ import annotations

from sibiao.firmware.slot import image_files
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.bench import bench_node
from tests.bench.figure import Figure, figure
from tests.node.asking import BUS, CONVERTER, MS, S
from tests.node.passing import (
    HEAT,
    HEAT_POINT,
    READ_HEAT,
    READ_WATER,
    WATER,
    WATER_POINT,
    community,
    ext,
    frame1f,
    said,
)

PASSING = "pass-through"
_PROMPT = WATER + ",delay=30"
_AIM_MS = 3500
_STEP_MS = 130  # apart in the silent meter's poll, which takes some 3 s with its tries


def measure(count: int) -> list[Figure]:
    how = (
        "1F/08 on the emulated Pico at 2400 baud: last bit of the request to first bit of 9F, "
        "which holds the answer of a CJ/T 188 water meter that waits 30 ms; both frames on the "
        "bus take 0.28 s, and 0.12 s of silence end them"
    )
    return [
        figure(
            PASSING, "request to answer, bus at rest", "ms",
            _waits_ms([WATER_POINT], [_PROMPT], count, poll_every_s=600), how, at_most=_AIM_MS,
        ),
        figure(
            PASSING, "request to answer, a silent meter being polled", "ms",
            _waits_ms([WATER_POINT, HEAT_POINT], [_PROMPT, HEAT + ",fault=silent"], count),
            f"as above, at {count} moments of its poll", at_most=_AIM_MS,
        ),
        figure(
            PASSING, "request to the error answer, a silent meter", "ms",
            _waits_ms([HEAT_POINT], [HEAT + ",fault=silent"], min(count, 4)),
            "1F/08 to it, while it is polled", at_most=_AIM_MS,
        ),
    ]  # fmt: skip


def _waits_ms(points: list[dict], meters: list[str], count: int, **policy) -> list[float]:
    policy = {"poll_silent_every_s": 2} | policy
    node = bench_node.powered(image_files(community("clou-2016", *points, **policy)))
    asked = []
    bus = Bus(node.clock, node.line(BUS), [meter_of(text) for text in meters])
    last = bus.meters[-1]
    by_meter = last.hear
    last.hear = lambda byte, now: asked.append(node.clock.now_ns) or by_meter(byte, now)
    assert node.run_until(lambda: bool(asked), 20 * S)
    node.run(5 * S)
    waits = []
    for n in range(count):
        if HEAT_POINT in points:
            asked.clear()
            assert node.run_until(lambda: bool(asked), 20 * S)
        node.run((100 + n * _STEP_MS) * MS)
        read = READ_WATER if WATER_POINT in points else READ_HEAT
        answer, begun_ns, _ = said(node, frame1f(CONVERTER, 0x08, read))
        number, data = ext(answer, CONVERTER)
        assert (number, data[9:10]) == ((0x08, b"\x81") if read == READ_WATER else (0xC8, b""))
        waits.append(begun_ns / 1e6)
    return waits
