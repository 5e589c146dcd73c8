"""Frames that somebody outside wants sent to a meter, while the converter polls its own."""

import pytest
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, MS, S
from tests.node.commanding import command, events

pytestmark = pytest.mark.vm

HEAT = "heat-cjt188-1f90@11110017312151"
WATER = "water-cjt188-901f@12345678901234"
READ_WATER = "fefefe6810341290785634120103901f00"
METER_SILENT, METER_BACK, CONTROL_REFUSED = 9, 10, 25


def summed(text):
    """A frame given without its end, with preamble FE or without."""
    raw = bytes.fromhex(text)
    body = raw.lstrip(b"\xfe")
    return (raw + bytes((sum(body) & 0xFF, 0x16))).hex()


def passed(node, request, line="0 2400 E", limit_ms=1000):
    """What the console says to it, and how long that took."""
    start_ns = node.clock.now_ns
    said = command(node, f"bus {line} {limit_ms} {request}", 8 * S)
    return said, node.clock.now_ns - start_ns


@pytest.mark.parametrize("fault", ["", ",fault=echo"])
def test_a_frame_goes_through_while_a_silent_meter_is_polled(on_vm, fault):
    def body(node):
        heat, water = meter_of(HEAT + ",fault=silent"), meter_of(WATER + fault)
        Bus(node.clock, node.line(BUS), [heat, water])
        for wait_ms in (0, 700, 1500):
            node.run(wait_ms * MS)
            said, took_ns = passed(node, summed(READ_WATER))
            heard = bytes.fromhex(said["heard"])
            at = heard.index(0x68)
            assert heard[at + 2 : at + 9].hex() == "34129078563412", said
            assert heard[at + 9] == 0x81 and heard[-1] == 0x16
            assert sum(heard[at:-2]) & 0xFF == heard[-2]
            assert took_ns < 3500 * MS
        # The job says nothing about the meter that was being polled: only its polls do.
        assert METER_SILENT not in [event[0] for event in events(node)]
        node.run(9 * S)
        codes = [event[0] for event in events(node)]
        assert codes.count(METER_SILENT) == 1 and METER_BACK not in codes, codes

    on_vm(body)


def test_letting_gas_flow_is_refused_whoever_asks(on_vm):
    unsafe = {
        "fefefe6830111111111111110404a0170055": "gas",  # open, to a gas meter
        "6830111111111111110404" + "17a00055": "gas",
        "681012345668aaaaaaaaaaaaaaaa0404d34a3388": "gas",  # to any, +33H, behind a false start
        "683011111111111111": "no whole frame",  # the rest could follow
    }

    def body(node):
        heard = bytearray()
        bus = Bus(node.clock, node.line(BUS), [meter_of(HEAT)])
        by_meter = bus.meters[0].hear
        bus.meters[0].hear = lambda byte, now: heard.append(byte) or by_meter(byte, now)
        for request, why in unsafe.items():
            said, _ = passed(node, summed(request))
            assert why in said["error"], request
        # One an hour is an event; what is only a part opens nothing: never one.
        assert [e[:2] for e in events(node, 2)] == [(CONTROL_REFUSED, 0), (1, 1)]
        node.run(3 * S)
        assert b"\x1f\x90" in heard and b"\x68\x30" not in heard and b"\x68\xaa" not in heard

    on_vm(body)


def test_the_longest_frame_goes_out_whole_and_its_echo_is_no_answer(run_on):
    def body(node):
        got = bytearray()
        line = node.line(BUS)
        line.settings(2400, "E")

        def hear(byte):
            got.append(byte)
            line.send(bytes([byte]))
            if got.endswith(frame):
                node.clock.call_later(60 * MS, lambda: line.send(b"\xe5"))

        data = bytes(range(252))
        frame = b"\x68\xff\xff\x68\x53\xfd\x51" + data
        frame += bytes((sum(frame[4:]) & 0xFF, 0x16))
        line.on_byte = hear
        said, took_ns = passed(node, frame.hex())
        assert said == {"heard": "e5"} and frame in got
        assert took_ns < 3500 * MS

    run_on(body)


def test_a_long_frame_at_the_lowest_rate_holds_nothing_up(on_vm):
    def body(node):
        got = bytearray()
        line = node.line(BUS)
        line.settings(300, "N")
        line.on_byte = got.append
        frame = b"\x68\xff\xff\x68\x53\xfd\x51" + bytes(254)
        assert command(node, "bus 0 300 N 300 " + frame.hex(), 14 * S) == {"heard": ""}
        assert frame in got
        said = asking.report(node)
        assert said["ended"] == 0 and said["starts"] == 1

    on_vm(body)


def test_what_is_no_job_is_an_error(on_vm):
    wrong = (
        "1 2400 E 500 10400111",
        "-1 2400 E 500 10400111",
        "0 2401 E 500 10400111",
        "0 2400 X 500 10400111",
        "0 2400 E 0 10400111",
        "0 2400 E 500 1040011",
        "0 2400 E 500 " + 262 * "00",
        "0 2400 E 500",
    )
    said = on_vm(lambda node: [command(node, "bus " + text) for text in wrong])
    assert said == len(wrong) * [{"error": "not understood or out of range"}]
