"""An electricity meter: master on the uplink, reading its list of registers again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sibiao.node.contract import Cancel, Clock, Line
from sibiao.sim.quantity import Quantity
from sibiao.sim.uplink.dlt645_reading import (
    ErrorAnswer,
    ReadItem,
    Refused,
    find_frame,
    plain_data,
    read_answer,
    request,
)
from sibiao.sim.wire import NS_PER_MS, Frame, OnFrame, byte_time_ns

_LONGEST_ANSWER = 4 + 12 + 200  # preamble, frame, data
SILENCE = "no answer"


@dataclass(frozen=True)
class Exchange:
    """One request and what became of it. `fault` is None when the value was collected."""

    item: ReadItem
    attempt: int  # 1 the first time, more for a repeat
    sent_ns: int
    ended_ns: int
    td_ns: int | None  # last request byte complete -> first answer byte begins
    value: Quantity | None
    fault: str | None


@dataclass
class Collected:
    """What the meter holds of one item."""

    tried: int = 0
    ok: int = 0
    last: Exchange | None = None  # the last one that brought a value
    faults: dict[str, int] = field(default_factory=dict)
    td_ns: deque[int] = field(default_factory=lambda: deque(maxlen=1000))

    def age_ns(self, now_ns: int) -> int | None:
        return None if self.last is None else now_ns - self.last.ended_ns


class ElectricityMeter:
    """Starts each exchange `pause_ns` after the last one ended; a failed one is repeated.

    `tried` and `ok` count requests, repeats too: a value that came at the second try is one
    success in two.
    """

    def __init__(
        self,
        clock: Clock,
        line: Line,
        items: Sequence[ReadItem],
        *,
        baud: int = 2400,
        parity: str = "E",
        repeats: int = 3,
        pause_ns: int = 50 * NS_PER_MS,
        td_limits_ns: tuple[int, int] = (20 * NS_PER_MS, 500 * NS_PER_MS),
        on_exchange: Callable[[Exchange], None] | None = None,
        on_frame: OnFrame | None = None,
        keep_frames: int = 64,
    ):
        self.items = list(items)
        self.on_exchange = on_exchange
        self.on_frame = on_frame
        self.frames: deque[Frame] = deque(maxlen=keep_frames)
        self.stray_bytes = 0  # heard while nothing was asked
        self._clock = clock
        self._line = line
        self._repeats = repeats
        self._pause_ns = pause_ns
        self._td_limits_ns = td_limits_ns
        self._byte_ns = byte_time_ns(baud, parity)
        self._at = 0
        self._attempt = 1
        self._running = False
        self._asking = False
        self._sent_ns = self._request_end_ns = 0
        self._heard = bytearray()
        self._td_ns: int | None = None
        self._timer: Cancel | None = None
        self.forget()
        line.settings(baud, parity)
        line.on_byte = self._on_byte

    @property
    def busy(self) -> bool:
        """A request is out and neither answered nor given up."""
        return self._asking

    def forget(self) -> None:
        """Start counts and collected values anew; an exchange under way counts when it ends."""
        self.collected = {item.name: Collected() for item in self.items}

    def start(self) -> None:
        if not self._running:
            self._running = True
            if not self._asking:
                self._ask()

    def stop(self) -> None:
        """No new request. One that is out is still waited for."""
        self._running = False
        if not self._asking and self._timer:
            self._timer()
            self._timer = None

    def _ask(self) -> None:
        item = self.items[self._at]
        data = request(item)
        self._asking = True
        self._heard.clear()
        self._td_ns = None
        self._sent_ns = self._clock.now_ns
        self._request_end_ns = self._sent_ns + len(data) * self._byte_ns
        self._show(item, data[4:], self._sent_ns, to_converter=True, value="")
        self._line.send(data)
        # A first byte that began in time is complete one byte time later; one more byte time lets
        # an answer that is a little late be told from none.
        _, latest_ns = self._td_limits_ns
        self._wait(self._request_end_ns - self._sent_ns + latest_ns + 2 * self._byte_ns)

    def _on_byte(self, byte: int) -> None:
        if not self._asking:
            self.stray_bytes += 1
            return
        item = self.items[self._at]
        if self._td_ns is None:
            self._td_ns = self._clock.now_ns - self._byte_ns - self._request_end_ns
        self._heard.append(byte)
        frame = find_frame(self._heard)
        if frame is None and len(self._heard) < _LONGEST_ANSWER:
            self._wait(500 * NS_PER_MS)  # the standard's longest pause between bytes
            return
        if frame is None:
            self._end(None, "endless answer")
            return
        value, fault, repeat = None, self._td_fault(), True
        try:
            value = read_answer(item, frame)
        except Refused as refused:
            fault, repeat = str(refused), not isinstance(refused, ErrorAnswer)
        shown = fault if value is None else f"{value} ({fault})" if fault else str(value)
        self._show(item, frame, self._clock.now_ns, to_converter=False, value=shown)
        self._end(value if fault is None else None, fault, repeat)

    def _td_fault(self) -> str | None:
        earliest_ns, latest_ns = self._td_limits_ns
        if earliest_ns <= self._td_ns <= latest_ns:
            return None
        return "too early" if self._td_ns < earliest_ns else "too late"

    def _wait(self, span_ns: int) -> None:
        if self._timer:
            self._timer()
        self._timer = self._clock.call_later(span_ns, self._timed_out)

    def _timed_out(self) -> None:
        self._timer = None
        fault = "damaged answer" if self._heard else SILENCE
        item = self.items[self._at]
        self._pass_on(
            Frame(self._clock.now_ns, "uplink", False, item.address, "", item.di, fault, b"")
        )
        self._end(None, fault)

    def _end(self, value: Quantity | None, fault: str | None, repeat: bool = True) -> None:
        item = self.items[self._at]
        exchange = Exchange(
            item, self._attempt, self._sent_ns, self._clock.now_ns, self._td_ns, value, fault
        )
        self._asking = False
        self._note(exchange)
        if fault is not None and repeat and self._attempt <= self._repeats:
            self._attempt += 1
        else:
            self._attempt = 1
            self._at = (self._at + 1) % len(self.items)
        if self._timer:
            self._timer()
        self._timer = None
        if self._running:
            self._timer = self._clock.call_later(self._pause_ns, self._ask)
        if self.on_exchange:
            self.on_exchange(exchange)

    def _note(self, exchange: Exchange) -> None:
        held = self.collected[exchange.item.name]
        held.tried += 1
        if exchange.td_ns is not None:
            held.td_ns.append(exchange.td_ns)
        if exchange.fault is None:
            held.ok += 1
            held.last = exchange
        else:
            held.faults[exchange.fault] = held.faults.get(exchange.fault, 0) + 1

    def _show(
        self, item: ReadItem, frame: bytes, time_ns: int, *, to_converter: bool, value: str
    ) -> None:
        data = plain_data(frame)
        service = {0x11: "read", 0x91: "answer", 0xD1: "error"}.get(frame[8], "?")
        shown = Frame(
            time_ns=time_ns,
            line="uplink",
            to_converter=to_converter,
            address=frame[6:0:-1].hex().upper(),
            service=f"{frame[8]:02X} {service}",
            di=data[3::-1].hex().upper() if frame[8] != 0xD1 else item.di.upper(),
            value=value,
            data=bytes(frame),
        )
        self._pass_on(shown)

    def _pass_on(self, frame: Frame) -> None:
        self.frames.append(frame)
        if self.on_frame:
            self.on_frame(frame)
