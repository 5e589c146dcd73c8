"""Simulated CJ/T 188 meters, asked by the firmware's master in virtual time."""

import pytest
from converter.link import cjt188 as link
from converter.link.master import DONE, REFUSED
from converter.meters import cjt188_services as services
from sibiao.config import load
from sibiao.config.check.goldens import check_goldens
from sibiao.config.device.layouts import builder_flags
from sibiao.errors import SibiaoError
from sibiao.explain.cjt188 import explain
from sibiao.sim.bus.cjt188 import CjtMeter, find_frame

from tests.host.cjt188_bench import WATER, Bench, body_of, meter_of, read_request, service

PROFILES = [n for n in load.names("meters") if load.read("meters", n).link == "cjt188"]
GOLDENS = [(name, k) for name in PROFILES for k in range(len(load.read("meters", name).golden))]


@pytest.mark.parametrize("name, golden", GOLDENS)
def test_published_telegram_is_answered_to_the_byte(name, golden):
    profile = load.read("meters", name)
    published = profile.golden[golden]
    meter = CjtMeter(profile, name, golden=golden, given=published.values)
    telegram = bytes.fromhex(published.telegram)
    at, _ = find_frame(telegram)
    request = read_request(profile, meter.address, telegram[at + link.DATA_SER])
    assert Bench(meter).send(request) == telegram


def values_for(profile):
    """Values that the published telegram has not, each finer than its neighbours' bytes."""
    out = {}
    for k, field in enumerate(profile.fields, 1):
        stated = profile.golden[0].values[field.quantity]
        unit = stated.partition(" ")[2]
        if field.is_clock:
            out[field.quantity] = f"2031-1{k % 3}-2{k % 10}T13:4{k % 10}:5{k % 10}"
        elif field.is_status:
            out[field.quantity] = " ".join(["A5", "3C"][: field.width])
        else:
            digits = field.format.count("X")
            whole = int("918273645546372819"[k : k + digits])
            places = len(field.format.partition(".")[2])
            number = f"{whole:0{digits}d}"
            number = f"{number[: digits - places]}.{number[digits - places :]}"
            unit = {"unknown": "m3"}.get(stated, unit)
            out[field.quantity] = f"{number.rstrip('.')} {unit}"
    return out


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_is_read_back_with_the_values_given(name):
    profile = load.read("meters", name)
    given = values_for(profile)
    meter = CjtMeter(profile, name, address="12345678901234", given=given)
    told, frame = Bench(meter).exchange(read_request(profile, meter.address))
    assert told == DONE
    told = {"values": given, "telegram": frame.hex()}
    golden = [profile.golden[0].model_copy(update=told)]
    check_goldens(profile.model_copy(update={"golden": golden}), name)


@pytest.mark.parametrize("name", PROFILES)
def test_only_its_own_address_or_the_wildcard(name):
    profile, meter = meter_of(name)
    bench = Bench(meter)
    other = bytes([meter.address[0] ^ 0x10]) + meter.address[1:]
    assert bench.send(read_request(profile, other)) == b""
    told, frame = bench.exchange(read_request(profile, link.ANY, ser=0xC4))
    assert told == DONE
    assert frame[link.DATA_SER] == 0xC4 and frame[2:9] == meter.address


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("in_data", [True, False])
def test_read_address_both_forms(name, in_data):
    profile, meter = meter_of(name, address_in_data=in_data)
    request = service(profile, link.ANY, services.NUMBER)
    told, frame = Bench(meter).exchange(request)
    assert told == DONE and frame[link.LENGTH] == (10 if in_data else 3)
    at = services.address_at(frame)
    shift = 0x33 if in_data and profile.dialect.data_plus_33 else 0
    assert bytes((b - shift) & 0xFF for b in frame[at : at + 7]) == meter.address


@pytest.mark.parametrize("name", PROFILES)
def test_history_time_valve_sync_address_and_refusals(name):
    profile, meter = meter_of(name)
    bench = Bench(meter)
    meter.registers[0xD12B] = bytes.fromhex("132333432C")  # as published in a test set
    told, frame = bench.exchange(service(profile, meter.address, services.HISTORY + 11))
    assert told == DONE and body_of(frame, profile) == bytes.fromhex("132333432C")
    assert bench.exchange(service(profile, meter.address, services.HISTORY))[0] == DONE

    flags, kind = builder_flags(profile), int(profile.request.type, 16)
    out = bytearray(40)
    n = services.write_time(out, kind, meter.address, 9, flags, (2030, 2, 28, 23, 59, 58))
    assert bench.exchange(bytes(out[:n]))[0] == DONE
    n = services.valve(out, kind, meter.address, 9, flags, False)
    told, frame = bench.exchange(bytes(out[:n]))
    assert told == DONE and services.status_at(frame) == link.DATA_BODY
    n = services.motor_sync(out, kind, meter.address, 9, flags, 4711, 0x2C)
    assert bench.exchange(bytes(out[:n]))[0] == DONE
    assert [di for di, _ in meter.writes] == [0xA015, 0xA017, 0xA016]
    frame = bench.exchange(read_request(profile, meter.address))[1]
    times = [r.value for r in explain(frame, name).records if r.quantity == "meter_time"]
    assert times in ([], ["2030-02-28T23:59:58"])
    for field in profile.fields:
        if field.is_status:
            assert body_of(frame, profile)[field.offset] & 3 == 1

    told, frame = bench.exchange(service(profile, meter.address, 0x8177))
    assert told == REFUSED and frame[link.LENGTH] == 3
    meter.refused.add(0x8102)
    assert bench.exchange(service(profile, meter.address, services.PRICES))[0] == REFUSED
    n = services.write_address(out, kind, meter.address, 9, flags, b"\x01\x02\x03\x04\x05\x06\x07")
    before = meter.address
    if not profile.dialect.data_plus_33:  # the answer's own address is the only one to look at
        assert bench.exchange(bytes(out[:n]))[0] == DONE
        assert bench.exchange(read_request(profile, meter.address))[0] == DONE
        assert bench.send(read_request(profile, before)) == b""


def test_the_other_order_of_the_identifier_is_not_answered():
    _, meter = meter_of("water-cjt188-901f")
    out = bytearray(32)
    n = link.read_request(out, 0x10, meter.address, b"\x1f\x90", 1)
    assert Bench(meter).send(bytes(out[:n])) == b""


def test_values_that_the_meter_cannot_show_are_refused():
    _, meter = meter_of("water-cjt188-901f")
    for quantity, text, words in [
        ("volume", "1.001 m3", "finer"),
        ("volume", "10000000 m3", "does not fit"),
        ("volume", "1 kg", "unit"),
        ("volume", "much", "no value"),
        ("energy", "1 kWh", "it has:"),
        ("meter_time", "noon", "no time"),
        ("meter_status", "on", "hexadecimal"),
        ("meter_status", "01", "2 bytes"),
    ]:
        with pytest.raises(SibiaoError, match=words):
            meter.set(quantity, text)


def test_several_meters_and_all_of_them_at_the_wildcard():
    profile, one = meter_of(WATER, address="00000000000001")
    _, two = meter_of(WATER, address="00000000000002", given={"volume": "7 m3"})
    bench = Bench(one, two)
    assert bench.exchange(read_request(profile, two.address))[1][2] == 2
    assert bench.exchange(read_request(profile, one.address))[1][2] == 1
    heard = bench.send(read_request(profile, link.ANY))
    assert heard and not (find_frame(heard) and heard.count(0x68) > 1)
