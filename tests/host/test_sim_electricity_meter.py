"""The simulated electricity meter: strict about answers, honest about time."""

import pytest
from sibiao.sim.quantity import Quantity
from sibiao.sim.uplink.dlt645_reading import ReadItem, Refused, find_frame, read_answer, request
from sibiao.sim.uplink.electricity_meter import ElectricityMeter

from tests.host.published import published
from tests.host.virtual_clock import Listener, VirtualClock, null_modem

MS = 1_000_000
S = 1_000_000_000
BYTE_NS = 11 * S // 2400

ENERGY = ReadItem("energy", "129078563412", "00010000", 8, 2, "kWh")
VOLTAGE = ReadItem("voltage", "000000000161", "02010100", 4, 1, "V")
# Published frames. Answer for ENERGY: 123456.78 kWh, the figures of DL/T 645-2007 5.3.2 figure 9.
ENERGY_ANSWER = bytes.fromhex("6812345678901268910833333433AB896745CC16")
# A Java log with decoded values beside each frame: 100.1 V; request and answer for 4.999 A.
VOLTAGE_ANSWER = bytes.fromhex("686101000000006891063334343534431016")
CURRENT = ReadItem("current", "000000000161", "02020100", 6, 3, "A")
CURRENT_REQUEST = bytes.fromhex("68610100000000681104333435351816")
CURRENT_ANSWER = bytes.fromhex("6861010000000068910733343535CC7C331616")
# Comments of a Go unit test: password error.
ERROR_ANSWER = bytes.fromhex("FEFEFEFE6860079204009168D101376716")


class Answerer:
    """Answers each whole request with the next of `answers`, a delay after its last byte."""

    def __init__(self, clock, line, answers, delay_ns=30 * MS):
        self.answers = list(answers)
        self.delay_ns = delay_ns
        self._clock = clock
        self.listener = Listener(clock, line)
        self._line = line
        line.on_byte = self._on_byte
        self.asked = []
        self._heard = bytearray()

    def _on_byte(self, byte):
        self._heard.append(byte)
        if len(self._heard) == 20:
            self.asked.append(bytes(self._heard))
            self._heard.clear()
            answer = self.answers.pop(0) if self.answers else b""
            if answer:
                self._clock.call_later(self.delay_ns, lambda: self._line.send(answer))


def bench(items, answers, delay_ns=30 * MS, **options):
    clock = VirtualClock()
    near, far = null_modem(clock)
    exchanges = []
    meter = ElectricityMeter(clock, far, items, on_exchange=exchanges.append, **options)
    return clock, Answerer(clock, near, answers, delay_ns), meter, exchanges


def test_request_is_the_published_one():
    assert request(CURRENT) == b"\xfe" * 4 + CURRENT_REQUEST


def test_every_published_answer_is_found_and_read():
    read = refused = 0
    for vector in published("dlt645.json"):
        if vector["proto"] != "645-2007" or vector["control"] != "91":
            continue
        data = bytes.fromhex(vector["data_minus33"])
        di = data[3::-1].hex()
        item = ReadItem("x", vector["addr"], di, 2 * (len(data) - 4), 0, "")
        frame = find_frame(b"\x00\x68" + bytes.fromhex(vector["hex"]))
        digits = data[:3:-1].hex()
        if digits.isdecimal():
            assert read_answer(item, frame).value == int(digits), vector["id"]
            read += 1
        else:
            with pytest.raises(Refused, match="no number"):
                read_answer(item, frame)
            refused += 1
    assert read >= 30 and refused >= 1


def test_published_requests_are_built_byte_for_byte():
    built = 0
    for vector in published("dlt645.json"):
        if vector["proto"] != "645-2007" or vector["control"] != "11":
            continue
        di = bytes.fromhex(vector["data_minus33"])[::-1].hex()
        frame = request(ReadItem("x", vector["addr"], di, 8, 2, ""))[4:]
        right = frame == bytes.fromhex(vector["hex"]).lstrip(b"\xfe")
        assert right == vector["checksum_ok"], vector["id"]
        built += right
    assert built >= 8


