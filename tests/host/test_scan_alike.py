"""Meters that are hard to tell apart, found by `sibiao scan`."""

from sibiao.bus.draft import draft
from sibiao.explain.auto import explain
from sibiao.sim.bus.cjt188 import CjtMeter
from sibiao.sim.bus.mbus import MbusMeter

from tests.host.scan_bench import CYBLE, FALCON, PROFILES, scanned, told
from tests.host.sim_bus_wire import SimWire


def test_several_cjt188_meters_of_one_kind_are_asked_for_by_number():
    typed = ["water-cjt188-901f@00000000000431", "water-cjt188-901f@00000000000872,volume=7 m3"]
    first = scanned(SimWire(*typed), links=("cjt188",))
    assert not first.meters
    (note,) = first.notes
    assert "--address NUMBER" in note.text and "--baud 2400 --parity E" in note.text
    second = scanned(
        SimWire(*typed),
        links=("cjt188",),
        bauds=(2400,),
        parities=("E",),
        addresses=["00000000000431", "00000000000872", "00000000000003"],
    )
    assert [m.address for m in second.meters] == ["00000000000431", "00000000000872"]
    assert told(second.meters[1])["volume"] == "7 m3"
    assert any("00000000000003" in note.text for note in second.notes)
    assert draft(second, "pico", "virtual-meter", "bus").count("[[points]]") == 2


def test_cjt188_meters_of_different_kinds_part_by_their_types():
    wire = SimWire("water-cjt188-901f@00000000000001", "heat-cjt188-tiangang")
    found = scanned(wire, links=("cjt188",), bauds=(2400,), parities=("E",)).meters
    assert {m.address for m in found} == {"00000000000001", "11110059493675"}


def test_one_number_of_two_media_is_two_meters():
    typed = ["water-cjt188-901f@00000000000812", "heat-cjt188-901f@00000000000812"]
    wanted = {"links": ("cjt188",), "bauds": (2400,), "parities": ("E",)}
    for addresses in ([], ["00000000000812"]):
        report = scanned(SimWire(*typed), **wanted, addresses=addresses)
        assert {m.kind for m in report.meters} == {0x10, 0x20}
        assert [note.text for note in report.notes if "besides" in note.text]
        assert draft(report, "pico", "virtual-meter", "bus").count('"00000000000812"') == 2


def test_a_type_that_no_profile_asks_for_is_read_for_a_person():
    """Hot water, type 11, in the standard's layout, which answers to its very type only."""
    profile = PROFILES["water-cjt188-901f"]
    telegram = bytearray.fromhex(profile.golden[0].telegram)
    at = telegram.index(0x68)
    telegram[at + 1] += 1
    telegram[at + 11 + telegram[at + 10]] += 1
    golden = profile.golden[0].model_copy(update={"telegram": telegram.hex()})
    request = profile.request.model_copy(update={"type": "11"})
    hot = profile.model_copy(update={"golden": [golden], "request": request})
    (meter,) = scanned(SimWire(CjtMeter(hot)), links=("cjt188",), bauds=(2400,)).meters
    assert meter.kind == 0x11 and not meter.fits
    assert explain(meter.telegrams[0], "cjt188").records[0].value == "2"


def twins(primaries, fabrications=("00000011", "00000022")):
    return [
        f"{FALCON}@{primary}/12345678,fabrication={number},volume={k + 1} m3"
        for k, (primary, number) in enumerate(zip(primaries, fabrications, strict=True))
    ]


def test_twins_by_the_fabrication_numbers_that_a_person_gives():
    wanted = {"links": ("mbus",), "bauds": (2400,), "parities": ("E",)}
    report = scanned(SimWire(*twins((0, 0))), **wanted)
    assert not report.meters
    assert any("--fabrication" in note.text for note in report.notes)
    report = scanned(SimWire(*twins((0, 0))), **wanted, fabrications=["00000022", "00000033"])
    (meter,) = report.meters
    assert meter.fabrication == "00000022" and told(meter)["volume"] == "2 m3"
    both = scanned(SimWire(*twins((0, 0))), **wanted, fabrications=["00000022", "00000011"])
    assert sorted(told(m)["volume"] for m in both.meters) == ["1 m3", "2 m3"]
    text = draft(both, "pico", "virtual-meter", "bus")
    assert text.count('secondary_address = "1234567893150A07"') == 2
    assert 'fabrication = "00000011"' in text and 'fabrication = "00000022"' in text


def test_twins_by_the_fabrication_numbers_that_telegrams_tell():
    """The Cyble's telegram has its number: read at the primary address, it selects as well."""
    meters = [
        MbusMeter(
            [bytes.fromhex(PROFILES[CYBLE].golden[0].telegram)],
            f"twin {k}",
            primary=k,
            identification="12345678",
            given={"0C78": f"{k:08d}"},
        )
        for k in (3, 4)
    ]
    report = scanned(SimWire(*meters), links=("mbus",), bauds=(2400,), parities=("E",))
    assert {(m.primary, m.fabrication) for m in report.meters} == {
        (3, "00000003"),
        (4, "00000004"),
    }
    text = draft(report, "pico", "virtual-meter", "bus")
    assert 'meter_address = "3"' in text and 'meter_address = "4"' in text
