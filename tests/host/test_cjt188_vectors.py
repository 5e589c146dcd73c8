"""Every published CJ/T 188 telegram: the sound ones say what their sources printed, the others are
refused, however they arrive."""

from decimal import Decimal

import pytest
from converter.link import cjt188 as link
from converter.link.framer import Framer
from sibiao.explain import cjt188

from tests.host.published import published
from tests.unit.feeding import arrive, flipped

# Whose telegram it is; those not named are read by the standard's layouts.
PROFILES = {
    "plou-read-rsp": "heat-cjt188-tiangang",
    "plou-conc-rsp": "heat-cjt188-tiangang",
    "mbus188-rsp": "heat-cjt188-absent-99",
    "delu-us-rsp": "heat-cjt188-delu-ultrasonic",
    "delu-mech-rsp": "heat-cjt188-delu-mechanical",
    "metercom-rsp": "heat-cjt188-maituo",
    "metercom-req": "heat-cjt188-maituo",
    "gdwy-rsp": "heat-cjt188-guangda",
    "lcr-rsp": "heat-cjt188-lichuang",
    "csharp-heat-lichuang": "heat-cjt188-lichuang",
    "llg-heat-rsp": "heat-cjt188-unit-first",
    "ruina-rsp": "heat-cjt188-ruina",
    "huizhong-rsp": "heat-cjt188-huizhong",
    "rsd-rsp": "heat-cjt188-rsd",
    "eb-rsp": "heat-cjt188-edgebus",
    "cj94-rsp": "water-cjt188-901f",
    "misc-15": "water-cjt188-901f",
    "misc-22": "water-cjt188-901f",
    "misc-26": "water-cjt188-901f",
    "qt-rsp": "water-cjt188-1f90",
    "misc-18": "water-cjt188-lora-rssi",
    "misc-24": "water-cjt188-litres",
    "misc-28": "water-cjt188-function-21",
}
# A field that its source printed otherwise than its own bytes read.
MISPRINTED = {("delu-us-rsp", "supply_C_published"): "07 22 00 printed as 22.7"}
# Where `derived_by_layout` assumes a layout that is not the meter's.
OTHER_LAYOUT = {"metercom-rsp", "misc-24", "mbus188-rsp", "delu-mech-rsp"}

_FIRST = ("cooling_energy", "energy/1")
# Name in the corpus -> quantity (with /storage), unit, what to multiply with.
VALUES = {
    "cooling_energy_kWh": (("cooling_energy",), "Wh", 1000),
    "cooling_kWh": (("cooling_energy",), "Wh", 1000),
    "heat_energy_kWh": (("energy",), "Wh", 1000),
    "heat_kWh": (("energy",), "Wh", 1000),
    "heat_Wh": (("energy",), "Wh", 1),
    "settle_heat": (("energy/1",), "Wh", 1),
    "power_kW": (("power",), "W", 1000),
    "power_W": (("power",), "W", 1),
    "power": (("power",), "W", 1),
    "flow_m3h": (("flow",), "m3/h", 1),
    "flow_Lh": (("flow",), "m3/h", Decimal("0.001")),
    "flow": (("flow",), "m3/h", 1),
    "volume_m3": (("volume",), "m3", 1),
    "volume_L": (("volume",), "m3", Decimal("0.001")),
    "total_m3": (("volume",), "m3", 1),
    "settle_m3": (("volume/1",), "m3", 1),
    "integer_m3": (("volume",), "m3", 1),
    "supply_C": (("supply_temperature",), "°C", 1),
    "return_C": (("return_temperature",), "°C", 1),
    "hours": (("operating_hours",), "h", 1),
    "settle_day": (("settlement_day",), "", 1),
    "start_day": (("price_start_day",), "", 1),
    # In `derived_by_layout`, with their units beside them.
    "f1_settle_or_cooling": (_FIRST, None, 1),
    "heat": (("energy",), None, 1),
    "volume": (("volume",), None, 1),
    "total": (("volume",), None, 1),
    "settle": (("volume/1",), None, 1),
}
UNITS = {
    "Wh": ("Wh", 1), "kWh": ("Wh", 1000), "MWh": ("Wh", 10**6), "W": ("W", 1), "kW": ("W", 1000),
    "L": ("m3", Decimal("0.001")), "m3": ("m3", 1), "m3/h": ("m3/h", 1),
    "L/h": ("m3/h", Decimal("0.001")),
}  # fmt: skip
_PRICES = {"price1": 0, "amount1": 1, "price2": 2, "amount2": 3, "price3": 4}


def explained(vector):
    return cjt188.explain(bytes.fromhex(vector["hex"]), PROFILES.get(vector["id"]))


def value_of(found, names):
    for record in found.records:
        if f"{record.quantity}/{record.storage}".removesuffix("/0") in names:
            return record
    return None


