"""What a scan finds among simulated meters, in virtual time."""

import pytest
from sibiao.bus import scan as scanning
from sibiao.bus.draft import draft
from sibiao.bus.scan import Wanted, scan
from sibiao.errors import SibiaoError
from sibiao.explain.auto import explain
from sibiao.sim.bus.mbus import MbusMeter
from sibiao.sim.bus.named import meter_of

from tests.host.mbus_vectors import frame as frame_of
from tests.host.mbus_vectors import libmbus
from tests.host.scan_bench import (
    CJT188,
    CYBLE,
    FALCON,
    MBUS,
    PROFILES,
    Watched,
    at,
    readings,
    scanned,
    told,
)
from tests.host.sim_bus_wire import SimWire


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
