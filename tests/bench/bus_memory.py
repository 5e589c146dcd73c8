"""What polling allocates and whether it keeps any of it; what bus meters cost of the heap."""

from __future__ import annotations

import itertools
from pathlib import Path

from converter.model.point import ALARM
from sibiao.config.constants import config_source
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import image_files
from sibiao.micropython import find_vm32

from tests.bench import bench_node, bus_node, small_words
from tests.bench.figure import Figure, figure, not_measured
from tests.bench.reads import HEAP, HEAP_MOST_BYTES
from tests.node import asking

_SCRIPT = "bus_polls"
_PICO_STEPS = 3
_POLL_LIMIT_NS = asking.S  # of the longest telegram and its pauses
_GROWTH = "growth over {} polls, {}"
_VM_STEPS = 10
_REPORTS = 4


def measure(pico_polls: int, vm_polls: int, *, whole: bool) -> list[Figure]:
    """`whole`: with the nodes that are started to see what bus meters cost of the heap."""
    figures = [*_on_pico(pico_polls), *_on_vm(vm_polls)]
    return figures + _retained() if whole else figures


def _on_pico(polls: int) -> list[Figure]:
    board = bus_node.at_prompt(_SCRIPT)
    bus_node.prompt_meters(board)
    step = polls // _PICO_STEPS
    said = board.exec_raw(
        f"import {_SCRIPT}\nfrom converter.app.node import Node\n"
        f"{_SCRIPT}.polled(Node('a', False).buses[0], {_PICO_STEPS}, {step})",
        (polls + 12) * _POLL_LIMIT_NS,
    )
    allocated, used = _figures_said(said)
    profiles = [point.meter for point in bus_node.community().community.points]
    names = ", ".join(f"{profiles[number - 1]} {n}" for number, n in allocated.items())
    return [
        figure(
            HEAP, "allocated by one poll", "bytes", list(allocated.values()),
            f"gc.mem_alloc() before and after, nothing collected meanwhile: {names}; the bus task "
            "of the whole node at the emulated Pico's prompt, its UART and simulated meters",
        ),
        _growth(polls, "whole bus task on the Pico", used, "as above"),
    ]  # fmt: skip


def _on_vm(polls: int) -> list[Figure]:
    what = "bus task behind a scripted port"
    try:
        vm = find_vm32(build=False)
    except SibiaoError as error:
        return [not_measured(HEAP, _GROWTH.format(polls, what), "bytes", str(error))]
    used = heap_after_polls(vm.path, polls)
    how = (
        f"32-bit MicroPython VM {vm.version} ({vm.origin}), heap of {small_words.PICO_HEAP} bytes"
    )
    return [_growth(polls, what, used, how)]


def heap_after_polls(vm: Path, polls: int) -> list[int]:
    """Bytes in use after each tenth of the polls."""
    code = f"import {_SCRIPT}\n{_SCRIPT}.polled({_SCRIPT}.scripted({bus_node.answers()!r}), "
    code += f"{_VM_STEPS}, {polls // _VM_STEPS})\n"
    config = config_source(bus_node.community())
    return _figures_said(small_words.printed(vm, "-c", code, config=config))[1]


def _figures_said(said: str) -> tuple[dict[int, int], list[int]]:
    """What each point's poll allocated, and the heap in use after each step."""
    lines = [list(map(int, line.split())) for line in said.splitlines()]
    allocated = dict(line for line in lines if len(line) == 2)
    return allocated, [line[0] for line in lines if len(line) == 1]


def _growth(polls: int, what: str, used: list[int], how: str) -> Figure:
    return figure(
        HEAP, _GROWTH.format(polls, what), "bytes",
        [after - before for before, after in itertools.pairwise(used)],
        f"{how}; gc.mem_alloc() after a collection at {len(used)} steps, four meters in turn: "
        f"{sorted(set(used))}",
        at_least=0, at_most=0,
    )  # fmt: skip


def _retained() -> list[Figure]:
    nothing = _heap(bus_node.community(()))
    whole = _heap(bus_node.community())
    how = (
        f"reports of running nodes (ENQ) after a collection, the least of {_REPORTS}; all that is "
        f"loaded on first use is in it; without a bus {nothing} bytes"
    )
    kept = {"M-Bus and CJ/T 188 with four profiles": whole - nothing}
    for title, link in (("M-Bus", "mbus"), ("CJ/T 188", "cjt188")):
        ours = tuple(name for name in bus_node.METERS if link in name)
        kept[f"{title} with two profiles"] = _heap(bus_node.community(ours)) - nothing
    rows = [figure(HEAP, f"heap kept by {what}", "bytes", [n], how) for what, n in kept.items()]
    title = "heap of the node, a pulse meter and four bus meters of both links"
    how = f"{how}; meters: {', '.join(bus_node.METERS)}"
    return [figure(HEAP, title, "bytes", [whole], how, at_most=HEAP_MOST_BYTES), *rows]


def _heap(loaded: Loaded) -> int:
    """Of a running node that has read its meters twice, or had the time to."""
    node = bench_node.powered(image_files(loaded))
    bus_node.prompt_meters(node)
    node.run(8 * asking.S)
    for number in range(2, len(loaded.community.points) + 1):
        # It was read; the published telegram of one has an alarm.
        assert asking.read(node, asking.CONVERTER, f"E0{number:02d}4200") in (0, ALARM)
    return min(asking.report(node)["heap"] for _ in range(_REPORTS))
