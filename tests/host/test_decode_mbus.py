"""`sibiao decode` of M-Bus: its JSON key by key, whatever stands in the telegram or around it."""

import json

import pytest
from click.testing import CliRunner
from sibiao.commands.decode import command

from tests.host.published import published

BARE = "681F1F680800780C79197704350C03110000000C11380000000B590120000B5D1520006516"
HEADER = [
    "control", "address", "ci", "id", "manufacturer", "version", "medium", "access", "status",
]  # fmt: skip
RECORD = ["quantity", "value", "unit", "function", "storage", "tariff", "subunit", "raw", "offset"]
FUNCTIONS = {"instantaneous", "maximum", "minimum", "error"}
LONG_HEADER = "78563412 2440 01 07 55 04 0000"


def framed(body):
    """A long frame around C, A, CI and what follows."""
    data = bytes.fromhex(body)
    head = bytes((0x68, len(data), len(data), 0x68))
    return (head + data + bytes((sum(data) & 0xFF, 0x16))).hex()


def decode(text, *options):
    result = CliRunner().invoke(command, ["--json", *options, text])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def records(text):
    """(quantity, value, unit) of a telegram without header."""
    whole = framed("08 01 78" + text)
    said = decode(whole)
    assert said["valid"], said
    for record in said["records"]:
        assert list(record) == RECORD
        assert record["function"] in FUNCTIONS
        assert all(type(record[k]) is int for k in ("storage", "tariff", "subunit", "offset"))
        assert whole.upper()[2 * record["offset"] :].startswith(record["raw"])
    return [(r["quantity"], r["value"], r["unit"]) for r in said["records"]]


@pytest.mark.parametrize(
    ("frame", "header"),
    [
        ("E5", {}),
        ("105B015C16", {"control": "5B", "address": 1}),
        (framed("08 01 78 0413 01000000"), {"control": "08", "address": 1, "ci": "78"}),
        (
            framed("08 01 7A 55 04 0000 0413 01000000"),
            {"control": "08", "address": 1, "ci": "7A", "access": 85, "status": "04"},
        ),
        (
            framed("08 01 72" + LONG_HEADER + "0413 01000000"),
            {
                "control": "08", "address": 1, "ci": "72", "id": "12345678",
                "manufacturer": "PAD", "version": 1, "medium": "water", "access": 85,
                "status": "04",
            },
        ),
        (
            framed("08 05 73 78563412 0A 00 E97E 01000000 35010000"),
            {
                "control": "08", "address": 5, "ci": "73", "id": "12345678",
                "medium": "water", "access": 10, "status": "00",
            },
        ),
        (framed("08 01 70 08"), {"control": "08", "address": 1, "ci": "70"}),
        (framed("08 01 71 04"), {"control": "08", "address": 1, "ci": "71"}),
    ],
)  # fmt: skip
def test_each_header_field_is_there_or_null(frame, header):
    said = decode(frame)
    assert said["link"] == "mbus" and said["valid"]
    assert list(said["frame"])[: len(HEADER)] == HEADER
    assert {k: said["frame"][k] for k in HEADER} == dict.fromkeys(HEADER) | header


def test_what_holds_no_readings_says_why():
    encrypted = framed("08 01 72 78563412 2440 01 07 55 00 1005" + "A1" * 16)
    assert "encrypted (mode 5)" in decode(encrypted)["error"]
    busy = decode(framed("08 01 70 08"))
    assert "application error" in busy["error"] and busy["records"] == []
    assert decode(framed("08 01 71 04"))["frame"]["alarm"] == "04"
    assert "command" in decode(framed("53 01 51 01 7A 05"))["error"]


@pytest.mark.parametrize(
    ("record", "value"),
    [
        ("04 6D 2A2D6119", "2011-09-01T13:42:00"),
        ("02 6C BF1C", "2013-12-31"),
        ("06 6D 102A0D611900", "2011-09-01T13:42:16"),
        ("03 6D 102A0D", "13:42:16"),
        ("04 6D AA2D6119", None),  # its time is said to be invalid
        ("02 6C 0000", None),
        ("02 6C FFFF", None),
        ("0D 78 05 4F4C4C4548", "HELLO"),
        ("0D 13 C2 4523", "2.345"),
        ("0D 13 D2 4523", "-2.345"),
        ("0D 13 E2 FFFE", "-0.257"),
        ("0C 2E 452301F0", "-12345000"),
        ("0C 13 4A230100", None),
        ("05 2E 0000C03F", "1500"),
        ("05 2E 0000C07F", None),
        ("02 7C 04 4D2F5341 3412", "4660"),
    ],
)
def test_dates_variable_lengths_and_numbers(record, value):
    ((_, said, _),) = records(record)
    assert said == value


def test_plain_text_and_what_is_unknown():
    assert records("02 7C 04 4D2F5341 3412")[0][0] == "AS/M"  # its last letter comes first
    assert records("0C FC 03 485225 45 45000000") == [("unknown", "45", "")]
    assert records("02 EF01 3412") == [("unknown", None, "")]


def test_data_of_the_maker_and_more_to_come():
    said = decode(framed("08 01 78 0413 01000000 0F 010203"))
    assert said["frame"]["manufacturer_data"] == "010203" and not said["frame"]["more_follows"]
    said = decode(framed("08 01 78 0413 01000000 1F"))
    assert said["frame"]["more_follows"] is True


def test_a_telegram_that_ends_within_a_record():
    said = decode(framed("08 01 78 0413 0100"))
    assert (said["valid"], said["records"]) == (False, [])
    assert "ends within" in said["error"] and said["frame"]["address"] == 1


@pytest.mark.parametrize("noise", ["00", "4068", "68FF16", "E5", "681F1F", "105B"])
@pytest.mark.parametrize("link", ["mbus", "auto"])
def test_noise_around_a_frame(noise, link):
    said = decode(noise + BARE + noise, "--link", link)
    assert (said["link"], said["valid"]) == ("mbus", True)
    assert [r["value"] for r in said["records"]][1:] == ["11", "0.00038", "20.01", "20.15"]
    assert said["records"][0]["offset"] == 7 + len(noise) // 2
    shown = CliRunner().invoke(command, ["--link", link, noise + BARE]).output
    assert "? before the frame" in shown


def test_frames_of_dlt_698_are_called_so():
    told = published("dlt698.json")
    assert len(told) >= 4
    for vector in told:
        said = decode("FEFEFEFE" + vector["hex"])
        assert said["valid"] is False and said["records"] == []
        assert ("DL/T 698.45" in said["error"]) == vector["crc_ok"], vector
