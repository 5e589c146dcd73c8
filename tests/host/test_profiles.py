"""Every shipped file passes its check, and every profile decodes its published telegrams."""

import re
from decimal import Decimal

import pytest
from converter.link import cjt188
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188
from converter.meters import cjt188_services as services
from converter.model.point import MeteringPoint
from converter.station import rows
from sibiao.config import constants, load, terms
from sibiao.config.check import goldens
from sibiao.config.device import layouts
from sibiao.errors import SibiaoError

from tests.unit.feeding import arrive

METERS = [m for m in load.names("meters") if load.read("meters", m).link == "cjt188"]


@pytest.mark.parametrize("name", load.names("communities"))
def test_shipped_communities_make_constants(name):
    source = constants.config_source(load.load(name))
    values = {}
    exec(source, values)
    assert values["NAME"] == name
    (table, _) = dict(values["SERVICES"])["read"]
    assert table and len(table) % rows.ROW == 0


@pytest.mark.parametrize("name", METERS)
def test_golden_telegrams(name):
    meter = load.read("meters", name)
    assert [g for g in meter.golden if not g.synthetic], "a profile needs a published telegram"
    whole = layouts.layout(meter, name)
    assert len(whole) < 100
    for number, golden in enumerate(meter.golden):
        telegram = bytes.fromhex(golden.telegram)
        # Found by the framer, whatever stands around it, and taken for the answer to what the
        # profile asks.
        (frame,) = arrive(Framer(cjt188.frame_len, 300), telegram, 5)
        request = bytearray(32)
        n = cjt188.read_request(
            request, int(meter.request.type, 16), frame[2:9], layouts.ask(meter), frame[13]
        )
        assert cjt188.accept(request[3:n], frame) == cjt188.SOUND
        tail = telegram[telegram.index(frame) + len(frame) :]
        assert len(tail) == meter.answer.trailing_bytes or number
        # Decoded by the firmware's own code into what the device keeps.
        point = MeteringPoint(bytes(6), bytes(r[0] for r in layouts.layout_rows(meter, name)), 0)
        assert layout188.read_values(whole, frame, point, 0)
        assert golden.values.keys() == {f.quantity for f in meter.fields}
        for quantity, text in golden.values.items():
            slot = point.slot(terms.QUANTITIES[quantity])
            value = point.value(slot)
            if text == goldens.UNKNOWN:
                assert value is None
            elif quantity == "meter_time":
                assert str(value) == re.sub(r"\D", "", text)
            elif quantity == "meter_status":
                assert value.to_bytes(2, "little").hex(" ").upper() == text
            else:
                number, unit = text.split(" ")
                base, exponent = terms.UNITS[unit]
                assert point.unit(slot) == base
                got = Decimal(value).scaleb(point.exponent(slot))
                assert got == Decimal(number).scaleb(exponent), (quantity, got)


@pytest.mark.parametrize("name", METERS)
def test_a_community_can_have_each(configs, name):
    path = configs / "communities" / "sample.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("heat-cjt188-1f90", name), encoding="utf-8")
    values = {}
    exec(constants.config_source(load.load("sample", configs)), values)
    (((*_, baud, parity), *_, ((number, *line, _, _, link, asked),)),) = values["BUSES"]
    assert line == [baud, parity] and link == "cjt188"
    kind, address, di, rows, dialect = asked
    meter = load.read("meters", name)
    assert (baud, parity) == (meter.line.baud, 0 if meter.line.parity == "E" else None)
    assert (kind, di) == (int(meter.request.type, 16), layouts.ask(meter))
    assert len(address) == 7 and rows == layouts.layout(meter, name)
    assert dialect == layouts.builder_flags(meter)
    assert len(values["POINTS"][number - 1][1]) == len(meter.fields)


def test_there_are_enough():
    media = [load.read("meters", name).medium for name in METERS]
    assert len(media) >= 15
    assert set(media) == {"water", "gas", "heat"}
    telegrams = {g.telegram for name in METERS for g in load.read("meters", name).golden}
    assert len(telegrams) >= 20


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[[golden]]", "[[golden]]\nsynthetic = true"), "no published telegram"),
        (('volume = "17047 L"', 'volume = "17048 L"'), "volume decodes to 17.047 m3, but"),
        (('volume = "17047 L"', 'volume = "many L"'), "'many L' is no value such as"),
        (('meter_status = "00 00"', 'meter_status = "00 01"'), "meter_status decodes to"),
        (("A716", "A816"), "no sound CJ/T 188 frame in it"),
        (("FEFEFEFE", "FEFEFEXX"), "not hexadecimal"),
        (('di = "901F"', 'di = "1F90"'), "is no answer to what the profile asks"),
        (('type = "10", body', 'type = "20", body'), "is no answer to what the profile asks"),
        (("body_bytes = 19", "body_bytes = 18"), "has not the bytes"),
        (('format = "XXXXXXXX"', 'format = "XXX"'), "an even number of X"),
        (('quantity = "settlement_volume"', 'quantity = "volume"'), "stands twice"),
        (('quantity = "settlement_volume"', 'quantity = "wine"'), "'wine' is no quantity"),
        (("offset = 10 }", 'offset = 10, format = "XX" }'), "needs a format, unless"),
        (("[dialect]", '[dialect]\nunit_position = "before"'), "before offset 0"),
        (("[dialect]", "[dialect]\ncolour = 1"), "dialect.colour"),
        (("[dialect]", '[status]\n16 = "hot"\n[dialect]'), "'16' is no bit"),
    ],
)
def test_profiles_that_do_not_pass(configs, change, said):
    path = configs / "meters" / "water-cjt188-litres.toml"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SibiaoError) as error:
        goldens.check_goldens(load.read("meters", path.stem, configs), path.stem)
    assert said in str(error.value)


