"""The station of a shipped uplink, as the app builds it, against a plain model: who answers what,
whatever is asked, written, frozen and restarted before. Faults planted in it are seen."""

from datetime import datetime, timedelta

from converter.app import changes
from converter.link import dlt645
from converter.model import events, unit
from converter.station import read
from converter.station.access import Access
from converter.station.broadcast_time import Service as BroadcastTime
from converter.station.dlt645 import JOB, Station
from converter.store.writes import Writes
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.host import shipped
from tests.host.planted import sees
from tests.host.station_model import (
    ENERGY,
    HEAT,
    POWER,
    SUPPLY,
    WATER,
    Node,
    bcd,
)
from tests.unit.memory_keeper import MemoryKeeper
from tests.unit.requesting import request

EPOCH = datetime(2000, 1, 1)
BY = bytes.fromhex("78563412")
OWN, OF_WATER, OF_HEAT = (bcd(n, 6) for n in (1, 301, 302))
OTHERS = tuple(bcd(n, 6) for n in (77, 401, 1)) + (bytes(6), b"\x99" * 6)
QUANTITIES = {ENERGY: (2, 1, unit.WH), POWER: (3, 1, unit.W), SUPPLY: (5, -2, unit.CELSIUS)}
NEW = st.sampled_from([bytes(3), b"\x56\x34\x12", b"\1\2\3"])
PASSWORDS = st.sampled_from([None] * 12 + [b"\1\2\3"])  # None: the right one
LEVELS = st.sampled_from([4, 4, 4, 4, 4, 2, 2, 2, 0, 3, 9, 0x98])
AWAY_S = st.sampled_from([0, 1, 60, 299, 300, 301, -1, -300, -301, 86400, -86400])
READ_188 = bytes.fromhex("68205121311700111101031F90213816")
FOREIGN_188 = bytes.fromhex("686810000000000000000103901F214C16")

whom = st.sampled_from(["own", "own", "water", "heat"])
readable = st.sampled_from(
    [
        *("00010000", "00010000", "04000101", "04000102", "0400010C", "04000401", "04000402"),
        *("04000403", "04000B01", "E0004200", "E0000100", "E0000200", "E0000201", "E0000300"),
        *("E0000500", "E0000501", "E0020200", "E0020500", "E0010100", "E0030100", "E0001201"),
        *("05010001", "05010101", "05010102", "0501011E", "0501011F", "05000001", "05000101"),
        *("00020000", "FFFF0000", "12345678"),
    ]
)
blocks = st.sampled_from(
    ["E000FFFF", "E002FFFF", "E003FFFF", "050101FF", "050100FF", "0501FFFF", "0500FFFF"]
)
told_of = st.sampled_from(["own", "heat"])  # what the water's pulses tell is not modelled


def seconds(moment):
    return int((moment - EPOCH).total_seconds())


def digits(low, high, n=1):
    """BCD of a number, now and then no BCD at all."""
    return st.one_of(
        st.integers(low, high).map(lambda k: bcd(k, n)), st.binary(min_size=n, max_size=n)
    )


def wire(di):
    return bytes.fromhex(di)[::-1]


