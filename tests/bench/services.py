"""Each service of the station on the running node: how long it takes, and what it costs the
processor; the same reads plain and sealed."""

from __future__ import annotations

import dataclasses

from sibiao.firmware.slot import image_files
from sibiao.reader.sealed import Seal

from tests.bench import bench_node, exchange
from tests.bench.exchange import CYCLE_NS, Exchange, Instant
from tests.bench.figure import Figure, figure
from tests.node import asking
from tests.node.asking import CONVERTER, MS, WATER
from tests.node.commanding import command

SERVICES = "services"
_KEY = bytes(range(16))
_FIRST_COUNTER = 1000
_MORE = 0x20
_ALL = "99" * 6
_NOON = bytes.fromhex("000012250326")  # second first, 2026-03-25
_BY = bytes.fromhex("0400000078563412")  # level, password, operator
_CLOCK = bytes.fromhex("0C010004")
_INDEX = bytes.fromhex("00000100")
_BLOCK = bytes.fromhex("FFFF01E0")  # everything of point 1
_HOURS = bytes.fromhex("FF010405")  # the index at the last 254 full hours: goes on in 12H
_REST_MS = 100
_HEARD_MS = 300  # a broadcast is over then


def measure(count: int) -> list[Figure]:
    node = bench_node.at_work()
    seal_node = _sealed_node()
    seal = Seal(_KEY, bench_node.sample().community.serial)
    broadcasts = [_broadcast_ms(node) for _ in range(count)]
    asks = {
        "11, one value": (_one, 40),
        "11, a block of a point's values": (lambda n: (CONVERTER, 0x11, _BLOCK), 40),
        "11, a block that goes on": (lambda n: (WATER, 0x11, _HOURS), 500),
        "12, what follows": (lambda n: (WATER, 0x12, _HOURS + b"\x01"), 500),
        "13, the address": (lambda n: ("AA" * 6, 0x13, b""), 40),
        "14, date and time": (_clock, 500),
        "16, a freeze of all points": (lambda n: (CONVERTER, 0x16, b"\x99" * 4), 500),
    }
    figures = []
    for name, (ask, most_ms) in asks.items():
        figures += _rows(name, [_taken(node, *ask(n), n) for n in range(count)], most_ms)
    figures.append(
        figure(
            SERVICES, "processor time, 08, a broadcast of the time", "ms", broadcasts,
            f"cycles executed within {_HEARD_MS} ms of the request's last bit, what other tasks "
            "did meanwhile among them; nobody is answered",
        )
    )  # fmt: skip
    plain = [_taken(seal_node, *_one(n), n) for n in range(count)]
    sealed = [_taken(seal_node, *_one(n), n, seal) for n in range(count)]
    figures += _rows("11, one value, plain, where writes are sealed", plain, 40)
    return figures + _rows("11, one value, sealed", sealed, 500)


def _one(n: int) -> tuple[str, int, bytes]:
    return WATER, 0x11, _INDEX


def _clock(n: int) -> tuple[str, int, bytes]:
    time = bytes((n % 10, 0, 0x12, 3, 0x25, 3, 0x26))  # second first, the weekday fourth
    return CONVERTER, 0x14, _CLOCK + _BY + time


def _sealed_node():
    loaded = bench_node.sample()
    uplink = loaded.uplink.model_copy(update={"sealed": "writes"})
    node = bench_node.at_work(files=image_files(dataclasses.replace(loaded, uplink=uplink)))
    assert command(node, f"key {_KEY.hex()}") == {"key": "written"}
    return node


def _taken(
    node, address: str, control: int, data: bytes, n: int, seal: Seal | None = None
) -> Exchange:
    exchange.pause(node, _REST_MS + 7 * n)
    if seal:
        counter = _FIRST_COUNTER + n
        times, answer = exchange.timed(node, seal.request(address, control, data, counter))
        told = seal.answer(answer, counter).control
    else:
        times, answer = exchange.timed(node, asking.frame(address, control, data))
        told = answer[8]
    assert told & ~_MORE == control | 0x80, f"refused: {answer.hex()}"
    return times


def _rows(name: str, times: list[Exchange], most_ms: int) -> list[Figure]:
    return [
        figure(
            SERVICES, f"turnaround, {name}", "ms", [t.turnaround_ns / 1e6 for t in times],
            "last bit of the request to first bit of the answer, at 2400 baud 8E1, heat meter "
            "polled", at_least=20, at_most=most_ms,
        ),
        figure(
            SERVICES, f"processor time, {name}", "ms", [t.busy_ns / 1e6 for t in times],
            "cycles executed between the two, 8 ns each; what other tasks did is in it",
        ),
    ]  # fmt: skip


def _broadcast_ms(node) -> float:
    exchange.pause(node, _REST_MS)
    line = node.line(asking.UPLINK)
    line.settings(2400, "E")
    line.send(asking.frame(_ALL, 0x08, _NOON))
    node.run(line.busy_ns)
    before = Instant.now(node)
    node.run(_HEARD_MS * MS)
    return (Instant.now(node).cycles - before.cycles) * CYCLE_NS / 1e6
