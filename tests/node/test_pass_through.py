"""Frames of the way up that go through to meters: 1F/9F, on a node with its bus at work."""

import pytest
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, MS, S
from tests.node.commanding import command, events
from tests.node.passing import (
    GAS_METER,
    GAS_POINT,
    HEAT,
    HEAT_POINT,
    READ_HEAT,
    READ_WATER,
    WATER,
    WATER_METER,
    WATER_POINT,
    community,
    ext,
    frame1f,
    frame188,
    on_vm,
    point,
    said,
)

pytestmark = pytest.mark.vm

CONTROL_REFUSED, VALVE_OPENING, VALVE_CLOSING = 25, 26, 27
ARCHIVE_CHANGED = 37


def passed(node, frame, number=0x08):
    """(EXT, DATA), and the milliseconds until the answer began."""
    answer, begun_ns, _ = said(node, frame1f(CONVERTER, number, frame))
    return *ext(answer, CONVERTER), begun_ns // MS


def test_a_meter_is_read_through_while_a_silent_one_is_polled():
    def body(node):
        Bus(node.clock, node.line(BUS), [meter_of(HEAT + ",fault=silent"), meter_of(WATER)])
        for wait_ms in (2000, 900):
            node.run(wait_ms * MS)
            number, data, ms = passed(node, READ_WATER)
            assert number == 0x08, data.hex()
            assert data[2:9][::-1].hex() == WATER_METER and data[9] == 0x81
            assert data[11:14] == READ_WATER[11:14] and data[-1] == 0x16
            assert data[-2] == sum(data[:-2]) & 0xFF
            assert ms < 3500
            # Silence is told in time, and the next request is heard.
            number, data, ms = passed(node, READ_HEAT)
            assert (number, data) == (0xC8, b"") and ms <= 3500, ms
        assert asking.read(node, CONVERTER, "E0014200") == 0

    on_vm(community("clou-2016", WATER_POINT, HEAT_POINT), body)


def test_the_meters_frame_begins_at_byte_11_and_its_refusal_is_an_answer():
    def body(node):
        Bus(node.clock, node.line(BUS), [meter_of(WATER)])
        node.run(3 * S)
        answer, _, _ = said(node, frame1f(CONVERTER, 0x08, READ_WATER))
        assert answer[10:13] == b"\x08\x68\x10"
        unknown = frame188(0x10, WATER_METER, 0x01, b"\x90\x2f")
        number, data, _ = passed(node, unknown)
        assert number == 0x08 and data[9] == 0xC1
        # Whoever is alone.
        number, data, _ = passed(node, frame188(0x10, 7 * "aa", 0x03, b"\x81\x0a"))
        assert number == 0x08 and data[9] == 0x83
        # The bus goes on as before.
        assert asking.read(node, CONVERTER, "E0014200") == 0

    on_vm(community("clou-2016", WATER_POINT), body)


OPEN, CLOSE = b"\xa0\x17\x55", b"\xa0\x17\x99"


@pytest.mark.parametrize("allow", [[], ["valve"]])
def test_no_valve_goes_round_the_policy(allow):
    def body(node):
        heard = bytearray()
        bus = Bus(node.clock, node.line(BUS), [meter_of(WATER)])
        by_meter = bus.meters[0].hear
        bus.meters[0].hear = lambda byte, now: heard.append(byte) or by_meter(byte, now)
        node.run(3 * S)
        for frame in (
            frame188(0x30, GAS_METER, 0x04, OPEN),
            frame188(0x10, GAS_METER, 0x04, b"\x90\x1f") + frame188(0x30, GAS_METER, 0x04, OPEN),
        ):
            number, data, _ = passed(node, frame)
            assert (number, data) == (0xC8, b"")
        assert frame188(0x30, GAS_METER, 0x04, OPEN) not in heard
        number, _, _ = passed(node, frame188(0x10, WATER_METER, 0x04, CLOSE))
        assert number == (0x08 if allow else 0xC8)
        assert (b"\xa0\x17\x21\x99" in heard) == bool(allow)
        codes = [event[0] for event in events(node)]
        assert codes.count(VALVE_CLOSING) == len(allow) and VALVE_OPENING not in codes
        assert codes.count(CONTROL_REFUSED) == 1, codes  # of one hour, and bus

    on_vm(community("clou-2016", WATER_POINT, GAS_POINT, allow=allow), body)


