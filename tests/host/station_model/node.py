"""The model: its state, its time, whom a request is for."""

from datetime import timedelta

from tests.host.station_model.reading import Reading
from tests.host.station_model.telling import Telling
from tests.host.station_model.values import (
    CONVERTER,
    ENERGY,
    EVERYBODY,
    HEAT,
    LOCK_S,
    OLDEST_S,
    OTHER,
    WATER,
    Error,
)
from tests.host.station_model.writing import Writing


class Node(Reading, Writing, Telling):
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
