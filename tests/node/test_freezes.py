"""Freezes of a running node: taken at their moment, kept across power cuts, never invented."""

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.chips.rtc import Ds3231

from tests.node import asking
from tests.node.asking import CONVERTER, WATER, S
from tests.node.commanding import command
from tests.node.communities import RTC
from tests.node.communities import sample as changed
from tests.node.kinds import long_on_pico

pytestmark = pytest.mark.takes(30)

HOUR, DAY = "hour", "day"


def _freeze(node, kind, back):
    return command(node, f"freeze 1 {kind} {back}")


def _without_a_chip(node):
    seen = {"refused": _freeze(node, HOUR, 1), "clock": asking.read(node, CONVERTER, "E0002800")}
    asking.pulses(node, 12)
    command(node, "time 2026-12-31T23:59:57")
    node.run(5 * S)
    index = asking.read(node, WATER, "00010000")
    asking.pulses(node, 3)
    seen["kept"] = [_freeze(node, kind, 1) for kind in (HOUR, DAY, "month", "year")]
    node.run(3 * S)
    node.power_cut()
    asking.at_work(node)
    seen["index"] = index
    seen["later"] = _freeze(node, HOUR, 1)
    seen["digits"] = asking.read(node, CONVERTER, "E0002800")
    command(node, "time 2027-01-01T02:30:00")
    seen["hours"] = [_freeze(node, HOUR, back) for back in (1, 2, 3)]
    seen["month"] = _freeze(node, "month", 1)
    return seen


@long_on_pico
def test_without_a_clock_nothing_is_frozen_and_what_was_missed_is_marked(run_on):
    seen = run_on(_without_a_chip)
    assert "error" in seen["refused"] and "error" in seen["later"]
    assert seen["clock"] == seen["digits"] == b"\x02"
    for freeze in seen["kept"]:
        assert freeze["moment"] == [2027, 1, 1, 0, 0, 0]
        assert freeze["freeze"][1] == seen["index"] and freeze["freeze"][3] == -2
    two, one, midnight = seen["hours"]
    assert (two["moment"][3], two["freeze"]) == (2, None)
    assert (one["moment"][3], one["freeze"]) == (1, None)
    assert midnight["freeze"][1] == seen["index"]
    assert seen["month"]["freeze"][1] == seen["index"]


def _with_a_chip(node):
    chip = Ds3231(node)
    asking.at_work(node)
    command(node, "time 2026-12-31T23:59:49")
    asking.pulses(node, 2)
    node.run(6 * S)
    node.power_cut()
    asking.at_work(node)
    seen = {"digits": asking.read(node, CONVERTER, "E0002800")}
    node.run(11 * S)
    seen["freeze"] = _freeze(node, HOUR, 1)
    seen["gap"] = asking.read(node, WATER, "E0000F00")
    chip.battery_out()
    node.power_cut()
    asking.at_work(node)
    node.run(2 * S)
    seen["lost"] = asking.read(node, CONVERTER, "E0002800")
    seen["alarms"] = command(node, "clear 0")["cleared"]
    return seen


def _on_vm(files):
    with VirtualNode(files) as node:
        return _with_a_chip(node)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("vm", marks=pytest.mark.vm),
        pytest.param("pico", marks=pytest.mark.pico),
    ],
)
def test_a_clock_chip_carries_the_time_across_an_outage(kind, request):
    files = image_files(changed(board={"rtc": RTC}))
    if kind == "vm":
        seen = _on_vm(files)
    else:
        from sibiao.node.pico import EmulatedPico

        seen = _with_a_chip(EmulatedPico(request.getfixturevalue("pico_image"), files))
    assert 261231235949 < seen["digits"] <= 261231235959
    assert seen["freeze"]["moment"] == [2027, 1, 1, 0, 0, 0]
    assert seen["freeze"]["freeze"][1] == 123450 + 2
    # 10 to 14 s in all at 500 pulses an hour, beside what the policy leaves unwritten.
    assert 1 <= seen["gap"] <= 15
    assert seen["lost"] == b"\x02"
    assert seen["alarms"] & 1 << 10
