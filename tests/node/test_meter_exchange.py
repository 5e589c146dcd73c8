"""Another meter on the bus: asked, kept with both readings in one event, and still asked after a
reset, until its address is flashed."""

from dataclasses import replace

import pytest
from sibiao.config.device.buses import bus_address
from sibiao.config.schema.community import Point
from sibiao.node.vm.virtual import VirtualNode
from sibiao.node.vm.virtual.board import board_files, posed
from sibiao.node.vm.virtual.pose import Pose
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking, passing
from tests.node.asking import BUS, CONVERTER, S
from tests.node.bus_communities import FALCON, HEAT, WATER, community, heat, water
from tests.node.commanding import command, events

pytestmark = pytest.mark.vm

PRESET, EXCHANGED = 14, 3
CJT = "heat-cjt188-1f90"
OLD_CJT, NEW_CJT = "11110017312151", "11110017319999"


def cjt188():
    return community(
        {"name": "heat", "address": HEAT, "meter": CJT, "meter_address": OLD_CJT},
        water(),
    )


def address(loaded, number, **keys):
    point = loaded.community.points[number - 1]
    changed = Point.model_validate(point.model_dump(by_alias=True) | keys)
    return bus_address(loaded.meters[point.meter], changed).hex()


def started(loaded, *meters):
    node = posed(loaded)
    Bus(node.clock, node.line(BUS), list(meters))
    node.run(6 * S)
    return node


def energy(node):
    return asking.read(node, CONVERTER, "E0010200")


def test_both_readings_in_one_event_and_asked_after_a_reset():
    loaded = cjt188()
    old = meter_of(f"{CJT}@{OLD_CJT},energy=8714 kWh")
    new = meter_of(f"{CJT}@{NEW_CJT},energy=3 kWh")
    with started(loaded, old, new) as node:
        before = energy(node)
        to = address(loaded, 1, meter_address=NEW_CJT)
        # Asked only: nothing has changed.
        said = command(node, f"exchange 1 {to}", 8 * S)
        assert said["new"] * 10 ** said["exponent"] == 3000
        node.run(6 * S)
        assert energy(node) == before
        said = command(node, f"exchange 1 {to} 8715 3 1", 8 * S)
        assert "old" in said and "error" not in said
        code, detail, value, _ = events(node, 1)[0]
        assert (code, detail) == (PRESET, 1)
        point, reason, how, _, was, now = command(node, "preset 0")["preset"]
        exponent = (how >> 8) - 128
        assert (point, reason, how & 0xFF, value) == (1, EXCHANGED, 1, 0)
        assert (was * 10**exponent, now * 10**exponent) == (8714000, 3000)
        node.run(6 * S)
        assert energy(node) == 300
        assert asking.read(node, CONVERTER, "E0014200") == 0  # no index that fell
        node.power_cut()
        node.run(8 * S)
        assert energy(node) == 300
        assert asking.read(node, CONVERTER, "E0014200") == 0


def test_a_newly_flashed_address_goes_before_it():
    loaded = cjt188()
    third = "11110017317777"
    meters = [meter_of(f"{CJT}@{a},energy={n} kWh") for a, n in ((NEW_CJT, 3), (third, 50))]
    with started(loaded, *meters) as node:
        to = address(loaded, 1, meter_address=NEW_CJT)
        assert "error" not in command(node, f"exchange 1 {to} 9000 3 1", 8 * S)
        # The old one had never answered, so its last reading is the dial's.
        assert command(node, "preset 0")["preset"][4:] == [900000, 300]
        node.run(6 * S)
        assert energy(node) == 300
        kept = {path: data for path, data in node.flash_files().items() if "/state/" in path}
    point = loaded.community.points[0].model_copy(update={"meter_address": third})
    points = [point, *loaded.community.points[1:]]
    flashed = replace(loaded, community=loaded.community.model_copy(update={"points": points}))
    for made, index in ((loaded, 300), (flashed, 5000)):
        with VirtualNode(board_files(made) | kept, pose=Pose(made)) as node:
            Bus(node.clock, node.line(BUS), meters)
            node.run(6 * S)
            assert energy(node) == index


def test_m_bus_by_primary_and_secondary_address():
    loaded = community(water(), heat())
    meters = [meter_of(f"{FALCON}@7"), meter_of(f"{FALCON}@9/26090101")]
    with started(loaded, *meters) as node:
        volume = asking.read(node, WATER, "00010000")
        for keys in (
            {"meter_address": "9"},
            {"meter_address": None, "secondary_address": "26090101"},
        ):
            to = address(loaded, 1, **keys)
            said = command(node, f"exchange 1 {to} 1 0 4", 12 * S)
            assert "error" not in said, said
            node.run(8 * S)
            assert asking.read(node, WATER, "00010000") == volume  # alike, at another address
        node.power_cut()
        node.run(8 * S)
        assert asking.read(node, CONVERTER, "E0014200") == 0


def test_what_is_refused_changes_nothing():
    loaded = cjt188()
    with started(loaded, meter_of(f"{CJT}@{OLD_CJT},energy=8714 kWh")) as node:
        to = address(loaded, 1, meter_address=NEW_CJT)
        said = command(node, f"exchange 1 {to} 9000 3 1", 12 * S)
        assert said["error"] == "no meter answers at that address"
        for wrong in (f"exchange 1 {to[:-2]}", f"exchange 3 {to}", "exchange 2 00"):
            assert "error" in command(node, wrong, 12 * S)
        assert command(node, "preset 0")["preset"] is None
        node.run(4 * S)
        assert energy(node) == 871400


def test_exchanged_back_again():
    loaded = cjt188()
    meters = [meter_of(f"{CJT}@{a},energy={n} kWh") for a, n in ((OLD_CJT, 8714), (NEW_CJT, 3))]
    with started(loaded, *meters) as node:
        for new, index in ((NEW_CJT, 300), (OLD_CJT, 871400)):
            to = address(loaded, 1, meter_address=new)
            assert "error" not in command(node, f"exchange 1 {to} 0 3 1", 8 * S)
            node.run(6 * S)
            assert energy(node) == index


@pytest.mark.parametrize("changed", [False, True])
def test_frames_of_the_way_up_reach_the_new_meter_and_no_longer_the_old(changed):
    old, new, other = passing.WATER_METER, "12345678905678", "00000000000099"
    loaded = passing.community("clou-2016", passing.WATER_POINT)

    def passed(node, number, frame):
        answer, _, _ = passing.said(node, passing.frame1f(CONVERTER, number, frame))
        return passing.ext(answer, CONVERTER)[0] == number

    def reached(node):
        frames = [passing.frame188(0x10, each, 0x01, b"\x90\x1f") for each in (old, new, other)]
        return [passed(node, 0x08, frame) for frame in frames]

    with started(loaded, *(meter_of(f"water-cjt188-901f@{a}") for a in (old, new, other))) as node:
        if changed:  # the list of meters that can be reached is no longer the community's
            row = b"\x01\x10" + bytes.fromhex(other)[::-1]
            assert passed(node, 0x09, bytes.fromhex("04101604")[::-1] + row)
        assert reached(node) == [True, False, changed]
        to = address(loaded, 1, meter_address=new)
        assert "error" not in command(node, f"exchange 1 {to} 0 0 4", 8 * S)
        assert reached(node) == [False, True, changed]
