"""The converter as a collector: a CSG module manages it, and reads points and meters."""

import pytest
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, MS, S
from tests.node.passing import (
    GAS_METER,
    GAS_POINT,
    READ_WATER,
    WATER,
    WATER_METER,
    WATER_POINT,
    community,
    csg,
    frame188,
    on_vm,
    said,
)

pytestmark = pytest.mark.vm

BAUD = 9600
BOTH = bytes(range(1, 13))  # source, destination


def asked(node, afn, di, data=b"", **keys):
    """(AFN, DI, data) of the answer, everything else checked; None for silence."""
    request = csg(afn, di, data, **keys)
    got = said(node, request, baud=BAUD)
    if got is None:
        return None
    answer, begun_ns, _ = got
    assert 20 * MS <= begun_ns <= 3500 * MS
    assert len(answer) == int.from_bytes(answer[1:3], "little")
    assert answer[-2] == sum(answer[3:-2]) & 0xFF and answer[-1] == 0x16
    assert answer[3] & 0xC0 == (request[3] ^ 0x80) & 0x80
    at = 4
    if request[3] & 0x20:
        assert answer[4:16] == request[10:16] + request[4:10]
        at = 16
    assert answer[at + 1] == request[at + 1]
    return answer[at], answer[at + 2 : at + 6][::-1].hex().upper(), answer[at + 6 : -2]


def passed(node, frame, **keys):
    """What came back to a frame inside 22H."""
    got = asked(node, 0x22, "EA042201", len(frame).to_bytes(2, "little") + frame, **keys)
    if got is None:
        return None
    afn, di, data = got
    assert (afn, di) == (0x22, "EA032201")
    assert int.from_bytes(data[:2], "little") == len(data) - 2
    return data[2:]


def test_a_module_manages_it_and_reads_through_it():
    def body(node):
        Bus(node.clock, node.line(BUS), [meter_of(WATER)])
        node.run(3 * S)
        own = [bytes.fromhex(f"{n:012d}")[::-1] for n in (401, 403)]
        assert asked(node, 0x21, "EA062101") == (0x21, "EA062101", b"\x02")
        assert asked(node, 0x21, "EA042102", b"\x00\x20", addresses=BOTH) == (
            0x21,
            "EA032102",
            b"\x02" + own[0] + own[1],
        )
        assert asked(node, 0x23, "EA002301")[2] == b"BSPR\x25\x11\x26\x01\x00"
        assert asked(node, 0x24, "EA062403") == (0x00, "EA010002", b"\x04")
        # An electricity meter's frames on the same line, and inside.
        question = asking.frame("000000000401", 0x11, bytes.fromhex("00010000")[::-1])
        plain = said(node, question, baud=BAUD)[0]
        assert passed(node, b"\xfe\xfe" + question, addresses=BOTH) == plain
        assert plain[8] == 0x91
        assert passed(node, asking.frame("999999999999", 0x11, bytes(4))) is None
        # A meter's frame.
        answer = passed(node, READ_WATER)
        assert answer[2:9][::-1].hex() == WATER_METER and answer[9] == 0x81
        # Nobody, a silent one, and what would let gas flow.
        assert passed(node, frame188(0x10, "00000000000099", 1, b"\x90\x1f")) is None
        assert passed(node, frame188(0x30, GAS_METER, 0x01, b"\x90\x1f")) is None
        assert passed(node, frame188(0x30, GAS_METER, 0x04, b"\xa0\x17\x55")) is None
        assert asked(node, 0x21, "EA062103")[2].hex() == CONVERTER[-2:] + 10 * "0"

    on_vm(community("collector", WATER_POINT, GAS_POINT), body)
