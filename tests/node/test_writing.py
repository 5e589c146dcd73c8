"""What is written from outside, on the whole node: by whom, what of it survives, at which rate."""

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.chips.fram import FramChip

from tests.node import asking
from tests.node.asking import CONVERTER, MS, UPLINK, WATER, S, exchange, frame, report
from tests.node.commanding import command, events
from tests.node.communities import FRAM, sample

pytestmark = pytest.mark.vm

BUTTON = {"gpio": 21, "active": "low", "pull_up": True}
ALL, ANY, NEW = "999999999999", "AAAAAAAAAAAA", "000000000777"
BY = bytes.fromhex("0400000078563412")
DENIED = b"\x04"
WRITTEN, LOCKED, WINDOW_OPENED = 33, 34, 35
# In the order of the wire.
NOON = bytes.fromhex("000012250326")
ADDRESS, DATE_TIME = bytes.fromhex("01040004"), bytes.fromhex("0C010004")
DIAL = bytes.fromhex("004300E0")


@pytest.fixture
def node():
    made = sample(board={"button": BUTTON}, policy={"access": {"wrong_passwords": 2}})
    with VirtualNode(image_files(made)) as node:
        node.set_pin(BUTTON["gpio"], 1)
        yield asking.at_work(node)


def wire(digits):
    return bytes.fromhex(digits)[::-1]


def press(node):
    node.set_pin(BUTTON["gpio"], 0)
    node.run(1200 * MS)
    node.set_pin(BUTTON["gpio"], 1)


def cut(node):
    node.power_cut()
    asking.at_work(node)


def test_addresses_in_the_window_of_the_button(node):
    write = frame(CONVERTER, 0x14, ADDRESS + BY + wire(NEW))
    assert exchange(node, write) == (0xD4, CONVERTER, DENIED)
    assert exchange(node, frame(ANY, 0x15, wire(NEW)), 500 * MS) is None
    press(node)
    assert exchange(node, write) == (0x94, CONVERTER, b"")
    assert exchange(node, frame(ANY, 0x13)) == (0x93, NEW, wire(NEW))
    point = frame(WATER, 0x14, ADDRESS + BY + wire("000000000888"))
    assert exchange(node, point) == (0x94, WATER, b"")
    # At once: the list of writes is kept before the write itself; the events follow at rest.
    cut(node)
    assert [command(node, f"write {back}")["write"][1] for back in (0, 1)] == [1, 0]
    assert exchange(node, frame(ANY, 0x13)) == (0x93, NEW, wire(NEW))
    assert exchange(node, frame(CONVERTER, 0x11, ADDRESS), 500 * MS) is None
    assert (report(node)["address"], report(node)["answers_to"]) == (CONVERTER, NEW)
    # Its total is still its own.
    assert asking.read(node, "000000000888", "00010000") >= 123450
    assert asking.read(node, "000000000888", "E0004200") & 32 == 0
    told = [event[:3] for event in events(node)]
    assert (WRITTEN, 2, 0) in told and (WINDOW_OPENED, 0, 600) in told
    assert command(node, "write 1")["write"][:5] == [2, 0, 4, 0, 0x12345678]
    # The window does not outlive a start.
    assert exchange(node, frame(NEW, 0x14, ADDRESS + BY + wire(CONVERTER)))[2] == DENIED


def test_the_dial(node):
    value = bytes.fromhex("7856340003")  # 3456.78 m3, exchanged
    assert exchange(node, frame(WATER, 0x14, DIAL + BY + value)) == (0xD4, WATER, DENIED)
    command(node, "window 5")
    assert exchange(node, frame(WATER, 0x14, DIAL + BY + value)) == (0x94, WATER, b"")
    assert asking.read(node, WATER, "00010000") == 345678
    cut(node)
    assert asking.read(node, WATER, "00010000") == 345678
    assert command(node, "preset 0")["preset"][:2] == [1, 3]
    assert command(node, "write 0")["write"][6:] == [123450, 345678]


