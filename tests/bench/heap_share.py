"""What each part of a community takes of a running node's heap, and how near the estimate of the
check (sibiao.config.check.heap) comes to it."""

from __future__ import annotations

import dataclasses

from sibiao.config import schema
from sibiao.config.check import heap
from sibiao.config.constants import config_source
from sibiao.config.load import Loaded, load, read
from sibiao.firmware.slot import compile_mpy, image_files

from tests.bench import bench_node
from tests.bench.figure import Figure, figure
from tests.bench.reads import HEAP
from tests.node import asking

_CJT188, _MBUS = "water-cjt188-901f", "water-mbus-itron-cyble"
_REPORTS = 4
_MOST_OFF = 5  # per cent
# Name -> pulse points, meters on the bus, uplink.
_COMMUNITIES = {
    "one pulse meter": (1, [], "virtual-meter"),
    "four pulse meters": (4, [], "virtual-meter"),
    "one more on CJ/T 188": (1, [_CJT188], "virtual-meter"),
    "eight on CJ/T 188": (1, [_CJT188] * 8, "virtual-meter"),
    "one more on M-Bus": (1, [_MBUS], "virtual-meter"),
    "eight on M-Bus": (1, [_MBUS] * 8, "virtual-meter"),
    "four of both": (1, [_CJT188, _MBUS] * 2, "virtual-meter"),
    "one pulse meter behind a module that reports": (1, [], "report"),
}


def measure() -> list[Figure]:
    made = {name: community(*parts) for name, parts in _COMMUNITIES.items()}
    used = {name: _used(loaded) for name, loaded in made.items()}
    off = [100 * (heap.estimate_bytes(made[name]) / n - 1) for name, n in used.items()]
    told = ", ".join(f"{name} {n}" for name, n in used.items())
    how = (
        f"reports of running nodes (ENQ) after a collection, the least of {_REPORTS}, all that is "
        f"loaded on first use in it: {told}"
    )
    eight, one = "eight on {}", "one more on {}"
    per_point = {
        "a pulse point": (used["four pulse meters"] - used["one pulse meter"]) / 3,
        **{
            f"a point on {link}": (used[eight.format(link)] - used[one.format(link)]) / 7
            for link in ("CJ/T 188", "M-Bus")
        },
    }
    sizes = {
        f"a point on {link}": (_size(made[eight.format(link)]) - _size(made[one.format(link)])) / 7
        for link in ("CJ/T 188", "M-Bus")
    }
    return [
        figure(
            HEAP, "estimate of the check over what nodes use", "%", off, how,
            at_least=-_MOST_OFF, at_most=_MOST_OFF,
        ),
        *(figure(HEAP, f"heap of {what}", "bytes", [n], how) for what, n in per_point.items()),
        *(
            figure(HEAP, f"compiled configuration of {what}", "bytes", [n], "config.mpy: 8 less 1")
            for what, n in sizes.items()
        ),
    ]  # fmt: skip


def community(pulses: int, meters: list[str], uplink: str) -> Loaded:
    """The sample's pulse meter so many times, and these meters on its bus."""
    sample = load("sample")
    table = sample.community.model_dump(by_alias=True)
    first = table["points"][0]
    points = [
        first | {"name": f"w{n}", "address": f"{300 + n:012d}", "wired_to": f"pulse{n}"}
        for n in range(1, pulses + 1)
    ]
    for n, meter in enumerate(meters, 1):
        at = str(n) if read("meters", meter).link == "mbus" else f"{n:014d}"
        point = {"name": f"b{n}", "address": f"{400 + n:012d}", "meter": meter, "wired_to": "bus"}
        points.append(point | {"meter_address": at})
    table["policy"] |= {"poll_every_s": 5}
    return dataclasses.replace(
        sample,
        community=schema.Community.model_validate(table | {"points": points, "uplink": uplink}),
        uplink=read("uplinks", uplink),
        meters={point["meter"]: read("meters", point["meter"]) for point in points},
    )


def _used(loaded: Loaded) -> int:
    """Of a node that has asked every meter, though nobody answers."""
    node = bench_node.powered(image_files(loaded))
    node.run(8 * asking.S)
    for number in range(1, len(loaded.community.points) + 1):
        assert asking.read(node, asking.CONVERTER, f"E0{number:02d}4200") is not None
    return min(asking.report(node)["heap"] for _ in range(_REPORTS))


def _size(loaded: Loaded) -> int:
    return len(compile_mpy(config_source(loaded), "config.py"))
