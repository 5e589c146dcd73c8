"""A meter outside both standards: never polled, reached by pass-through; and jobs on a bus whose
power is switched."""

from dataclasses import replace

import pytest
from sibiao.config import load, schema

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, MS, S
from tests.node.commanding import command, events
from tests.node.mbus_slaves import Bus, Slave
from tests.node.test_bus_mbus import FALCON, WATER, community, heat, on_vm, telegram, water

pytestmark = pytest.mark.vm

JINSHUI = "heat-transparent-jinshui"
POINT = "000000000402"
SUPPLY = 7


def jinshui():
    return heat(meter=JINSHUI, meter_address=None)


def test_it_is_passed_through_to_and_never_polled():
    def body(node):
        line = node.line(BUS)
        line.settings(1200, "N")
        got = bytearray()
        answer = bytes.fromhex("6804fb6801020304") + b"\x0a\x16"

        def hear(byte):
            got.append(byte)
            if byte == 0x16:
                line.send(answer[:5])
                # A pause within the answer, shorter than the profile's.
                node.clock.call_later(200 * MS, lambda: line.send(answer[5:]))

        line.on_byte = hear
        node.run(7 * S)
        assert not got
        said = command(node, "bus 0 1200 N 1500 6801fe68010116", 6 * S)
        assert said == {"heard": answer.hex()}
        assert got.hex() == "6801fe68010116"
        # It publishes nothing, and that is no fault.
        assert asking.read(node, CONVERTER, "E0014200") == 0
        assert asking.read(node, POINT, "00010000") == b"\x02"
        command(node, "time 2026-11-25T17:59:58")
        node.run(4 * S)
        assert [event[0] for event in events(node)] == [16, 1]  # the clock set, the start
        assert command(node, "freeze 1 hour 1")["freeze"] is None

    on_vm(community(jinshui()), body)


def test_its_bus_is_powered_for_a_job_and_a_while_after():
    def body(node):
        slave = Slave([telegram(FALCON)], 7)
        bus = Bus(node, BUS, [slave])
        power = []
        bus.heard = lambda: power.append(node.get_pin(SUPPLY))
        node.run(2 * S)
        node.run_until(lambda: node.get_pin(SUPPLY) == 0, 10 * S)
        assert asking.read(node, WATER, "00010000") == 123456
        power.clear()
        start_ns = node.clock.now_ns
        assert command(node, "bus 0 2400 E 900 1040074716", 6 * S) == {"heard": "e5"}
        assert power == 5 * [1]
        assert bus.requests[-1][0] - start_ns >= 300 * MS  # settled
        node.run(8 * S)
        assert node.get_pin(SUPPLY) == 1
        node.run(4 * S)
        assert node.get_pin(SUPPLY) == 0

    loaded = community(water(), board={"supply": SUPPLY}, policy={"poll_every_s": 60})
    meter = schema.MbusMeter.model_validate(
        load.read("meters", FALCON).model_dump(by_alias=True) | {"settle_ms": 300}
    )
    on_vm(replace(loaded, meters={FALCON: meter}), body)