class StationAsked(RuleBasedStateMachine):
    uplink = "clou-2016"

    @initialize(known=st.booleans())
    def begin(self, known):
        self.keeper = MemoryKeeper()
        self.model = Node([OWN, OF_WATER, OF_HEAT])
        self.out = bytearray(dlt645.MAX_FRAME)
        self._start(datetime(2026, 3, 25, 11, 58, 30) if known else None)

    def _start(self, now):
        self.home = shipped.ShippedHome(self.uplink, self.keeper, seconds(now) if now else 0)
        self.model.start(now)

    # --- asking

    def ask(self, address, control, data=b""):
        """The same of both."""
        shift = 0 if control == 0x1F else 0x33
        frame = request(address, control, data, shift)
        n = self.home.station.handle(memoryview(frame), self.out)
        expected = self.model.ask(address, control, data)
        if n == JOB:
            self._complete(expected, control, address)
            return
        got = None
        if n:
            answer = bytes(self.out[:n])
            assert len(answer) == 12 + answer[9] and sum(answer[:-2]) & 0xFF == answer[-2]
            plain = bytes((b - shift) & 0xFF for b in answer[10:-2])
            got = answer[8], answer[1:7], plain
        assert got == expected, (address.hex(), hex(control), data.hex())
        self.home.answered()
        self.model.answered()

    def _complete(self, expected, control, address):
        kind, told = expected
        sent = bytes(self.home.station.job[3])
        assert kind == "job"
        assert sent.endswith(told) if control == 0x1F else sent[sent.index(0x68) + 14] == told
        n = self.home.station.complete(self.home.station.job, None, self.out)
        assert self.out[8] == (0x9F if control == 0x1F else 0xD4) and n

    def address(self, who):
        return self.model.addresses[("own", "water", "heat").index(who)]

    @rule(who=whom, di=readable)
    def read(self, who, di):
        self.ask(self.address(who), 0x11, wire(di))

    @rule(
        who=told_of, di=blocks, follow=st.lists(st.sampled_from([1, 1, 2, 2, 3, 0, 9]), max_size=5)
    )
    def read_block(self, who, di, follow):
        self.ask(self.address(who), 0x11, wire(di))
        for seq in follow:
            self.ask(self.address(who), 0x12, wire(di) + bytes((seq,)))

    @rule(who=whom, di=blocks, seq=st.integers(0, 3))
    def follow(self, who, di, seq):
        self.ask(self.address(who), 0x12, wire(di) + bytes((seq,)))

    @rule(
        who=whom,
        shown=st.integers(0, 5),
        control=st.sampled_from([0x11, 0x11, 0x13, 0x13, 0x91, 0x14, 0x1B]),
    )
    def ask_a_wildcard(self, who, shown, control):
        address = self.address(who)[:shown] + b"\xaa" * (6 - shown)
        self.ask(address, control, b"" if control == 0x13 else wire("04000401"))

    @rule(
        address=st.sampled_from(
            [bcd(999, 6), b"\xaa" * 5 + b"\0", b"\x99" * 6, b"\x99" * 5 + b"\0"]
        ),
        control=st.sampled_from([0x11, 0x13, 0x14, 0x17, 0x1B, 0x03]),
    )
    def ask_somebody_else(self, address, control):
        self.ask(address, control, wire("00010000"))

    @rule(
        who=whom,
        control=st.sampled_from(
            [0x03, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x19, 0x1B, 0x1C]
        ),
        data=st.binary(max_size=20),
    )
    def ask_nonsense(self, who, control, data):
        if len(data) == 4 and control == 0x11:
            data += b"\0"
        self.ask(self.address(who), control, data)

    # --- changing

    @rule(
        who=whom,
        di=st.sampled_from(["04000101", "04000102", "0400010C", "0400010C"]),
        level=LEVELS,
        password=PASSWORDS,
        time=st.tuples(digits(0, 61), digits(0, 60), digits(0, 24)),
        date=st.tuples(digits(1, 31), digits(1, 12), digits(26, 30)),
    )
    def write_clock(self, who, di, level, password, time, date):
        time, date = b"".join(time), b"\3" + b"".join(date)
        value = {"04000101": date, "04000102": time}.get(di, time + date)
        self._write(who, di, level, password, value)

    @rule(who=whom, level=LEVELS, password=PASSWORDS, value=st.sampled_from(OTHERS))
    def write_address(self, who, level, password, value):
        self._write(who, "04000401", level, password, value)

    @rule(who=whom, level=LEVELS, password=PASSWORDS, hour=digits(0, 24), day=digits(0, 29))
    def write_settlement(self, who, level, password, hour, day):
        self._write(who, "04000B01", level, password, hour + day)

    @rule(
        who=whom,
        point=st.integers(0, 3),
        level=LEVELS,
        password=PASSWORDS,
        value=digits(0, 10**8 - 1, 4),
        reason=st.integers(0, 5),
    )
    def write_dial(self, who, point, level, password, value, reason):
        self._write(who, f"E0{point:02d}4300", level, password, value + bytes((reason,)))

    @rule(who=whom, point=st.integers(0, 3), password=PASSWORDS, value=st.sampled_from([0, 0, 1]))
    def clear_alarms(self, who, point, password, value):
        self._write(who, f"E0{point:02d}1100", 4, password, bytes((value, 0)))

    @rule(
        who=whom,
        point=st.sampled_from([0, 0, 1, 2, 2, 3]),
        level=LEVELS,
        code=st.sampled_from([0x55, 0x99, 0x11]),
    )
    def move_the_valve(self, who, point, level, code):
        self._write(who, f"E0{point:02d}F000", level, None, bytes((code,)))

    @rule(who=whom, di=readable, value=st.binary(max_size=40))
    def write_nonsense(self, who, di, value):
        self._write(who, di, 4, None, value)

    def _write(self, who, di, level, password, value):
        self.ask(self.address(who), 0x14, wire(di) + self._pass_for(level, password) + BY + value)

    def _pass_for(self, level, password):
        if password is None:
            password = self.model.passwords.get(level, bytes(3))
        return bytes((level,)) + password

    @rule(who=whom, guesses=st.sampled_from([0, 0, 0, 1, 2, 5]), level=st.sampled_from([2, 4]))
    def guess_passwords(self, who, guesses, level):
        for _ in range(guesses):
            self._write(who, "04000B01", level, b"\7\7\7", b"\0\1")

    @rule(value=st.sampled_from(OTHERS), who=st.sampled_from(["all", "own"]))
    def write_address_unasked(self, value, who):
        self.ask(b"\xaa" * 6 if who == "all" else self.address("own"), 0x15, value)

    @rule(who=st.sampled_from(["own", "water", "heat", "all"]))
    def freeze(self, who):
        self.ask(b"\x99" * 6 if who == "all" else self.address(who), 0x16, b"\x99" * 4)

    @rule(who=st.sampled_from(["water", "heat"]), frozen=st.sampled_from(["own", "all", "water"]))
    def freeze_between_two_frames(self, who, frozen):
        asked = wire("0501FFFF")
        self.ask(self.address(who), 0x11, asked)
        self.freeze(frozen)
        self.ask(self.address(who), 0x12, asked + b"\1")

    @rule(
        who=st.sampled_from(["own", "water", "all"]),
        minute=digits(0, 60),
        hour=st.one_of(st.just(b"\x99"), digits(0, 24)),
        day=st.one_of(st.just(b"\x99"), digits(0, 29)),
        end=st.sampled_from([b"\x99", b"\x99", b"\x12"]),
    )
    def freeze_by_a_pattern(self, who, minute, hour, day, end):
        address = b"\x99" * 6 if who == "all" else self.address(who)
        self.ask(address, 0x16, minute + hour + day + end)

    @rule(minute=st.integers(0, 59))
    def freeze_soon(self, minute):
        self.ask(self.address("own"), 0x16, bcd(minute, 1) + b"\x99" * 3)

    @rule(who=whom, code=st.sampled_from([2, 4, 8, 0x10, 0x20, 0x40, 0, 1, 0xFF]))
    def set_the_rate(self, who, code):
        self.ask(self.address(who), 0x17, bytes((code,)))

    @rule(
        who=whom,
        level=LEVELS,
        password=PASSWORDS,
        of=st.sampled_from([2, 4, 4, 0]),
        new=NEW,
    )
    def set_a_password(self, who, level, password, of, new):
        data = wire("04000C01") + self._pass_for(level, password) + bytes((of,)) + new
        self.ask(self.address(who), 0x18, data)

    @rule(
        who=whom, level=LEVELS, password=PASSWORDS, what=st.sampled_from([b"\xff" * 4, bytes(4)])
    )
    def clear_events(self, who, level, password, what):
        self.ask(self.address(who), 0x1B, self._pass_for(level, password) + BY + what)
        if self.model.cleared:
            log = self.home.kept_events.events
            told = [log.newest(back)[0] for back in range(2)]
            assert told == [events.WRITTEN, events.EVENTS_CLEARED] and log.newest(2) is None

    @rule(
        to=st.sampled_from(["all", "all", "own", "water", "anybody", "foreign"]),
        aways_s=st.lists(AWAY_S, min_size=1, max_size=3),
    )
    def broadcast_times(self, to, aways_s):
        for away_s in aways_s:
            self._broadcast_time(to, away_s)

    def _broadcast_time(self, to, away_s):
        address = {"all": b"\x99" * 6, "anybody": b"\xaa" * 6, "foreign": bcd(999, 6)}.get(to)
        now = self.model.now or datetime(2026, 5, 1, 12)
        told = now + timedelta(seconds=away_s)
        data = bytes.fromhex(f"{told:%S%M%H%d%m%y}")
        self.ask(address or self.address(to), 0x08, data)

    @precondition(lambda self: self.model.now)
    @rule(
        to_s=st.sampled_from([-400, -301, -300, -299, -100, 0, 100, 300, 310]),
        away_s=st.sampled_from([-100, -10, 0, 10, 100]),
    )
    def broadcast_time_about_midnight(self, to_s, away_s):
        now = self.model.now
        span_s = 86400 + to_s - (now.hour * 3600 + now.minute * 60 + now.second)
        if span_s > 8:
            self._pass(span_s - 8)
        self._broadcast_time("all", away_s)

    @rule(data=st.sampled_from(["000000010100", "610012010126", "00001201012600", ""]))
    def broadcast_nonsense(self, data):
        self.ask(b"\x99" * 6, 0x08, bytes.fromhex(data))

    @rule(
        who=whom,
        data=st.one_of(
            st.sampled_from([READ_188, READ_188, FOREIGN_188, READ_188[:-1]]).map(
                lambda frame: b"\x08" + frame
            ),
            st.sampled_from(
                [b"\x09\x02\x16\x10\x04", b"\x09\xff", b"\x0b\1\2", b"\x0b", b"\x01\2"]
            ),
        ),
    )
    def pass_through(self, who, data):
        self.ask(self.address(who), 0x1F, data)

    # --- what happens besides

    @rule(
        quantity=st.sampled_from(list(QUANTITIES)),
        value=st.one_of(st.integers(0, 10**9), st.integers(-900_000, 900_000)),
    )
    def the_meter_tells(self, quantity, value):
        code, exponent, base = QUANTITIES[quantity]
        if quantity != SUPPLY:
            value = abs(value)
        self.model.heat[quantity] = value, self.model.uptime_s
        self.home.points[HEAT].publish(code, value, exponent, base, self.home.now_s())

    @rule(span_s=st.one_of(st.integers(1, 8), st.integers(1, 5000)))
    def time_passes(self, span_s):
        self._pass(span_s)

    @precondition(lambda self: self.model.now)
    @rule(minutes=st.integers(0, 1500), past_s=st.sampled_from([0, 1, 10, 11, 30]))
    def time_passes_to_a_minute(self, minutes, past_s):
        span_s = 60 * minutes + 60 - self.model.now.second + past_s
        self._pass(span_s)

    def _pass(self, span_s):
        home = self.home
        home.uptime_s += span_s
        home.points[HEAT].expire(home.now_s())
        self.model.passes(span_s)
        home.freezer.look(home.time_s())
        for _ in range(8):
            # The uplink rests: a freeze is kept in each second.
            home.rest()
            home.uptime_s += 1
            self.model.passes(1)
        home.points[HEAT].expire(home.now_s())

    @rule()
    def press_the_button(self):
        for level in (0, 1, 1, 1):
            self.home.access.look(level, self.home.now_s())
        self.model.open_until_s = self.model.uptime_s + 600

    @rule()
    def wait_for_the_lock(self):
        self._pass(3600)

    @rule(off_s=st.integers(0, 5000), chip=st.booleans())
    def restart(self, off_s, chip):
        now = self.model.now
        self._start(now + timedelta(seconds=off_s) if now and chip else None)

    @invariant()
    def both_are_in_one_state(self):
        home, model = self.home, self.model
        assert home.time_s() == (seconds(model.now) if model.now else 0)
        assert [bytes(point.address) for point in home.points] == model.addresses
        assert home.baud == model.rate
        assert home.freezer.settlement[:2] == model.settlement
        assert home.points[WATER].value(0) == model.dial
        assert home.access.is_open(home.now_s()) == (model.uptime_s < model.open_until_s)
        told = Writes(home.keeper, home.own)
        told.load()
        assert told.count == model.writes


