"""A communication module before the converter: how it finds it, loses it, is told of events."""

import contextlib
from dataclasses import replace

import pytest
from sibiao.config.load import read
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking, communities
from tests.node.asking import CONVERTER, MS, UPLINK, WATER, S
from tests.node.commanding import events

pytestmark = pytest.mark.vm

PINS = {"power": 20, "reset": 16, "set": 17, "event": 18, "sta": 19}
BOUND, SILENT, METER_SILENT = 40, 41, 9
OF_698 = bytes.fromhex("6817004345AAAAAAAAAAAA005B4F0501004001020000ED0316")
ADDRESS = asking.frame("aaaaaaaaaaaa", 0x13)
STATUS, ACKNOWLEDGE, EVENTS = (
    bytes.fromhex(di)[::-1] for di in ("04001501", "04001503", "E0005000")
)


@contextlib.contextmanager
def at_work(uplink="report", bauds=(9600, 2400), listen_s=2, rebind_s=60, **changes):
    loaded = communities.sample(board={"module": PINS})
    found = read("uplinks", uplink)
    update = {"bind_bauds": bauds, "bind_listen_s": listen_s, "rebind_after_s": rebind_s}
    update = {"module": found.module.model_copy(update=update), **changes}
    line = found.line.model_copy(update={"baud": bauds[0]})
    found = found.model_copy(update={"line": line, **update})
    with VirtualNode(image_files(replace(loaded, uplink=found))) as node:
        yield node


def _bind(node, baud=9600, limit_s=20):
    # A module's round: 698, then 645, each second or so. Seconds until the answer.
    line = node.line(UPLINK)
    for second in range(limit_s):
        line.settings(baud, "E")
        line.send(OF_698)
        node.run(300 * MS)
        answer = asking.exchange(node, b"\xfe" * 4 + ADDRESS, 300 * MS, baud)
        if answer:
            assert answer == (0x93, CONVERTER, bytes.fromhex(CONVERTER)[::-1])
            return second
    return None


def _low_ns(node, gpio, limit_ns):
    # How long the pin is low when it next is.
    assert node.run_until(lambda: node.get_pin(gpio) == 0, limit_ns)
    since = node.clock.now_ns
    assert node.run_until(lambda: node.get_pin(gpio) == 1, S)
    return node.clock.now_ns - since


def _codes(node, *codes):
    return [(code, detail, value) for code, detail, value, _ in events(node) if code in codes]


def test_its_rate_is_found_and_kept():
    with at_work() as node:
        assert node.run_until(lambda: node.get_pin(PINS["power"]) == 1, 5 * S)
        assert _low_ns(node, PINS["reset"], S) >= 200 * MS
        assert node.run_until(lambda: node.get_pin(PINS["set"]) == 0, S)  # it may take an address
        rounds = _bind(node, 2400)
        assert rounds is not None and rounds >= 1, rounds
        assert node.get_pin(PINS["set"]) == 1
        assert _codes(node, BOUND) == [(BOUND, 0, 2400)]
        node.run(5 * S)  # longer than any rate is tried for
        asked = asking.frame(WATER, 0x11, bytes.fromhex("00000100"))
        assert asking.exchange(node, asked)[0] == 0x91


def test_a_module_that_falls_silent_is_reset_and_found_again():
    with at_work(listen_s=1, rebind_s=3) as node:
        assert _bind(node) is not None
        node.set_pin(PINS["sta"], 1)
        node.run(200 * MS)
        node.set_pin(PINS["sta"], 0)
        for _ in range(2):
            assert 200 * MS <= _low_ns(node, PINS["reset"], 9 * S) < 500 * MS
        node.run(500 * MS)
        assert node.get_pin(PINS["set"]) == 0
        # Told once, not for every reset of the outage.
        assert _codes(node, BOUND, SILENT) == [(SILENT, 2, 3), (BOUND, 0, 9600)]
        assert _bind(node, 2400) is not None
        assert _codes(node, BOUND, SILENT)[0] == (BOUND, 0, 2400)
        # Lost again, it is looked for first at the rate where it was.
        node.run_until(lambda: node.get_pin(PINS["reset"]) == 0, 9 * S)
        node.run(500 * MS)
        assert _bind(node, 2400, 1) == 0


