"""Reads, of everybody and of nobody."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.host.station_model.asked import blocks, readable, told_of, whom, wire
from tests.host.station_model.values import bcd


class ReadingRules:
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
