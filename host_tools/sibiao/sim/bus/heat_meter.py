"""A CJ/T 188 heat meter: the slave at the far end of the converter's bus UART.

It patches its values into a published telegram and computes the checksum by itself.
"""

from __future__ import annotations

from datetime import datetime

from sibiao.node.contract import Cancel, Clock, Line
from sibiao.sim.bcd import get_bcd, put_bcd
from sibiao.sim.bus.heat_readings import (
    FLOW_UNITS,
    HEAT_UNITS,
    POWER_UNITS,
    VOLUME_UNITS,
    Readings,
    Units,
    Wheel,
)
from sibiao.sim.quantity import Quantity
from sibiao.sim.truth_log import TruthLog
from sibiao.sim.wire import NS_PER_MS, NS_PER_S, Frame, OnFrame, byte_time_ns

# Answer to 901F of an ultrasonic heat meter as printed in 超声波热量表M-BUS通讯协议—对客户20151203
# (.doc, github.com/flimmy78/qtverify): DI sent 1F 90; kWh, kW, m3/h, m3. Its values are replaced.
PUBLISHED = bytes.fromhex(
    "FEFEFEFE 68 20 11223344552000 81 2E 1F90 00"
    "99999999 05  00000000 05  99999999 17  00000000 35  00000000 2C"
    "301500 501500 010000  32300101010020 0000 7F16"
)
TYPICAL = Readings(
    settlement_heat=3551208,
    heat=3638493,
    power=2106,
    flow=12073,
    volume=710782,
    supply=5104,
    return_=3604,
    hours=28390,
    time=datetime(2026, 1, 15, 8, 0, 0),
)

_BROADCAST = b"\xaa" * 7
_HEAT_LENGTH = 0x2E
_REQUEST_TYPE = 0x20
_READ = 0x01
_PAUSE_NS = 100 * NS_PER_MS  # within a frame; after a longer one another begins


def split(telegram: bytes) -> tuple[bytes, bytes]:
    """Preamble and frame of a published 43-byte heat answer; anything else is refused."""
    start = telegram.index(0x68)
    frame = telegram[start:]
    sound = len(frame) == 13 + _HEAT_LENGTH and frame[10] == _HEAT_LENGTH and frame[-1] == 0x16
    if not sound or sum(frame[:-2]) & 0xFF != frame[-2]:
        raise ValueError("not a sound answer of a heat meter (43 bytes of data)")
    return telegram[:start], frame


def units_of(frame: bytes) -> Units:
    return Units(
        heat=HEAT_UNITS[frame[23]][0],
        power=POWER_UNITS[frame[28]][0],
        flow=FLOW_UNITS[frame[33]][0],
        volume=VOLUME_UNITS[frame[38]][0],
    )


def readings_of(telegram: bytes) -> Readings:
    """The values a published telegram was printed with."""
    _, frame = split(telegram)
    clock = [int(f"{byte:x}") for byte in frame[48:55]]
    ss, mm, hh, day, month, year, century = clock
    fields = [(14, 4), (19, 4), (24, 4), (29, 4), (34, 4), (39, 3), (42, 3), (45, 3)]
    values = [get_bcd(frame[at : at + size]) for at, size in fields]
    return Readings(*values, datetime(century * 100 + year, month, day, hh, mm, ss))


