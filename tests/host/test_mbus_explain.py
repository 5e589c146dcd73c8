"""M-Bus telegrams explained: the contract, every byte in one span, nothing from a broken frame."""

import json
from decimal import Decimal

import pytest
from converter.link import mbus as link
from converter.link.framer import Framer
from sibiao.explain.mbus import explain
from sibiao.explain.report import decimal_text

from tests.host.mbus_vectors import frame, libmbus
from tests.host.published import published
from tests.unit.feeding import arrive, flipped

UNITS = ("Wh", "J", "W", "J/h", "m3", "m3/h", "m3/min", "m3/s", "kg", "kg/h", "°C", "K", "bar")
UNITS += ("s", "V", "A")
HEADER = "78563412" + "2D2C" + "0107" + "55" + "10"


def telegram(records, ci="72", header=HEADER + "0000", control="08"):
    body = bytes.fromhex(control + "05" + ci + header + records)
    return bytes((0x68, len(body), len(body), 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))


def one(records, **rest):
    told = explain(telegram(records, **rest))
    assert told.valid and not told.error
    (record,) = told.records
    return record


def every_frame():
    return [frame(p) for kind in ("test-frames", "error-frames") for p in libmbus(kind)]


def assert_whole(data, told):
    at = 0
    for span in told.spans:
        assert span.offset == at and span.raw and span.meaning
        at += len(span.raw) // 2
    assert bytes.fromhex("".join(span.raw for span in told.spans)) == data


def test_contract():
    told = explain(telegram("0C1378563412" + "01FD1702")).as_json()
    assert json.loads(json.dumps(told)) == {
        "link": "mbus",
        "valid": True,
        "error": None,
        "frame": {
            "control": "08",
            "address": 5,
            "ci": "72",
            "id": "12345678",
            "manufacturer": "KAM",
            "version": 1,
            "medium": "water",
            "access": 85,
            "status": "10",
            "signature": "0000",
            "more_follows": False,
        },
        "records": [
            {
                "quantity": "volume",
                "value": "12345.678",
                "unit": "m3",
                "function": "instantaneous",
                "storage": 0,
                "tariff": 0,
                "subunit": 0,
                "raw": "0C1378563412",
                "offset": 19,
            },
            {
                "quantity": "error flags",
                "value": "2",
                "unit": "",
                "function": "instantaneous",
                "storage": 0,
                "tariff": 0,
                "subunit": 0,
                "raw": "01FD1702",
                "offset": 25,
            },
        ],
    }


@pytest.mark.parametrize(
    "records, quantity, value, unit",
    [
        ("0406F9341500", "energy", "1389817000", "Wh"),
        ("040FF9341500", "energy", "13898170000000", "J"),
        ("04FB0102000000", "energy", "2000000", "Wh"),
        ("0420 3C000000", "on time", "60", "s"),
        ("0427 02000000", "operating time", "172800", "s"),
        ("0226 0200", "operating time", "7200", "s"),
        ("01FD2805", "storage interval", "5", "month"),
        ("02FDC9FC010009", "voltage, phase L1", "2304", "V"),
        ("0B611800F0", "temperature difference", "-0.18", "K"),
        ("02437B00", "volume flow", "0.0123", "m3/min"),
        ("05630080 3BBD", "temperature difference", "-0.0457763671875", "K"),
        ("055B0000C07F", "flow temperature", None, "°C"),
        ("0259 0080", "flow temperature", None, "°C"),
        ("026CBF1C", "date", "2013-12-31", ""),
        ("046D0A2D8209", "date and time", "2004-09-02T13:10:00", ""),
        ("066D102A0D611900", "date and time", "2011-09-01T13:42:16", ""),
        ("036D3B3B17", "date and time", "23:59:59", ""),
        ("04FD7202BF1CA3", "daylight saving", "--03-31T02/--10-28 -0 h", ""),
        ("04FD72029FBCA3", "daylight saving", "--03-31T02/--10-28 +1 h", ""),
        ("0D7803434241", "fabrication number", "ABC", ""),
        ("0D13C30F0000", "volume", None, "m3"),
        ("0D13D3010000", "volume", "-0.001", "m3"),
        ("02937D0500", "volume", "5", "m3"),
        ("0413E8030000", "volume", "1", "m3"),
        ("02933B0500", "volume, only positive contributions", "0.005", "m3"),
        ("02FC0348522574D411", "%RH", "45.64", ""),
        ("02BE415500", "volume flow, number of exceeds of the lower limit", "85", ""),
        ("0AA77F1500", "operating time, manufacturer extension", "1296000", "s"),
        ("02FB590500", "unknown", "5", ""),
        ("026F0500", "unknown", "5", ""),
        ("017C0005", "unknown", "5", ""),
        ("02FF0105 00", "manufacturer specific, manufacturer extension 01", "5", ""),
        ("0295150500", "volume", None, "m3"),
    ],
)
def test_records(records, quantity, value, unit):
    record = one(records.replace(" ", ""))
    assert (record.quantity, record.value, record.unit) == (quantity, value, unit)


def test_where_a_record_stands():
    told = explain(b"\xfe\xfe" + telegram("2F" + "D2F14093FC020500"))
    (record,) = told.records
    assert (record.function, record.storage, record.tariff, record.subunit) == ("maximum", 3, 3, 3)
    assert record.offset == 22 and record.raw == "D2F14093FC020500"


def test_fixed_structure():
    told = explain(telegram("", ci="73", header="785634120A00E97E0100000035010000"))
    assert [(r.value, r.unit, r.storage) for r in told.records] == [
        ("0.001", "m3", 0),
        ("0.135", "m3", 1),
    ]
    assert told.frame["id"] == "12345678" and told.frame["medium"] == "water"


