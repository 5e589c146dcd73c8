"""Every shipped file passes its check, and every profile decodes its published telegrams."""

import shutil
from decimal import Decimal

import pytest
from converter.link import cjt188
from converter.meters import cjt188 as layout188
from converter.model.point import MeteringPoint
from sibiao.config import constants, load, terms
from sibiao.errors import SibiaoError

METERS = [m for m in load.names("meters") if load.read("meters", m).link == "cjt188"]


@pytest.mark.parametrize("name", load.names("communities"))
def test_shipped_communities_make_constants(name):
    source = constants.config_source(load.load(name))
    values = {}
    exec(source, values)
    assert values["NAME"] == name
    assert len(values["IDENTIFIERS"]) % 8 == 0


@pytest.mark.parametrize("name", METERS)
def test_golden_telegrams(name):
    meter = load.read("meters", name)
    assert [g for g in meter.golden if not g.synthetic], "a profile needs a published telegram"
    rows = constants.layout_rows(meter, name)
    for golden in meter.golden:
        telegram = bytes.fromhex(golden.telegram)
        start = telegram.index(0x68)
        frame = telegram[start:]
        assert cjt188.frame_len(frame, 0, len(frame)) == len(frame)
        point = MeteringPoint(bytes(6), bytes(r[0] for r in rows), 0)
        assert layout188.read_values(b"".join(rows), frame, point, 0)
        assert golden.values.keys() == {f.quantity for f in meter.fields}
        for quantity, text in golden.values.items():
            number, unit = text.split(" ")
            base, exponent = terms.UNITS[unit]
            slot = point.slot(terms.QUANTITIES[quantity])
            assert point.unit(slot) == base
            got = Decimal(point.value(slot)).scaleb(point.exponent(slot))
            assert got == Decimal(number).scaleb(exponent), (quantity, got)


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
        ("communities", "sample", ("title =", "title ="[:-1]), "not a TOML file"),
        ("meters", "water-reed-10l", ("numerator = 1", "numerator = 0"), "numerator"),
        ("meters", "water-reed-10l", ("min_idle_ms = 10", "min_idle_ms = 30"), "make it shorter"),
        (
            "meters",
            "water-reed-10l",
            ("flow_m3_per_h = 5", "flow_m3_per_h = 5000"),
            "is declared for",
        ),
        ("boards", "pico", ("gpio = 15", 'gpio = 15, source = "counter"'), "a counter: it has"),
        (
            "boards",
            "pico",
            ("gpio = 15", 'gpio = 26, source = "namur"'),
            "and no namur",
        ),
        ("communities", "sample", ('"pulse1"', '["pulse1", "pulse2"]'), "has 1 contact (single)"),
        ("uplinks", "virtual-meter", ('unit = "GJ"', 'unit = "therm"'), "'therm' is no unit"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path, kind, name, change, said):
    base = tmp_path / "configs"
    shutil.copytree(load.directory(), base)
    path = base / kind / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SibiaoError) as error:
        constants.config_source(load.load("sample", base))
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("pins", "said"),
    [
        ("pulse1 = { gpio = 15 }", None),
        ('pulse1 = { gpio = 15, source = "pio" }', "the same kind"),
        (
            'pulse1 = { gpio = 17, source = "pio" }\npulse2 = { gpio = 14, source = "pio" }',
            "neighbouring pins",
        ),
    ],
)
def test_two_contacts_on_what_a_board_has(tmp_path, pins, said):
    base = tmp_path / "configs"
    shutil.copytree(load.directory(), base)
    board = base / "boards" / "pico.toml"
    text = board.read_text(encoding="utf-8")
    text = text.replace("pulse1 = { gpio = 15 }", pins)
    if "pulse2" in pins:
        text = text.replace("pulse2 = { gpio = 14 }\n", "", 1)
    board.write_text(text, encoding="utf-8")
    meter = base / "meters" / "water-reed-10l.toml"
    told = meter.read_text(encoding="utf-8")
    meter.write_text(
        told.replace("dial_digits", 'contacts = "quadrature"\ndial_digits'), encoding="utf-8"
    )
    site = base / "communities" / "sample.toml"
    told = site.read_text(encoding="utf-8")
    site.write_text(told.replace('"pulse1"', '["pulse1", "pulse2"]'), encoding="utf-8")
    if said is None:
        assert "pair_irq" in constants.config_source(load.load("sample", base))
        return
    with pytest.raises(SibiaoError) as error:
        constants.config_source(load.load("sample", base))
    assert said in str(error.value)