def check(vector, found, name, said):
    """One printed statement about a telegram; False when it is about none of its bytes."""
    frame = found.frame
    if (vector["id"], name) in MISPRINTED:
        return True
    if name in VALUES:
        names, unit, times = VALUES[name]
        if isinstance(said, list):
            said, text = said
            unit, times = UNITS.get(text, ("", 1))
        record = value_of(found, names)
        assert record is not None, (name, found.records)
        if said is None:
            assert record.value is None, (name, record)
        else:
            assert Decimal(record.value) == Decimal(str(said)) * times, (name, record)
            # A zero may come without its unit.
            assert record.unit == unit or unit == "" or said == 0, (name, record)
        return True
    if name == "time":
        record = value_of(found, ("meter_time", "standard_time"))
        wanted = said.replace(" ", "T")
        assert record.value == (None if wanted.startswith("0000") else wanted)
        return True
    if name in ("meter_no", "meter_id", "addr"):
        # Some sources print it as on the wire, most the other way round.
        wire = bytes.fromhex(frame["address"])[::-1].hex()
        assert said in frame["address"] or said.lower() == wire
        return True
    if name in ("ST", "st"):
        digits = said.replace(" ", "").partition(":")[0][:4].upper()
        status = next(s for s in found.spans if s.meaning in ("meter status", "status"))
        shift = 0x33 if vector["id"] == "gdwy-rsp" else 0
        raw = bytes((b - shift) & 0xFF for b in bytes.fromhex(status.raw))
        assert raw.hex().upper() == digits
        for fault in ("battery low", "flow sensor fault", "no water"):
            assert (fault in said) == (fault in frame["status"]) or digits == said.upper()
        return True
    if name in _PRICES:
        priced = [r for r in found.records if r.quantity.startswith("price")]
        assert priced[_PRICES[name]].raw == said
        return True
    headers = {"T": "type", "C": "control", "DI": "di", "SER": "ser"}
    if name in headers:
        wanted = said.split(" ")[0] if " (" in said or len(said) > 5 else said.replace(" ", "")
        # One source prints DI0 first although its meter sends DI1 first.
        assert frame[headers[name]] in (wanted, wanted[2:] + wanted[:2])
        return True
    if name == "A5A6":
        assert frame["address"].startswith(bytes.fromhex(said)[::-1].hex().upper())
        return True
    if name == "L":
        length = next(s for s in found.spans if s.meaning == "length of the data")
        assert length.value == str(said)
        return True
    if name == "address_note":
        assert "205544332211" in said and frame["address"] == "00205544332211"
        return True
    if name == "decoded_minus33":
        frame_bytes = bytes.fromhex(vector["hex"])[11:-2]
        assert bytes((b - 0x33) & 0xFF for b in frame_bytes).hex() == said.replace(" ", "").lower()
        return True
    return False


def test_what_the_sources_printed():
    compared = 0
    for vector in published("cjt188.json"):
        if vector["checksum_ok"]:
            found = explained(vector)
            assert found.valid and found.error is None, vector["id"]
            for name, said in vector["expected"].items():
                assert check(vector, found, name, said), (vector["id"], name, said)
                compared += 1
    assert compared > 100


def test_what_the_layout_gives():
    compared = 0
    for vector in published("cjt188.json"):
        if vector["checksum_ok"] and vector["id"] not in OTHER_LAYOUT:
            found = explained(vector)
            for name, said in vector.get("derived_by_layout", {}).items():
                assert check(vector, found, name, said), (vector["id"], name, said)
                compared += 1
    assert compared > 100


def test_dialects_that_the_layout_misses():
    by_id = {v["id"]: explained(v) for v in published("cjt188.json")}
    litres = by_id["misc-24"]
    assert value_of(litres, ("volume",)).value == "17.047"
    assert value_of(litres, ("meter_time",)).value == "2020-05-28T20:58:24"
    lora = by_id["misc-28"]
    assert value_of(lora, ("meter_time",)).value == "2019-12-17T18:20:56"
    assert value_of(by_id["metercom-rsp"], ("energy",)).value == "123000"
    assert by_id["metercom-rsp"].frame["address"] == "12345678001111"
    assert by_id["huizhong-rsp"].frame["address"] == "20691530F1FFFF"
    assert by_id["misc-32"].records[0].value == "close"


def test_wrong_checksums_are_refused():
    refused = 0
    for vector in published("cjt188.json"):
        if not vector["checksum_ok"]:
            found = cjt188.explain(bytes.fromhex(vector["hex"]))
            assert not found.valid and "checksum" in found.error, vector["id"]
            assert not found.records
            assert arrive(framer(), bytes.fromhex(vector["hex"]), 7) == []
            refused += 1
    assert refused > 20


def framer():
    return Framer(link.frame_len, 3 * link.MAX_FRAME)


def sound():
    for vector in published("cjt188.json"):
        if vector["checksum_ok"]:
            data = bytes.fromhex(vector["hex"])
            yield data, data[vector["fe_count"] :][: 13 + data[vector["fe_count"] + 10]]


def test_however_they_arrive():
    noise = bytes.fromhex("00000000 68FF16 7F")
    for data, frame in sound():
        for chunk in (1, 5, len(data)):
            assert arrive(framer(), data, chunk, False)[:1] == [frame]
        assert arrive(framer(), noise + data, 4) == [frame]
        assert arrive(framer(), data + b"\x52\x4f", 4, False)[:1] == [frame]
        for n in range(len(frame)):
            assert arrive(framer(), frame[:n], 16) == []


def test_each_bit_flipped():
    for _, frame in sound():
        for spoilt in flipped(frame):
            assert arrive(framer(), spoilt, 64) == []
            assert not cjt188.explain(spoilt).valid


@pytest.mark.parametrize("profile", sorted(set(PROFILES.values())))
def test_every_byte_is_in_one_span(profile):
    for vector in published("cjt188.json"):
        for chosen in (None, profile):
            found = cjt188.explain(bytes.fromhex(vector["hex"]), chosen)
            at = 0
            for span in found.spans:
                assert span.offset == at
                at += len(span.raw) // 2
            assert "".join(s.raw for s in found.spans) == vector["hex"].upper()
            for record in found.records:
                raw = bytes.fromhex(vector["hex"])[record.offset :][: len(record.raw) // 2]
                assert record.raw == raw.hex().upper()
