"""The simulated communication module: how it binds, what it forwards, when it binds anew."""

import dataclasses

import pytest
from sibiao.sim.uplink.dlt645_reading import made_frame, request
from sibiao.sim.uplink.module import Module
from sibiao.sim.uplink.module_kinds import KINDS, OF_698, OF_2007
from sibiao.sim.uplink.module_pins import ModulePins

from tests.host.stations import ADDRESS, FakeStation
from tests.host.test_hostile_meter import ITEM
from tests.host.virtual_clock import MS, Listener, VirtualClock, null_modem

S = 1000 * MS
ASK = request(ITEM)


class Pins:
    """The converter's pins, as a node has them."""

    def __init__(self, clock):
        self.clock = clock
        self.levels = {}
        self.changes = []

    def set_pin(self, gpio, level):
        self.changes.append((self.clock.now_ns, gpio, level))
        self.levels[gpio] = level

    def get_pin(self, gpio):
        return self.levels.get(gpio, 0)


def bench(kind="plc", baud=2400, station=FakeStation, pins=False, **faults):
    clock = VirtualClock()
    to_converter, converter = null_modem(clock)
    to_meter, meter_end = null_modem(clock)
    made = station(clock, converter, **faults) if station else None
    converter.settings(baud, "E")
    node = Pins(clock)
    node.levels.update({5: 1, 6: 1})
    wired = ModulePins(node, sta=4, reset=5, set=6, event=7) if pins else None
    module = Module(clock, to_converter, to_meter, KINDS[kind], pins=wired)
    module.start()
    return clock, module, Listener(clock, meter_end), made, node


def test_trials_come_in_the_order_of_real_modules():
    clock = VirtualClock()
    to_converter, _ = null_modem(clock)
    to_meter, _ = null_modem(clock)
    seen = []
    to_converter.settings = lambda baud, parity: seen.append([baud, parity])
    to_converter.send = lambda data: seen[-1].extend([data])
    module = Module(clock, to_converter, to_meter, KINDS["plc"])
    module.start()
    clock.run(15 * S)
    read_645 = b"\xfe" * 4 + bytes.fromhex("68AAAAAAAAAAAA681300DF16")
    assert [row[:2] for row in seen[:6]] == [
        [2400, "E"], [2400, "E"], [9600, "E"], [9600, "E"], [19200, "E"], [19200, "E"],
    ]  # fmt: skip
    assert [row[2] == read_645 for row in seen[:12]] == [False, True] * 6
    assert len(seen) > 12 and seen[12] == seen[0]  # a new round


@pytest.mark.parametrize(("baud", "trial"), [(2400, 2), (9600, 4), (4800, 12)])
def test_binds_at_the_rate_of_the_converter(baud, trial):
    clock, module, _, _, _ = bench(baud=baud, pins=True)
    clock.run(30 * S)
    assert (module.address, module.baud) == (ADDRESS, baud)
    assert module.counts.trials == trial and module.counts.confused == 0


def test_sta_is_pulled_for_200_ms():
    clock, module, _, _, node = bench(pins=True)
    clock.run(10 * S)
    (_, _, first), (up_ns, gpio, high), (down_ns, _, low) = node.changes
    assert (first, gpio, high, low) == (0, 4, 1, 0) and down_ns - up_ns == 200 * MS
    assert module.address


def test_forwards_its_own_address_alone():
    clock, module, meter, station, _ = bench()
    clock.run(5 * S)
    meter.send(ASK)
    clock.run(S)
    heard = meter.take()
    assert heard.startswith(b"\xfe" * 4 + b"\x68") and heard[12] == 0x91
    answers = station.answers
    meter.send(made_frame("000000000302", 0x11, bytes(4)))
    clock.run(S)
    assert meter.take() == b"" and station.answers == answers
    assert (module.counts.forwarded, module.counts.answered, module.counts.refused) == (1, 1, 1)
    # Wildcards and everybody are its own too; the latter awaits no answer.
    meter.send(made_frame("999999999999", 0x08, bytes(6)))
    clock.run(S)
    assert module.counts.forwarded == 2 and module.counts.missing == 0


def test_ten_missing_answers_bind_anew():
    clock, module, meter, station, _ = bench()
    clock.run(5 * S)
    station.faults["mute_every"] = 1
    for n in range(10):
        assert (module.counts.binds, module.counts.missing) == (1, n)
        meter.send(ASK)
        clock.run(2 * S)
    station.faults.clear()
    clock.run(5 * S)
    assert (module.counts.binds, module.counts.missing) == (2, 10)
    meter.send(ASK)
    clock.run(S)
    assert meter.take()


def test_rf_loses_answers_without_preamble_or_rest():
    clock, module, meter, station, _ = bench("rf")
    clock.run(10 * S)
    assert module.baud == 2400
    for change, lost in (({}, 0), ({"bytes_before": b"\xfe"}, 1), ({"delay_ns": 10 * MS}, 2)):
        before = {"bytes_before": b"\xfe" * 4, "delay_ns": 30 * MS} | change
        vars(station).update(before)
        meter.send(ASK)
        clock.run(3 * S)
        assert module.counts.lost == lost
        assert bool(meter.take()) == (not change)


def test_reset_pin_binds_anew_and_a_short_one_does_not():
    clock, module, _, _, node = bench(pins=True)
    clock.run(5 * S)
    node.levels[5] = 0
    clock.run(100 * MS)
    node.levels[5] = 1
    clock.run(5 * S)
    assert module.counts.binds == 1
    node.levels[5] = 0
    clock.run(300 * MS)
    node.levels[5] = 1
    clock.run(5 * S)
    assert module.counts.binds == 2


def test_event_pin_makes_it_read_the_status_word():
    asked = []

    class Reporting(FakeStation):
        def _answer(self, frame):
            if frame[8] == 0x11:
                asked.append(frame)
                data = bytes.fromhex("01150004") + bytes(12)
                self._line.send(b"\xfe" * 4 + made_frame(ADDRESS, 0x91, data))
            else:
                super()._answer(frame)

    clock, module, _, _, node = bench(pins=True, station=Reporting)
    node.levels[7] = 1  # before it is bound: it waits
    clock.run(8 * S)
    assert module.counts.reports == [bytes(12)] and len(asked) == 1
    assert asked[0] == made_frame(ADDRESS, 0x11, bytes.fromhex("01150004"))


def test_frame_that_nobody_asked_for_is_counted():
    clock, module, meter, station, _ = bench()
    clock.run(5 * S)
    station._line.send(made_frame(ADDRESS, 0x91, bytes(4)))
    clock.run(S)
    assert module.counts.spontaneous == 1 and meter.take() == b""


def test_kinds_are_data():
    plc = KINDS["plc"]
    assert [t for t in plc.trials if t[0] in (2400, 9600)] == [
        (2400, OF_698), (2400, OF_2007), (9600, OF_698), (9600, OF_2007),
    ]  # fmt: skip
    assert dataclasses.replace(plc, missing=3).missing == 3
