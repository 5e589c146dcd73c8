"""A station for tests: its services by name, as the app builds it."""

from converter.app import changes, written
from converter.app.freezer import Freezer
from converter.app.pulse_input import PulseInput
from converter.model import calendar, events
from converter.model.clock import Clock
from converter.model.total import Total
from converter.model.watch import Watch
from converter.station.access import Access
from converter.station.dlt645 import Station
from converter.store.events import KeptEvents
from converter.store.history import History
from converter.store.presets import Presets
from converter.store.totals import KeptTotal

FIRST_SETTLEMENT = 1, 0, 1
NOON_S = calendar.to_seconds(2026, 3, 25, 12, 0, 0)


class _NothingFrozen:
    counted = 0


class Home:
    """What the app hands to every service, as far as a test needs it."""

    def __init__(self, points):
        self.points = points
        self.freezer = _NothingFrozen()
        self.civil_s = 0  # when the node started; 0: its clock is unknown
        self.uptime_s = 0

    def now_s(self):
        return self.uptime_s

    def time_s(self):
        return self.civil_s and self.civil_s + self.uptime_s


class WritableHome(Home):
    """The same with all that can be changed, on a keeper; the rest of the node is the test."""

    def __init__(
        self,
        points,
        keeper,
        time_s=NOON_S,
        limits=(3, 600, 300),
        configured=(2400, 0, FIRST_SETTLEMENT),
    ):
        # limits: as station.access. The uptime begins at 0; time_s: 0 for unknown. configured:
        # baud, parity, settlement.
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
        self.configured = configured
        self.baud = configured[0]
        self.pulses = None
        self.presets = Presets(keeper, self.own)
        self.presets.load()
        self.kept_events = KeptEvents(events.Events(), keeper, "events", self.own)
        self.freezer = Freezer(self, History(keeper), configured[2])
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


class _Contact:
    """A reader whose wheel stands still."""

    def __init__(self):
        self.sources = (self,)
        self.forward = self.reverse = 0
        self.fault = False

    def levels(self):
        return 0


class _Inputs:
    def __init__(self, inputs):
        self.inputs = inputs


def stand_still(home, numbers):
    # Their dials can be entered: pulse inputs of a writable home, 1 litre a pulse, 8 digits.
    made = []
    for number in numbers:
        kept = KeptTotal(Total(1, 1, -3, 8), home.keeper, f"total{number}", home.own, (10, 1, 1))
        kept.load()
        kept.upgrade()
        watch = Watch((0, 0, 0, 0, 0, 0), 1, 1)
        point = home.points[number]
        made.append(PulseInput(number, _Contact(), kept, watch, 100, point, (), home))
        made[-1].publish()
    home.pulses = _Inputs(made)
    return made


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
