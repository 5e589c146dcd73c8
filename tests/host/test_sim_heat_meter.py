"""The simulated heat meter against published telegrams and against time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sibiao.sim.bus.heat_meter import PUBLISHED, TYPICAL, HeatMeter, readings_of
from sibiao.sim.quantity import Quantity

from tests.host.published import published
from tests.host.virtual_clock import Listener, VirtualClock, null_modem

MS = 1_000_000
S = 1_000_000_000
BYTE_NS = 11 * S // 2400

# 超声波热量表M-BUS通讯协议—对客户20151203.doc, from github.com/flimmy78/qtverify
REQUEST = bytes.fromhex("68201122334455200001031F90005A16")
# 天罡热量表通讯协议V1.0d, from github.com/flimmy78/qtverify: 36384.93 kWh, 4.75 kW, 0.931 m3/h,
# 7107.82 m3, 51.04 and 46.61 °C, 28390 h, 2013-01-08 09:24:30; T 27 answers a request with T 20.
TIANGANG_REQUEST = bytes.fromhex("68207536495900111101031F9012BC16")
TIANGANG = bytes.fromhex(
    "682775364959001111812E1F90125792360105938463030575040000171093000035820771002C"
    "0451006146009083023024090801132004085916"
)


def bench(**options):
    clock = VirtualClock()
    near, far = null_modem(clock)
    return clock, Listener(clock, near), HeatMeter(clock, far, **options)


def ask(clock, listener, request=REQUEST):
    listener.take()
    listener.send(request)
    clock.run(S)
    return bytes(listener.heard)


@pytest.mark.parametrize(
    "request_frame, telegram",
    [(REQUEST, PUBLISHED), (TIANGANG_REQUEST, TIANGANG)],
    ids=["4xFE", "T27"],
)
def test_published_request_gets_the_published_answer(request_frame, telegram):
    clock, listener, _ = bench(telegram=telegram, readings=readings_of(telegram))
    assert ask(clock, listener, request_frame) == telegram


def test_every_published_answer_of_this_layout_is_patched_back_to_itself():
    same = 0
    for vector in published("cjt188.json"):
        fields = vector.get("derived_by_layout", {})
        answer = bytes.fromhex(vector["hex"])
        unit_first = "unit FIRST" in vector["dialect"]
        if not vector["checksum_ok"] or "heat" not in fields or unit_first:
            continue
        _, _, meter = bench(telegram=answer, readings=readings_of(answer))
        assert meter.answer(ser=answer[answer.index(0x68) + 13]) == answer, vector["id"]
        for name, field in [("heat", "heat"), ("flow", "flow"), ("volume", "volume")]:
            assert float(meter.truth()[name].number()) == fields[field][0], vector["id"]
        assert float(meter.truth()["supply_temperature"].number()) == fields["supply_C"]
        same += 1
    assert same >= 9


def test_answer_begins_a_delay_after_the_request_and_mirrors_ser():
    clock, listener, meter = bench(reply_delay_ns=60 * MS)
    request = REQUEST[:13] + b"\x77" + bytes([sum(REQUEST[:13]) + 0x77 & 0xFF, 0x16])
    answer = ask(clock, listener, request)
    assert answer[4 + 13] == 0x77
    assert listener.times_ns[0] == 16 * BYTE_NS + 60 * MS + BYTE_NS
    assert meter.requests == 1


def test_busy_from_the_first_byte_heard_to_the_last_byte_sent():
    clock, listener, meter = bench()
    assert not meter.busy
    listener.send(REQUEST)
    clock.run_until(lambda: meter.busy, S)
    assert clock.now_ns == BYTE_NS
    clock.run_until(lambda: not meter.busy, S)
    assert bytes(listener.heard) == meter.answer(ser=0)[: len(listener.heard)]
    assert len(listener.heard) == len(PUBLISHED), "not before the last byte"


def test_broadcast_address_is_answered_with_the_meters_own():
    clock, listener, _ = bench(address=bytes.fromhex("78563412001111"))
    body = bytes.fromhex("6820AAAAAAAAAAAAAA01031F9000")
    answer = ask(clock, listener, body + bytes([sum(body) & 0xFF, 0x16]))
    assert answer[4:13] == bytes.fromhex("6820 78563412001111")


def closed(body):
    return body + bytes([sum(body) & 0xFF, 0x16])


@pytest.mark.parametrize(
    "request_frame",
    [
        REQUEST[:-2] + bytes([REQUEST[-2] ^ 1, 0x16]),
        REQUEST[:-1] + b"\x17",
        closed(bytes.fromhex("68201122334455200101031F9000")),
        closed(bytes.fromhex("68101122334455200001031F9000")),
        closed(bytes.fromhex("682011223344552000010390 1F00")),
        closed(bytes.fromhex("68201122334455200009031F9000")),
        closed(bytes.fromhex("68201122334455200001041F900000")),
        PUBLISHED,
    ],
    ids=["checksum", "stop", "address", "type", "di-order", "control", "length", "answer"],
)
def test_silent_to_all_else(request_frame):
    clock, listener, meter = bench()
    assert ask(clock, listener, request_frame) == b""
    assert meter.requests == 0
    assert ask(clock, listener) != b"", "and it hears the next request"


def test_noise_and_preamble_before_a_request_are_passed_over():
    clock, listener, _ = bench()
    # The lone 68 could have opened a longer frame.
    assert ask(clock, listener, b"\x00\x68\x13\xfe\xfe\xfe" + REQUEST) != b""


def test_the_two_halves_of_a_request_belong_together_only_without_a_pause():
    clock, listener, _ = bench()
    listener.send(REQUEST[:9])
    clock.run(300 * MS)
    assert ask(clock, listener, REQUEST[9:]) == b""
    listener.send(REQUEST[:9])
    clock.run(9 * BYTE_NS + 20 * MS)
    assert ask(clock, listener, REQUEST[9:]) != b""


def test_frames_are_shown_decoded():
    shown = []
    clock, listener, _ = bench(on_frame=shown.append)
    ask(clock, listener)
    assert [(f.line, f.to_converter, f.address, f.service, f.di) for f in shown] == [
        ("bus", False, "00205544332211", "01 read", "1F90"),
        ("bus", True, "00205544332211", "81 answer", "1F90"),
    ]
    assert shown[1].value == "36384.93 kWh, 21.06 kW"


def test_faults_of_meter_and_line():
    clock, listener, meter = bench()
    meter.silent = True
    assert ask(clock, listener) == b""
    meter.silent, meter.wrong_checksum = False, True
    answer = ask(clock, listener)
    assert sum(answer[4:-2]) & 0xFF != answer[-2]
    meter.wrong_checksum, meter.echo = False, True
    assert ask(clock, listener).startswith(REQUEST + b"\xfe\xfe\xfe\xfe\x68")
    meter.echo, meter.reply_delay_ns = False, 800 * MS
    asked_ns = clock.now_ns
    assert ask(clock, listener) != b""
    assert listener.times_ns[0] - asked_ns == 17 * BYTE_NS + 800 * MS


def test_another_rate_is_not_understood():
    clock, listener, meter = bench()
    listener._line.settings(1200)
    assert ask(clock, listener) == b""
    assert meter.requests == 0


def test_power_adds_up_to_heat_and_flow_to_volume():
    clock, _, meter = bench(cycle_s=2)
    before = meter.truth()
    power_s = flow_s = 0
    for _ in range(1800):
        truth = meter.truth()
        power_s += truth["power"].value * 2
        flow_s += truth["flow"].value * 2
        clock.run(2 * S)
    after = meter.truth()
    heat = after["heat"].value - before["heat"].value
    volume = after["volume"].value - before["volume"].value
    # 0.01 kW over a second is 1/3600 of 0.01 kWh; what is shown is cut to whole steps.
    assert abs(heat - power_s / 3600) <= 2
    assert abs(volume - flow_s / 100 / 3600) <= 1
    assert heat > 1000 and volume > 50
    assert after["hours"] == before["hours"]._replace(value=before["hours"].value + 1)
    delta = after["supply_temperature"].value - after["return_temperature"].value
    expected_kw = after["flow"].value / 1e4 * delta / 100 * 1.163
    assert abs(after["power"].value / 100 - expected_kw) < 0.02


def test_the_clock_in_the_answer_goes_with_time():
    clock, _, meter = bench(readings=replace(TYPICAL, hours=999_999))
    clock.run(3600 * S)
    now = readings_of(meter.answer(0))
    assert now.time == TYPICAL.time + timedelta(hours=1)
    assert now.hours == 0, "six digits roll over"


def test_a_seed_repeats_a_run_and_steps_do_not_matter():
    def after_an_hour(seed, steps):
        clock, _, meter = bench(seed=seed)
        for _ in range(steps):
            clock.run(3600 * S // steps)
            meter.truth()
        return meter.truth()

    assert after_an_hour(5, 1) == after_an_hour(5, 360)
    assert after_an_hour(5, 1) != after_an_hour(6, 1)


def test_the_log_tells_when_a_value_was_true():
    clock, _, meter = bench(cycle_s=2)
    old = meter.truth()["flow"]
    clock.run(2 * S)
    new = meter.truth()["flow"]
    assert new != old
    log = meter.logs["flow"]
    assert log.held(old, 0, 1 * S)
    assert not log.held(new, 0, 1 * S)
    assert log.held(new, 0, 2 * S)
    assert not log.held(old, 2 * S, 3 * S)
    assert not log.held(Quantity(10_000, -4, "m3/h"), 0, 3 * S)


def test_a_telegram_that_is_none_is_refused():
    with pytest.raises(ValueError, match="not a sound answer"):
        bench(telegram=TIANGANG[:-2] + b"\x00\x16")