def test_an_address_in_the_order_of_the_meter():
    standard = load.read("meters", "water-cjt188-901f")
    reversed_ = load.read("meters", "heat-cjt188-maituo")
    assert layouts.wire_address(standard, "78330123456789").hex() == "89674523013378"
    assert layouts.wire_address(reversed_, "12345678001111").hex() == "12345678001111"


def test_what_is_asked():
    asked = {n: layouts.ask(load.read("meters", n)).hex() for n in METERS}
    assert asked["water-cjt188-901f"] == "901f"
    assert asked["water-cjt188-1f90"] == "1f90"
    assert asked["heat-cjt188-guangda"] == "c352"
    assert asked["water-cjt188-function-21"] == "901f21"
    flags = layouts.builder_flags(load.read("meters", "heat-cjt188-guangda"))
    assert flags == services.SHIFTED | services.UNIT_FIRST | services.CLOCK_HIGH_FIRST
    assert layouts.builder_flags(load.read("meters", "heat-cjt188-1f90")) == services.MIRRORED


@pytest.mark.parametrize(
    ("kind", "name", "change", "said"),
    [
        ("communities", "sample", ('board = "pico"', 'board = "pica"'), "did you mean 'pico'"),
        ("communities", "sample", ('wired_to = "pulse1"', 'wired_to = "p9"'), "'p9' among its"),
        ("communities", "sample", ("1234.50", "1234.505"), "does not fit the meter's dial"),
        ("communities", "sample", ('"000000000302"', '"000000000301"'), "each needs its own"),
        ("communities", "sample", ("schema = 1", "schema = 2"), "schema"),
        ("communities", "sample", ('"000000000301"', '"301"'), "must be 12 decimal digits"),
        ("communities", "sample", ("[policy]", "[policy]\nspeed = 3"), "policy.speed"),
        (
            "communities",
            "sample",
            ("title =", "title ="[:-1]),
            "sample.toml:3:8: not TOML: expected '='",
        ),
        ("meters", "water-reed-10l", ("numerator = 1", "numerator = 0"), "numerator"),
        (
            "meters",
            "water-reed-10l",
            ("min_idle_ms = 10", "min_idle_ms = 30"),
            "so its pulses would be lost; 20 at most",
        ),
        (
            "meters",
            "water-reed-10l",
            ("flow_m3_per_h = 5", "flow_m3_per_h = 5000"),
            "the flow is 900 at most",
        ),
        (
            "boards",
            "pico",
            ('gpio = 15, source = "pio"', 'gpio = 15, source = "counter"'),
            "a counter; it has one filter for both",
        ),
        (
            "boards",
            "pico",
            ('gpio = 15, source = "pio"', 'gpio = 26, source = "namur"'),
            "and no voltages; add namur",
        ),
        ("communities", "sample", ('"pulse1"', '["pulse1", "pulse2"]'), "has 1 contact (single)"),
        ("uplinks", "virtual-meter", ('unit = "GJ"', 'unit = "therm"'), "'therm' is no unit"),
    ],
)
def test_mistakes_are_told_in_words(configs, kind, name, change, said):
    path = configs / kind / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SibiaoError) as error:
        constants.config_source(load.load("sample", configs))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ('pulse1 = { gpio = 15, source = "pio" }', None),
        ("pulse1 = { gpio = 15 }", "the same kind"),
        (
            'pulse1 = { gpio = 17, source = "pio" }\npulse2 = { gpio = 14, source = "pio" }',
            "neighbouring pins",
        ),
    ],
)
def test_two_contacts_on_what_a_board_has(configs, pins, said):
    board = configs / "boards" / "pico.toml"
    text = board.read_text(encoding="utf-8")
    text = text.replace('pulse1 = { gpio = 15, source = "pio" }', pins)
    if "pulse2" in pins:
        text = text.replace('pulse2 = { gpio = 14, source = "pio" }\n', "", 1)
    board.write_text(text, encoding="utf-8")
    meter = configs / "meters" / "water-reed-10l.toml"
    told = meter.read_text(encoding="utf-8")
    meter.write_text(
        told.replace("dial_digits", 'contacts = "quadrature"\ndial_digits'), encoding="utf-8"
    )
    site = configs / "communities" / "sample.toml"
    told = site.read_text(encoding="utf-8")
    site.write_text(told.replace('"pulse1"', '["pulse1", "pulse2"]'), encoding="utf-8")
    if said is None:
        assert "pair_pio" in constants.config_source(load.load("sample", configs))
        return
    with pytest.raises(SibiaoError) as error:
        constants.config_source(load.load("sample", configs))
    assert said in str(error.value)