def test_values_of_published_answers_with_decimals():
    assert read_answer(ENERGY, ENERGY_ANSWER) == Quantity(12345678, -2, "kWh")
    assert str(read_answer(VOLTAGE, VOLTAGE_ANSWER)) == "100.1 V"
    assert str(read_answer(CURRENT, CURRENT_ANSWER)) == "4.999 A"


def test_sign_is_the_top_bit_only_where_the_item_says_so():
    body = ENERGY_ANSWER[:-3] + b"\xc5"  # 12 becomes 92 after 33H is taken off
    frame = body + bytes([sum(body) & 0xFF, 0x16])
    signed = ReadItem("x", ENERGY.address, ENERGY.di, 8, 2, "kWh", signed=True)
    assert read_answer(signed, frame).value == -12345678
    assert read_answer(ENERGY, frame).value == 92345678


def test_wildcard_digits_take_any_address_and_others_do_not():
    wildcard = ReadItem("x", "AAAAAAAA3412", ENERGY.di, 8, 2, "kWh")
    assert read_answer(wildcard, ENERGY_ANSWER).value == 12345678
    other = ReadItem("x", "129078563413", ENERGY.di, 8, 2, "kWh")
    with pytest.raises(Refused, match="answered by 129078563412"):
        read_answer(other, ENERGY_ANSWER)


def test_reads_its_list_again_and_again():
    clock, answerer, meter, exchanges = bench(
        [VOLTAGE, CURRENT], [VOLTAGE_ANSWER, b"\xfe\xfe" + CURRENT_ANSWER] * 3
    )
    meter.start()
    clock.run_until(lambda: len(exchanges) == 6, 10 * S)
    assert [e.item.name for e in exchanges] == ["voltage", "current"] * 3
    assert [e.fault for e in exchanges] == [None] * 6
    assert {name: (c.tried, c.ok) for name, c in meter.collected.items()} == {
        "voltage": (3, 3),
        "current": (3, 3),
    }
    assert str(meter.collected["current"].last.value) == "4.999 A"
    assert answerer.asked[1] == b"\xfe" * 4 + CURRENT_REQUEST
    last = meter.collected["current"].last
    assert meter.collected["current"].age_ns(clock.now_ns) == clock.now_ns - last.ended_ns == 0
    assert [f.di for f in meter.frames][:4] == ["02010100"] * 2 + ["02020100"] * 2
    assert [f.to_converter for f in meter.frames] == [True, False] * 6


def test_td_is_from_the_last_request_byte_to_where_the_answer_begins():
    clock, _, meter, exchanges = bench([VOLTAGE], [VOLTAGE_ANSWER], delay_ns=27_123_456)
    meter.start()
    clock.run_until(lambda: exchanges, S)
    assert exchanges[0].td_ns == 27_123_456
    assert list(meter.collected["voltage"].td_ns) == [27_123_456]
    assert exchanges[0].ended_ns == (20 + len(VOLTAGE_ANSWER)) * BYTE_NS + 27_123_456


@pytest.mark.parametrize(
    "delay_ms, fault",
    [(19.9, "too early"), (20, None), (500, None), (501, "too late"), (600, "no answer")],
)
def test_td_limits(delay_ms, fault):
    clock, _, meter, exchanges = bench([VOLTAGE], [VOLTAGE_ANSWER], delay_ns=int(delay_ms * MS))
    meter.start()
    clock.run_until(lambda: exchanges, 2 * S)
    assert exchanges[0].fault == fault
    assert (exchanges[0].value is None) == (fault is not None)


def test_silence_is_asked_again_three_times_and_then_left():
    clock, _, meter, exchanges = bench([VOLTAGE, CURRENT], [b""] * 4 + [CURRENT_ANSWER])
    meter.start()
    clock.run_until(lambda: len(exchanges) == 5, 10 * S)
    assert [(e.item.name, e.attempt, e.fault) for e in exchanges] == [
        ("voltage", 1, "no answer"),
        ("voltage", 2, "no answer"),
        ("voltage", 3, "no answer"),
        ("voltage", 4, "no answer"),
        ("current", 1, None),
    ]
    assert exchanges[0].ended_ns == 22 * BYTE_NS + 500 * MS
    assert meter.collected["voltage"].faults == {"no answer": 4}
    shown = [(f.value, bool(f.data)) for f in meter.frames if not f.to_converter]
    assert shown == [("no answer", False)] * 4 + [("4.999 A", True)]


