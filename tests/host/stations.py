"""A test instrument: a DL/T 645 station in virtual time, perfect, or with a fault to order."""

from converter.link import dlt645
from converter.link.framer import Framer
from sibiao.sim.bcd import put_bcd
from sibiao.sim.uplink.dlt645_reading import made_frame, plain_data

from tests.host.virtual_clock import MS, Listener

ADDRESS, DI = "000000000301", "00010000"
BYTE_NS = 11 * 1_000_000_000 // 2400


class FakeStation:
    """Answers reads of one register, and of its address, 30 ms after their last byte.

    `delay_ms`; `wrong_every`, `mute_every`: the n-th answer is false, or not given; `everybody`:
    it answers broadcasts too; `anybody`: and any address; `tail` follows each answer;
    `inside`: it looks into frames that are whole; `deaf_gap_ms`: a rest that it does not bear.
    """

    def __init__(self, clock, line, value=123456, delay_ms=30, **faults):
        self.value = value
        self.delay_ns = delay_ms * MS
        self.answers = 0
        self.bytes_before = faults.pop("preamble", b"\xfe" * 4)
        self.tail = faults.pop("tail", b"")
        self.deaf_gap_ns = faults.pop("deaf_gap_ms", 550) * MS
        self.faults = faults
        self._clock = clock
        self._framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
        self._last_ns = 0
        self._cancel = lambda: None
        self._line = line
        Listener(clock, line)
        line.on_byte = self._hear

    def _hear(self, byte):
        if self._clock.now_ns - self._last_ns > self.deaf_gap_ns + BYTE_NS:
            self._framer.clear()
        self._last_ns = self._clock.now_ns
        self._framer.get_buffer()[0] = byte
        self._framer.buffer_updated(1)
        self._take(self.faults.get("inside", False))
        self._cancel()
        self._cancel = self._clock.call_later(3 * BYTE_NS, lambda: self._take(True))

    def _take(self, idle):
        while (frame := self._framer.next_frame(idle)) is not None:
            self._answer(bytes(frame))

    def _answer(self, frame):
        address = frame[6:0:-1].hex()
        if frame[8] == 0x13:
            self._send_later(made_frame(ADDRESS, 0x93, bytes.fromhex(ADDRESS)[::-1]))
            return
        mine = address == ADDRESS or self.faults.get("anybody")
        if not mine and not (address == "99" * 6 and self.faults.get("everybody")):
            return
        if frame[8] != 0x11 or plain_data(frame)[3::-1].hex() != DI:
            return
        self.answers += 1
        if self.answers % self.faults.get("mute_every", self.answers + 1) == 0:
            return
        value = self.value
        if self.answers % self.faults.get("wrong_every", self.answers + 1) == 0:
            value += 1
        data = plain_data(frame) + put_bcd(value, 4)
        self._send_later(made_frame(ADDRESS, 0x91, data))

    def _send_later(self, frame):
        answer = self.bytes_before + frame + self.tail
        late_ns = self.delay_ns - (self._clock.now_ns - self._last_ns)
        self._clock.call_later(max(0, late_ns), lambda: self._line.send(answer))
