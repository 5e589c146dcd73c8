"""Alarms that meters on a bus tell themselves: status, event and register of a converter."""

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, S
from tests.node.bus_communities import ALARM, SILENT, community, status, water
from tests.node.commanding import events

WATER188, STAR = "water-cjt188-901f", "water-mbus-engelmann-waterstar"
ALARM_EVENT = 15


def last_event(node):
    return asking.read(node, CONVERTER, "E0002400")


def recorded(node):
    return asking.read(node, CONVERTER, "E0002300")


def served(points, meters, body):
    with VirtualNode(image_files(community(*points))) as node:
        meters = [meter_of(text) for text in meters]
        Bus(node.clock, node.line(BUS), meters)
        body(node, *meters)


@pytest.mark.vm
def test_a_water_meters_valve_and_battery():
    def body(node, meter):
        node.run(3 * S)
        assert (status(node), asking.read(node, CONVERTER, "E0011700")) == (0, 1)
        before = recorded(node)
        meter.set("meter_status", "07 00")
        node.run(3 * S)
        assert (status(node), asking.read(node, CONVERTER, "E0011700")) == (ALARM, 7)
        assert recorded(node) == before + 2
        assert last_event(node) == 1000 * ALARM_EVENT + 1
        assert [e[2] for e in events(node, 2)] == [34, 32]
        node.run(5 * S)
        assert recorded(node) == before + 2  # it has begun once
        meter.set("meter_status", "04 00")
        node.run(3 * S)
        assert (status(node), recorded(node)) == (ALARM, before + 2)
        meter.set("meter_status", "00 00")
        node.run(3 * S)
        assert (status(node), recorded(node)) == (0, before + 2)

    point = water(meter=WATER188, meter_address="00000000000001")
    served([point], [f"{WATER188}@00000000000001,meter_status=01 00"], body)


@pytest.mark.vm
def test_an_mbus_meters_header_and_error_flags():
    def body(node, meter):
        node.run(3 * S)
        assert status(node) == 0
        meter.set("header_status", "14")
        meter.set("01FD17", "0x02")
        node.run(3 * S)
        assert status(node) == ALARM
        assert asking.read(node, CONVERTER, "E0011B00") == 0x14
        told = [event[:3] for event in events(node, 3)]
        assert told == [(ALARM_EVENT, 1, bit) for bit in (33, 68, 66)]
        # Silent, it has not said that it is well again.
        meter.hear = lambda byte, now_ns: []
        node.run(8 * S)
        assert status(node) == SILENT | ALARM
        del meter.hear
        meter.set("header_status", "00")
        meter.set("01FD17", "0x00")
        node.run(8 * S)
        assert status(node) == 0

    served([water(meter=STAR)], [f"{STAR}@7,header_status=00"], body)
