"""What a scan finds among simulated meters, in virtual time."""

import pytest
from sibiao.bus import scan as scanning
from sibiao.bus.draft import draft
from sibiao.bus.scan import Wanted, scan
from sibiao.config import load
from sibiao.errors import SibiaoError
from sibiao.explain.auto import explain
from sibiao.sim.bus_cjt188 import CjtMeter
from sibiao.sim.bus_mbus import MbusMeter
from sibiao.sim.bus_named import meter_of

from tests.host.mbus_vectors import frame as frame_of
from tests.host.mbus_vectors import libmbus
from tests.host.sim_bus_wire import SimWire

CYBLE, FALCON = "water-mbus-itron-cyble", "water-mbus-elster-falcon"
PROFILES = {name: load.read("meters", name) for name in load.names("meters")}
CJT188 = [name for name, meter in PROFILES.items() if meter.link == "cjt188"]
MBUS = [name for name, meter in PROFILES.items() if meter.link == "mbus"]


class Watched:
    """Progress, and whether it keeps what it promises."""

    def __init__(self):
        self.total_ms = 0
        self.at_ms = []

    def planned(self, total_ms):
        self.total_ms = total_ms

    def begins(self, what, at_ms):
        self.at_ms.append(at_ms)

    def spent(self, ms):
        assert ms > 0


def scanned(wire, **wanted):
    return scan(wire, Wanted(**wanted), Watched())


def at(name):
    line = PROFILES[name].line
    return {"bauds": (line.baud,), "parities": (line.parity,)}


def readings(fit):
    return {reading.quantity: reading.text for reading in fit.readings}


def told(meter):
    return readings(meter.best)


def test_three_that_collide_and_one_at_its_primary_address():
    """The three share a primary address, and numbers that begin alike; the fourth's telegrams
    have no header, so that no selection finds it."""
    wire = SimWire(
        f"{CYBLE}@0/11111111",
        f"{CYBLE}@0/11112222,volume=4.5 m3",
        f"{FALCON}@0/71112222",
        "heat-mbus-tiangang@5",
    )
    progress = Watched()
    report = scan(wire, Wanted(), progress)
    assert report.complete
    found = {(m.secondary_text, m.primary): m for m in report.meters}
    assert found.keys() == {
        ("1111111177041407", 0),
        ("1111222277041407", 0),
        ("7111222293150A07", 0),
        (None, 5),
    }
    assert [m.best.profile for m in report.meters] == [
        CYBLE, CYBLE, FALCON, "heat-mbus-tiangang",
    ]  # fmt: skip
    assert told(found["1111222277041407", 0])["volume"] == "4.5 m3"
    assert told(found["7111222293150A07", 0])["volume"] == "1234.567 m3"
    assert told(found["7111222293150A07", 0])["meter_time"] == "2007-02-06T13:58:00"
    assert [note.text for note in report.notes if "primary address 0" in note.text]
    assert progress.at_ms == sorted(progress.at_ms)
    assert progress.at_ms[-1] == pytest.approx(progress.total_ms)
    text = draft(report, "pico", "virtual-meter", "bus")
    assert text.count("secondary_address") == 3 and 'meter_address = "5"' in text


# The plain gas profile is proven by a water meter's telegram, which is no gas meter to a scan.
@pytest.mark.parametrize("name", [name for name in CJT188 if name != "gas-cjt188-901f"])
@pytest.mark.parametrize("form", ["data", "header"])
def test_each_cjt188_profile_alone(name, form):
    report = scanned(SimWire(f"{name},address-in={form}"), links=("cjt188",), **at(name))
    (meter,) = report.meters
    own = next(fit for fit in meter.fits if fit.profile == name)
    golden = PROFILES[name].golden[0].values
    assert not report.notes and readings(own).keys() == golden.keys() - {"meter_status"}
    assert readings(own).get("meter_time", "unknown") == golden.get("meter_time", "unknown")
    # Whichever is thought to be best reads at least as much, and knows every unit.
    assert len(meter.best.readings) >= len(own.readings)
    assert meter.best.score >= own.score


def test_a_makers_code_tells_its_dialect_from_the_standard():
    """The same answer in the standard's layout would be a hundredth of it."""
    (meter,) = scanned(SimWire("heat-cjt188-maituo"), links=("cjt188",), bauds=(2400,)).meters
    assert meter.best.profile == "heat-cjt188-maituo"
    assert meter.address == "12345678001111"  # the high byte first
    assert told(meter)["energy"] == "123000 Wh"
    assert "heat-cjt188-901f" in [fit.profile for fit in meter.fits]


@pytest.mark.parametrize("name", MBUS)
def test_each_mbus_profile_alone(name):
    report = scanned(SimWire(f"{name}@9"), links=("mbus",), **at(name))
    (meter,) = report.meters
    assert not report.notes and meter.primary == 9
    fitting = [fit.profile for fit in meter.fits]
    assert name in fitting
    # Of one maker's profiles the one that reads more.
    best = PROFILES[meter.best.profile]
    assert best.medium == PROFILES[name].medium
    assert len(best.fields) >= len(PROFILES[name].fields) or name in ("heat-mbus", "water-mbus")


