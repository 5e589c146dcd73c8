"""Every task made to fail in every way: the node recovers, the cause is readable, totals stand."""

import pytest
from sibiao.firmware.slot import firmware_sources, slot_files, starter_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.asking import CONVERTER, MS, WATER, S

pytestmark = [pytest.mark.vm, pytest.mark.takes(20)]

TASKS = ("uplink", "pulses", "bus", "console", "status", "clock")

# Stands in for the supervisor's `start`: a task named in PLAN fails at its next wake-up once the
# time has come. What has failed is noted on flash, so that a restart does not repeat it.
FAULT = """
import os
import time

PLAN = %r
_start_ms = time.ticks_ms()


def _first_time(note):
    try:
        os.stat(note)
        return False
    except OSError:
        with open(note, "w"):
            pass
        return True


class _Beat:
    def __init__(self, name, beat):
        self.name = name
        self.beat = beat

    def __call__(self):
        self.beat()
        now_ms = time.ticks_diff(time.ticks_ms(), _start_ms)
        for at_ms, kind in PLAN.get(self.name, ()):
            if now_ms >= at_ms and _first_time("/" + self.name + kind):
                if kind == "exception":
                    raise ValueError("made to fail")
                if kind == "memory":
                    bytearray(1 << 30)
                while kind == "loop":
                    pass


def spoil(start):
    def spoilt(name, run):
        start(name, lambda beat: run(_Beat(name, beat)))

    return spoilt
"""


def spoilt_files(sample, plan, watchdog_ms=8000):
    sources = firmware_sources()
    node = "converter/app/node.py"
    started = "            self.supervisor.start(name, run)"
    assert started in sources[node]
    sources[node] = sources[node].replace(
        started,
        "            from converter.app.fault import spoil\n"
        "            spoil(self.supervisor.start)(name, run)",
    )
    sources["converter/app/fault.py"] = FAULT % (plan,)
    power = "converter/hal/power.py"
    sources[power] = sources[power].replace("const(8000)", f"const({watchdog_ms})")
    files = {f"/{name}": data for name, data in starter_files(sample).items()}
    files |= {f"/a/{name}": data for name, data in slot_files(sample, sources).items()}
    return files | {"/slots/confirmed": b"a", "/slots/born": b""}


def test_an_exception_and_a_lack_of_memory_in_each_task(sample):
    plan = dict.fromkeys(TASKS, ((1500, "exception"), (6000, "memory")))
    with VirtualNode(spoilt_files(sample, plan)) as node:
        asking.at_work(node)
        asking.pulses(node, 5)
        node.run(3 * S)
        said = asking.report(node)
        assert said["ended"] == len(TASKS)
        assert said["event"][0] == 2  # TASK_ENDED
        node.run(4500 * MS)
        said = asking.report(node)
        assert said["ended"] == 2 * len(TASKS)
        assert said["event"][0] == 3  # TASK_OUT_OF_MEMORY
        asking.pulses(node, 5)
        assert asking.read(node, WATER, "00010000") == 123460
        last = asking.read(node, CONVERTER, "E0002400")
        assert last // 1000 == 3 and 1 <= last % 1000 <= len(TASKS)
        assert node.starts == ["power"]


@pytest.mark.parametrize("task", TASKS)
def test_an_endless_loop(sample, task):
    # The true watchdog for one task; a shorter one for the others.
    watchdog_ms = 8000 if task == "pulses" else 2000
    files = spoilt_files(sample, {task: ((2500, "loop"),)}, watchdog_ms)
    with VirtualNode(files) as node:
        asking.at_work(node)
        asking.pulses(node, 10, 20 * MS, 20 * MS)  # every_pulses = 10
        # It notes on flash that it loops now, at the end of whatever it waited for before.
        looping = f"/{task}loop"
        assert node.run_until(lambda: looping in node.flash_files(), 10 * S)
        assert node.run_until(lambda: len(node.starts) > 1, (watchdog_ms + 500) * MS)
        assert node.starts == ["power", "watchdog"]
        asking.at_work(node, 2 * S)
        said = asking.report(node)
        assert (said["cause"], said["hung"]) == (2, task)
        assert asking.read(node, WATER, "00010000") == 123460
        assert asking.read(node, CONVERTER, "E0002100") == 2
        assert asking.read(node, CONVERTER, "E0002200") == 1 + TASKS.index(task)


def test_a_task_that_never_wakes_restarts_the_node(sample):
    # It awaits something that never comes: no loop, no exception, only silence.
    files = spoilt_files(sample, {})
    sources = firmware_sources()
    sources["converter/app/pulse_task.py"] = sources["converter/app/pulse_task.py"].replace(
        "            await asyncio.sleep_ms(_TAKE_MS)",
        "            await asyncio.sleep_ms(_TAKE_MS if self._now_s() < 2 else 1000000)",
    )
    files |= {f"/a/{name}": data for name, data in slot_files(sample, sources).items()}
    with VirtualNode(files) as node:
        asking.at_work(node)
        asking.pulses(node, 4)
        assert node.run_until(lambda: len(node.starts) > 1, 10 * S)
        assert node.starts == ["power", "reset"]
        asking.at_work(node, 2 * S)
        assert asking.report(node)["cause"] == 3  # wanted, so everything was committed before
        assert asking.read(node, WATER, "00010000") == 123454