def checked(body):
    return body + bytes([sum(body) & 0xFF, 0x16])


@pytest.mark.parametrize(
    "answer, fault",
    [
        (VOLTAGE_ANSWER[:-2] + b"\x11\x16", "damaged answer"),
        (VOLTAGE_ANSWER[:-1], "damaged answer"),
        (CURRENT_ANSWER, "7 bytes of data, not 6"),
        (checked(VOLTAGE_ANSWER[:10] + b"\x33\x34\x35" + VOLTAGE_ANSWER[13:-2]), "DI 02020100"),
        (checked(VOLTAGE_ANSWER[:8] + b"\xb1" + VOLTAGE_ANSWER[9:-2]), "control B1"),
        (ERROR_ANSWER, "answered by 910004920760"),
        (checked(VOLTAGE_ANSWER[:8] + b"\xd1\x01\x35"), "error 02"),
        (b"\x00" * 300, "endless answer"),
    ],
)
def test_a_wrong_answer_is_no_value_and_says_why(answer, fault):
    clock, _, meter, exchanges = bench([VOLTAGE], [answer, VOLTAGE_ANSWER])
    meter.start()
    clock.run_until(lambda: exchanges, 5 * S)
    assert (exchanges[0].fault, exchanges[0].value) == (fault, None)
    assert (meter.collected["voltage"].tried, meter.collected["voltage"].ok) == (1, 0)


def test_an_error_answer_is_not_asked_for_again():
    error = checked(VOLTAGE_ANSWER[:8] + b"\xd1\x01\x35")
    clock, _, meter, exchanges = bench([VOLTAGE, CURRENT], [error, CURRENT_ANSWER])
    meter.start()
    clock.run_until(lambda: len(exchanges) == 2, 5 * S)
    ended = [(e.item.name, e.fault) for e in exchanges]
    assert ended == [("voltage", "error 02"), ("current", None)]


def test_the_repeat_after_a_damaged_answer_brings_the_value():
    clock, _, meter, exchanges = bench(
        [VOLTAGE], [VOLTAGE_ANSWER[:-2] + b"\x11\x16", VOLTAGE_ANSWER]
    )
    meter.start()
    clock.run_until(lambda: len(exchanges) == 2, 5 * S)
    assert (exchanges[1].attempt, exchanges[1].fault) == (2, None)


def test_stop_ends_after_the_exchange_and_forget_starts_the_counts_anew():
    clock, answerer, meter, exchanges = bench([VOLTAGE], [VOLTAGE_ANSWER] * 9)
    meter.start()
    clock.run(10 * MS)
    meter.stop()
    assert meter.busy
    clock.run(5 * S)
    assert not meter.busy and len(exchanges) == len(answerer.asked) == 1
    meter.forget()
    assert meter.collected["voltage"].tried == 0
    meter.start()
    clock.run_until(lambda: len(exchanges) == 3, 5 * S)
    assert meter.collected["voltage"].ok == 2


def test_items_with_impossible_names_are_refused():
    with pytest.raises(ValueError, match="12 digits"):
        ReadItem("x", "1234", "00010000", 8, 2, "kWh")
    with pytest.raises(ValueError, match="8 digits"):
        ReadItem("x", "129078563412", "0001", 8, 2, "kWh")


def test_quantities_compare_across_powers_of_ten():
    assert Quantity(47500, -1, "W").at(-2, "kW") == Quantity(475, -2, "kW")
    assert Quantity(475, -2, "kW").at(-4, "kW") == Quantity(47500, -4, "kW")
    assert Quantity(12_345, -3, "m3").at(-2, "m3") == Quantity(1234, -2, "m3")
    assert Quantity(-155, -2, "°C").at(-1, "°C") == Quantity(-15, -1, "°C")
    assert str(Quantity(-5, -2, "°C")) == "-0.05 °C"
    assert str(Quantity(7, 2, "h")) == "700 h"
    with pytest.raises(ValueError, match="cannot be expressed"):
        Quantity(1, 0, "kWh").at(0, "m3")