def test_one_that_is_alone_spares_the_primary_addresses():
    wire = SimWire(f"{FALCON}@7")
    (meter,) = scanned(wire, links=("mbus",), bauds=(2400,), parities=("E",)).meters
    assert meter.primary == 7 and meter.by_primary and meter.by_secondary
    assert len(wire.asked) < 14


def test_line_settings_are_walked_and_drafted():
    report = scanned(
        SimWire(
            "heat-cjt188-guangda@00000000000077",
            "water-cjt188-901f@00000000000001,baud=9600",
            f"{FALCON}@7,baud=300",
            f"{CYBLE}@8",
        )
    )
    lines = {(m.best.profile, m.baud, m.parity) for m in report.meters}
    assert lines == {
        ("heat-cjt188-guangda", 1200, "N"),
        ("water-cjt188-901f", 9600, "E"),
        (FALCON, 300, "E"),
        (CYBLE, 2400, "E"),
    }
    text = draft(report, "pico", "virtual-meter", "bus")
    # Only where the profile has another.
    assert text.count("line = ") == 2
    assert 'line = { baud = 300, parity = "E" }' in text
    assert 'line = { baud = 9600, parity = "E" }' in text


@pytest.mark.parametrize("fault", ["echo", "noise=0.0005", "duplicated=20", "echo,fault=noise"])
@pytest.mark.parametrize(
    "typed", ["water-cjt188-1f90@00000000000012", "heat-mbus-kamstrup-601@3/12345678"]
)
def test_through_faults(typed, fault):
    wire = SimWire(f"{typed},fault={fault}")
    meters = scanned(wire, bauds=(2400,), parities=("E",)).meters
    assert len(meters) == 1 and meters[0].best.profile == typed.partition("@")[0]


def test_one_that_missed_its_selection_is_found_all_the_same():
    """Three whose numbers begin alike; in a tenth of their answers a bit is turned over."""
    typed = [f"{CYBLE}@0/{n}" for n in ("38980001", "38980002", "38989516")]
    for seed in range(5):
        meters = [meter_of(text, ("noise=0.0005",), seed, k) for k, text in enumerate(typed)]
        report = scanned(
            SimWire(*meters), links=("mbus",), bauds=(2400,), parities=("E",), primaries=[]
        )
        found = {m.secondary_text[:8] for m in report.meters}
        assert found == {"38980001", "38980002", "38989516"}, seed


def test_nothing_there():
    report = scanned(SimWire("water-cjt188-901f,fault=silent"))
    assert report.complete and not report.meters and not report.notes
    assert report.asked[0] == ("cjt188", 2400, "E") and len(report.asked) == 13
    with pytest.raises(SibiaoError, match="no draft"):
        draft(report, "pico", "virtual-meter", "bus")


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


def test_no_profile_fits_an_electricity_meter():
    (path,) = (p for p in libmbus("test-frames") if p.stem == "electricity-meter-1")
    typed = [MbusMeter([frame_of(path)], "electricity", primary=4), meter_of(f"{FALCON}@7")]
    report = scanned(SimWire(*typed), links=("mbus",), bauds=(2400,), parities=("E",))
    fitting = {m.primary: m.best and m.best.profile for m in report.meters}
    assert fitting == {4: None, 7: FALCON}
    text = draft(report, "pico", "virtual-meter", "bus")
    (comment,) = (row for row in text.splitlines() if "no profile fits" in row)
    assert explain(bytes.fromhex(comment.split()[-1]), "mbus").valid


def test_a_reading_of_two_telegrams_is_read_whole():
    (meter,) = scanned(SimWire("heat-mbus-kamstrup-601@3,pages=2"), links=("mbus",)).meters
    assert len(meter.telegrams) == 2 and meter.best.profile == "heat-mbus-kamstrup-601"


class Breaking(SimWire):
    def __init__(self, error, after, *meters):
        super().__init__(*meters)
        self._error, self._after = error, after

    def exchange(self, *asked):
        if len(self.asked) == self._after:
            raise self._error
        return super().exchange(*asked)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SibiaoError("the port is gone")])
def test_what_was_found_survives_the_end(error):
    wire = Breaking(error, 40, "water-cjt188-901f@00000000000001")
    report = scanned(wire)
    assert not report.complete and [m.address for m in report.meters] == ["00000000000001"]
    assert "found until then" in report.notes[-1].text


def test_a_port_that_is_gone_at_once_is_an_error():
    with pytest.raises(SibiaoError, match="gone"):
        scanned(Breaking(SibiaoError("the port is gone"), 3, "water-cjt188-901f"))


def test_a_line_that_babbles_ends_the_search():
    class Babble(SimWire):
        def exchange(self, *asked):
            self.asked.append(asked)
            return b"\x55\x00\xff"

    wire = Babble(FALCON)
    report = scanned(wire, links=("mbus",), bauds=(2400,), parities=("E",), primaries=[1])
    assert any("at every step" in note.text for note in report.notes)
    assert len(wire.asked) < 200


def test_lines_of_every_profile_are_walked():
    for link, names in (("cjt188", CJT188), ("mbus", MBUS)):
        walked = scanning.lines_of(link)
        assert walked[0] == (2400, "E") and len(set(walked)) == len(walked)
        assert {(PROFILES[n].line.baud, PROFILES[n].line.parity) for n in names} <= set(walked)
