"""A PLC or RF module between the electricity meter's side and the converter.

It binds to the one address that answers its address read, then forwards what is for that address
and nothing else; when answers are missing too often it binds anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sibiao.node.contract import Cancel, Clock, Line
from sibiao.sim.uplink.dlt645_reading import PREAMBLE, find_frame, made_frame, plain_data
from sibiao.sim.uplink.module_kinds import OF_698, ModuleKind
from sibiao.sim.uplink.module_pins import ModulePins, PinWatch
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

_READ, _READ_ADDRESS, _ADDRESS, _THROUGH = 0x11, 0x13, 0x93, 0x1F
_WILDCARD, _EVERYBODY = "AA", "999999999999"
_EVENT_STATUS = bytes.fromhex("04001501")[::-1]
_REST_NS = 500 * NS_PER_MS  # within a frame; longer and what has come of it is dropped
_LATER_NS = 100 * NS_PER_MS  # until an EVENT is looked at again that found it busy
_READ_ADDRESS_698 = bytes.fromhex("6817004345AAAAAAAAAAAA005B4F0501004001020000ED0316")


@dataclass
class ModuleCounts:
    binds: int = 0
    trials: int = 0
    forwarded: int = 0  # requests
    answered: int = 0
    missing: int = 0  # requests without an answer
    refused: int = 0  # frames for other addresses
    lost: int = 0  # answers with too short a preamble, or too soon
    confused: int = 0  # bytes in answer to a 698.45 address read that are no frame of it
    spontaneous: int = 0  # frames that nobody had asked for
    reports: list[bytes] = field(default_factory=list)  # status words read after an EVENT


class Module:
    """`address` and `baud` are None until it is bound. The meter's side keeps `meter_baud`."""

    def __init__(
        self,
        clock: Clock,
        converter: Line,
        meter: Line,
        kind: ModuleKind,
        *,
        meter_baud: int = 2400,
        pins: ModulePins | None = None,
        say: Callable[[str], None] = lambda text: None,
    ):
        self.counts = ModuleCounts()
        self.address: str | None = None
        self.baud: int | None = None
        self._clock = clock
        self._converter = converter
        self._meter = meter
        self._kind = kind
        self._pins = pins
        self._say = say
        self._trial = 0
        self._in_a_row = 0  # answers missing
        self._asked: bytes | None = None  # the request that an answer is awaited for
        self._own = False  # it is the module's, not forwarded
        self._asked_end_ns = 0
        self._begun_ns: int | None = None
        self._heard = bytearray()
        self._from_meter = bytearray()
        self._meter_ns = 0
        self._timer: Cancel | None = None
        meter.settings(meter_baud, "E")
        meter.on_byte = self._on_meter_byte
        converter.on_byte = self._on_converter_byte
        if pins:
            pins.put_sta(0)
            PinWatch(clock, pins, kind.reset_ns, self.start, self._on_event)

    def start(self) -> None:
        """Power on, or a reset: nothing is known of the converter."""
        self.address = self.baud = None
        self._trial = 0
        self._try()

    # --- binding

    def _try(self) -> None:
        self._baud, self._protocol = self._kind.trials[self._trial]
        self._converter.settings(self._baud, "E")
        self.counts.trials += 1
        frame = _READ_ADDRESS_698 if self._protocol == OF_698 else _address_read()
        self._ask(frame, self._kind.trial_ns, own=True)

    def _tried(self) -> None:
        if self._protocol == OF_698:
            self.counts.confused += bool(self._heard)
        self._trial = (self._trial + 1) % len(self._kind.trials)
        self._wait(0 if self._trial else self._kind.round_ns, self._try)

    def _bind(self, frame: bytes) -> None:
        if frame[8] != _ADDRESS or plain_data(frame) != frame[1:7]:
            self._tried()
            return
        self.address, self.baud = _address(frame), self._baud
        self.counts.binds += 1
        self._in_a_row = 0
        self._say(f"bound to {self.address} at {self.baud} baud")
        if self._pins:
            self._pins.put_sta(1)
            self._clock.call_later(self._kind.sta_ns, lambda: self._pins.put_sta(0))

    # --- the meter's side

    def _on_meter_byte(self, byte: int) -> None:
        if self._clock.now_ns - self._meter_ns > _REST_NS:
            self._from_meter.clear()
        self._meter_ns = self._clock.now_ns
        self._from_meter.append(byte)
        frame = find_frame(self._from_meter)
        if frame is None:
            del self._from_meter[:-512]
            return
        self._from_meter.clear()
        if self.address is None or self._asked is not None or not self._mine(_address(frame)):
            self.counts.refused += 1
            return
        self.counts.forwarded += 1
        if _address(frame) == _EVERYBODY:
            self._converter.send(self._preamble + frame)
            return
        through = frame[8] == _THROUGH
        self._ask(bytes(frame), self._kind.meter_ns if through else self._kind.answer_ns)

    def _mine(self, address: str) -> bool:
        digits = zip(address, self.address, strict=True)
        return address == _EVERYBODY or all(a in ("A", b) for a, b in digits)

    def _on_event(self) -> None:
        """The converter has something to report: its status word is read when it is free."""
        if self.address is None or self._asked is not None:
            self._clock.call_later(_LATER_NS, self._on_event)
            return
        self._ask(made_frame(self.address, _READ, _EVENT_STATUS), self._kind.answer_ns, own=True)

    # --- the converter's side

    @property
    def _preamble(self) -> bytes:
        return b"\xfe" * self._kind.preamble

    def _ask(self, frame: bytes, wait_ns: int, own: bool = False) -> None:
        data = self._preamble + frame
        self._asked, self._own = frame, own
        self._heard.clear()
        self._begun_ns = None
        self._converter.send(data)
        took_ns = len(data) * byte_time_ns(self._baud, "E")
        self._asked_end_ns = self._clock.now_ns + took_ns
        self._wait(took_ns + wait_ns, self._missing)

    def _on_converter_byte(self, byte: int) -> None:
        now_ns = self._clock.now_ns
        if self._begun_ns is None:
            self._begun_ns = now_ns - byte_time_ns(self._baud, "E")
        self._heard.append(byte)
        del self._heard[:-512]
        frame = find_frame(self._heard)
        if frame is None:
            if self._asked is not None:
                self._wait(_REST_NS, self._missing)
            return
        before = self._heard.index(frame)
        heard, self._heard = self._heard, bytearray()
        rest_ns, self._begun_ns = self._begun_ns - self._asked_end_ns, None
        if self._asked is None:
            self.counts.spontaneous += 1
        elif before < self._kind.least_preamble or rest_ns < self._kind.quiet_ns:
            self.counts.lost += 1
            self._missing()
        else:
            self._answered(bytes(frame), bytes(heard[before:]))

    def _answered(self, frame: bytes, answer: bytes) -> None:
        self._asked = None
        self._wait(0, lambda: None)
        if self.address is None:
            self._bind(frame)
            return
        self._in_a_row = 0
        if self._own:
            self.counts.reports.append(plain_data(frame)[4:])
            return
        self.counts.answered += 1
        self._meter.send(PREAMBLE + answer)

    def _missing(self) -> None:
        self._asked = None
        if self.address is None:
            self._tried()
            return
        self.counts.missing += 1
        self._in_a_row += 1
        if self._in_a_row >= self._kind.missing:
            self._say(f"{self._in_a_row} answers missing: binds anew")
            self.start()

    def _wait(self, span_ns: int, then: Callable[[], None]) -> None:
        if self._timer:
            self._timer()
        self._timer = self._clock.call_later(span_ns, then)


def _address_read() -> bytes:
    return made_frame(_WILDCARD * 6, _READ_ADDRESS)


def _address(frame: bytes) -> str:
    return frame[6:0:-1].hex().upper()
