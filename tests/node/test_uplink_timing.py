"""When the converter answers, and what it takes for a request."""

import contextlib
from dataclasses import replace

import pytest
from sibiao.config.load import load
from sibiao.firmware.slot import firmware_sources, image_files, slot_files, starter_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.asking import MS, UPLINK, WATER, S

pytestmark = pytest.mark.vm

READ = asking.frame(WATER, 0x11, bytes.fromhex("00000100"))
FOREIGN = asking.frame("000000000999", 0x11, bytes.fromhex("00000100"))
BYTE_NS = 11 * S // 2400
# Of a frame to us: more data than ever come.
UNFINISHED = bytes.fromhex("68010300000000681160")


@contextlib.contextmanager
def at_work(**changes):
    loaded = load("sample")
    loaded = replace(loaded, uplink=loaded.uplink.model_copy(update=changes))
    with VirtualNode(image_files(loaded)) as node:
        asking.at_work(node)
        node.run(S)
        yield node


def _turnaround_ns(node, request=READ, more=b"", limit_ns=S):
    # From the end of all that was sent to the first bit of the answer; None for silence.
    line = node.line(UPLINK)
    heard = []
    line.on_byte = lambda byte: heard.append(node.clock.now_ns)
    line.settings(2400, "E")
    begun = node.clock.now_ns
    line.send(request + more)
    if not node.run_until(lambda: bool(heard), limit_ns):
        return None
    node.run(200 * MS)
    return heard[0] - BYTE_NS - begun - BYTE_NS * len(request + more)


def test_answers_leave_after_20_ms_and_soon():
    with at_work() as node:
        took = sorted(_turnaround_ns(node) for _ in range(12))
        print([round(each / MS, 1) for each in took])
        assert took[0] >= 20 * MS
        assert took[len(took) // 2] <= 40 * MS


def test_pauses_of_half_a_second_between_bytes():
    with at_work() as node:
        line = node.line(UPLINK)
        line.settings(2400, "E")
        for at in range(0, 12, 3):
            line.send(READ[at : at + 3])
            node.run(3 * BYTE_NS + 500 * MS)
        assert asking.exchange(node, READ[12:])[0] == 0x91
        # A longer one ends it.
        line.send(READ[:12])
        node.run(12 * BYTE_NS + 600 * MS)
        assert asking.exchange(node, READ[12:]) is None


def test_a_request_inside_an_unfinished_frame_is_answered_in_its_pause():
    with at_work() as node:
        for head in (UNFINISHED, UNFINISHED + FOREIGN):
            took = _turnaround_ns(node, head + READ)
            assert 20 * MS <= took <= 60 * MS, took / MS
            node.run(600 * MS)


def test_one_for_somebody_else_does_not_end_the_unfinished_one():
    with at_work() as node:
        head = bytearray(bytes.fromhex("680103000000006811")) + bytes((len(FOREIGN),)) + FOREIGN
        head += bytes((sum(head) & 0xFF, 0x16))
        line = node.line(UPLINK)
        line.settings(2400, "E")
        line.send(bytes(head[:-1]))
        node.run(len(head) * BYTE_NS + 200 * MS)
        answer = asking.exchange(node, bytes(head[-1:]))
        assert answer[:2] == (0xD1, WATER)  # its length is wrong for a read, but it is whole


def test_one_inside_a_complete_frame_is_data():
    with at_work() as node:
        whole = bytearray(bytes.fromhex("680900000000006891")) + bytes((len(READ),)) + READ
        whole += bytes((sum(whole) & 0xFF, 0x16))
        assert _turnaround_ns(node, bytes(whole)) is None


def test_a_half_duplex_module_must_have_fallen_silent():
    with at_work(quiet_ms=100) as node:
        took = _turnaround_ns(node)
        assert 100 * MS - BYTE_NS <= took <= 140 * MS, took / MS
        # It speaks on for a while: then the silence counts from there.
        took = _turnaround_ns(node, READ, b"\xfe" * 20)
        assert 100 * MS - BYTE_NS <= took <= 140 * MS, took / MS
        # And where it never stops in time, it gets no late answer.
        assert _turnaround_ns(node, READ, b"\xfe" * 120, 2 * S) is None
        node.run(600 * MS)
        assert _turnaround_ns(node) is not None


# In place of the service that reads addresses: it asks a meter, which takes a second and answers
# the first time only; a pin says when the answer has left.
ASKING_SERVICE = """
import asyncio
import machine
import time
from converter.link import dlt645
from converter.station.dlt645 import JOB, OTHER

class Service:
    controls = b"\\x1f"
    broadcast = False
    shift = 0
    job = b"?"

    def __init__(self, node):
        self._node = node
        self._pin = machine.Pin(21, machine.Pin.OUT, value=0)
        self._heard = b"meter"

    def handle(self, who, frame, out):
        self._node.uplink.run_job = self._run
        self._node.uplink.after_answer = lambda: self._pin.value(1)
        return JOB

    async def _run(self, job, end_ms, beat):
        left_ms = time.ticks_diff(end_ms, time.ticks_ms())
        assert job == self.job and 3400 < left_ms < 3500
        await asyncio.sleep_ms(1000)
        heard, self._heard = self._heard, None
        return heard

    def complete(self, job, heard, out):
        if heard is None:
            return -OTHER
        out[dlt645.DATA : dlt645.DATA + len(heard)] = heard
        return len(heard)
"""


def test_a_meter_is_asked_before_the_answer():
    sources = firmware_sources()
    sources["converter/station/address.py"] = ASKING_SERVICE
    files = {f"/{name}": data for name, data in starter_files(load("sample")).items()}
    files |= {f"/a/{name}": data for name, data in slot_files(load("sample"), sources).items()}
    files |= {"/slots/confirmed": b"a", "/slots/born": b""}
    with VirtualNode(files) as node:
        asking.at_work(node)
        node.run(S)
        line = node.line(UPLINK)
        line.settings(2400, "E")
        got = bytearray()
        pin = []

        def heard(byte):
            got.append(byte)
            pin.append(node.get_pin(21))

        line.on_byte = heard
        for control, data, pins in ((0x9F, b"meter", {0}), (0xDF, b"\x01", {1})):
            begun = node.clock.now_ns
            line.send(asking.frame(WATER, 0x1F))
            assert node.run_until(lambda: bool(got), 3 * S)
            assert 1000 * MS < node.clock.now_ns - begun < 1300 * MS
            node.run(300 * MS)
            answer = bytes(got[got.find(b"\x68") :])
            assert (answer[8], answer[10:-2]) == (control, data)
            assert set(pin) == pins and node.get_pin(21) == 1
            got.clear()
            pin.clear()
        assert asking.exchange(node, READ)[0] == 0x91
