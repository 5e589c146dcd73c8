"""A full file system is an event: nothing counted is lost, and the register is right."""

import bisect

import pytest
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import firmware_sources, image_files, slot_files
from sibiao.node.pico.files import BLOCK_COUNT, BLOCK_SIZE, build_littlefs

from tests.node import asking
from tests.node.asking import CONVERTER, WATER, S
from tests.node.commanding import command, events
from tests.node.communities import sample

COMMIT_FAILED = 5
NO_ROOM = (28, 36)  # littlefs says the second where a new name finds no room


def _filled(files):
    """With one more file, as large as fits."""

    def fits(blocks):
        try:
            build_littlefs(files | {"/full": bytes(blocks * BLOCK_SIZE)})
        except SibiaoError:
            return False
        return True

    blocks = bisect.bisect_left(range(BLOCK_COUNT), True, key=lambda n: not fits(n)) - 1
    assert fits(blocks)
    return files | {"/full": bytes(blocks * BLOCK_SIZE)}


def _life(node):
    asking.at_work(node)
    asking.pulses(node, 12)
    node.run(6 * S)
    asking.pulses(node, 12)
    node.run(6 * S)
    return (
        asking.read(node, WATER, "00010000"),
        command(node, "point 1"),
        [event[:2] for event in events(node)],
        asking.report(node)["ended"],
    )


@pytest.mark.vm
def test_counting_goes_on(on_vm):
    index, point, seen, ended = on_vm(_life, _filled(image_files(sample())))
    assert index == 123450 + 24
    assert point["forward"] == 24 and point["uncommitted"] > 0
    assert any(code == COMMIT_FAILED and detail in NO_ROOM for code, detail in seen)
    assert seen.count(next(e for e in seen if e[0] == COMMIT_FAILED)) <= 2, (
        "a failing commit must not flood the events"
    )
    assert ended == 0


def _silent_pulses(files):
    # The pulse task falls asleep after 12 s, and the supervisor restarts the node.
    sources = firmware_sources()
    path = "converter/app/pulse_task.py"
    once = "            await asyncio.sleep_ms(_TAKE_MS)"
    assert sources[path].count(once) == 1
    sleepy = once.replace("_TAKE_MS", "_TAKE_MS if self._now_s() < 12 else 1000000")
    sources[path] = sources[path].replace(once, sleepy)
    return files | {f"/a/{n}": data for n, data in slot_files(sample(), sources).items()}


def _restart(node):
    asking.at_work(node)
    asking.pulses(node, 12)
    assert node.run_until(lambda: len(node.starts) > 1, 25 * S)
    asking.at_work(node)
    return (
        asking.read(node, CONVERTER, "E0002100"),
        asking.read(node, WATER, "E0000F00"),
        asking.read(node, WATER, "E0004200"),
    )


@pytest.mark.vm
def test_a_restart_that_loses_what_could_not_be_written_says_so(on_vm):
    full = image_files(sample()) | on_vm(_records, image_files(sample()))
    cause, missed, status = on_vm(_restart, _filled(_silent_pulses(full)))
    assert cause == 3, "wanted, and yet not all was committed before it"
    assert missed == b"\x02" and status & 8


def _records(node):
    asking.pulses(asking.at_work(node), 3)
    node.run(7 * S)
    return {path: data for path, data in node.flash_files().items() if path.startswith("/state/")}
