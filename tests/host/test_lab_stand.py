"""What the bench's experiments are made of: contacts and their dial, the log of the lines, values
as an identifier tells them."""

import random
from decimal import Decimal
from itertools import pairwise

import pytest
from sibiao.config.load import load
from sibiao.lab.measures.contact import dial_m3, pulse_points, turning
from sibiao.lab.stands.line_log import LineLog
from sibiao.lab.stands.reading import as_told
from sibiao.node.virtual_clock import VirtualClock
from sibiao.sim.surroundings import Surroundings


@pytest.mark.parametrize("name", ("sample", "four-water", "gas-site", "electronic-outputs"))
def test_a_wheel_gives_as_many_pulses_as_its_dial_says(name):
    for of in pulse_points(load(name)):
        wheel = turning(of, 20 * of.pulse_s + 1, of.pulse_s, random.Random(1), 20)
        assert len(wheel.closed_s) == wheel.dial(wheel.span_s) == 20
        assert wheel.dial(wheel.closed_s[4]) == 5
        for train in wheel.trains.values():
            assert train[0][1] == train[-1][1], "it ends as it began: open"
        closed = [b[0] - a[0] for a, b in pairwise(train)]
        assert max(closed) >= of.meter.min_active_ms * 1e6


def test_a_dial_begins_at_its_base_and_rolls_over():
    (of,) = pulse_points(load("sample"))
    assert dial_m3(of, 0) == Decimal("1234.50")
    assert dial_m3(of, 7) == Decimal("1234.57")
    assert dial_m3(of, 10**7 - 123450) == 0


def test_a_value_is_told_as_its_identifier_has_room():
    rows = {(row.quantity, row.unit): row for row in load("sample").uplink.identifiers}
    assert as_told(rows["energy", "kWh"], Decimal("12.3456"), "MWh") == Decimal("12345.60")
    assert as_told(rows["volume", "m3"], Decimal("1.239"), "m3") == Decimal("1.23")
    assert as_told(rows["volume", "m3"], Decimal(10**6), "m3") is None
    assert as_told(rows["supply_temperature", "°C"], Decimal("-3.14"), "°C") == Decimal("-3.14")
    assert as_told(rows["volume", "m3"], None, "m3") is None


def test_bytes_that_follow_each_other_are_one_row():
    log = LineLog()
    log.note(1.0, "uplink", True, b"\xfe\x68")
    for at_s, byte in ((1.2, b"\x68"), (1.205, b"\x01"), (1.22, b"\x16"), (2.0, b"\xe5")):
        log.note(at_s, "uplink", False, byte)
    told = [(row.to_module, row.data.hex(), round(row.gap_s, 3)) for row in log.rows]
    assert told == [(True, "fe68", 0), (False, "680116", 0.015), (False, "e5", 0)]
    assert log.text().splitlines()[1].split() == ["1.2000", "uplink", "<", "68", "01", "16"]


class Pins:
    """What a node is to its surroundings."""

    def __init__(self):
        self.clock, self.put = VirtualClock(), {}

    def set_pin(self, gpio, level):
        self.put[gpio] = level

    def set_analog(self, gpio, millivolts):
        self.put[gpio] = millivolts

    def attach_i2c(self, bus, address, device):
        pass

    def line(self, uart):
        return Line()


class Line:
    on_byte = None

    def settings(self, baud, parity="E"):
        pass


def test_a_loop_s_current_lies_between_the_board_s_own_limits():
    loaded, pins = load("gas-site"), Pins()
    around = Surroundings(pins, loaded)
    name = loaded.community.points[0].wired_to
    pin = loaded.board.pulse_inputs[name]
    limits = pin.namur
    assert limits.cut_below_mv < pins.put[pin.gpio] < limits.open_below_mv
    around.close(name, True)
    assert limits.closed_above_mv < pins.put[pin.gpio] < limits.short_above_mv
    around.put(name, 3290)
    assert limits.short_above_mv < pins.put[pin.gpio] <= 3300
