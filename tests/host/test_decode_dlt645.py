"""Every published DL/T 645 telegram: the sound ones say what their sources printed."""

import re
from decimal import Decimal

from converter.link import dlt645 as link
from converter.link.framer import Framer
from sibiao.explain import auto, dlt645

from tests.host.published import published
from tests.unit.feeding import arrive, flipped

# Printed statements: key -> quantity, phase, unit, what to multiply with.
VALUES = {
    "Ua_V": ("voltage", 1, "V", 1),
    "Ub_V": ("voltage", 2, "V", 1),
    "Uc_V": ("voltage", 3, "V", 1),
    "Ia_A": ("current", 1, "A", 1),
    "S_kVA": ("apparent_power", 0, "VA", 1000),
    "pf": ("power_factor", 0, "", 1),
}
# The note says 222.4; the bytes 42 22 read 224.2, as the same bytes do everywhere else.
MISPRINTED = {"st-11"}


def explained(vector):
    return dlt645.explain(bytes.fromhex(vector["hex"]))


def test_what_the_sources_printed():
    compared = 0
    for vector in published("dlt645.json"):
        if not vector["checksum_ok"]:
            continue
        found = explained(vector)
        assert found.valid and not found.error, vector["id"]
        assert found.frame["address"] == vector["addr"]
        assert found.frame["control"] == vector["control"]
        for name, said in vector["expected"].items():
            compared += 1
            if name in VALUES:
                quantity, phase, unit, times = VALUES[name]
                (record,) = [
                    r for r in found.records if (r.quantity, r.subunit) == (quantity, phase)
                ]
                assert Decimal(record.value) == Decimal(str(said)) * times, vector["id"]
                assert record.unit == unit
            elif name == "DI":
                assert found.frame["di"] == said.split(" ")[0], vector["id"]
            elif name == "addr":
                assert found.frame["address"] == said.split(" ")[0]
            elif name == "C":
                assert found.frame["control"] == said
            elif name == "ERR":
                assert found.frame["error_word"] == "wrong password or not authorised"
            elif name == "L":
                length = next(s for s in found.spans if s.meaning == "length of the data")
                assert length.value == str(said)
            else:
                raise AssertionError(f"{vector['id']}: nothing compares {name}")
    assert compared > 40


def test_values_in_the_notes():
    compared = 0
    for vector in published("dlt645.json"):
        note = re.search(r"(\d+\.\d+) ?(kWh|V)?\b", vector.get("note", ""))
        if not vector["checksum_ok"] or not note or vector["id"] in MISPRINTED:
            continue
        if vector["control"] != "91" or "1997" in note.string:
            continue
        record = explained(vector).records[0]
        times = 1000 if record.unit == "Wh" else 1
        assert Decimal(record.value) == Decimal(note[1]) * times, vector["id"]
        compared += 1
    assert compared > 20


def test_single_telegrams():
    by_id = {v["id"]: explained(v) for v in published("dlt645.json")}
    assert by_id["kcp-ratedV"].records[0].value == "220V"
    assert by_id["st-13"].records[0].value == "000332316420"
    spoilt = by_id["st-26"]  # a nibble E where a digit should be
    assert spoilt.records[0].value is None
    assert [s.meaning for s in spoilt.spans if not s.understood] == ["energy"]
    unknown = by_id["wf-unknown-di"]
    assert unknown.records[0].quantity == "unknown"
    old = by_id["ic-1997-block"]  # its tariffs add up to its total
    total, *tariffs = (int(r.value) for r in old.records)
    assert total == sum(tariffs) == 10793300


def test_wrong_checksums_are_refused():
    refused = [v for v in published("dlt645.json") if not v["checksum_ok"]]
    assert len(refused) == 2
    for vector in refused:
        found = explained(vector)
        assert not found.valid and "checksum" in found.error and not found.records
        framer = Framer(link.frame_len, 2 * link.MAX_FRAME)
        assert arrive(framer, bytes.fromhex(vector["hex"]), 5) == []


def framer():
    return Framer(link.frame_len, 3 * link.MAX_FRAME)


