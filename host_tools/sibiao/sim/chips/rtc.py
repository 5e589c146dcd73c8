"""Battery-backed clock chips on a node's I2C bus, register by register, in the node's own time.

Their cells keep them going over every power cut of the node, until `battery_out`.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sibiao.node.contract import Node
from sibiao.sim.bcd import get_bcd, put_bcd
from sibiao.sim.wire import NS_PER_S

_SECOND, _MINUTE, _HOUR, _WEEKDAY, _DAY, _MONTH, _YEAR = range(7)
_TIME = range(7)


class _RtcChip:
    """What the chips have in common. Without a `time` it was never set."""

    ADDRESS: int
    _LAST_REGISTER: int

    def __init__(self, node: Node, bus: int = 0, time: datetime | None = None, ppm: float = 0):
        self._clock = node.clock
        self._second_ns = round(NS_PER_S / (1 + ppm / 1e6))
        self._pointer = 0
        self._expects_pointer = False
        self._registers = bytearray(self._LAST_REGISTER + 1)
        self.battery_out()
        if time is not None:
            self._set(time)
        node.attach_i2c(bus, self.ADDRESS, self)

    @property
    def time(self) -> datetime | None:
        """What the chip would tell now, right or wrong; None when its registers are nonsense."""
        self._run()
        return self._decode()

    def pass_by(self, span_ns: int) -> None:
        """An outage of the node that lasts, for the chip, and takes no time of the bench."""
        self._since_ns -= span_ns

    def battery_out(self) -> None:
        """Cell and supply were both away, and the supply is back."""
        raise NotImplementedError

    # The bus

    def start(self, read: bool) -> bool:
        self._run()
        self._expects_pointer = not read
        return True

    def write(self, byte: int) -> bool:
        if self._expects_pointer:
            self._expects_pointer = False
            self._pointer = byte & 0x1F
        elif self._pointer <= self._LAST_REGISTER:
            self._run()
            self._put(self._pointer, byte)
            self._step()
        return True

    def read(self) -> int:
        byte = self._get(self._pointer) if self._pointer <= self._LAST_REGISTER else 0xFF
        self._step()
        return byte

    def stop(self) -> None: ...

    def _step(self) -> None:
        self._pointer = 0 if self._pointer >= self._LAST_REGISTER else self._pointer + 1

    def _get(self, register: int) -> int:
        return self._registers[register]

    def _put(self, register: int, byte: int) -> None:
        self._registers[register] = byte
        if register == _SECOND:
            # What counts the parts of a second starts anew.
            self._since_ns = self._clock.now_ns

    # Time

    @property
    def _stands_still(self) -> bool:
        return False

    def _run(self) -> None:
        """Bring the time registers up to now."""
        seconds = (self._clock.now_ns - self._since_ns) // self._second_ns
        before = self._decode()
        if self._stands_still or before is None:
            self._since_ns = self._clock.now_ns
        elif seconds:
            self._since_ns += seconds * self._second_ns
            after = before + timedelta(seconds=seconds)
            self._encode(after)
            self._turn_weekday((after.date() - before.date()).days)

    def _set(self, time: datetime) -> None:
        raise NotImplementedError

    def _decode(self) -> datetime | None:
        registers = self._registers
        fields = [get_bcd(registers[i : i + 1]) for i in (_MINUTE, _SECOND)]
        day, month, year = (get_bcd(bytes([byte])) for byte in self._date())
        hour = self._decode_hour(registers[_HOUR])
        if None in (*fields, day, month, year, hour):
            return None
        century = 100 if registers[_MONTH] & 0x80 else 0
        try:
            return datetime(2000 + century + year, month, day, hour, *fields)
        except ValueError:
            return None

    def _date(self) -> tuple[int, int, int]:
        return self._registers[_DAY], self._registers[_MONTH] & 0x7F, self._registers[_YEAR]

    def _decode_hour(self, byte: int) -> int | None:
        return get_bcd(bytes([byte]))

    def _encode_hour(self, hour: int) -> int:
        return put_bcd(hour, 1)[0]

    def _encode(self, time: datetime) -> None:
        registers = self._registers
        for register, value in (
            (_SECOND, time.second),
            (_MINUTE, time.minute),
            (_DAY, time.day),
            (_MONTH, time.month),
            (_YEAR, time.year % 100),
        ):
            registers[register] = put_bcd(value, 1)[0]
        registers[_HOUR] = self._encode_hour(time.hour)

    def _turn_weekday(self, days: int) -> None:
        raise NotImplementedError


class Ds3231(_RtcChip):
    """Time is copied aside at each start condition, so that a transfer is never torn."""

    ADDRESS = 0x68
    _LAST_REGISTER = 0x12
    _CONTROL, _STATUS = 0x0E, 0x0F
    _OSF, _ENABLE_32KHZ, _ALARM_FLAGS = 0x80, 0x08, 0x03
    _HOURS_12, _PM = 0x40, 0x20

    @property
    def stopped_flag(self) -> bool:
        """OSF."""
        return bool(self._registers[self._STATUS] & self._OSF)

    def battery_out(self) -> None:
        self._registers[:] = bytes(len(self._registers))
        self._registers[_WEEKDAY] = self._registers[_DAY] = self._registers[_MONTH] = 1
        self._registers[self._CONTROL] = 0x1C
        self._registers[self._STATUS] = self._OSF | self._ENABLE_32KHZ
        self._since_ns = self._clock.now_ns
        self._copied = bytes(self._registers)

    def start(self, read: bool) -> bool:
        super().start(read)
        self._copied = bytes(self._registers)
        return True

    def _step(self) -> None:
        super()._step()
        if self._pointer == 0:
            self._run()
            self._copied = bytes(self._registers)

    def _get(self, register: int) -> int:
        return self._copied[register] if register in _TIME else self._registers[register]

    def _put(self, register: int, byte: int) -> None:
        if register == self._STATUS:
            was = self._registers[register]
            # Flags can only be cleared.
            keep = was & byte & (self._OSF | self._ALARM_FLAGS)
            self._registers[register] = keep | byte & self._ENABLE_32KHZ
        else:
            super()._put(register, byte)

    def _set(self, time: datetime) -> None:
        self._encode(time)
        self._registers[_WEEKDAY] = time.isoweekday() % 7 + 1
        self._registers[self._STATUS] &= ~self._OSF

    def _decode_hour(self, byte: int) -> int | None:
        if not byte & self._HOURS_12:
            return super()._decode_hour(byte)
        hour = get_bcd(bytes([byte & 0x1F]))
        if hour is None or not 1 <= hour <= 12:
            return None
        return hour % 12 + (12 if byte & self._PM else 0)

    def _encode_hour(self, hour: int) -> int:
        if not self._registers[_HOUR] & self._HOURS_12:
            return super()._encode_hour(hour)
        pm = self._PM if hour >= 12 else 0
        return self._HOURS_12 | pm | put_bcd((hour + 11) % 12 + 1, 1)[0]

    def _encode(self, time: datetime) -> None:
        super()._encode(time)
        self._registers[_MONTH] |= 0x80 if time.year >= 2100 else 0

    def _turn_weekday(self, days: int) -> None:
        weekday = self._registers[_WEEKDAY]
        self._registers[_WEEKDAY] = (weekday - 1 + days) % 7 + 1


class Rx8025(_RtcChip):
    """RX-8025T. Its time is read as it runs, which is the worst that a driver can meet."""

    ADDRESS = 0x32
    _LAST_REGISTER = 0x0F
    _EXTENSION, _FLAG, _CONTROL = 0x0D, 0x0E, 0x0F
    _TEST, _FLAGS, _VLF, _VDET, _RESET = 0x80, 0x3B, 0x02, 0x01, 0x01

    @property
    def stopped_flag(self) -> bool:
        """VLF."""
        return bool(self._registers[self._FLAG] & self._VLF)

    def battery_out(self) -> None:
        # What the registers hold is not defined: something that differs, the same in every run.
        self._registers[:] = random.Random(f"rtc {self._clock.now_ns}").randbytes(
            len(self._registers)
        )
        self._registers[self._FLAG] = self._VLF | self._VDET
        self._since_ns = self._clock.now_ns

    @property
    def _stands_still(self) -> bool:
        return bool(
            self._registers[self._EXTENSION] & self._TEST
            or self._registers[self._CONTROL] & self._RESET
        )

    def _get(self, register: int) -> int:
        self._run()
        return self._registers[register]

    def _put(self, register: int, byte: int) -> None:
        if register == self._FLAG:
            # Flags can only be cleared.
            self._registers[register] &= byte & self._FLAGS
        else:
            super()._put(register, byte)

    def _set(self, time: datetime) -> None:
        self._encode(time)
        self._registers[_WEEKDAY] = 1 << time.isoweekday() % 7
        self._registers[self._EXTENSION] = self._registers[self._FLAG] = 0
        self._registers[self._CONTROL] = 0x40

    def _turn_weekday(self, days: int) -> None:
        weekday = self._registers[_WEEKDAY]
        turn = days % 7
        self._registers[_WEEKDAY] = (weekday << turn | weekday >> 7 - turn) & 0x7F
