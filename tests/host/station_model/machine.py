"""A station of a shipped uplink, as the app builds it, beside the model."""

from datetime import datetime, timedelta

from converter.link import dlt645
from converter.station.dlt645 import JOB
from converter.store.writes import Writes
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.host import shipped
from tests.host.station_model.asked import OF_HEAT, OF_WATER, OWN, QUANTITIES
from tests.host.station_model.node import Node
from tests.host.station_model.reading_rules import ReadingRules
from tests.host.station_model.telling_rules import TellingRules
from tests.host.station_model.values import EPOCH, HEAT, SUPPLY, WATER
from tests.host.station_model.writing_rules import WritingRules
from tests.unit.memory_keeper import MemoryKeeper
from tests.unit.requesting import request


def seconds(moment):
    return int((moment - EPOCH).total_seconds())


class StationAsked(ReadingRules, WritingRules, TellingRules, RuleBasedStateMachine):
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
