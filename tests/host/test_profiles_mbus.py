"""Profiles of M-Bus meters: proved by their telegrams, told to the device, wrong ones refused."""

from decimal import Decimal

import pytest
from converter.link import mbus as link
from converter.link.framer import Framer
from converter.meters import mbus
from converter.model import quantity as model
from converter.model.point import MeteringPoint
from sibiao.config import load, terms
from sibiao.config.check import goldens
from sibiao.config.device import layouts_mbus
from sibiao.errors import SibiaoError
from sibiao.explain import auto

from tests.host.changed_configs import compiled, edit, with_meter
from tests.unit.feeding import arrive

METERS = [m for m in load.names("meters") if load.read("meters", m).link == "mbus"]


@pytest.mark.parametrize("name", METERS)
def test_golden_telegrams(name):
    meter = load.read("meters", name)
    goldens.check_goldens(meter, name)
    rows = layouts_mbus.layout_rows(meter, name)
    assert {len(row) for row in rows} == {mbus.ROW}
    for golden in meter.golden:
        # Found by the framer amid noise, and taken for an answer to REQ_UD2.
        data = b"\x00\x68\x10" + bytes.fromhex(golden.telegram) + b"\x68\x05"
        (frame,) = arrive(Framer(link.Ear().frame_len, 300), data, 7)
        request = bytearray(5)
        link.short(request, link.REQ_UD2 | link.FCB, frame[link.ADDRESS])
        assert link.accept(request, frame) == link.SOUND
        point = MeteringPoint(bytes(6), bytes(row[0] for row in rows), 0)
        answer = mbus.Answer(b"".join(rows), layouts_mbus.quirks(meter))
        answer.take(memoryview(bytes(frame)))
        assert answer.publish(point, 0)
        for quantity, text in golden.values.items():
            value = point.value(point.slot(terms.QUANTITIES[quantity]))
            if text == "unknown" or quantity.startswith("meter_"):
                assert (value is None) == (text == "unknown")
                continue
            number, unit = text.split(" ")
            base, exponent = terms.UNITS[unit]
            slot = point.slot(terms.QUANTITIES[quantity])
            assert point.unit(slot) == base
            assert Decimal(value).scaleb(point.exponent(slot)) == Decimal(number).scaleb(exponent)


def test_there_are_enough():
    media = {load.read("meters", name).medium for name in METERS}
    assert media == {"water", "gas", "heat"}
    assert len([name for name in METERS if name.count("-") > 1]) >= 4
    assert all(g.source for name in METERS for g in load.read("meters", name).golden)


@pytest.mark.parametrize("name", METERS)
def test_a_community_can_have_each(configs, name):
    with_meter(configs, name)
    values = compiled(configs)
    ((port, switches, *_, ((number, baud, _, index, _, kind, asked),)),) = values["BUSES"]
    meter = load.read("meters", name)
    assert (port[3], baud, switches, kind) == (2400, 2400, (None, None, 0), "mbus")
    assert asked[:2] == (17, None) and asked[4] == meter.telegrams
    assert asked[2] == b"".join(layouts_mbus.layout_rows(meter, name))
    assert index == (terms.QUANTITIES["energy" if meter.medium == "heat" else "volume"], 0, 0)
    held = values["POINTS"][number - 1][1]
    assert held[-1] == model.HEADER_STATUS and len(held) == len(meter.fields) + 1


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("70112345", "45231170ffffffff"),
        ("7011FFFF", "ffff1170ffffffff"),
        ("7011234593150A07", "4523117093150a07"),
    ],
)
def test_a_secondary_address(configs, address, wire):
    with_meter(configs, "water-mbus", f'secondary_address = "{address}"')
    ((*_, ((*_, asked),)),) = compiled(configs)["BUSES"]
    assert (asked[0], asked[1].hex()) == (link.SELECTED, wire)


def test_limits_switches_and_schedule(configs):
    with_meter(configs, "heat-mbus")
    edit(
        configs,
        "meters",
        "heat-mbus",
        ("line = {", "settle_ms = 1500\nmax_power_kw = 12.5\nline = {"),
    )
    edit(configs, "boards", "pico", ("rx = 5", "rx = 5\ndirection = 6\nsupply = 7"))
    edit(
        configs,
        "communities",
        "sample",
        ("poll_every_s = 2", "poll_every_s = 2\npoll_jitter_s = 9"),
    )
    values = compiled(configs)
    ((_, switches, tries, schedule, _, ((_, _, _, index, *_),)),) = values["BUSES"]
    assert (switches, tries, schedule) == ((6, 7, 1500), 3, (2, 9, 2))
    assert index == (terms.QUANTITIES["energy"], 125, 2)
    assert values["POINTS"][1][2] == 3 * (2 + 9)