def test_a_module_that_kept_its_power_is_not_reset_with_us():
    with at_work() as node:
        assert _bind(node) is not None
        lows = []
        node.console_write(b"\x03")
        node.run(2 * S)
        node.console_write(b"\x03\r\nimport machine; machine.reset()\r\n")
        starts = len(node.starts)
        assert node.run_until(lambda: len(node.starts) > starts, 5 * S)
        node.run_until(lambda: lows.append(node.get_pin(PINS["reset"])), 3 * S)
        assert lows and set(lows[len(lows) // 3 :]) == {1}
        assert _bind(node) is not None


def _read(node, di):
    # None when the power was cut.
    answer = asking.exchange(node, asking.frame(CONVERTER, 0x11, di), baud=9600)
    if answer is None:
        return None
    assert (answer[:2], answer[2][:4]) == ((0x91, CONVERTER), di)
    return answer[2][4:]


def _write(node, di, data):
    request = asking.frame(CONVERTER, 0x14, di + bytes(8) + data)
    return asking.exchange(node, request, baud=9600)


def _event_pin(node, level, limit_ns=5 * S):
    return node.run_until(lambda: node.get_pin(PINS["event"]) == level, limit_ns)


def test_event_pin_until_it_is_acknowledged_over_a_cut():
    with at_work() as node:
        _bind(node)
        assert _event_pin(node, 1, 15 * S)  # nobody answers as heat meter
        node.power_cut()
        assert node.get_pin(PINS["event"]) == 0
        assert _event_pin(node, 1, 10 * S)
        _bind(node)
        node.run(5 * S)  # until the heat meter is missed again
        word = _read(node, STATUS)
        silent = 81
        assert word[silent // 8] >> silent % 8 & 1
        assert len(word) == 12 + bin(int.from_bytes(word[:12], "little")).count("1")
        # Another bit only, then all that was told.
        assert _write(node, ACKNOWLEDGE, b"\xfe" + b"\xff" * 11)[0] == 0x94
        node.run(1500 * MS)
        assert node.get_pin(PINS["event"]) == 1
        assert _write(node, ACKNOWLEDGE, bytes(12))[0] == 0x94
        assert _event_pin(node, 0)
        assert not any(_read(node, STATUS)[:12])


def _oldest(data):
    waiting, lost = (int(data[a:b][::-1].hex()) for a, b in ((0, 2), (2, 5)))
    number = int(data[5:10][::-1].hex()) if waiting else None
    code = int(data[10:12][::-1].hex()) if waiting else None
    return waiting, lost, number, code, data[5:10]


def _fetch(node, got, most):
    for _ in range(most):
        data = _read(node, EVENTS)
        if data is None:
            return False
        waiting, lost, number, code, raw = _oldest(data)
        assert lost == 0
        if not waiting:
            return True
        got.append((number, code))
        answer = _write(node, EVENTS, raw)
        if answer is None:
            return False
        assert answer[0] == 0x94
    return False


def test_events_are_fetched_oldest_first_each_once_over_cuts():
    with at_work() as node:
        got = []
        asking.at_work(node)
        for cut in range(2):
            _bind(node)
            node.run(1500 * MS)  # until what has happened is durable
            assert not _fetch(node, got, 1)
            # In the middle of the next acknowledgement, at one operation after the other.
            node.power_cut_in_flash(cut)
            _fetch(node, got, 3)
            asking.at_work(node)
        _bind(node)
        assert _fetch(node, got, 40)
        numbers = [number for number, _ in got]
        assert numbers[0] == 0 and numbers == sorted(numbers)
        assert set(numbers) == set(range(max(numbers) + 1))
        assert len(dict(got)) == len(set(got)), "one number, two events"
        # Twice only what was under way when the power went, and then under the same number.
        assert len(numbers) - len(set(numbers)) <= 3
        assert [code for code in dict(got).values() if code == 1] == [1] * len(
            [start for start in node.starts if start == "power"]
        )


def test_spontaneous_events_until_each_is_acknowledged():
    report = read("uplinks", "report").report.model_copy(update={"spontaneous": True})
    with at_work(report=report) as node:
        line = node.line(UPLINK)
        assert _bind(node) is not None
        told = []
        got = bytearray()

        def whole():
            at = got.find(b"\x68")
            return at >= 0 and len(got) - at >= 12 + (got[at + 9 : at + 10] or b"\xff")[0]

        for _ in range(3):
            line.on_byte = got.append
            assert node.run_until(whole, 14 * S)
            frame = bytes(got[got.find(b"\x68") :])
            del got[:]
            assert (frame[1:7], frame[8]) == (bytes.fromhex(CONVERTER)[::-1], 0x86)
            plain = bytes((b - 0x33) & 0xFF for b in frame[10:-2])
            assert plain[:5] == bytes.fromhex("E0005001")[::-1] + b"\0"  # not sent before
            told.append(plain[10:15])
            node.run(100 * MS)
            assert _write(node, EVENTS, plain[10:15])[0] == 0x94
        assert told == [bytes((number, 0, 0, 0, 0)) for number in range(3)]
