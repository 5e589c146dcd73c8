"""What running nodes keep of the heap: communities as shipped, and one with everything that fits
into one node."""

from __future__ import annotations

import dataclasses
import os
from concurrent.futures import ProcessPoolExecutor

from sibiao.config import schema
from sibiao.config.load import Loaded, load, names, read
from sibiao.firmware.slot import image_files
from sibiao.node.pico import EmulatedPico
from sibiao.reader.sealed import Seal
from sibiao.sim.community import Community

from tests.bench import bench_node
from tests.bench.collections_seen import Collector, largest_free
from tests.bench.figure import Figure, figure
from tests.bench.reads import HEAP, HEAP_MOST_BYTES
from tests.node import asking
from tests.node.commanding import command

EVERYTHING_MOST_BYTES = 140_000  # four points
POINT_MOST_BYTES = 1500
FREE_LEAST_BYTES = 32_000
_REPORTS = 4
_MCU = "rp2040"  # other chips' communities do not fit the emulated one
_RUN_S = 14  # every meter has been asked by then, an event told
_KEY = bytes(range(16))
_PINS = {"power": 20, "reset": 16, "set": 17, "event": 18, "sta": 19}
# Wired to -> profile, address on the bus. Of each kind one, then the same again.
_METERS = (
    ("pulse1", "water-reed-10l", None),
    ("bus", "heat-mbus-tiangang", "1"),
    ("bus", "water-mbus-itron-cyble", "2"),
    ("bus", "water-cjt188-901f", "11110000000002"),
    ("pulse2", "water-reed-10l", None),
    ("bus", "heat-mbus-tiangang", "3"),
    ("bus", "water-mbus-itron-cyble", "4"),
    ("bus", "water-cjt188-901f", "11110000000004"),
)


def measure(collector: Collector) -> list[Figure]:
    nodes = {name: load(name) for name in names("communities")}
    nodes = {name: each for name, each in nodes.items() if each.board.mcu == _MCU}
    nodes |= {count: everything(count) for count in (4, 8)}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        kept = pool.map(_kept, nodes.values(), [collector] * len(nodes))
        return _figures(dict(zip(nodes, kept, strict=True)), collector)


def _figures(kept: dict[str | int, tuple[int, int]], collector: Collector) -> list[Figure]:
    shipped = {name: pair for name, pair in kept.items() if isinstance(name, str)}
    four, eight = kept[4], kept[8]
    how = (
        f"the node's own report (ENQ) after a collection, the least of {_REPORTS}, {_RUN_S} s "
        "after power: its meters count and answer, each has been read, and the serial number was "
        f"asked for; the heap has {collector.heap_bytes} bytes"
    )
    loaded = (
        f"{how}; sealed, report, power line module, collector, 1F/9F, valve, all services of "
        f"writing, M-Bus, CJ/T 188 and pulses: {', '.join(m[1] for m in _METERS[:4])}"
    )
    return [
        *(
            figure(
                HEAP, f"heap of the community {name}, as shipped", "bytes", [kept], how,
                at_most=HEAP_MOST_BYTES,
            )
            for name, (kept, _) in shipped.items()
        ),
        figure(
            HEAP, "heap of a node with everything, four metering points", "bytes", [four[0]],
            loaded, at_most=EVERYTHING_MOST_BYTES,
        ),
        figure(
            HEAP, "heap of each further metering point", "bytes", [(eight[0] - four[0]) / 4],
            "as above, with the same four meters once more", at_most=POINT_MOST_BYTES,
        ),
        *(
            figure(
                HEAP, f"largest free block, everything and {count} metering points", "bytes",
                [free],
                "the longest run of free blocks in the heap's own table, right after the last "
                "report; as shipped "
                + ", ".join(f"{name} {free}" for name, (_, free) in shipped.items()),
                at_least=FREE_LEAST_BYTES,
            )
            for count, (_, free) in (("four", four), ("eight", eight))
        ),
    ]  # fmt: skip


def everything(count: int) -> Loaded:
    """All that one node can be told to load, with so many of the meters."""
    sample = load("sample")
    uplink = read("uplinks", "report")
    services = list(dict.fromkeys(["address", "report", "valve", "read", "pass_through"]))
    services += [name for name in uplink.services if name not in services]
    changes = {"services": services, "sealed": "all"}
    changes["collector"] = read("uplinks", "collector").collector
    table = sample.community.model_dump(by_alias=True)
    table["points"] = [
        {"name": f"point-{n}", "address": f"{400 + n:012d}", "meter": profile,
         "meter_address": address, "wired_to": wired}
        for n, (wired, profile, address) in enumerate(_METERS[:count], 1)
    ]  # fmt: skip
    board = sample.board.model_dump(by_alias=True) | {"module": _PINS}
    profiles = {profile for _, profile, _ in _METERS}
    return dataclasses.replace(
        sample,
        name="everything",
        board=schema.Board.model_validate(board),
        community=schema.Community.model_validate(table),
        uplink=uplink.model_copy(update=changes),
        meters={profile: read("meters", profile) for profile in profiles},
    )


def _kept(loaded: Loaded, collector: Collector) -> tuple[int, int]:
    """(heap in use, largest free block) of a running node whose meters count and answer, which has
    told what only few ask for."""
    node = EmulatedPico(bench_node.image().path, files=image_files(loaded))
    meters = Community(node, loaded)
    for meter in meters.pulses.values():
        meter.start()
    node.run(_RUN_S * asking.S)
    if loaded.uplink.sealed != "off":
        assert command(node, f"key {_KEY.hex()}") == {"key": "written"}
    _ask_seldom(node, loaded)
    reports = [asking.report(node) for _ in range(_REPORTS)]
    assert not any(told["ended"] for told in reports), reports[-1]
    free = largest_free(node, collector.table, collector.heap_bytes)
    return min(told["heap"] for told in reports), free


def _ask_seldom(node, loaded: Loaded) -> None:
    """The serial number: its code is loaded for it, and stays."""
    address, line = loaded.community.address, loaded.uplink.line
    uart = loaded.board.uarts["uplink"].uart
    what = bytes.fromhex("04000403")[::-1]
    seal = Seal(_KEY, loaded.community.serial) if loaded.uplink.sealed == "all" else None
    request = seal.request(address, 0x11, what, 1) if seal else asking.frame(address, 0x11, what)
    control, who, data = asking.exchange(node, request, baud=line.baud, uart=uart)
    if seal:
        raw = asking.frame(who, control, data)
        answer = seal.answer(raw, 1)
        control, data = answer.control, answer.data
    assert (control, data[:4]) == (0x91, what), data