SETTINGS = settings(max_examples=80, stateful_step_count=50, deadline=None, derandomize=True)
StationAsked.TestCase.settings = SETTINGS
TestStation = StationAsked.TestCase


def test_the_model_sees_a_wrong_password_that_is_not_counted(monkeypatch):
    real = Access.refusal

    def forgiving(self, *args):
        self._wrong = 0
        args[0].set_guard(0, 0, 0)
        return real(self, *args)

    monkeypatch.setattr(Access, "refusal", forgiving)
    sees(StationAsked)


def test_the_model_sees_a_second_broadcast_time_on_one_day(monkeypatch):
    def eager(node, told_s):
        changes.Parameters(node.keeper, node.own)
        node.clock.set(told_s)

    monkeypatch.setattr(changes, "follow_broadcast", eager)
    sees(StationAsked)


def test_the_model_sees_a_broadcast_time_about_midnight(monkeypatch):
    def careless(self, told_s):
        now_s = self._node.time_s()
        return not now_s or abs(told_s - now_s) <= 300

    monkeypatch.setattr(BroadcastTime, "_is_believed", careless)
    sees(StationAsked)


def test_the_model_sees_a_point_that_answers_a_wildcard(monkeypatch):
    real = Station._addressed

    def helpful(self, frame):
        for who in (2, 1):
            if frame[6] == 0xAA and frame[1] != 0xAA and self._matches(who, frame, 2):
                return who
        return real(self, frame)

    monkeypatch.setattr(Station, "_addressed", helpful)
    sees(StationAsked)


def test_the_model_sees_a_block_that_a_freeze_has_moved(monkeypatch):
    real = read.Service._follow

    def careless(self, who, seq, out):
        if self._begun[who]:
            self._begun[who][6] = self.node.freezer.counted
        return real(self, who, seq, out)

    monkeypatch.setattr(read.Service, "_follow", careless)
    sees(StationAsked)