def test_mode_2_is_the_same_turned():
    low = explain(telegram("0C1378563412" + "046D0A2D8209" + "02FC0348522574D411"))
    high = explain(
        telegram(
            "0C1312345678" + "046D09822D0A" + "02FC032552487411D4",
            ci="76",
            header="12345678" + "2C2D" + "0107" + "55" + "10" + "0000",
        )
    )
    assert [r.value for r in low.records] == [r.value for r in high.records]
    assert low.frame | {"ci": "76"} == high.frame


def test_encrypted_is_said_to_be():
    told = explain(telegram("A1B2C3D4" * 4, header=HEADER + "1005"))
    assert told.valid and "encrypted (mode 5)" in told.error and not told.records
    assert told.frame["encryption"] == 5 and told.frame["id"] == "12345678"
    assert_whole(telegram("A1B2C3D4" * 4, header=HEADER + "1005"), told)


def test_a_command_holds_no_readings():
    told = explain(telegram("0C0607010000", ci="51", header="", control="53"))
    assert told.valid and not told.records and "command" in told.error
    assert any(span.value == "107000" for span in told.spans)


def test_quirks_come_from_a_profile_only():
    wide = telegram("0C13785634129000")
    assert not explain(wide).valid
    assert explain(wide, quirks=1).records[0].value == "9012345.678"
    dated = telegram("0E6D102A0D611900")
    assert explain(dated).records[0].value is None
    assert explain(dated, quirks=2).records[0].value == "2011-09-01T13:42:16"


@pytest.mark.parametrize(
    "hexed, error",
    [
        ("", "no bytes"),
        ("FEFE", "no bytes"),
        ("00", "no M-Bus frame begins with 00"),
        ("68", "cut short in its header"),
        ("6803", "cut short in its header"),
        ("68030468080172", "not 68 L L 68"),
        ("68030368080172 85 16", "the checksum is 85, the bytes give 7B"),
        ("68030368080172 7B 17", "ends with 17 instead of 16"),
        ("68030368080172 7B", "cut short: it needs 9 bytes, 8 are there"),
        ("10400141 00", "ends with 00"),
        ("1040014216", "the checksum is 42, the bytes give 41"),
        ("E5E5", "E5 stands alone"),
        ("68030368080199A216", "CI 99"),
    ],
)
def test_what_is_wrong_is_said(hexed, error):
    data = bytes.fromhex(hexed.replace(" ", ""))
    told = explain(data)
    assert not told.valid and error in told.error and not told.records
    assert_whole(data, told)


def test_short_frames_and_acknowledge():
    assert explain(b"\xe5").valid
    told = explain(bytes.fromhex("107BFD7816"))
    assert told.valid and {k: v for k, v in told.frame.items() if v is not None} == {
        "control": "7B",
        "address": 253,
    }
    selected = explain(
        telegram("FFFFFFFFFFFFFFFF" + "0C7801020304", ci="52", header="", control="53")
    )
    assert selected.valid and not selected.error and not selected.records


def test_every_byte_is_in_one_span():
    for data in every_frame():
        assert_whole(data, explain(data))
        assert_whole(b"\xfe" + data + b"\x00\x01", explain(b"\xfe" + data + b"\x00\x01"))


def test_values_are_exact_and_units_the_contract_s():
    for data in every_frame():
        for record in explain(data).records:
            where = record.offset
            assert data[where : where + len(record.raw) // 2].hex().upper() == record.raw
            assert record.function in ("instantaneous", "maximum", "minimum", "error")
            if record.value is not None and record.unit in UNITS:
                assert format(Decimal(record.value), "f") == record.value
            assert record.unit in (*UNITS, "")


def test_truncated_and_spoilt_frames_say_nothing():
    for data in every_frame():
        for n in range(len(data)):
            told = explain(data[:n])
            assert not told.valid and told.error and not told.records
        for spoilt in flipped(data):
            told = explain(spoilt)
            assert not told.valid and told.error and not told.records


def test_every_frame_arrives_whatever_the_line_does():
    for data in every_frame():
        for chunk in (1, 7, 300):
            framer = Framer(link.frame_len, 2 * link.MAX_FRAME)
            noisy = b"\x00\x68\xff" + data + b"\x68\x68"
            assert arrive(framer, noisy, chunk) == [data]


def test_published_gb_t_26831():
    told = {}
    for vector in published("mbus_gb26831.json"):
        data = bytes.fromhex(vector["hex"])
        told[vector["id"]] = one_told = explain(data)
        assert one_told.valid == vector["checksum_ok"] and one_told.error is None
        assert_whole(data, one_told)
    answer = told["plou-26831-rsp-hp"]
    assert [(r.quantity, r.value, r.unit) for r in answer.records] == [
        ("identification", "35047719", ""),
        ("energy", "11", "Wh"),
        ("volume", "0.00038", "m3"),
        ("flow temperature", "20.01", "°C"),
        ("return temperature", "20.15", "°C"),
    ]
    command = told["plou-26831-read-hp"].frame
    assert (command["control"], command["address"], command["ci"]) == ("53", 254, "51")
    assert command["manufacturer_data"] == "090004"
    assert [s.value for s in told["plou-26831-calib"].spans if "sub-code" in s.meaning] == ["90"]


def test_decimal_text():
    for value, exponent, text in (
        (1234567, -2, "12345.67"),
        (1234560, -2, "12345.6"),
        (-5, -3, "-0.005"),
        (0, -3, "0"),
        (500, -2, "5"),
        (7, 3, "7000"),
        (None, 3, None),
    ):
        assert decimal_text(value, exponent) == text