def test_however_they_arrive():
    for vector in published("dlt645.json"):
        if vector["checksum_ok"]:
            data = bytes.fromhex(vector["hex"])
            frame = data[vector["fe_count"] :]
            for chunk in (1, 6, 300):
                assert arrive(framer(), data, chunk, False) == [frame]
            assert arrive(framer(), b"\x16\x68\x00" + data, 4) == [frame]
            assert arrive(framer(), data + b"\x12\x34", 4, False) == [frame]
            for n in range(len(frame)):
                assert arrive(framer(), frame[:n], 16) == []
            for spoilt in flipped(frame):
                assert arrive(framer(), spoilt, 64) == []
                assert not dlt645.explain(spoilt).valid


def test_every_byte_is_in_one_span_and_auto_finds_the_link():
    for vector in published("dlt645.json"):
        found = auto.explain(bytes.fromhex(vector["hex"]))
        assert (found.link, found.valid) == ("dlt645", vector["checksum_ok"]), vector["id"]
        assert "".join(s.raw for s in found.spans) == vector["hex"].upper()
        assert [s.offset for s in found.spans] == [
            sum(len(s.raw) // 2 for s in found.spans[:k]) for k in range(len(found.spans))
        ]


def closed(body):
    data = bytes.fromhex(body)
    return data + bytes((sum(data) & 0xFF, 0x16))


def plus_33(text):
    return bytes((b + 0x33) & 0xFF for b in bytes.fromhex(text)).hex()


def frame_of(control, data):
    return closed(f"68010000000000 68 {control} {len(data) // 2:02X} {plus_33(data)}")


def values_of(control, data):
    found = dlt645.explain(frame_of(control, data))
    return found, [(r.quantity, r.value, r.unit) for r in found.records]


def test_services():
    found, values = values_of("08", "534208300514")
    assert values == [("standard_time", "2014-05-30T08:42:53", "")]
    _, values = values_of("17", "08")
    assert values == [("baud", "2400", "Bd")]
    _, values = values_of("91", "0C010004" + "53420803300514")
    assert values == [("meter_time", "2014-05-30T08:42:53", "")]
    _, values = values_of("91", "00000302" + "214300")
    assert values == [("power", "432.1", "W")]
    _, values = values_of("91", "00000302214380")
    assert values == [("power", "-432.1", "W")]
    found, _ = values_of("D1", "02")
    assert found.frame["error_word"] == "no such data"
    found, _ = values_of("C3", "0401")
    assert found.frame["error_word"] == "ESAM verification failed, meter suspended"
    found, values = values_of("B2", "00FF010078563412 03")
    assert [s.meaning for s in found.spans][-4:-2] == ["energy", "sequence number"]
    assert values == [("energy", "12345678" + "0", "Wh")]


def test_meters_passed_through():
    inner = "6810180212202000008116901F00000200002C000200002C0000000000000000FF8516"
    length = len(inner) // 2 + 1
    found = dlt645.explain(closed(f"68010000000000 68 9F {length:02X} 08 {inner}"))
    assert [(r.quantity, r.value) for r in found.records][:2] == [("volume", "2"), ("volume", "2")]
    assert found.records[0].offset == 11 + 14
    assert all(s.understood for s in found.spans)


def test_identifiers_of_an_uplink():
    frame = frame_of("91", "000103E0" + "78563412")
    unknown = auto.explain(frame)
    assert [r.quantity for r in unknown.records] == ["unknown"]
    found = auto.explain(frame, profile="virtual-meter")
    assert found.link == "dlt645" and found.frame["di"] == "E0030100"
    (record,) = found.records
    assert (record.quantity, record.value, record.unit) == ("volume", "123456.78", "m3")
    assert record.subunit == 3
    # This one holds whichever of three the point has: no guess is made.
    both = auto.explain(frame_of("91", "00000100" + "78563412"), profile="virtual-meter")
    assert both.records[0].quantity == "energy in GJ or energy in kWh or volume in m3"
    assert both.records[0].value is None
    number = auto.explain(frame_of("91", "01040004" + "123456789012"), profile="virtual-meter")
    assert number.records[0].value == "129078563412"
