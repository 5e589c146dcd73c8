"""Told without a password: freezes, rate, time, a frame for a meter (08H, 16H, 17H, 1FH)."""

from datetime import timedelta

from tests.host.station_model.values import (
    CONVERTER,
    HEAT,
    NO_RATE,
    OTHER,
    RATES,
    WATER,
    Error,
    moment_of,
    number,
)


class Telling:
    def do_16(self, who, data, _):
        if data == b"\x99" * 4:
            if not self.now:
                raise Error(OTHER)
            every = who in (CONVERTER, "all")
            self._freeze((WATER, HEAT) if every else (who,), "instant", self.now)
            return 0, b""
        parts = [0x99 if b == 0x99 else number(bytes((b,))) for b in data]
        if len(data) != 4 or data[3] != 0x99 or None in parts:
            raise Error(OTHER)
        minute, hour, day, _ = parts
        if data[0] == 0x99 or minute > 59 or (data[1] == 0x99 and data[2] != 0x99):
            raise Error(OTHER)
        if (data[1] != 0x99 and hour > 23) or (data[2] != 0x99 and not 1 <= day <= 28):
            raise Error(OTHER)
        self._need_window()
        self.pattern = day, hour, minute
        self.writes += 1
        return 0, b""

    def do_17(self, who, data, _):
        self._need_window()
        if len(data) != 1 or data[0] not in RATES:
            raise Error(NO_RATE)
        self.writes += 1

        def later():
            self.rate = RATES[data[0]]

        self.later = later
        return 0, data

    def do_08(self, who, data, _):
        moment = moment_of(data[:3], data[3:]) if len(data) == 6 else None
        if moment is None:
            return None
        now = self.now
        if now is None:
            if moment.year < 2026:
                return None
        elif (
            abs(moment - now) > timedelta(minutes=5)
            or _is_about_midnight(now, moment)
            or self.told_day == moment.date()
        ):
            return None
        self.told_day = moment.date()
        self.set(moment)
        return None

    def do_1f(self, who, data, _):
        # data: not shifted.
        if not data or data[0] not in (0x08, 0x09, 0x0B):
            return None
        ext, inner = data[0], data[1:]
        if ext == 0x08 and _is_188(inner) and inner[2:9].hex() == "51213117001111":
            return "job", inner
        if ext == 0x09 and inner == bytes.fromhex("02161004"):
            return 0, data + b"\x01\xff\xff"  # one meter, and a CRC that is off
        return 0, bytes((ext | 0xC0,))


def _is_about_midnight(*moments):
    return any(not 300 < m.hour * 3600 + m.minute * 60 + m.second < 86400 - 300 for m in moments)


def _is_188(frame):
    return (
        len(frame) > 12
        and frame[0] == 0x68
        and len(frame) == 13 + frame[10]
        and frame[-1] == 0x16
        and sum(frame[:-2]) & 0xFF == frame[-2]
    )
