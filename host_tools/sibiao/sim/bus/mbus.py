"""A wired M-Bus meter: how it is asked, selected, written and switched."""

from __future__ import annotations

import random

from sibiao.errors import SibiaoError
from sibiao.sim.bus import mbus_records as data
from sibiao.sim.bus.mbus_frame import find_frame, framed
from sibiao.sim.bus.mbus_held import Held
from sibiao.sim.bus.meter import Reply, Settings
from sibiao.sim.wire import NS_PER_MS, NS_PER_S, byte_time_ns

_ACK = b"\xe5"
_SELECTED, _ALL, _BROADCAST = 253, 254, 255
_LONGEST = 6 + 255
_FCB, _FCV = 0x20, 0x10
_BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)  # of CI B8 and on


class MbusMeter:
    """A slave with the telegrams of one reading, sent one a REQ_UD2.

    `strict_fcb`: a request with the same FCB gets the same telegram again; else each gets the
    next. `acks_deselect`: whether SND_NKE to 253 is answered with E5. `bauds`: what it can be
    switched to; it goes home when nothing is heard for `fall_back_s`. `alarm`: what REQ_UD1
    gets. `writes` are records written (key, bytes), `resets` the subcodes of resets.
    """

    echoes = False

    def __init__(
        self,
        telegrams: list[bytes],
        name: str = "meter",
        *,
        primary: int | None = None,
        identification: str | None = None,
        given: dict[str, str] | None = None,
        baud: int = 2400,
        parity: str = "E",
        strict_fcb: bool = True,
        acks_deselect: bool = True,
        fabrication: bytes | None = None,
        bauds: tuple[int, ...] = _BAUDS,
        fall_back_s: float = 30,
        delay_ns: int | None = None,
    ):
        self.name = name
        self.home: Settings = (baud, parity)
        self.strict_fcb = strict_fcb
        self.acks_deselect = acks_deselect
        self.bauds = bauds
        self.alarm: int | None = None
        self.writes: list[tuple[str, bytes]] = []
        self.resets: list[int | None] = []
        self.selected = False
        self.fall_back_ns: int | None = None
        self._fall_back_ns = round(fall_back_s * NS_PER_S)
        self._held = Held(telegrams, name)
        first = self._held.telegrams[0]
        published = first[5] if first[5] <= 250 else 0
        self.primary = published if primary is None else primary
        if not 0 <= self.primary <= 250:
            raise SibiaoError(f"meter {name!r}: a primary address is 0 to 250, not {self.primary}")
        if identification:
            self._held.identify(bytes.fromhex(identification)[::-1])
        for quantity, text in (given or {}).items():
            self.set(quantity, text)
        self.fabrication = fabrication or self._held.fabrication()
        # No two meters are equally quick.
        jitter = random.Random(f"{name} {bytes(first[7:15]).hex()}").randrange(3 * NS_PER_MS)
        self.delay_ns = 20 * NS_PER_MS + jitter if delay_ns is None else delay_ns
        self._rate = self.home
        self._heard = bytearray()
        self._heard_ns = 0
        self._restart()

    @property
    def secondary(self) -> bytes | None:
        """ID (low first), manufacturer, version, medium: `Held.secondary`."""
        return self._held.secondary

    def set(self, name: str, text: str) -> None:
        self._held.set(name, text)

    def settings(self, now_ns: int) -> Settings:
        if self.fall_back_ns is not None and now_ns >= self.fall_back_ns:
            self._rate, self.fall_back_ns = self.home, None
        return self._rate

    def hear(self, byte: int, now_ns: int) -> list[Reply]:
        if now_ns - self._heard_ns > 50 * NS_PER_MS + 3 * byte_time_ns(*self._rate):
            self._heard.clear()
        self._heard_ns = now_ns
        self._heard.append(byte)
        del self._heard[:-_LONGEST]
        frame = find_frame(self._heard)
        if not frame:
            return []
        self._heard.clear()
        if self.fall_back_ns is not None:
            self.fall_back_ns = now_ns + self._fall_back_ns
        control, address = (frame[1], frame[2]) if frame[0] == 0x10 else (frame[4], frame[5])
        if not control & 0x40:
            return []  # another meter's answer
        reply = self._consider(frame, control, address)
        return [reply] if reply and address != _BROADCAST else []

    def _consider(self, frame: bytes, control: int, address: int) -> Reply | None:
        kind = control & 0x4F
        if address == _SELECTED and frame[0] == 0x68 and frame[6] in (0x52, 0x56):
            return self._select(frame[7:-2], msb_first=frame[6] == 0x56)
        mine = address in (self.primary, _ALL, _BROADCAST)
        if not mine and not (address == _SELECTED and self.selected):
            return None
        if kind == 0x40:
            return self._reset_link(address)
        if kind == 0x4B:
            return self._give(control)
        if kind == 0x4A:
            return self._alarms()
        if kind == 0x43 and frame[0] == 0x68:
            return self._take(frame, control, address)
        return None

    def _reset_link(self, address: int) -> Reply | None:
        self._restart()
        if address != _SELECTED:
            return self._ack()
        self.selected = False
        return self._ack() if self.acks_deselect else None

    def _restart(self) -> None:
        self._next = 0
        self._fcb: int | None = None
        self._last: Reply | None = None
        self._taken: bytes | None = None
        self._error: int | None = None

    def _select(self, mask: bytes, msb_first: bool) -> Reply | None:
        if msb_first:
            mask = mask[3::-1] + mask[5:3:-1] + mask[6:]
        self.selected = self._held.matches(mask, self.fabrication)
        if not self.selected:
            return None
        self._restart()
        return self._ack()

    def _give(self, control: int) -> Reply:
        fcb = control & _FCB
        again = control & _FCV and fcb == self._fcb
        if again and self.strict_fcb and self._last:
            return self._last
        self._fcb = fcb
        if self._error is not None:
            rest, self._error = bytes([self._error]), None
            self._last = self._reply(framed(0x08, self.primary, 0x70, rest))
            return self._last
        held = self._held
        frame = held.telegrams[self._next]
        self._next = (self._next + 1) % len(held.telegrams)
        self._last = self._reply(
            held.now(frame, self.primary), held.now(frame, self.primary, stranger=True)
        )
        if held.access is not None:
            held.access = (held.access + 1) & 0xFF
        return self._last

    def _alarms(self) -> Reply:
        if self.alarm is None:
            return self._ack()
        return self._reply(framed(0x08, self.primary, 0x71, bytes([self.alarm])))

    def _take(self, frame: bytes, control: int, address: int) -> Reply:
        if self.strict_fcb and control & _FCV and frame == self._taken:
            return self._ack()  # it was acknowledged before, and the E5 was lost
        self._taken = frame
        ci, rest = frame[6], frame[7:-2]
        if ci == 0x50:
            self.resets.append(rest[0] if rest else None)
            self._next, self._fcb, self._last = 0, None, None
        elif ci in (0x51, 0x55):
            self._write(rest, msb_first=ci == 0x55)
        elif 0xB8 <= ci <= 0xBF:
            return self._switch(_BAUDS[ci - 0xB8], address)
        elif ci != 0x54:
            self._error = 1  # told with the next REQ_UD2: unimplemented CI
        return self._ack()

    def _switch(self, baud: int, address: int) -> Reply:
        def now() -> None:
            if baud in self.bauds:
                self._rate = (baud, self.home[1])
                # At home there is nothing to fall back from.
                away = self._rate != self.home
                self.fall_back_ns = self._heard_ns + self._fall_back_ns if away else None

        if address == _BROADCAST:
            now()
        return Reply(_ACK, self.delay_ns, after=now)

    def _write(self, rest: bytes, msb_first: bool) -> None:
        try:
            found, _ = data.walked(rest, 0, len(rest), msb_first)
        except IndexError:
            self._error = 4  # premature end of record
            return
        for record in found:
            raw = rest[record.at : record.at + record.length]
            if len(raw) < record.length:
                self._error = 4
                return
            self.writes.append((record.key, raw))
            plain = raw[::-1] if msb_first else raw
            if record.key == "017A" and plain[0] <= 250:
                self.primary = plain[0]
            elif record.key in ("0C79", "0779"):
                self._held.identify(plain)
            else:
                self._held.keep(record.key, raw)

    def _ack(self) -> Reply:
        return Reply(_ACK, self.delay_ns)

    def _reply(self, frame: bytes, stranger: bytes = b"") -> Reply:
        return Reply(frame, self.delay_ns, len(frame) - 2, stranger)
