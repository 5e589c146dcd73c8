"""A station for tests: its services by name, as the app builds it."""

from converter.app import changes, written
from converter.app.freezer import Freezer
from converter.model import calendar, events
from converter.model.clock import Clock
from converter.station.access import Access
from converter.station.dlt645 import Station
from converter.store.events import KeptEvents
from converter.store.history import History
from converter.store.presets import Presets

FIRST_SETTLEMENT = 1, 0, 1
NOON_S = calendar.to_seconds(2026, 3, 25, 12, 0, 0)


class Home:
    """What the app hands to every service, as far as a test needs it."""

    def __init__(self, points):
        self.points = points
        self.civil_s = 0  # when the node started; 0: its clock is unknown
        self.uptime_s = 0

    def now_s(self):
        return self.uptime_s

    def time_s(self):
        return self.civil_s and self.civil_s + self.uptime_s


class WritableHome(Home):
    """The same with all that can be changed, on a keeper; the rest of the node is the test."""

    def __init__(self, points, keeper, time_s=NOON_S, limits=(3, 600, 300)):
        # limits: as station.access. The uptime begins at 0; time_s: 0 for unknown.
        self.points = points
        self.keeper = keeper
        self.own = b"ours"
        self.uptime_s = 0
        self.clock = self
        self._clock = Clock()
        if time_s:
            self._clock.set(time_s, 0)
        self.uplink = self  # for after_answer
        self.after_answer = None
        self.configured = 2400, 0, FIRST_SETTLEMENT
        self.baud = 2400
        self.pulses = None
        self.presets = Presets(keeper, self.own)
        self.presets.load()
        self.kept_events = KeptEvents(events.Events(), keeper, "events", self.own)
        self.freezer = Freezer(self, History(keeper), FIRST_SETTLEMENT)
        self.seen = []
        locked = written.come_into_force(self)
        self.access = Access(*limits, locked, self.record_event)

    def now_s(self):
        return self.uptime_s

    def time_s(self):
        return self._clock.now_s(self.uptime_s)

    def set(self, seconds):
        self._clock.set(seconds, self.uptime_s)

    def set_baud(self, baud):
        self.baud = baud

    def record_event(self, code, detail, value=0, since_s=None):
        self.seen.append((code, detail, value))
        self.kept_events.events.add(code, detail, self.time_s(), value, since_s or self.uptime_s)

    def change(self, what, *args):
        return getattr(changes, what)(self, *args)

    def refusal(self, level, pa, password):
        return changes.refusal(self, level, pa, password)

    def answered(self):
        # The answer has been sent.
        then, self.after_answer = self.after_answer, None
        if then:
            then()


def build(home, bound, services, station=Station):
    # services: ((name, arguments), ...) as in a compiled configuration.
    made = []
    for name, args in services:
        module = __import__("converter.station." + name, None, None, ("Service",))
        made.append(module.Service(home, *args))
    return station(home.points, bound, made)


def reading(home, table, texts, bound=0):
    # The station that only reads.
    return build(home, bound, (("address", ()), ("read", (table, texts))))


def row(di, code, kind, exponent=16, base=0, flags=0, top=0):
    # An identifier's row (converter.station.rows); kind: its format, or how many bytes.
    number = bytes([int(di[i : i + 2], 16) for i in (6, 4, 2, 0)])
    return number + bytes((code, kind, exponent, base, flags, top))
