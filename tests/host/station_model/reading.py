"""Reads: single, blocks, what follows them (11H, 12H, 13H)."""

from datetime import timedelta

from tests.host.station_model.values import (
    CONVERTER,
    FRAME_BYTES,
    HEAT,
    KEPT,
    NO_DATA,
    OTHER,
    SERIAL,
    SUPPLY,
    WATER,
    Error,
    bcd,
    field,
)

# What E0ppFFFF holds: DI1, bytes, whether the time of the value stands behind it.
BLOCK = (
    *((di1, 4, True) for di1 in (1, 2, 3, 4)),
    *((di1, 3, True) for di1 in (5, 6, 7)),
    *((9, 6, True), (10, 4, True), (11, 4, True)),
    *((12, 5, False), (13, 5, False), (14, 3, False), (15, 5, False), (17, 2, False)),
    *((di1, 4, True) for di1 in (18, 19, 20, 21, 22)),
    *((23, 5, False), (24, 7, False), (27, 2, False), (0x42, 2, False)),
)


class Reading:
    def do_11(self, who, data, _):
        if len(data) != 4:
            raise Error(OTHER)
        di0, di1, di2, di3 = data
        if 0xFF not in (di0, di1, di2):
            return 0, data + self._value(who, di3, di2, di1, di0)
        frames = self._frames(who, data)
        if len(frames) == 1:
            return 0, data + frames[0]
        self.begun[who] = [data, frames, 0]
        return 0x20, data + frames[0]

    def do_12(self, who, data, _):
        if len(data) != 5:
            raise Error(OTHER)
        begun = self.begun[who]
        if begun is None or begun[0] != data[:4]:
            raise Error(NO_DATA)
        seq = data[4]
        if not seq or seq not in (begun[2], begun[2] + 1) or seq >= len(begun[1]):
            raise Error(OTHER)
        begun[2] = seq
        more = 0x20 if seq + 1 < len(begun[1]) else 0
        return more, data[:4] + begun[1][seq] + data[4:]

    def _frames(self, who, data):
        frames, known = [b""], False
        for asked, n in self._items(who, data):
            try:
                one = self._value(who, *asked)
                known = True
            except Error:
                one = b"\xff" * n
            if len(frames[-1]) + n > FRAME_BYTES:
                frames.append(b"")
            frames[-1] += one
        if not known and len(frames) == 1:
            raise Error(NO_DATA)
        return frames

    def _items(self, who, data):
        """((DI3, DI2, DI1, DI0), bytes) of a block that this model knows."""
        di0, di1, di2, di3 = data
        if di3 == 0xE0 and (di1, di0) == (0xFF, 0xFF):
            for at, n, timed in BLOCK:
                yield (di3, di2, at, 0), n
                if timed:
                    yield (di3, di2, at, 1), 6
        elif di3 == 5 and di2 in (0, 1):
            for at, n in ((0, 5), (1, 4)):
                if di1 in (at, 0xFF):
                    yield from (((5, di2, at, back), n) for back in range(1, KEPT + 1))
        else:
            assert di3 not in (0, 4, 5, 0xE0), f"the model has no block {data.hex()}"

    def _value(self, who, di3, di2, di1, di0):
        if di3 == 0xE0:
            if di2:
                if who != CONVERTER or di2 > HEAT:
                    raise Error(NO_DATA)
                who = di2
            return self._own(who, di1, di0)
        di = (di3, di2, di1, di0)
        if di == (0, 1, 0, 0):
            return field(self._index(who) if who else None, 4)
        if di3 == 5 and di2 in (0, 1) and di1 in (0, 1) and 1 <= di0 <= KEPT:
            return self._frozen(who, ("timed", "instant")[di2], di1, di0)
        if di in ((4, 0, 4, 1), (4, 0, 4, 2)):
            return self.addresses[who]
        if di == (4, 0, 4, 3):
            return SERIAL.ljust(32, b"\0")[::-1]
        if di == (4, 0, 0x0B, 1):
            day, hour = self.settlement
            return bcd(hour, 1) + bcd(day, 1)
        if di in ((4, 0, 1, 1), (4, 0, 1, 2), (4, 0, 1, 0x0C)):
            return self._clock(di0)
        raise Error(NO_DATA)

    def _clock(self, di0):
        if not self.now:
            raise Error(NO_DATA)
        time = bytes.fromhex(f"{self.now:%S%M%H}")
        date = bytes.fromhex(f"{int(f'{self.now:%w}'):02d}{self.now:%d%m%y}")
        return {1: date, 2: time, 0x0C: time + date}[di0]

    def _frozen(self, who, kind, is_value, back):
        taken = self.freezes.get((who, kind), [])[-KEPT:]
        if back > len(taken):
            raise Error(NO_DATA)
        moment, value = taken[-back]
        if is_value:
            return field(value, 4)
        return bytes.fromhex(f"{moment:%M%H%d%m%y}")

    def _own(self, who, di1, di0):
        if (di1, di0) == (0x42, 0):
            is_default = bytes(3) in self.passwords.values()
            return bcd(256 if who == CONVERTER and is_default else 0, 2)
        if who == WATER and (di1, di0) == (1, 0):
            return field(self.dial // 10, 4)
        if who != HEAT or di0 > 1 or di1 not in self.heat:
            raise Error(NO_DATA)
        value, told_s = self.heat[di1]
        if di0:
            if not self.now:
                raise Error(NO_DATA)
            told = self.now - timedelta(seconds=self.uptime_s - told_s)
            return bytes.fromhex(f"{told:%S%M%H%d%m%y}")
        return field(value, 3 if di1 == SUPPLY else 4, signed=di1 == SUPPLY)

    def do_13(self, who, data, address):
        if data or address[0] != 0xAA:
            raise Error(None)
        return 0, self.addresses[who]