def test_clock_and_freeze(node):
    assert exchange(node, frame(WATER, 0x16, b"\x99" * 4)) == (0xD6, WATER, b"\x01")
    assert exchange(node, frame(ALL, 0x08, NOON), 300 * MS) is None
    year, month, day, hour, minute, second = command(node, "time")["time"]
    assert (year, month, day, hour, minute) == (2026, 3, 25, 12, 0) and second < 5
    assert exchange(node, frame(CONVERTER, 0x16, b"\x99" * 4)) == (0x96, CONVERTER, b"")
    asking.pulses(node, 2)
    assert exchange(node, frame(ALL, 0x16, b"\x99" * 4), 300 * MS) is None
    found = [command(node, f"freeze 1 instant {back}")["freeze"][1] for back in (1, 2)]
    assert found == [123452, 123450]
    node.run(2 * S)
    cut(node)
    command(node, "time 2026-03-25T13:00:00")
    found = [command(node, f"freeze 1 instant {back}")["freeze"][1] for back in (1, 2)]
    assert found == [123452, 123450]
    assert "error" in command(node, "freeze 1 instant 3")


def test_baud_answers_at_the_old_rate_and_stays(node):
    assert exchange(node, frame(CONVERTER, 0x17, b"\x20")) == (0xD7, CONVERTER, DENIED)
    press(node)
    assert exchange(node, frame(CONVERTER, 0x17, b"\x01")) == (0xD7, CONVERTER, b"\x08")
    assert exchange(node, frame(CONVERTER, 0x17, b"\x20")) == (0x97, CONVERTER, b"\x20")
    assert exchange(node, frame(ANY, 0x13), 500 * MS) is None
    for _ in range(2):
        assert _at_9600(node, frame(ANY, 0x13))[8] == 0x93
        cut(node)


def _at_9600(node, request):
    line, got = node.line(UPLINK), bytearray()
    line.on_byte = got.append
    line.settings(9600, "E")
    line.send(request)
    node.run_until(lambda: got.endswith(b"\x16") and len(got) > 20, 500 * MS)
    return bytes(got).lstrip(b"\xfe")


def test_locked_over_a_start(node):
    right = frame(CONVERTER, 0x14, DATE_TIME + BY + NOON[:3] + b"\x03" + NOON[3:])
    wrong = frame(CONVERTER, 0x14, DATE_TIME + b"\x04\x01\x01\x01" + bytes(4) + bytes(7))
    assert exchange(node, wrong) == (0xD4, CONVERTER, DENIED)
    cut(node)
    assert exchange(node, wrong) == (0xD4, CONVERTER, DENIED)
    assert exchange(node, right) == (0xD4, CONVERTER, DENIED)
    assert (LOCKED, 4) in [event[:2] for event in events(node)]
    cut(node)
    assert exchange(node, right) == (0xD4, CONVERTER, DENIED)


def test_default_passwords_are_told(node):
    assert asking.read(node, CONVERTER, "E0004200") & 256
    for level, code in ((2, "03"), (4, "05")):
        what = bytes.fromhex(code + "0C0004") + bytes((level, 0, 0, 0))
        got = exchange(node, frame(CONVERTER, 0x18, what + bytes((level, 1, 2, 3))))
        assert got == (0x98, CONVERTER, bytes((level, 1, 2, 3)))
    assert not asking.read(node, CONVERTER, "E0004200") & 256


def test_heap_is_given_back(node):
    # Services come and go: after the first round of all, the next ones cost nothing.
    command(node, "window 60")
    requests = [
        frame(ALL, 0x08, NOON),
        frame(CONVERTER, 0x14, DATE_TIME + BY + NOON[:3] + b"\x03" + NOON[3:]),
        frame(CONVERTER, 0x16, b"\x99" * 4),
        frame(CONVERTER, 0x1B, BY + b"\xff" * 4),
    ]
    heaps = []
    for _ in range(12):
        for request in requests:
            exchange(node, request, 300 * MS)
        node.run(2 * S)
        heaps.append(report(node)["heap"])
    # Rounds differ by what happens to be kept at the moment; what is lost would add up.
    assert max(heaps[6:]) - max(heaps[1:6]) < 200, heaps


def test_on_fram():
    with VirtualNode(image_files(sample(board={"fram": FRAM}))) as node:
        FramChip(node)
        asking.at_work(node)
        command(node, "window 5")
        assert exchange(node, frame(ANY, 0x15, wire(NEW))) == (0x95, NEW, b"")
        cut(node)
        assert exchange(node, frame(ANY, 0x13)) == (0x93, NEW, wire(NEW))
        assert command(node, "write 0")["write"][:2] == [2, 0]
        assert not [path for path in node.flash_files() if path.startswith("/state/")]
