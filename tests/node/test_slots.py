"""How a board starts: trial starts that pass, and those that go back to the confirmed slot."""

from dataclasses import dataclass

import pytest
from sibiao.firmware.slot import slot_files
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.virtual import VirtualNode

from tests.changed_firmware import changed_sources
from tests.node import asking
from tests.node.asking import MS, S
from tests.node.flashing import (
    INDEX,
    at_once,
    board_files,
    counted,
    counted_before,
    on_pico,
)

pytestmark = pytest.mark.takes(20)

NODE, STATUS = "converter/app/node.py", "converter/app/status_task.py"
INIT = "    def __init__(self, slot, trial):\n"
UPLINK = "    async def run(self, beat):\n"

# name -> (module, what it says, what it says in the bad slot, what the fault note says)
BAD = {
    "import fails": (NODE, "import gc\n", "import gc, nothing_of_the_kind\n", "no module named"),
    "node raises": (NODE, INIT, INIT + "        raise ValueError('spoilt')\n", "spoilt"),
    "hangs while starting": (NODE, INIT, INIT + "        while True: pass\n", "hung or lost"),
    "hangs at work": (
        "converter/uplink/serve.py",
        UPLINK,
        UPLINK + "        while True: pass\n",
        "hung or lost",
    ),
    # The real limit is 30 s; what is tested here is what happens at its end.
    "a task keeps ending": (STATUS, "_TRIAL_S = const(30)", "_TRIAL_S = const(4)", "tasks ended"),
    "power is cut": (NODE, "import gc\n", "import gc\nimport sys\n", "lost power"),
}


@dataclass
class After:
    report: dict
    index: int
    files: dict
    starts: list


@pytest.fixture(scope="module")
def state(sample):
    return counted_before(sample)


def bad_slot(sample, name):
    module, old, new, _ = BAD[name]
    changes = [(module, old, new)]
    if name == "a task keeps ending":
        changes.append(
            (
                "converter/app/console.py",
                "            beat()\n            while",
                "            return\n            while",
            )
        )
    return slot_files(sample, changed_sources(*changes))


def try_bad_slot(name, files):
    # One of the endless loops in real time, where the watchdog is the host's own.
    live = name == "hangs at work"
    with VmNode(vm_binary(), files) if live else VirtualNode(files) as node:
        if name == "power is cut":
            assert asking.report(node, 5 * S)["trial"]
            node.power_cut()
        else:
            # The second start is the confirmed slot's.
            assert node.run_until(lambda: len(node.starts) > 1, 20 * S), asking.console(node)
        asking.at_work(node)
        report = asking.report(node)
        index = asking.read(node, asking.WATER, "00010000")
        return After(report, index, node.flash_files(), node.starts)


def try_good_slot(files):
    with VirtualNode(files) as node:
        first = asking.report(node, 5 * S)
        assert (first["slot"], first["trial"]) == ("b", True)
        assert "/slots/trial" not in node.flash_files()
        assert node.run_until(lambda: node.flash_files()["/slots/confirmed"] == b"b", 10 * S)
        node.run(200 * MS)
        said = asking.report(node)
        assert (said["slot"], said["trial"], said["fault"]) == ("b", False, None)
        node.power_cut()
        asking.at_work(node)
        assert asking.report(node)["slot"] == "b"
        assert asking.read(node, asking.WATER, "00010000") == INDEX
        assert node.starts == ["power", "power"]


def try_maintenance(files):
    with VirtualNode(files) as node:
        seen = bytearray()

        def quiet():
            seen.extend(node.console_read())
            return seen.endswith(b">>> ")

        assert node.run_until(quiet, 5 * S), seen
        assert b"maintenance, for" in seen
        node.run(10 * S)  # longer than the watchdog's 8 s: there is none
        assert node.starts == ["power"]
        assert asking.exchange(node, asking.frame("aaaaaaaaaaaa", 0x13)) is None
        node.power_cut()
        assert asking.report(node, 5 * S)["slot"] == "b"


def try_bad_slot_on_pico(sample, image):
    from sibiao.node.pico import EmulatedPico

    files = board_files(sample, bad_slot(sample, "import fails"), trial="b")
    node = asking.at_work(EmulatedPico(image, files))
    assert node.resets == 1
    said = asking.report(node)
    assert (said["slot"], said["trial"], said["cause"]) == ("a", False, 3)
    assert said["fault"].startswith("b: ImportError")
    assert asking.read(node, asking.WATER, "00010000") == 123450
    after = node.files()
    assert after["/slots/confirmed"] == b"a"
    assert "/slots/trial" not in after


@pytest.fixture(scope="module")
def lives(sample, state, request):
    good = slot_files(sample)
    scenarios = on_pico(request, try_bad_slot_on_pico)
    scenarios |= {
        name: (try_bad_slot, name, board_files(sample, bad_slot(sample, name), state, trial="b"))
        for name in BAD
    }
    scenarios["good"] = (try_good_slot, board_files(sample, good, state, trial="b"))
    scenarios["maintenance"] = (
        try_maintenance,
        board_files(sample, good, maintenance="", trial="b"),
    )
    yield from at_once(scenarios)


@pytest.mark.vm
@pytest.mark.parametrize("name", BAD)
def test_bad_slot_goes_back_to_the_confirmed_one(lives, state, name):
    after = lives[name].result()
    assert (after.report["slot"], after.report["trial"]) == ("a", False)
    assert after.report["fault"].startswith("b: ")
    assert BAD[name][3] in after.report["fault"]
    assert after.files["/slots/confirmed"] == b"a"
    assert "/slots/trial" not in after.files
    assert after.index == INDEX
    assert counted(after.files) == counted(state)
    how, cause = {"h": ("watchdog", 2), "p": ("power", 1)}.get(name[0], ("reset", 3))
    assert (after.starts, after.report["cause"]) == (["power", how], cause)


@pytest.mark.vm
def test_good_slot_confirms_itself(lives):
    lives["good"].result()


@pytest.mark.vm
def test_maintenance_is_for_one_start_and_keeps_the_trial(lives):
    lives["maintenance"].result()


@pytest.mark.pico
def test_bad_slot_on_the_pico(pico_image, lives):
    lives[try_bad_slot_on_pico].result()
