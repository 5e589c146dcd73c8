"""What the station of a terminal of 2016 with one water and one heat meter has to answer, from
docs/access.md, docs/identifiers.md and DL/T 645-2007, in lines that share nothing with it."""

from datetime import datetime, timedelta

EPOCH = datetime(2000, 1, 1)
CONVERTER, WATER, HEAT = range(3)
EVERYBODY = bytes((0x99,)) * 6
OTHER, NO_DATA, DENIED, NO_RATE = 1, 2, 4, 8
MOST_WRONG, LOCK_S, WINDOW_S = 5, 3600, 600
OLDEST_S = 6  # a value of the heat meter
KEPT = 30  # freezes of one kind
FRAME_BYTES = 195
RATES = {0x02: 600, 0x04: 1200, 0x08: 2400, 0x10: 4800, 0x20: 9600, 0x40: 19200}
SERIAL = b"SB26000001"

# What E0ppFFFF holds: DI1, bytes, whether the time of the value stands behind it.
BLOCK = (
    *((di1, 4, True) for di1 in (1, 2, 3, 4)),
    *((di1, 3, True) for di1 in (5, 6, 7)),
    *((9, 6, True), (10, 4, True), (11, 4, True)),
    *((12, 5, False), (13, 5, False), (14, 3, False), (15, 5, False), (17, 2, False)),
    *((di1, 4, True) for di1 in (18, 19, 20, 21, 22)),
    *((23, 5, False), (24, 7, False), (27, 2, False), (0x42, 2, False)),
)
ENERGY, POWER, SUPPLY = 2, 3, 5  # of the heat meter, by DI1: the only ones it tells here


class Error(Exception):
    """An error word, or None for silence."""


def bcd(number, n):
    """Low byte first."""
    return bytes.fromhex(f"{number:0{2 * n}d}")[::-1]


def number(data):
    """None where a digit is none."""
    digits = data[::-1].hex()
    return int(digits) if digits.isdigit() else None


def field(value, n, signed=False):
    if value is None:
        raise Error(NO_DATA)
    top = 10 ** (2 * n) // 10 * 8 if signed else 10 ** (2 * n)
    if (not signed and value < 0) or abs(value) >= top:
        raise Error(OTHER)
    made = bytearray(bcd(abs(value), n))
    made[-1] |= 0x80 if value < 0 else 0
    return bytes(made)


