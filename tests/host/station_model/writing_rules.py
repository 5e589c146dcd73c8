"""Writes, right and wrong."""

from converter.model import events
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.host.station_model.asked import (
    BY,
    LEVELS,
    NEW,
    OTHERS,
    PASSWORDS,
    digits,
    readable,
    whom,
    wire,
)


class WritingRules:
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
