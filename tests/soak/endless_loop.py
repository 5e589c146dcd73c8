"""The true watchdog on the emulated Pico: a task that loops for ever costs one restart."""

from __future__ import annotations

from pathlib import Path

from sibiao.config.load import load
from sibiao.node.pico import EmulatedPico

from tests.node import asking
from tests.node.asking import CONVERTER, S
from tests.node.test_supervisor import spoilt_files


def run(image: Path, task: str = "bus") -> dict:
    """What was seen: seconds until the reset, the cause as read, the task named, the totals."""
    node = EmulatedPico(image, spoilt_files(load("sample"), {task: ((4000, "loop"),)}))
    asking.at_work(node)
    asking.pulses(node, 10)  # every_pulses = 10
    node.run(2 * S)
    # The last thing that the task does before it loops is to write a note to flash.
    written_ns = [0]
    node.flash.on_operation = lambda _: written_ns.append(node.clock.now_ns)
    assert node.run_until(lambda: node.resets > 0, 14 * S), "no reset"
    reset_after_s = (node.clock.now_ns - written_ns[-1]) / S
    node.flash.on_operation = None
    asking.at_work(node, 3 * S)
    report = asking.report(node)
    return {
        "task": task,
        "reset_after_s": round(reset_after_s, 2),
        "cause": report["cause"],
        "hung": report["hung"],
        "pulses": asking.read(node, CONVERTER, "E0010900"),
    }