class Node:
    def __init__(self, addresses):
        # addresses: as on the wire, of the converter and its points.
        self.addresses = list(addresses)
        self.passwords = {2: bytes(3), 4: bytes(3)}
        self.wrong = 0
        self.was_locked = False
        self.rate = 2400
        self.settlement = (1, 0)
        self.pattern = None
        self.dial = 0  # of the water meter, in litres
        self.freezes = {(i, kind): [] for i in (WATER, HEAT) for kind in ("instant", "timed")}
        self.told_day = None
        self.writes = 0
        self.cleared = False  # events, by the last request
        self.start(None)

    def start(self, now):
        """now: what the clock chip says, None without."""
        self.uptime_s = 0
        self.zero = now  # civil time when the uptime was 0
        self.locked_until_s = LOCK_S if self.was_locked else 0
        self.open_until_s = 0
        self.heat = {}  # DI1: (value, uptime when it was told)
        self.begun = [None] * 3
        self.minute = None
        self.later = None  # what the answer that is on its way brings about

    # --- time

    @property
    def now(self):
        return None if self.zero is None else self.zero + timedelta(seconds=self.uptime_s)

    def set(self, moment):
        self.zero = moment - timedelta(seconds=self.uptime_s)

    def passes(self, seconds):
        self.uptime_s += seconds
        self.heat = {q: v for q, v in self.heat.items() if self.uptime_s - v[1] <= OLDEST_S}
        if self.locked_until_s and self.uptime_s >= self.locked_until_s:
            self.locked_until_s = 0
            self.was_locked, self.wrong = False, 0
        now = self.now
        if not now or not self.pattern or now.second > 10:
            return
        minute = now.replace(second=0)
        day, hour, at = self.pattern
        if minute != self.minute and now.minute == at:
            self.minute = minute
            if hour in (0x99, now.hour) and day in (0x99, now.day):
                self._freeze((WATER, HEAT), "timed", minute)

    def _freeze(self, who, kind, moment):
        for i in who:
            taken = self.freezes[i, kind]
            one = moment, self._index(i)
            # The same again is no second one; a minute has one.
            if not taken or (taken[-1] if kind == "instant" else taken[-1][:1]) != (
                one if kind == "instant" else one[:1]
            ):
                taken.append(one)
            # The block that was being read is another one now.
            self.begun = [None] * 3

    def _index(self, i):
        """In hundredths of what it counts; None: unknown."""
        if i == WATER:
            return self.dial // 10
        return self.heat[ENERGY][0] if ENERGY in self.heat else None

    # --- whom and what

    def ask(self, address, control, data):
        """None for silence, ("job", who) for a meter's frame, or (control, address, data)."""
        self.cleared = False
        self.later = None
        who = self._addressed(address)
        if who is None or control & 0x80:
            return None
        service = getattr(self, f"do_{control:02x}", None)
        try:
            if service is None:
                raise Error(OTHER)
            if who == "all" and control not in (0x08, 0x16):
                return None
            found = service(who, data, address)
        except Error as error:
            (word,) = error.args
            if word is None or who == "all":
                return None
            return control | 0xC0, self.addresses[who], bytes((word,))
        if who == "all" or found is None:
            return None
        if found[0] == "job":
            return found
        more, told = found
        return control | 0x80 | more, self.addresses[who], told

    def answered(self):
        if self.later:
            self.later()
        self.later = None

    def _addressed(self, address):
        n = 6
        while n and address[n - 1] == 0xAA:
            n -= 1
        if n < 6:
            # Wildcards are answered by one station: the converter.
            return CONVERTER if self.addresses[CONVERTER][:n] == address[:n] else None
        if address == EVERYBODY:
            return "all"
        return self.addresses.index(address) if address in self.addresses else None

    # --- reading

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

    # --- changing

    def _permit(self, level, pa, password):
        if self.uptime_s < self.locked_until_s or pa > level or pa not in (2, 4):
            raise Error(DENIED)
        if self.passwords[pa] == password:
            self.wrong = 0
            self.was_locked = False
            return
        self.wrong += 1
        if self.wrong == MOST_WRONG:
            self.wrong = 0
            self.was_locked = True
            self.locked_until_s = self.uptime_s + LOCK_S
        raise Error(DENIED)

    def _need_window(self, word=DENIED):
        if self.uptime_s >= self.open_until_s:
            raise Error(word)

    def do_14(self, who, data, _):
        if data[:2] == b"\x00\xf0" and data[3:4] == b"\xe0":
            return self._valve(who, data)
        if not 12 <= len(data) <= 50:
            raise Error(OTHER)
        di0, di1, di2, di3 = data[:4]
        value = data[12:]
        found = {
            (4, 0, 1, 1): (self._set_clock, 4, False),
            (4, 0, 1, 2): (self._set_clock, 3, False),
            (4, 0, 1, 0x0C): (self._set_clock, 7, False),
            (4, 0, 4, 1): (self._set_address, 6, True),
            (4, 0, 0x0B, 1): (self._set_settlement, 2, False),
            (0xE0, None, 0x43, 0): (self._set_dial, 5, True),
            (0xE0, None, 0x11, 0): (self._clear_alarms, 2, False),
        }.get((di3, None if di3 == 0xE0 else di2, di1, di0))
        if di3 == 0xE0 and di2:
            if who != CONVERTER or di2 > HEAT:
                raise Error(NO_DATA)
            who = di2
        if found is None:
            raise Error(NO_DATA)
        do, n, is_windowed = found
        self._permit(4, data[4], data[5:8])
        if is_windowed:
            self._need_window()
        if len(value) != n:
            raise Error(OTHER)
        do(who, value)
        self.writes += 1
        return 0, b""

    def _valve(self, who, data):
        if len(data) != 13:
            raise Error(OTHER)
        self._permit(2, data[4], data[5:8])
        self._need_window()
        if data[2]:
            if who != CONVERTER or data[2] > HEAT:
                raise Error(NO_DATA)
            who = data[2]
        if who != HEAT or data[12] not in (0x55, 0x99):
            raise Error(OTHER)
        self.writes += 1
        return "job", 0x55 if data[12] == 0x55 else 0x99

    def _set_clock(self, _, value):
        now = self.now
        if len(value) < 7 and not now:
            raise Error(OTHER)
        time = value[:3] if len(value) != 4 else bytes.fromhex(f"{now:%S%M%H}")
        date = value[-3:] if len(value) != 3 else bytes.fromhex(f"{now:%d%m%y}")
        moment = _moment(time, date)
        if moment is None:
            raise Error(OTHER)
        self.set(moment)

    def _checked_address(self, who, value):
        others = [a for i, a in enumerate(self.addresses) if i != who]
        return not (not number(value) or value == EVERYBODY or value in others)

    def _set_address(self, who, value):
        if not self._checked_address(who, value):
            raise Error(OTHER)

        def later():
            self.addresses[who] = value

        self.later = later

    def _set_settlement(self, _, value):
        hour, day = number(value[:1]), number(value[1:])
        if None in (hour, day) or hour > 23 or not 1 <= day <= 28:
            raise Error(OTHER)
        self.settlement = day, hour

    def _set_dial(self, who, value):
        digits = number(value[:4])
        if who != WATER or digits is None or value[4] not in (1, 2, 3):
            raise Error(OTHER)
        if 10 * digits >= 10**8:
            raise Error(OTHER)  # the dial has five digits before the point
        self.dial = 10 * digits

    def _clear_alarms(self, who, value):
        if who == HEAT or value != bytes(2):
            raise Error(OTHER)

    def do_15(self, who, data, address):
        if len(data) != 6 or address != b"\xaa" * 6:
            raise Error(None)
        self._need_window(None)
        if not self._checked_address(who, data):
            raise Error(None)
        self.addresses[who] = data
        self.writes += 1
        return 0, b""

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

    def do_18(self, who, data, _):
        if len(data) != 12:
            raise Error(OTHER)
        level = data[8]
        if data[1:4] != b"\x0c\x00\x04" or level not in (2, 4):
            raise Error(NO_DATA)
        self._permit(level, data[4], data[5:8])
        self.passwords[level] = data[9:]
        self.writes += 1
        return 0, data[8:]

    def do_1b(self, who, data, _):
        if len(data) != 12:
            raise Error(OTHER)
        if data[8:] != b"\xff" * 4:
            raise Error(NO_DATA)
        self._permit(4, data[0], data[1:4])
        self.writes += 1
        self.cleared = True
        return 0, b""

    def do_08(self, who, data, _):
        moment = _moment(data[:3], data[3:]) if len(data) == 6 else None
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


def _moment(time, date):
    parts = [number(bytes((b,))) for b in time + date]
    if None in parts:
        return None
    second, minute, hour, day, month, year = parts
    try:
        return datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        return None


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