class HeatMeter:
    """Answers to its own address (7 bytes as on the wire) and to AA×7; to all else it is silent.

    `silent`, `reply_delay_ns`, `echo` (the line gives every byte back to its sender) and
    `wrong_checksum` may be changed at any time.
    """

    def __init__(
        self,
        clock: Clock,
        line: Line,
        *,
        telegram: bytes = PUBLISHED,
        address: bytes | None = None,
        readings: Readings = TYPICAL,
        seed: int = 1,
        cycle_s: int = 2,
        baud: int = 2400,
        parity: str = "E",
        reply_delay_ns: int = 60 * NS_PER_MS,
        on_frame: OnFrame | None = None,
    ):
        self.silent = False
        self.echo = False
        self.wrong_checksum = False
        self.reply_delay_ns = reply_delay_ns
        self.requests = 0
        self.on_frame = on_frame
        self._clock = clock
        self._line = line
        self._preamble, self._frame = split(telegram)
        self.address = address or self._frame[2:9]
        self._units = units_of(self._frame)
        self._wheel = Wheel(readings, self._units, cycle_s, seed)
        self._cycle_ns = cycle_s * NS_PER_S
        self._turned_ns = clock.now_ns
        self.logs = {
            name: TruthLog(clock.now_ns, q) for name, q in readings.quantities(self._units).items()
        }
        self._heard = bytearray()
        self._heard_ns = clock.now_ns
        self._reply: Cancel | None = None
        self._byte_ns = byte_time_ns(baud, parity)
        self._sent_until_ns = clock.now_ns
        line.settings(baud, parity)
        line.on_byte = self._on_byte

    @property
    def busy(self) -> bool:
        """A request may be coming in, or an answer is due or on the wire."""
        now_ns = self._clock.now_ns
        hearing = bool(self._heard) and now_ns - self._heard_ns <= _PAUSE_NS
        return hearing or self._reply is not None or now_ns < self._sent_until_ns

    def truth(self) -> dict[str, Quantity]:
        """What the meter's display shows now."""
        self._catch_up()
        return {name: log.latest for name, log in self.logs.items()}

    def answer(self, ser: int) -> bytes:
        """What is sent now: published bytes with address, SER, values and clock patched in."""
        self._catch_up()
        now = self._wheel.readings
        frame = bytearray(self._frame)
        frame[2:9] = self.address
        frame[13] = ser
        frame[14:18] = put_bcd(now.settlement_heat, 4)
        frame[19:23] = put_bcd(now.heat, 4)
        frame[24:28] = put_bcd(now.power, 4)
        frame[29:33] = put_bcd(now.flow, 4)
        frame[34:38] = put_bcd(now.volume, 4)
        frame[39:42] = put_bcd(now.supply, 3)
        frame[42:45] = put_bcd(now.return_, 3)
        frame[45:48] = put_bcd(now.hours, 3)
        frame[48:55] = put_bcd(int(now.time.strftime("%Y%m%d%H%M%S")), 7)
        frame[-2] = sum(frame[:-2]) & 0xFF
        if self.wrong_checksum:
            frame[-2] ^= 0x01
        return self._preamble + bytes(frame)

    def _catch_up(self) -> None:
        while self._turned_ns + self._cycle_ns <= self._clock.now_ns:
            self._turned_ns += self._cycle_ns
            for name, quantity in self._wheel.turn().quantities(self._units).items():
                self.logs[name].set(self._turned_ns, quantity)

    def _on_byte(self, byte: int) -> None:
        if self.echo:
            self._line.send(bytes([byte]))
        now_ns = self._clock.now_ns
        if now_ns - self._heard_ns > _PAUSE_NS:
            self._heard.clear()  # half a frame and then silence: what follows is a new one
        self._heard_ns = now_ns
        self._heard.append(byte)
        if request := self._find_request():
            self._heard.clear()
            self._consider(request)

    def _find_request(self) -> bytes | None:
        """The sound frame that ends here, whatever preamble or noise stands before it."""
        heard = self._heard
        at = heard.find(0x68)
        while at >= 0 and len(heard) >= at + 13:
            frame = heard[at:]
            whole = len(frame) == 13 + frame[10] and frame[-1] == 0x16
            if whole and sum(frame[:-2]) & 0xFF == frame[-2]:
                return bytes(frame)
            at = heard.find(0x68, at + 1)
        return None

    def _consider(self, request: bytes) -> None:
        mine = request[1] in (_REQUEST_TYPE, self._frame[1])
        mine = mine and request[2:9] in (self.address, _BROADCAST)
        read = request[9] == _READ and request[10] == 3 and request[11:13] == self._frame[11:13]
        if not (mine and read):
            return
        self.requests += 1
        self._show(request, to_converter=False, value="")
        if not self.silent:
            if self._reply:
                self._reply()
            self._reply = self._clock.call_later(
                self.reply_delay_ns, lambda: self._send(request[13])
            )

    def _send(self, ser: int) -> None:
        self._reply = None
        answer = self.answer(ser)
        self._line.send(answer)
        self._sent_until_ns = self._clock.now_ns + len(answer) * self._byte_ns
        self._show(answer.lstrip(b"\xfe"), to_converter=True, value=self._shown())

    def _shown(self) -> str:
        truth = self.truth()
        return f"{truth['heat']}, {truth['power']}"

    def _show(self, frame: bytes, *, to_converter: bool, value: str) -> None:
        if self.on_frame:
            self.on_frame(
                Frame(
                    time_ns=self._clock.now_ns,
                    line="bus",
                    to_converter=to_converter,
                    address=frame[8:1:-1].hex().upper(),
                    service=f"{frame[9]:02X} " + ("answer" if frame[9] & 0x80 else "read"),
                    di=frame[11:13].hex().upper(),
                    value=value,
                    data=frame,
                )
            )
