"""Freezes, rate, time, frames for a meter."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.host.station_model.asked import AWAY_S, FOREIGN_188, READ_188, digits, whom, wire
from tests.host.station_model.values import bcd


class TellingRules:
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
