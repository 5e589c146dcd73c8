"""A task that never comes back: the watchdog restarts the node, which then says what happened."""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench import bench_node
from tests.node import asking
from tests.node.asking import CONVERTER, MS, WATER, S
from tests.soak.power_cuts import Broken, recorded

_HANG_AT_S = 8
_LIMIT_NS = 12 * S
_AIM_MS = 10_000
_WATCHDOG = 2
_BASE = 123450
# The loop begins some time after each start; the pulse input is one of its victims.
_NEW = "        before = point.status\n        while now >= {}:\n            pass\n"
_CHANGES = {
    "converter/app/bus_task.py": ("        before = point.status\n", _NEW.format(_HANG_AT_S))
}


@dataclass(frozen=True)
class Recovery:
    silent_ms: float  # from the last answer before the loop to the reset
    answering_ms: float  # from the reset to the first answer
    truth: int  # pulses before the loop
    restored: int
    cause: int
    hung: str | None  # as the node itself reports


def run() -> Recovery:
    node = bench_node.at_work(files=bench_node.changed_files(_CHANGES))
    asking.pulses(node, 25)
    node.run(2 * S)
    if recorded(node) != 25:
        raise Broken(f"{recorded(node)} pulses of 25 on record before the loop")
    resets = node.resets
    last_ns = _last_answer(node)
    if not node.run_until(lambda: node.resets > resets, _LIMIT_NS):
        raise Broken("no reset came while a task looped")
    silent_ms = (node.clock.now_ns - last_ns) / MS
    reset_ns = node.clock.now_ns
    _first_answer(node)
    answering_ms = (node.clock.now_ns - reset_ns) / MS
    node.run(S)
    restored = asking.read(node, CONVERTER, "E0010900")
    if asking.read(node, WATER, "00010000") != _BASE + restored:
        raise Broken("index and pulses do not agree after the watchdog's reset")
    cause = asking.read(node, CONVERTER, "E0002100")
    found = Recovery(silent_ms, answering_ms, 25, restored, cause, asking.report(node)["hung"])
    if (cause, found.hung, restored) != (_WATCHDOG, "bus", 25):
        raise Broken(f"not as it should be after the watchdog's reset: {found}")
    if silent_ms > _AIM_MS:
        raise Broken(f"the reset took longer than {_AIM_MS / 1000:g} s: {found}")
    return found


def _answers(node) -> bool:
    request = asking.frame(CONVERTER, 0x11, bytes.fromhex("E0010900")[::-1])
    return asking.exchange(node, request, 300 * MS) is not None


def _last_answer(node) -> int:
    """The node answers until its loop begins."""
    limit_ns = node.clock.now_ns + 2 * _HANG_AT_S * S
    last_ns = node.clock.now_ns
    while _answers(node):
        last_ns = node.clock.now_ns
        if last_ns > limit_ns:
            raise Broken("the loop never began")
    return last_ns


def _first_answer(node) -> None:
    limit_ns = node.clock.now_ns + 5 * S
    while not _answers(node):
        if node.clock.now_ns > limit_ns:
            raise Broken("no answer after the watchdog's reset")