def test_meters_with_the_same_settings_are_asked_together(configs):
    with_meter(configs, "heat-mbus")
    edit(configs, "meters", "gas-mbus", ("2400", "9600"))
    path = configs / "communities" / "sample.toml"
    with path.open("a", encoding="utf-8") as file:
        for k, meter in enumerate(("gas-mbus", "water-mbus")):
            file.write(
                f'[[points]]\nname = "more-{k}"\naddress = "00000000090{k}"\nmeter = "{meter}"\n'
                f'wired_to = "bus"\nmeter_address = "{k}"\n'
            )
    ((port, *_, meters),) = compiled(configs)["BUSES"]
    assert [m[1] for m in meters] == [2400, 2400, 9600]
    assert port[3:] == meters[0][1:3]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[[golden]]", "[[golden]]\nsynthetic = true"), "no published telegram"),
        (('"1234.567 m3"', '"1234.568 m3"'), "volume decodes to 1234.567 m3, but"),
        (('"2007-02-06T13:58"', '"2007-02-06T13:59"'), "meter_time decodes to"),
        (("C016", "C116"), "no sound M-Bus frame at byte 0"),
        (("684A4A68", "684A4A6X"), "not hexadecimal"),
        (('unit = "m3/h"', 'unit = "m3/h", storage = 7'), "a record of the profile's fields"),
        (('unit = "m3"', 'unit = "J"'), "a record of the profile's fields"),
        (('unit = "m3"', 'unit = "m4"'), "unit"),
        (('quantity = "flow"', 'quantity = "volume"'), "stands twice"),
        (('quantity = "flow"', 'quantity = "pulses"'), "needs the kind of its record"),
        (('quantity = "flow"', 'quantity = "flow", kind = "smell"'), "is no kind of record"),
        (("line =", "colour = 1\nline ="), "colour"),
        (("baud = 2400", "baud = 2401"), "baud"),
    ],
)
def test_profiles_that_do_not_pass(configs, change, said):
    edit(configs, "meters", "water-mbus-elster-falcon", change)
    name = "water-mbus-elster-falcon"
    with pytest.raises(SibiaoError) as error:
        goldens.check_goldens(load.read("meters", name, configs), name)
    assert said in str(error.value)


def test_a_telegram_with_more_to_come_needs_the_others(configs):
    name = "heat-mbus-sontex-531"
    edit(configs, "meters", name, ("telegrams = 1\n", ""))
    with pytest.raises(SibiaoError) as error:
        goldens.check_goldens(load.read("meters", name, configs), name)
    assert "telegrams = 1" in str(error.value)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "either its meter_address"),
        ('meter_address = "1"\nsecondary_address = "70112345"', "either its meter_address"),
        ('meter_address = "251"', "no primary address"),
        ('meter_address = "11110017312151"', "no primary address"),
        ('meter_address = "x"', "must be 14 digits"),
        ('secondary_address = "7011234"', "8 digits"),
        ('secondary_address = "A0112345"', "8 digits"),
    ],
)
def test_addresses_that_are_none(configs, address, said):
    with_meter(configs, "water-mbus", address)
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("kind", "name", "change", "said"),
    [
        ("communities", "sample", ('"11110017312151"', '"17"'), "needs its meter_address (14"),
        (
            "communities",
            "sample",
            ('wired_to = "bus"', 'wired_to = "uplink"'),
            "wired to 'uplink'",
        ),
        ("communities", "sample", ('wired_to = "bus"', 'wired_to = "bass"'), "'bass' among its"),
        ("boards", "pico", ("rx = 1", "rx = 1\nsupply = 7"), "the uplink has none"),
        (
            "boards",
            "pico",
            ("rx = 5", "rx = 5\ndirection = 14"),
            "GPIO 14 is both pulse_inputs.pulse2.gpio and uarts.bus.direction",
        ),
        (
            "boards",
            "pico",
            ("rx = 5", "rx = 5\nsupply = 25"),
            "and led; a pin has one use",
        ),
    ],
)
def test_lines_that_cannot_be(configs, kind, name, change, said):
    edit(configs, kind, name, change)
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert said in str(error.value)


def test_two_meters_at_one_address(configs):
    with_meter(configs, "water-mbus")
    path = configs / "communities" / "sample.toml"
    with path.open("a", encoding="utf-8") as file:
        file.write(
            '[[points]]\nname = "other"\naddress = "000000000900"\nmeter = "gas-mbus"\n'
            'wired_to = "bus"\nmeter_address = "17"\n'
        )
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert "each needs its own" in str(error.value)


def test_a_telegram_is_explained_by_its_profile(configs, monkeypatch):
    name = "heat-mbus-tiangang"
    monkeypatch.setenv("SIBIAO_CONFIGS", str(configs))
    data = bytes.fromhex(load.read("meters", name).golden[0].telegram)
    told = auto.explain(data, profile=name)
    assert told.valid and [r.value for r in told.records[1:]] == [
        "11",
        "0.00038",
        "20.01",
        "20.15",
    ]
    # With the quirk that it does not have, 0C 03 takes two bytes more.
    edit(configs, "meters", name, ("line = {", 'quirks = ["wide 0C"]\nline = {'))
    assert auto.explain(data, profile=name).records != told.records
    with pytest.raises(SibiaoError) as error:
        auto.explain(data, "mbus", "heat-cjt188-901f")
    assert "of no M-Bus meter" in str(error.value)