def test_the_archive_says_who_is_reached_and_stays():
    other = frame188(0x10, "00000000000099", 0x01, b"\x90\x1f")

    def archive(node, di, payload=b""):
        number, data, _ = passed(node, bytes.fromhex(di)[::-1] + payload, 0x09)
        if number == 0x09:
            assert data[:4] == bytes.fromhex(di)[::-1]
            return data[4:]
        assert (number, data) == (0xC9, b"")
        return None

    def body(node):
        Bus(
            node.clock,
            node.line(BUS),
            [meter_of(WATER), meter_of("water-cjt188-901f@00000000000099")],
        )
        node.run(3 * S)
        own = b"\x10" + bytes.fromhex(WATER_METER)[::-1]
        assert archive(node, "04101603", b"\x00\x0a") == b"\x01" + own
        assert archive(node, "04101602") == b"\x01\xff\xff"
        assert passed(node, other)[0] == 0xC8
        assert archive(node, "04101604", b"\x01" + other[1:9]) == b"\x01"
        assert passed(node, other)[0] == 0x08
        assert archive(node, "04101605", b"\x01" + own) == b"\x01"
        assert passed(node, READ_WATER)[0] == 0xC8
        assert archive(node, "04101603", b"\x00\x0b") is None
        node.power_cut()
        Bus(
            node.clock,
            node.line(BUS),
            [meter_of(WATER), meter_of("water-cjt188-901f@00000000000099")],
        )
        node.run(3 * S)
        assert archive(node, "04101603", b"\x00\x02") == b"\x01" + other[1:9]
        assert archive(node, "04101601") == b"\x01"
        assert archive(node, "04101602") == b"\x00\xff\xff"
        codes = [event[0] for event in events(node)]
        assert codes.count(ARCHIVE_CHANGED) == 3

    on_vm(community("clou-2016", WATER_POINT), body)


def test_a_meter_outside_both_standards_is_passed_through_to():
    jinshui = point("heat", 402, "heat-transparent-jinshui")
    del jinshui["meter_address"]

    def body(node):
        line = node.line(BUS)
        line.settings(1200, "N")
        got = bytearray()
        answer = bytes.fromhex("6804fb6801020304") + b"\x0a\x16"
        line.on_byte = lambda byte: got.append(byte) or (byte == 0x16 and line.send(answer))
        node.run(S)
        number, data, ms = passed(node, bytes.fromhex("6801fe68010116"), 0x0B)
        assert (number, data) == (0x0B, answer) and got.hex() == "6801fe68010116"
        assert ms < 3500
        line.on_byte = None
        number, data, ms = passed(node, bytes.fromhex("6801fe68010116"), 0x0B)
        assert (number, data) == (0xCB, b"") and 3300 < ms <= 3500

    on_vm(community("clou-2016", jinshui), body)


def test_the_use_of_1f_by_others_is_met_with_silence():
    def body(node):
        node.run(S)
        for data in (b"", b"\x01", b"\x3a\x00"):
            frame = frame1f(CONVERTER, 0x33, data)
            assert said(node, frame, S) is None
        # DI 901F in 645-1997 is no pass-through.
        assert asking.exchange(node, asking.frame(CONVERTER, 0x01, b"\x1f\x90"))[0] == 0xC1

    on_vm(community("clou-2016", WATER_POINT), body)


def test_the_valve_is_moved_behind_password_window_and_policy():
    closing = bytes.fromhex("00F001E0" + "02000000" + "78563412" + "99")
    opening_gas = bytes.fromhex("00F002E0" + "02000000" + "78563412" + "55")

    def body(node):
        heard = bytearray()
        bus = Bus(node.clock, node.line(BUS), [meter_of(WATER)])
        by_meter = bus.meters[0].hear
        bus.meters[0].hear = lambda byte, now: heard.append(byte) or by_meter(byte, now)
        node.run(3 * S)

        def write(data):
            return asking.exchange(node, asking.frame(CONVERTER, 0x14, data), 4 * S)

        assert write(closing) == (0xD4, CONVERTER, b"\x04")  # the window is shut
        command(node, "window 5")
        assert write(closing[:4] + b"\x02\x01" + closing[6:]) == (0xD4, CONVERTER, b"\x04")
        assert write(closing[:-1] + b"\x11") == (0xD4, CONVERTER, b"\x01")
        assert b"\xa0\x17" not in heard
        assert write(closing) == (0x94, CONVERTER, b"")
        assert heard.count(b"\xa0\x17") == 1
        assert write(opening_gas) == (0xD4, CONVERTER, b"\x01")
        bus.meters.clear()
        assert write(closing) == (0xD4, CONVERTER, b"\x01")  # nobody answers
        assert command(node, "write 0")["write"][:5] == [11, 1, 2, 0, 0x12345678]
        codes = [event[0] for event in events(node)]
        assert codes.count(VALVE_CLOSING) == 2 and VALVE_OPENING not in codes
        assert codes.count(CONTROL_REFUSED) == 1

    on_vm(community("clou-2016", WATER_POINT, GAS_POINT, allow=["valve"]), body)
